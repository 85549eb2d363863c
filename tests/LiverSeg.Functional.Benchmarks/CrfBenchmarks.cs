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

    internal static (double Mean, double Max) Difference(Volume<Probability> a, Volume<Probability> b)
    {
        double sum = 0, max = 0;
        for (var i = 0; i < a.Voxels.Length; i++)
        {
            var d = Math.Abs(a.Voxels[i].Value - (double)b.Voxels[i].Value);
            (sum, max) = (sum + d, Math.Max(max, d));
        }
        return (sum / a.Voxels.Length, max);
    }

    /// <summary>All tables, as docs/results/crf.md has them.</summary>
    internal static void All(string[] _)
    {
        Console.WriteLine("""
            # The CRF, measured

            Made by `dotnet run -c Release --project tests/LiverSeg.Functional.Benchmarks -- crf`, on synthetic abdomens whose score maps are soft at the
            border and wrong in places. Weights and lengths are the defaults (μ₁ 10, μ₂ 3, θα 60 px, θβ 20 HU, θγ 3 px) unless said otherwise;
            without normalization μ₁ / 500 and μ₂ / 56.
            """);
        Accuracy([]);
        Sampling([]);
        Speed([]);
        Volumes([]);
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
        var (p, guide) = (Volume.Floats(map.Scores.Voxels).ToArray(), Volume.Floats(map.Ct.Voxels).ToArray());
        // Eight slices at once, so that buffers are made once for several and two threads have work.
        var grid = map.Ct.Grid with { Extent = new(512, 512, 8) };
        var many = Volume.Of<Probability>(grid, [.. Enumerable.Repeat(map.Scores.Voxels.ToArray(), 8).SelectMany(v => v)]);
        var ct = Volume.Of<Hu>(grid, [.. Enumerable.Repeat(map.Ct.Voxels.ToArray(), 8).SelectMany(v => v)]);
        var rows = new List<string[]>();
        void Row(string what, int t, double perSlice, (double Min, double Median) time, double textbook) =>
            rows.Add([what, $"{t}", Harness.Text(time.Min / perSlice), Harness.Text(time.Median / perSlice), Harness.Text(textbook / (time.Min / perSlice))]);
        foreach (var t in new[] { 5, 10 })
        {
            var options = new CrfOptions { Iterations = t, Threads = 1 };
            var textbook = Harness.Time(() => Textbook.Refine(p, guide, 512, options), 5, 1);
            Row("textbook lattice, 1 thread", t, 1, textbook, textbook.Min);
            Row("ours, every voxel, 1 thread", t, 8, Harness.Time(() => many.Refine(ct, options with { Tolerance = 0 })), textbook.Min);
            Row("ours, 1 thread", t, 8, Harness.Time(() => many.Refine(ct, options)), textbook.Min);
            Row("ours, 2 threads", t, 8, Harness.Time(() => many.Refine(ct, options with { Threads = 2 })), textbook.Min);
        }
        Harness.Table("ms per slice of 512×512, HU guide", ["", "T", "min", "median", "times as fast (min)"], rows);
        var exact = new CrfOptions { Tolerance = 0 };
        var (mean, max) = Difference(map.Scores.Refine(map.Ct, exact), Volume.Of<Probability>(map.Ct.Grid, Array.ConvertAll(Textbook.Refine(p, guide, 512, exact), v => new Probability(v))));
        Console.WriteLine($"\nOurs and the textbook's differ by {mean:0.00000} in the mean and {max:0.000} at most; leaving out voxels without doubt changes "
            + $"{Difference(map.Scores.Refine(map.Ct, new()), map.Scores.Refine(map.Ct, exact)).Max:0.00000} at most.");
    }

    /// <summary>A whole case: 512×512×129, and what it takes of memory.</summary>
    internal static void Volumes(string[] _)
    {
        var map = ScoreMap.Abdomen("case", new(0.8, 0.8, 2), (-129, 129));
        var e = map.Ct.Extent;
        map = map.Pad("512×512×129", new((e.X - 512) / 2, (e.Y - 512) / 2, 0, new(512, 512, 129)));
        var rows = new List<string[]>();
        foreach (var (what, options) in new (string, CrfOptions)[]
        {
            ("slices", new()),
            ("slices, every voxel", new() { Tolerance = 0 }),
            ("volume (3-D, mm)", new() { Reach = CrfRange.Volume, Unit = CrfUnit.Millimetre, ThetaAlpha = 45, ThetaGamma = 2.5 }),
        })
            foreach (var threads in new[] { 1, 2 })
            {
                var time = Harness.Time(() => map.Scores.Refine(map.Ct, options with { Threads = threads }), 3, 1);
                var before = GC.GetTotalMemory(true);
                var peak = new PeakMemory();
                map.Scores.Refine(map.Ct, options with { Threads = threads });
                var result = map.Ct.Extent.Count * 4;
                rows.Add([what, $"{threads}", Harness.Text(time.Min / 1000, "0.00"), Harness.Text(time.Median / 1000, "0.00"), Harness.Text((peak.Stop() - before - result) / 1048576.0, "0")]);
            }
        Harness.Table($"Seconds per case of {map.Ct.Extent}, T = 10; MiB of the managed heap beyond the volumes", ["", "threads", "min", "median", "MiB"], rows);
    }

    /// <summary>24 slices of 512×512 that are in doubt everywhere: noise of σ = 12 HU, soft scores.</summary>
    private static (Volume<Probability> Scores, Volume<Hu> Ct) Doubtful(Extent extent)
    {
        var random = new CounterRandom(12);
        double Normal() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        var grid = Grid.Of(extent, Spacing.Isotropic(1));
        var ct = Volume.Init(grid, (x, y, z) => new Hu((float)Math.Round(60 + 40 * Math.Sin(x / 37.0) * Math.Cos(y / 29.0 + z / 5.0) + 12 * Normal())));
        var scores = Volume.Init(grid, (x, y, z) => new Probability((float)(1 / (1 + Math.Exp(-1.5 * Math.Sin(x / 23.0 + z) * Math.Sin(y / 31.0) - 0.7 * Normal())))));
        return (scores, ct);
    }

    /// <summary>crf-doubtful [quick]: ms per slice where every voxel is in doubt, over 1 and 2 threads, and how far the result is from the exact sums on 48×48 of it.</summary>
    internal static void Uncertain(string[] args)
    {
        var (scores, ct) = Doubtful(new(512, 512, 24));
        var options = new CrfOptions { ThetaAlpha = 20, ThetaBeta = 20, ThetaGamma = 3, Iterations = 10, Threads = 1 };
        var rows = new List<string[]>();
        var process = System.Diagnostics.Process.GetCurrentProcess();
        foreach (var threads in new[] { 1, 2 })
        {
            process.Refresh();
            var cpu = process.TotalProcessorTime;
            var time = Harness.Time(() => scores.Refine(ct, options with { Threads = threads }), args.Length > 0 ? 2 : 5, 1);
            process.Refresh();
            rows.Add([$"{threads}", Harness.Text(time.Min / 24), Harness.Text(time.Median / 24), Harness.Text((process.TotalProcessorTime - cpu).TotalMilliseconds / 24 / (args.Length > 0 ? 3 : 6))]);
        }
        Harness.Table("ms per slice of 512×512, all in doubt, T = 10", ["threads", "min", "median", "mean of processors"], rows);
        foreach (var at in new[] { 0, 200, 400 })
        {
            var part = new Region(at, at, 3, new(64, 64, 1));
            var (p, guide) = (scores.Crop(part), ct.Crop(part));
            foreach (var t in new[] { 1, 10 })
            {
                var own = options with { Iterations = t };
                var (mean, max) = Difference(p.Refine(guide, own), p.Exact(guide, own));
                Console.WriteLine($"64×64 at {at}, T = {t}: |ΔQ| beside the exact sums {mean:0.00000} in the mean, {max:0.0000} at most");
            }
        }
    }

    /// <summary>A case of one's own: CT and score map.</summary>
    internal static void Case(string[] files)
    {
        var ct = VolumeFile.Read(files[0]);
        var scores = VolumeFile.ReadProbability(files[1]);
        var rows = new List<string[]>();
        foreach (var tolerance in new[] { 0, 1e-3 })
        {
            var options = new CrfOptions { Tolerance = tolerance, Threads = 1 };
            var one = Harness.Time(() => scores.Refine(ct, options), 3, 1);
            var two = Harness.Time(() => scores.Refine(ct, options with { Threads = 2 }), 3, 1);
            var (mean, max) = Difference(scores.Refine(ct, options), scores.Refine(ct, options with { Tolerance = 0 }));
            rows.Add([$"{tolerance}", Harness.Text(one.Min), Harness.Text(one.Median), Harness.Text(two.Min), Harness.Text(two.Median), $"{mean:0.0000000}", $"{max:0.00000}"]);
        }
        Harness.Table($"{ct.Grid}", ["tolerance", "ms, 1 thread", "median", "2 threads", "median", "mean ΔQ", "max ΔQ"], rows);
    }
}
