using System;
using System.Collections.Generic;
using System.Linq;

namespace LiverSeg.Functional;

/// <summary>How much memory a segmentation will need at most, and how the scan must be cut to stay below a bound.</summary>
/// <remarks>
/// The numbers are upper estimates of the process' peak, made from the header and the network's shapes before any voxel is read. Slabs change no
/// voxel of the mask; smaller tiles can change it much, so they are taken only where the options allow them. They are those of the CPU: what CUDA's libraries take of the
/// process beside them is not known.
/// </remarks>
/// <param name="Slices">Slices read at a time; 0 = the whole scan.</param>
/// <param name="Tile">The network's tile.</param>
/// <param name="Bytes">What is expected to be needed with these.</param>
/// <param name="WholeBytes">What the whole scan at once with the model's own tile would need.</param>
/// <param name="MinBytes">The least with which this scan can be segmented.</param>
/// <param name="NativeBytes">The part of <paramref name="Bytes"/> that the runtime and the native library take; the rest are managed arrays.</param>
public sealed record MemoryPlan(int Slices, Extent Tile, long Bytes, long WholeBytes, long MinBytes, long NativeBytes)
{
    /// <summary>The runtime, the native library and the weights, with the network at work (about 260 MiB measured).</summary>
    private const long Base = 300L << 20;

    /// <summary>The native library keeps up to this part of a tile's memory after the network has run (0.1 to 0.3 measured).</summary>
    private const double Kept = 1 / 3.0;

    /// <summary>Room for rows, buffers and what waits to be collected while a tile is computed.</summary>
    private const long Loose = 48L << 20;

    /// <summary>A layer's input and output together, times this, is what a direct convolution takes (3.1 to 3.3 measured on 64³ to 160×160×128).</summary>
    private const double DirectFactor = 3.4;

    /// <summary>Bytes per voxel of the whole scan: itself, windowed, scores, scores in and after the CRF (4 each), four masks of clean-up, something for the rest.</summary>
    private const int WholeVoxel = 26;

    /// <summary>Bytes per voxel more when the axes must be turned.</summary>
    private const int TurnedVoxel = 4;

    /// <summary>Bytes per voxel of the whole mask in clean-up, and of one slab with all its stages (26 measured, the CRF among them).</summary>
    private const int MaskVoxel = 4, SlabVoxel = 36;

    /// <summary>Bytes per voxel of what was read and is kept for the second time it is needed.</summary>
    private const int KeptVoxel = 2;

    /// <summary>Slabs are not made thinner than this: packed files are unpacked from their start for each.</summary>
    private const int MinSlices = 8;

    /// <summary>Even where smaller tiles are allowed they are not smaller than this along any axis.</summary>
    private const int MinTile = 64;

    /// <summary>The plan for a scan.</summary>
    /// <param name="grid">The scan's grid.</param>
    /// <param name="model">The model.</param>
    /// <param name="options">The bound, and what may be done to stay below it.</param>
    /// <remarks>Law: the tile is the model's own unless smaller ones are allowed; the largest tile that fits is taken, then the thickest slabs.</remarks>
    public static MemoryPlan Of(Grid grid, Model model, MemoryPlanOptions options) => Of(grid, model, options, null);

    /// <summary>The same where an engine computes the networks.</summary>
    internal static MemoryPlan Of(Grid grid, Model model, MemoryPlanOptions options, IEngine? engine)
    {
        var wholeVoxel = Orient.CanonicalGrid(grid) == grid ? WholeVoxel : WholeVoxel + TurnedVoxel;
        var (voxels, area, coarse) = (grid.Extent.Count, (long)grid.Extent.X * grid.Extent.Y, CoarseVoxels(grid, model));
        // Without libtorch a network's memory is the runtime's own, and goes back when it is done.
        var managed = engine is null && model.Guides.Append(model).All(Prediction.IsManaged);
        long Network(Extent tile) => Base + TileBytes(grid, model, tile, engine);
        long Native(Extent tile) => managed ? Base : Network(tile);
        long Whole(Extent tile) => Network(tile) + 16 * coarse + wholeVoxel * voxels;
        var whole = Whole(model.Tile);
        if (options.BoundBytes is not { } bound || whole <= bound) return new(0, model.Tile, whole, whole, whole, Native(model.Tile));
        var least = options.SmallerTiles
            ? new Extent(Math.Min(MinTile, model.Tile.X), Math.Min(MinTile, model.Tile.Y), Math.Min(MinTile, model.Tile.Z))
            : model.Tile;
        if (options.WholeOnly || !SlabPipeline.Fits(grid, model))
        {
            foreach (var tile in Tiles(model.Tile, least))
                if (Whole(tile) <= bound) return new(0, tile, Whole(tile), whole, Whole(least), Native(tile));
            return new(0, default, long.MaxValue, whole, Whole(least), 0);
        }
        // The stages of slabs come one after the other: network, slabs, clean-up of the mask.
        long Predicting(Extent tile) => Network(tile) + Loose + 16 * coarse;
        long Rest(Extent tile) => managed ? Base : Base + (long)(Kept * TileBytes(grid, model, tile, engine));
        long Refining(Extent tile, long slices) => Rest(tile) + 4 * coarse + voxels + SlabVoxel * area * slices;
        long Cleaning(Extent tile) => Rest(tile) + 4 * coarse + MaskVoxel * voxels;
        long Peak(Extent tile, long slices) => Math.Max(Predicting(tile), Math.Max(Refining(tile, slices), Cleaning(tile)));
        var thin = Math.Min(MinSlices, grid.Extent.Z);
        var needed = Peak(least, thin);
        if (needed > bound) return new(0, default, long.MaxValue, whole, needed, 0);
        var widest = Tiles(model.Tile, least).First(t => Peak(t, thin) <= bound);
        // Where there is room, what was read stays in 16 bits and is not read again.
        var kept = KeptVoxel * voxels;
        var keep = Math.Max(Predicting(widest), Refining(widest, thin)) + kept <= bound;
        if (!keep) kept = 0;
        var thick = (int)Math.Min(grid.Extent.Z, (bound - kept - Refining(widest, 0)) / (SlabVoxel * area));
        var peak = Math.Max(Math.Max(Predicting(widest), Refining(widest, thick)) + kept, Cleaning(widest));
        return new(thick, widest, peak, whole, needed, Rest(widest)) { KeepSlabs = keep };
    }

