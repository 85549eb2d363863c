using System;
using System.Diagnostics;
using System.Linq;

namespace LiverSeg.Functional.Benchmarks;

/// <summary>The paper's network over a whole volume at its own resolution.</summary>
internal static class NativeBenchmarks
{
    /// <summary>paper-volume [TILE_XY TILE_Z [WEIGHTING [OVERLAP [direct]]]]</summary>
    internal static void Volume(string[] args)
    {
        int Number(int i, int otherwise) => args.Length > i ? int.Parse(args[i]) : otherwise;
        var weighting = args.Length > 2 ? Enum.Parse<TileBlend>(args[2]) : TileBlend.Valid;
        var overlap = args.Length > 3 ? double.Parse(args[3]) : 0.5;
        var model = new Model(Architectures.Paper, Weights.He(Architectures.Paper, 1)) { Tile = new(Number(0, 292), Number(0, 292), Number(1, 132)) };
        var image = Scan(new(512, 512, 129));
        var process = Process.GetCurrentProcess();
        var clock = Stopwatch.StartNew();
        var start = process.TotalProcessorTime;
        var options = new PredictOptions
        {
            Weighting = weighting,
            TileOverlap = overlap,
            Threads = 2,
            DirectConvolution = args.Length > 4,
            Progress = (done, all) =>
            {
                process.Refresh();
                Console.Error.WriteLine($"{done} of {all}: {clock.Elapsed.TotalSeconds:F1} s, of processors {(process.TotalProcessorTime - start).TotalSeconds:F1} s");
            },
        };
        var scores = image.Predict(model, options);
        process.Refresh();
        Console.WriteLine($"{model.Tile} {weighting} {overlap}: {clock.Elapsed.TotalSeconds:F1} s, of processors {(process.TotalProcessorTime - start).TotalSeconds:F1} s, peak {process.PeakWorkingSet64 >> 20} MiB; mean {scores.Voxels.ToArray().Average(p => p.Value):R}");
    }

    /// <summary>The paper's network on a phantom, by blocks and direct: how far scores and masks are apart.</summary>
    internal static void Agreement(string[] _)
    {
        var phantom = Phantom.Abdomen(new() { Spacing = new(1.5, 1.5, 3), Seed = 5 });
        var model = new Model(Architectures.Paper, Weights.He(Architectures.Paper, 3));
        var image = phantom.Ct.Window(model.Window);
        var options = new PredictOptions { Weighting = TileBlend.Valid };
        var (blocks, direct) = (image.Predict(model, options), image.Predict(model, options with { DirectConvolution = true }));
        var sorted = direct.Voxels.ToArray().Select(p => p.Value).Order().ToArray();
        var worst = blocks.Voxels.ToArray().Zip(direct.Voxels.ToArray(), (a, b) => Math.Abs(a.Value - b.Value)).Max();
        Console.WriteLine($"{image.Extent}, scores {sorted[0]:F3}..{sorted[^1]:F3}; largest difference {worst:E1}");
        foreach (var share in new[] { 0.5, 0.9, 0.97 })
        {
            var threshold = (double)sorted[(int)(share * sorted.Length)];
            Console.WriteLine($"  Dice of the masks above {threshold:F4} ({1 - share:P0} of the voxels): {blocks.Threshold(threshold).Evaluate(direct.Threshold(threshold)).Dice:F6}");
        }
    }

    /// <summary>A body with some texture.</summary>
    private static Volume<Intensity> Scan(Extent extent)
    {
        var voxels = new Intensity[extent.Count];
        for (var i = 0; i < voxels.Length; i++)
        {
            var (x, y, z) = (i % extent.X, i / extent.X % extent.Y, i / extent.X / extent.Y);
            voxels[i] = new(0.5f + 0.3f * MathF.Sin(x * 0.11f + z * 0.05f) * MathF.Cos(y * 0.07f) + 0.1f * MathF.Sin(x * 1.3f + y * 2.1f + z * 0.9f));
        }
        return new(Grid.Of(extent, new(0.8, 0.8, 2)), voxels);
    }
}
