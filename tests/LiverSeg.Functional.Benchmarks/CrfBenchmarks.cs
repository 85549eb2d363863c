using System;
using System.Collections.Generic;
using System.Linq;

namespace LiverSeg.Functional.Benchmarks;

internal static class CrfBenchmarks
{
    /// <summary>64×64 pieces: a liver's border at full resolution, whole slices at 6 mm, and noise.</summary>
    private static IEnumerable<ScoreMap> Small()
    {
        var fine = ScoreMap.Abdomen("fine", new(0.75, 0.75, 5), (-2, 4));
        var box = fine.Liver.BoundingBox();
        var far = (X: box.X + box.Extent.X - 40, Y: box.Y + box.Extent.Y / 2 - 32);
        yield return fine.Crop("border, 0.75 mm", new(Math.Clamp(box.X - 20, 0, fine.Ct.Extent.X - 64), far.Y, 0, new(64, 64, 1)));
        yield return fine.Crop("far border, 0.75 mm", new(far.X, far.Y, 0, new(64, 64, 1)));
        for (var seed = 2; seed < 4; seed++)
        {
            var coarse = ScoreMap.Abdomen("coarse", new(6.5, 6.5, 6), (-3, 4), seed);
            yield return coarse.Crop($"slice {seed}, 6.5 mm", new(0, 0, 0, coarse.Ct.Extent.Min(new(64, 64, 1))));
        }
        var random = new CounterRandom(5);
        var grid = Grid.Of(new(48, 48, 1), Spacing.Isotropic(1));
        var scores = Volume.Init(grid, (_, _, _) => new Probability((float)random.NextDouble()));
        yield return new("noise 48×48", scores, Volume.Init(grid, (_, _, _) => new Hu((float)random.Next(0, 100))), scores.Threshold(0.5));
    }

    private static (double Mean, double Max) Difference(Volume<Probability> a, Volume<Probability> b)
    {
        double sum = 0, max = 0;
        for (var i = 0; i < a.Voxels.Length; i++)
        {
            var d = Math.Abs(a.Voxels[i].Value - (double)b.Voxels[i].Value);
            (sum, max) = (sum + d, Math.Max(max, d));
        }
        return (sum / a.Voxels.Length, max);
    }

    internal static void Accuracy(string[] _)
    {
        var rows = new List<string[]>();
        foreach (var map in Small())
            foreach (var theta in new[] { 60.0, 10 })
                foreach (var normalization in theta == 60 ? Enum.GetValues<CrfNormalization>() : [CrfNormalization.Symmetric])
                    rows.Add([map.Name, Harness.Text(theta, "0"), $"{normalization}", .. new[] { 1, 5, 10 }.Select(t =>
                    {
                        var options = Weighted(new CrfOptions { ThetaAlpha = theta, Normalization = normalization, Iterations = t, Tolerance = 0 });
                        var (mean, max) = Difference(map.Scores.Refine(map.Ct, options), map.Scores.Exact(map.Ct, options));
                        return $"{Harness.Text(mean, "0.00000")} / {Harness.Text(max, "0.0000")}";
                    })]);
        Harness.Table("Mean / maximum |ΔQ| beside the exact sums", ["field", "θα", "normalization", "T = 1", "T = 5", "T = 10"], rows);
    }

    /// <summary>Without normalization weights count every neighbour: comparable ones are smaller by the size of the neighbourhood.</summary>
    private static CrfOptions Weighted(CrfOptions o) =>
        o.Normalization == CrfNormalization.None ? o with { Mu1 = o.Mu1 / 500, Mu2 = o.Mu2 / 56 } : o;

