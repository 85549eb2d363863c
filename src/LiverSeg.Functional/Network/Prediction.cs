using System;
using System.Collections.Generic;
using System.Linq;
using TorchSharp;
using static TorchSharp.torch;

namespace LiverSeg.Functional;

/// <summary>How a model is applied to a volume.</summary>
public sealed record PredictOptions
{
    /// <summary>Share of a tile that the next one covers again, in [0, 0.9]. Default 0.5.</summary>
    public double TileOverlap { get; init; } = 0.5;

    /// <summary>How tiles blend. Default: Gaussian.</summary>
    public TileWeight Weighting { get; init; } = TileWeight.Gaussian;

    /// <summary>Threads; 0 = one a processor. Equal counts give equal bytes.</summary>
    public int Threads { get; init; }

    /// <summary>Convolves all kernels voxel by voxel, never by Fourier transforms (which differ by rounding, below 1e-5). Default false.</summary>
    public bool DirectConvolution { get; init; }

    /// <summary>Hears (tiles done, tiles in all): before the first tile and after each.</summary>
    public Action<int, int>? Progress { get; init; }
}

/// <summary>What a network says about a volume: the fused probability (eq. 4), the main path's and the branches'.</summary>
/// <param name="Fused">(1 − Σ τ_d) · main + Σ τ_d · branch d.</param>
/// <param name="Main">The main output.</param>
/// <param name="Branches">One a tap, in the taps' order.</param>
public sealed record Prediction(Volume<Probability> Fused, Volume<Probability> Main, IReadOnlyList<(string Tap, Volume<Probability> Scores)> Branches)
{
    /// <summary>All outputs for a volume that already has the model's spacing.</summary>
    internal static Prediction Run(Volume<Intensity> image, Model model, PredictOptions options, bool branches = false)
    {
        var taps = model.Network.Taps();
        var outputs = branches ? taps.Count + 2 : 1; // fused, then main and branches
        var stitched = Tiles(image, model, options, outputs, taps);
        Volume<Probability> At(int i) => new(image.Grid, stitched[i]);
        return branches
            ? new(At(0), At(1), taps.Select((t, i) => (t, At(i + 2))).ToItems())
            : new(At(0), At(0), Items<(string, Volume<Probability>)>.Empty);
    }

    private static Probability[][] Tiles(Volume<Intensity> image, Model model, PredictOptions options, int outputs, IReadOnlyList<string> taps)
    {
        TorchRuntime.Ensure();
        using var scope = NewDisposeScope();
        using var still = no_grad();
        using var threads = new TorchThreads(options.Threads);
        var weights = model.Weights.Tensors(CPU);
        var plan = new TilePlan(image.Extent, model.Tile, model.Network.Stride(), options.TileOverlap, options.Weighting);
        var sums = Enumerable.Range(0, outputs).Select(_ => Volume.Allocate<Probability>(image.Grid)).ToArray();
        var done = 0;
        options.Progress?.Invoke(done, plan.Regions.Count);
        foreach (var region in plan.Regions)
        {
            using var tile = NewDisposeScope();
            var crop = image.Pad(region, default);
            var size = region.Extent;
            var x = tensor(Volume.Floats(crop.Voxels).ToArray(), [1, 1, size.Z, size.Y, size.X]); // (1, 1, z, y, x)
            var logits = Torch.Forward(model.Network, weights, x, options.DirectConvolution);
            var main = Liver(logits.Main);
            var heads = logits.Taps.Where(t => outputs > 1 || model.Fusion.Any(f => f.Tap == t.Name && f.Tau > 0)).ToDictionary(t => t.Name, t => Liver(t.Logits));
            var fused = main * (1 - model.Fusion.Sum(f => f.Tau));
            foreach (var f in model.Fusion.Where(f => f.Tau > 0)) fused = fused.add(heads[f.Tap], f.Tau);
            plan.Add(sums[0], region, Torch.Floats(fused));
            if (outputs > 1) plan.Add(sums[1], region, Torch.Floats(main));
            for (var i = 2; i < outputs; i++) plan.Add(sums[i], region, Torch.Floats(heads[taps[i - 2]]));
            options.Progress?.Invoke(++done, plan.Regions.Count);
        }
        foreach (var sum in sums) plan.Finish(sum);
        return sums;
    }

    /// <summary>The liver's softmax: with two classes the logistic function of the logits' difference.</summary>
    private static Tensor Liver(Tensor logits) => (logits.narrow(1, 1, 1) - logits.narrow(1, 0, 1)).sigmoid();
}

/// <summary>Applies models to volumes.</summary>
public static class Predictor
{
    /// <summary>
    /// The fused liver probability (eq. 4) on the image's own grid: oriented and resampled to the model's spacing, cut into
    /// tiles, blended, and brought back.
    /// </summary>
    /// <remarks>Deterministic; within [0, 1]; memory is bounded by the tile and one score map.</remarks>
    public static Volume<Probability> Predict(this Volume<Intensity> image, Model model, PredictOptions options) =>
        Prediction.Run(Prepare(image, model, options.Threads), model, options).Fused.Onto(image.Grid, options.Threads);

    /// <inheritdoc cref="Predict(Volume{Intensity}, Model, PredictOptions)"/>
    public static Volume<Probability> Predict(this Volume<Intensity> image, Model model) => image.Predict(model, new());

    /// <summary>Main and branch probabilities beside the fused one, each on the image's own grid.</summary>
    public static Prediction PredictAll(this Volume<Intensity> image, Model model, PredictOptions options)
    {
        var all = Prediction.Run(Prepare(image, model, options.Threads), model, options, branches: true);
        Volume<Probability> Back(Volume<Probability> v) => v.Onto(image.Grid, options.Threads);
        return new(Back(all.Fused), Back(all.Main), all.Branches.Select(b => (b.Tap, Back(b.Scores))).ToItems());
    }

    /// <summary>The image as the model wants it: axes along L, P, S, at the model's spacing.</summary>
    internal static Volume<Intensity> Prepare(Volume<Intensity> image, Model model, int threads)
    {
        var upright = image.ToCanonical();
        return model.Spacing is { } spacing ? upright.ToSpacing(spacing, threads) : upright;
    }
}
