using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.InteropServices;
using System.Threading;
using TorchSharp;
using static TorchSharp.torch;

namespace LiverSeg.Functional;

/// <summary>What a network says about a volume: the fused probability (eq. 4), the main path's and the branches'.</summary>
/// <param name="Fused">(1 − Σ τ_d) · main + Σ τ_d · branch d.</param>
/// <param name="Main">The main output.</param>
/// <param name="Branches">One per tap, in the taps' order.</param>
public sealed record Prediction(Volume<Probability> Fused, Volume<Probability> Main, IReadOnlyList<(string Tap, Volume<Probability> Scores)> Branches)
{
    /// <summary>All outputs for a scan that was prepared for the model: its guides first, then the model where they say that it is worth it.</summary>
    /// <param name="staged">The scan.</param>
    /// <param name="model">The model.</param>
    /// <param name="options">The settings; the region is one of <paramref name="asked"/>.</param>
    /// <param name="asked">The grid of the image as it was given.</param>
    /// <param name="branches">Whether main and branch outputs are wanted too.</param>
    /// <param name="cancel">Asks to stop between two operations of a tile.</param>
    internal static Prediction Run(StagedImage staged, Model model, PredictOptions options, Grid asked, bool branches = false, CancellationToken cancel = default) =>
        Run(staged.Image, staged.Ask(model, options, asked, cancel), model, options, asked, branches, cancel);

    /// <summary>The same where the guides have been asked before: what each said, on the image's grid.</summary>
    internal static Prediction Run(
        Volume<Intensity> image, IReadOnlyList<Volume<Probability>> guides, Model model, PredictOptions options, Grid asked, bool branches = false, CancellationToken cancel = default)
    {
        // Guides that were asked about a region say 0 outside of it, which closes the gate there.
        if (guides.Count > 0) return Guided(image, guides, model, options, branches, cancel);
        if (options.Region is { } region)
        {
            var within = image.Grid.Covering(region, asked);
            if (within.IsEmpty) throw new ArgumentException($"region {region} holds no voxel of {asked}", nameof(options));
            var inner = options with { Region = null };
            var seen = image.Pad(TilePlan.Around(within, image.Extent, model.Network), default);
            return Run(seen, guides, model, inner, asked, branches, cancel).Within(within, image.Grid);
        }
        return Whole(image, guides, model, options, branches, cancel);
    }

    /// <summary>The model in the box where its guides see something; 0 wherever they do not.</summary>
    private static Prediction Guided(
        Volume<Intensity> image, IReadOnlyList<Volume<Probability>> guides, Model model, PredictOptions options, bool branches, CancellationToken cancel)
    {
        var box = StagedImage.Gate(guides, model.Gate);
        if (box.IsEmpty)
        {
            var nothing = new Volume<Probability>(image.Grid, Volume.Allocate<Probability>(image.Grid));
            return new(nothing, nothing, (branches ? model.Network.Taps() : []).Select(t => (t, nothing)).ToEquatableArray());
        }
        var inBox = guides.Select(g => g.Crop(box)).ToEquatableArray();
        var found = Whole(image.Crop(box), inBox, model, options, branches, cancel);
        var (gate, own) = ((float)model.Gate, (float)(1 - model.GuideShare));
        Volume<Probability> Gated(Volume<Probability> scores, float share)
        {
            var voxels = Volume.Allocate<Probability>(scores.Grid);
            for (var i = 0; i < voxels.Length; i++)
            {
                float most = 0, sum = 0;
                foreach (var guide in inBox)
                {
                    var p = guide.Voxels[i].Value;
                    (most, sum) = (Math.Max(most, p), sum + p);
                }
                if (most > gate) voxels[i] = new(share * scores.Voxels[i].Value + (1 - share) * sum / inBox.Count);
            }
            return new(scores.Grid, voxels);
        }
        return new Prediction(
            Gated(found.Fused, own),
            Gated(found.Main, own),
            found.Branches.Select(b => (b.Tap, Gated(b.Scores, 1))).ToEquatableArray()).Within(box, image.Grid);
    }