    /// <summary>Whether slabs stay in memory once they were read, so that each is read once only.</summary>
    public bool KeepSlabs { get; init; }

    /// <summary>Whether there is a way to stay below the bound.</summary>
    public bool IsPossible => Tile != default;

    /// <summary>As <c>about 900 MiB: slabs of 32 slices, tile 160×160×128</c>.</summary>
    public override string ToString() => IsPossible
        ? FormattableString.Invariant($"about {Bytes >> 20} MiB: {(Slices == 0 ? "the whole scan at once" : $"slabs of {Slices} slices")}, tile {Tile}")
        : FormattableString.Invariant($"at least {MinBytes >> 20} MiB");

    /// <summary>The model with the plan's tile.</summary>
    public Model With(Model model) => Tile == model.Tile ? model : model with { Tile = Tile };

    private static IEnumerable<Extent> Tiles(Extent largest, Extent least)
    {
        for (var tile = largest; ; tile = new(Math.Max(least.X, tile.X * 3 / 4), Math.Max(least.Y, tile.Y * 3 / 4), Math.Max(least.Z, tile.Z * 3 / 4)))
        {
            yield return tile;
            if (tile == least) yield break;
        }
    }

    private static Extent Small(Grid grid, Model model)
    {
        var upright = Orient.CanonicalGrid(grid);
        return (model.Spacing is { } spacing ? Resample.GridAt(upright, spacing) : upright).Extent;
    }

    /// <summary>Voxels of the scan as the model and each of its guides want it.</summary>
    private static long CoarseVoxels(Grid grid, Model model) => Small(grid, model).Count * (1 + model.Guides.Count) + model.Guides.Sum(guide => CoarseVoxels(grid, guide));

    /// <summary>What one tile's forward pass takes, or that of a guide with its own tile if that is more.</summary>
    private static long TileBytes(Grid grid, Model model, Extent largest, IEngine? engine)
    {
        if (model.Guides.Count > 0)
            return Math.Max(OwnTileBytes(grid, model, largest, engine), model.Guides.Max(guide => TileBytes(grid, guide, guide.Tile, engine)));
        return OwnTileBytes(grid, model, largest, engine);
    }

    private static long OwnTileBytes(Grid grid, Model model, Extent largest, IEngine? engine)
    {
        var (stride, image) = (model.Network.Stride(), Small(grid, model));
        var tile = new Extent(TilePlan.Size(image.X, largest.X, stride), TilePlan.Size(image.Y, largest.Y, stride), TilePlan.Size(image.Z, largest.Z, stride));
        if (engine is not null) return engine.TileBytes(model, tile);
        if (Prediction.IsManaged(model)) return ManagedNetwork.PeakBytes(model.Network, tile);
        return model.Network.Operations(new(model.Network.Channels(), tile)).Max(LayerBytes);
    }

    /// <summary>What one layer takes with its input and output.</summary>
    private static long LayerBytes(PlacedLayer layer)
    {
        var (input, output) = (layer.Input, layer.Output);
        var inOut = 4 * (input.Channels * input.Extent.Count + output.Channels * output.Extent.Count);
        if (layer.Layer is not Layer.Conv c) return 2 * inOut;
        var work = FourierConvolution.WorkBytes([1, input.Channels, input.Extent.Z, input.Extent.Y, input.Extent.X], [output.Channels, input.Channels, c.Kernel.Z, c.Kernel.Y, c.Kernel.X]);
        return work > 0 ? inOut * 3 / 2 + work : (long)(DirectFactor * inOut);
    }
}

/// <summary>What a <see cref="MemoryPlan"/> must keep to.</summary>
public sealed record MemoryPlanOptions
{
    /// <summary>The process' peak must stay below this. Default: absent, no bound.</summary>
    public long? BoundBytes { get; init; }

    /// <summary>Whether the whole scan is needed in memory for more than the mask, as score maps are. Default false.</summary>
    public bool WholeOnly { get; init; }

    /// <summary>
    /// Whether the network's tiles may be smaller than the model's. Default false: a network that normalises over its tile, or sees less of the
    /// surroundings than in training, gives another mask then.
    /// </summary>
    public bool SmallerTiles { get; init; }
}
