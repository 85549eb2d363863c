using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;

namespace LiverSeg.Functional;

/// <summary>Scores from the logits of an engine that the options name.</summary>
internal static class EngineTiles
{
    /// <summary>Adds each tile's fused probability to the first sum; main and branches to those after it, where there are any.</summary>
    internal static void Stitch(
        IEngine engine, Action<Action<Region, float[][]>> each, TilePlan plan, Probability[][] sums, Model model, PredictOptions options, IReadOnlyList<string> taps, CancellationToken cancel)
    {
        if (options.DirectConvolution) throw new ArgumentException($"direct convolution is libtorch's, found the engine {engine.GetType().Name}; leave one of them out", nameof(options));
        double Tau(string tap) => model.Fusion.Where(f => f.Tap == tap).Sum(f => f.Tau);
        IReadOnlyList<string> wanted = sums.Length > 1 ? taps : taps.Where(t => Tau(t) > 0).ToEquatableArray();
        var shares = wanted.Select(Tau).Prepend(1 - model.Fusion.Sum(f => f.Tau)).Select(t => (float)t).ToArray();
        engine.Lend(new(model, wanted, options.Device, Parallelism.Count(options.Threads)), network => each((region, channels) =>
        {
            cancel.ThrowIfCancellationRequested();
            var voxels = (int)region.Extent.Count;
            var logits = network(region.Extent, channels.Length == 1 ? channels[0] : [.. channels.SelectMany(c => c)], cancel);
            if (logits.Count != shares.Length || logits.Any(l => l.Length != 2 * voxels))
                throw new InvalidOperationException($"{engine.GetType().Name}: found {string.Join(", ", logits.Select(l => l.Length))} logits, expected {shares.Length} times {2 * voxels} for a tile of {region.Extent}");
            var scores = logits.Select(l => Liver(l.Span, voxels)).ToArray();
            var fused = new float[voxels];
            foreach (var (share, score) in shares.Zip(scores))
                if (share != 0)
                    for (var i = 0; i < voxels; i++) fused[i] += share * score[i];
            plan.Add(sums[0], region, fused);
            for (var i = 1; i < sums.Length; i++) plan.Add(sums[i], region, scores[i - 1]);
        }));
    }

    private static float[] Liver(ReadOnlySpan<float> logits, int voxels)
    {
        var difference = new float[voxels];
        for (var i = 0; i < voxels; i++) difference[i] = logits[voxels + i] - logits[i];
        return VoxelOperations.Logistic(difference);
    }
}