    private static Prediction Whole(Volume<Intensity> image, IReadOnlyList<Volume<Probability>> guides, Model model, PredictOptions options, bool branches, CancellationToken cancel)
    {
        var taps = model.Network.Taps();
        var outputs = branches ? taps.Count + 2 : 1; // fused, then main and branches
        var stitched = Tiles(image, guides, model, options, outputs, taps, cancel);
        Volume<Probability> At(int i) => new(image.Grid, stitched[i]);
        return branches
            ? new(At(0), At(1), taps.Select((t, i) => (t, At(i + 2))).ToEquatableArray())
            : new(At(0), At(0), EquatableArray<(string, Volume<Probability>)>.Empty);
    }

    /// <summary>The same on a larger grid, with 0 outside of a region of it.</summary>
    private Prediction Within(Region region, Grid grid)
    {
        Volume<Probability> Placed(Volume<Probability> part)
        {
            var start = part.Grid.ToIndex(grid.ToWorld(region.X, region.Y, region.Z));
            var own = new Region((int)Math.Round(start.X), (int)Math.Round(start.Y), (int)Math.Round(start.Z), region.Extent);
            return part.Crop(own).Pad(new(-region.X, -region.Y, -region.Z, grid.Extent), default).WithGrid(grid);
        }
        return new(Placed(Fused), Placed(Main), Branches.Select(b => (b.Tap, Placed(b.Scores))).ToEquatableArray());
    }

    /// <summary>All tiles on the options' device; where its memory does not suffice, all of them anew in smaller tiles or on the CPU, so that no result is made of two.</summary>
    private static Probability[][] Tiles(Volume<Intensity> image, IReadOnlyList<Volume<Probability>> guides, Model model, PredictOptions options, int outputs, IReadOnlyList<string> taps, CancellationToken cancel)
    {
        try
        {
            return TilesThere(image, guides, model, options, outputs, taps, cancel);
        }
        catch (ExternalException e) when (Placement.IsExhausted(options.Device, e))
        {
            if (SmallerTile(image.Extent, model, options) is { } tile)
            {
                options.Warn?.Invoke($"{options.Device}: its memory does not suffice for tiles of {model.Tile}; smaller ones are taken, which leave the result as it is");
                return Tiles(image, guides, model with { Tile = tile }, options, outputs, taps, cancel);
            }
            options.Warn?.Invoke($"{options.Device}: its memory does not suffice for tiles of {model.Tile}; the CPU computes instead");
            return Tiles(image, guides, model, options with { Device = Device.Cpu }, outputs, taps, cancel);
        }
    }

    /// <summary>Half the tile, where that leaves the result as it is and makes tiles smaller.</summary>
    private static Extent? SmallerTile(Extent image, Model model, PredictOptions options)
    {
        var (network, tile) = (model.Network, model.Tile);
        if (options.Weighting != TileBlend.Valid || network.Normalizes()) return null;
        var half = new Extent(Math.Max(1, tile.X / 2), Math.Max(1, tile.Y / 2), Math.Max(1, tile.Z / 2));
        Extent Taken(Extent largest) => new TilePlan(image, largest, network, options.TileOverlap, options.Weighting).Regions[0].Extent;
        return Taken(half).Count < Taken(tile).Count ? half : null;
    }

    private static Probability[][] TilesThere(Volume<Intensity> image, IReadOnlyList<Volume<Probability>> guides, Model model, PredictOptions options, int outputs, IReadOnlyList<string> taps, CancellationToken cancel)
    {
        // The box of a guided model is hardly larger than a tile: two of the largest would be the same voxels twice.
        var plan = new TilePlan(image.Extent, model.Tile, model.Network, options.TileOverlap, options.Weighting, fitted: guides.Count > 0);
        var sums = Enumerable.Range(0, outputs).Select(_ => Volume.Allocate<Probability>(image.Grid)).ToArray();
        // Where no guide opens the gate, nothing is asked about.
        var regions = guides.Count == 0 ? plan.Regions : plan.Regions.Where(r => guides.Any(g => StagedImage.Opens(g, r, model.Gate))).ToEquatableArray();
        var done = 0;
        options.Progress?.Invoke(done, regions.Count);
        void Each(Action<Region, float[][]> tile)
        {
            foreach (var region in regions)
            {
                // The image, then the guides.
                tile(region, [Volume.Floats(image.Pad(region, default).Voxels).ToArray(), .. guides.Select(g => Volume.Floats(g.Pad(region, default).Voxels).ToArray())]);
                options.Progress?.Invoke(++done, regions.Count);
            }
        }
        if (options.Engine is { } engine) EngineTiles.Stitch(engine, Each, plan, sums, model, options, taps, cancel);
        else if (outputs == 1 && IsManaged(model, options)) Managed(Each, plan, sums[0], model, options, cancel);
        else Torch(Each, plan, sums, model, options, taps, cancel);
        foreach (var sum in sums) plan.Finish(sum);
        return sums;
    }