    internal static void Sampling(string[] _)
    {
        var maps = Small().ToList();
        var cases = (from map in maps from theta in new[] { 60.0, 10 } from t in new[] { 1, 10 } select (map, options: new CrfOptions { ThetaAlpha = theta, Iterations = t, Tolerance = 0 })).ToList();
        var exact = cases.Select(c => c.map.Scores.Exact(c.map.Ct, c.options)).ToList();
        var rows = new List<string[]>();
        foreach (var space in new[] { 1.5, 2, 3, 4 })
            foreach (var density in new[] { 1.5, 2, 3, 4, 6 })
                foreach (var reach in new[] { 3, 3.5, 4 })
                {
                    if (reach != 3.5 && (space != 3 || density != 3)) continue;
                    var d = cases.Select((c, i) => Difference(Crf.Refine(c.map.Scores, c.map.Ct, 1, c.options, new(space, density, reach)), exact[i])).ToList();
                    rows.Add([Harness.Text(space), Harness.Text(density), Harness.Text(reach), .. maps.SelectMany(m => new[] { 1, 10 }.Select(t =>
                    {
                        var own = d.Where((_, i) => cases[i].map == m && cases[i].options.Iterations == t).ToList();
                        return $"{Harness.Text(own.Max(o => o.Mean), "0.00000")} / {Harness.Text(own.Max(o => o.Max), "0.0000")}";
                    }))]);
                }
        Harness.Table("Worst mean / maximum |ΔQ| by sampling", ["nodes per θα", "per θβ", "reach", .. maps.SelectMany(m => new[] { $"{m.Name}, T = 1", $"{m.Name}, T = 10" })], rows);
    }

    internal static void Speed(string[] _)
    {
        var map = ScoreMap.Abdomen("512", new(0.75, 0.75, 5), (-2, 4));
        var e = map.Ct.Extent;
        map = map.Pad("512×512", new((e.X - 512) / 2, (e.Y - 512) / 2, 0, new(512, 512, 1)));
        var rows = new List<string[]>();
        foreach (var t in new[] { 5, 10 })
        {
            var options = new CrfOptions { Iterations = t, Threads = 1, Tolerance = 0 };
            var hu = Harness.Time(() => map.Scores.Refine(map.Ct, options));
            var windowed = map.Ct.Window(Window.Liver);
            var intensity = Harness.Time(() => map.Scores.Refine(windowed, options));
            rows.Add([$"{t}", Harness.Text(hu.Min), Harness.Text(hu.Median), Harness.Text(intensity.Min), Harness.Text(intensity.Median)]);
        }
        Harness.Table("ms a slice", ["T", "HU min", "HU median", "window min", "window median"], rows);
    }

    internal static void Phases(string[] _)
    {
        var map = ScoreMap.Abdomen("512", new(0.75, 0.75, 5), (-2, 4));
        var e = map.Ct.Extent;
        map = map.Pad("512×512", new((e.X - 512) / 2, (e.Y - 512) / 2, 0, new(512, 512, 1)));
        foreach (var s in new[] { GridSampling.Default, new(3, 6, 3.5), new(2, 4, 3.5), new(2, 6, 3.5) })
        {
            var o = new CrfOptions();
            var planes = CrfPlanes.Of(map.Ct.Grid, CrfReach.TransverseSlice);
            var f = new PlaneField(planes, 1, o, s);
            var guide = Volume.Floats(map.Ct.Voxels).ToArray();
            var p = Volume.Floats(map.Scores.Voxels).ToArray();
            var r = new float[p.Length];
            var sm = new Smoothness(512, 512, 3, 3, 3, CrfNormalization.Symmetric);
            Console.WriteLine($"{s} prepare {Harness.Time(() => f.Prepare(guide), 15, 30)}");
            Console.WriteLine($" message {Harness.Time(() => f.Message(p, r), 15, 30)}");
            Console.WriteLine($" smooth {Harness.Time(() => sm.Apply(p, r), 15, 30)}");
            Console.WriteLine($" update {Harness.Time(() => MeanField.Update(r, r, p), 15, 30)}");
            var n = new int[p.Length];
            var t = new float[p.Length];
            var axis = new DensityAxis(guide, 20, s.Density, GridAxis.Blur(s.Density, s.Reach).Length - 1);
            var g = new BilateralGrid(new(512, 60, s.Space), new(512, 60, s.Space));
            Console.WriteLine($" axis.place {Harness.Time(() => axis.Place(guide, n, t), 15, 30)} nodes {axis.Nodes}");
            Console.WriteLine($" grid.place {Harness.Time(() => g.Place(n, t, axis.Nodes), 15, 30)} {g.Size}");
            var c = new float[g.Size];
            var c2 = new float[g.Size];
            Console.WriteLine($" splat {Harness.Time(() => g.Splat(p, p, c), 15, 30)}");
            Console.WriteLine($" blur {Harness.Time(() => g.Blur(c, c2, GridAxis.Blur(s.Density, s.Reach), GridAxis.Blur(s.Space, s.Reach)), 15, 30)}");
            Console.WriteLine($" read {Harness.Time(() => g.Read(c, p, r), 15, 30)}");
        }
    }
}
