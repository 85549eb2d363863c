using System;
using System.Collections.Generic;
using System.Linq;

namespace LiverSeg.Functional;

/// <summary>How much memory a segmentation will need at most, and how the scan must be cut to stay below a bound.</summary>
/// <remarks>
/// The numbers are upper estimates of the process' peak, made from the header and the network's shapes before any voxel is read. Slabs change no
/// voxel of the mask; smaller tiles may, along their seams.
/// </remarks>
/// <param name="Slices">Slices read at a time; 0 = the whole scan.</param>
/// <param name="Tile">The network's tile.</param>
/// <param name="Bytes">What is expected to be needed with these.</param>
/// <param name="WholeBytes">What the whole scan at once with the model's own tile would need.</param>
/// <param name="LeastBytes">The least with which this scan can be segmented.</param>
public sealed record MemoryPlan(int Slices, Extent Tile, long Bytes, long WholeBytes, long LeastBytes)
{
    /// <summary>The runtime, the native library and the weights, before any scan.</summary>
    private const long Base = 300L << 20;

    /// <summary>
    /// Bytes a voxel at the peak, each a little above what was measured: the whole scan with its windowed copy, scores and masks; masks alone; one slab.
    /// </summary>
    private const int WholeVoxel = 24, MaskVoxel = 4, SlabVoxel = 28;

    /// <summary>Tiles are not made smaller than this along any axis: the network must see its surroundings.</summary>
    private const int LeastTile = 64;

    /// <summary>The plan for a scan; without a bound the whole at once.</summary>
    /// <param name="grid">The scan's grid.</param>
    /// <param name="model">The model.</param>
    /// <param name="boundBytes">The bound; absent = none.</param>
    /// <param name="wholeOnly">Whether the whole scan is needed in memory for more than the mask.</param>
    public static MemoryPlan Of(Grid grid, Model model, long? boundBytes = null, bool wholeOnly = false)
    {
        var (voxels, area) = (grid.Extent.Count, (long)grid.Extent.X * grid.Extent.Y);
        long Common(Extent tile) => Base + TileBytes(model, tile, Small(grid, model).Extent);
        var whole = Common(model.Tile) + WholeVoxel * voxels;
        if (boundBytes is not { } bound || whole <= bound) return new(0, model.Tile, whole, whole, whole);
        var least = new Extent(Math.Min(LeastTile, model.Tile.X), Math.Min(LeastTile, model.Tile.Y), Math.Min(LeastTile, model.Tile.Z));
        var canSlab = !wholeOnly && SlabPipeline.Fits(grid, model);
        var small = canSlab ? 4L * Small(grid, model).Extent.X * Small(grid, model).Extent.Y * grid.Extent.Z : 0;
        long Fixed(Extent tile) => Common(tile) + (canSlab ? MaskVoxel * voxels + small : WholeVoxel * voxels);
        var needed = Fixed(least) + (canSlab ? SlabVoxel * area : 0);
        foreach (var tile in Tiles(model.Tile, least))
        {
            if (!canSlab)
            {
                if (Fixed(tile) <= bound) return new(0, tile, Fixed(tile), whole, needed);
                continue;
            }
            var slices = Math.Min(grid.Extent.Z, (bound - Fixed(tile)) / (SlabVoxel * area));
            // Packed files are unpacked once for each slab, so a handful of slices is the last resort.
            if (slices >= Math.Min(8, grid.Extent.Z) || (tile == least && slices >= 1)) return new((int)slices, tile, Fixed(tile) + SlabVoxel * area * slices, whole, needed);
        }
        return new(0, default, long.MaxValue, whole, needed);
    }

    /// <summary>Whether there is a way to stay below the bound.</summary>
    public bool IsPossible => Tile != default;

    /// <summary>As <c>about 900 MiB: slabs of 32 slices, tile 160×160×128</c>.</summary>
    public override string ToString() => IsPossible
        ? FormattableString.Invariant($"about {Bytes >> 20} MiB: {(Slices == 0 ? "the whole scan at once" : $"slabs of {Slices} slices")}, tile {Tile}")
        : FormattableString.Invariant($"at least {LeastBytes >> 20} MiB");

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

    private static Grid Small(Grid grid, Model model)
    {
        var upright = SlabPipeline.Upright(grid);
        return model.Spacing is { } spacing ? Resample.GridAt(upright, spacing) : upright;
    }

    /// <summary>Everything that one tile's forward pass may hold, and the score sums of the network's own grid.</summary>
    private static long TileBytes(Model model, Extent largest, Extent image)
    {
        var stride = model.Network.Stride();
        int Size(int length, int most) => Math.Max(stride, Math.Min((length + stride - 1) / stride, most / stride) * stride);
        var tile = new Extent(Size(image.X, largest.X), Size(image.Y, largest.Y), Size(image.Z, largest.Z));
        var operations = model.Network.Operations(new(1, tile));
        return 4 * (operations.Sum(o => o.Output.Channels * o.Output.Extent.Count) + operations.Max(o => 2 * o.Input.Channels * o.Input.Extent.Count)) + 8 * image.Count;
    }
}