    /// <summary>Makes ready beside other work, as reading the scan, what a model is computed with; an engine that the options name does so itself.</summary>
    internal static void Begin(Model model, PredictOptions options)
    {
        if (options.Engine is not null) return;
        if (model.Guides.Append(model).All(m => IsManaged(m, options))) ManagedNetwork.Begin(model);
        else TorchRuntime.Begin();
    }

    /// <summary>Whether the fused probability is computed without libtorch.</summary>
    internal static bool IsManaged(Model model, PredictOptions options) => options.Device.IsCpu && !options.DirectConvolution && IsManaged(model);

    /// <inheritdoc cref="IsManaged(Model, PredictOptions)"/>
    internal static bool IsManaged(Model model) =>
        ManagedNetwork.IsSupported && model.Fusion.All(f => f.Tau == 0) && ManagedNetwork.Suits(model.Network);

    private static void Managed(Action<Action<Region, float[][]>> each, TilePlan plan, Probability[] sum, Model model, PredictOptions options, CancellationToken cancel)
    {
        var network = new ManagedNetwork(model.Network, model.Weights);
        each((region, channels) =>
        {
            var logits = network.Forward(region.Extent, channels, options.Threads, cancel);
            plan.Add(sum, region, VoxelOperations.Liver(logits));
            network.Release(logits);
        });
    }

    private static void Torch(Action<Action<Region, float[][]>> each, TilePlan plan, Probability[][] sums, Model model, PredictOptions options, IReadOnlyList<string> taps, CancellationToken cancel)
    {
        var place = Placement.On(options.Device);
        using var scope = NewDisposeScope();
        using var still = no_grad();
        using var threads = new TorchThreads(options.Threads);
        var weights = model.Weights.Tensors(place);
        using var spectra = new KernelSpectra();
        bool Wanted(string tap) => sums.Length > 1 || model.Fusion.Any(f => f.Tap == tap && f.Tau > 0);
        var forward = new ForwardOptions { Direct = options.DirectConvolution, Spectra = spectra, Wanted = Wanted, Cancel = cancel };
        each((region, channels) =>
        {
            using var tile = NewDisposeScope();
            var size = region.Extent;
            var x = place.Tensor(channels.SelectMany(c => c).ToArray(), 1, channels.Length, size.Z, size.Y, size.X); // (1, image and guides, z, y, x)
            var logits = TorchForward.Forward(model.Network, weights, x, forward);
            var main = Liver(logits.Main);
            var heads = logits.Taps.ToDictionary(t => t.Name, t => Liver(t.Logits));
            var fused = main.Times(1 - model.Fusion.Sum(f => f.Tau));
            foreach (var f in model.Fusion.Where(f => f.Tau > 0)) fused = fused.Plus(heads[f.Tap], f.Tau);
            plan.Add(sums[0], region, TorchForward.Floats(fused));
            if (sums.Length > 1) plan.Add(sums[1], region, TorchForward.Floats(main));
            for (var i = 2; i < sums.Length; i++) plan.Add(sums[i], region, TorchForward.Floats(heads[taps[i - 2]]));
        });
    }

    /// <summary>The liver's softmax: with two classes the logistic function of the logits' difference.</summary>
    private static Tensor Liver(Tensor logits) => (logits.narrow(1, 1, 1) - logits.narrow(1, 0, 1)).sigmoid();
}
