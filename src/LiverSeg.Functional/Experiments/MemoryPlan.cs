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
/// <param name="NativeBytes">The part of <paramref name="Bytes"/> that the runtime and the native library take; the rest are managed arrays.</param>
public sealed record MemoryPlan(int Slices, Extent Tile, long Bytes, long WholeBytes, long LeastBytes, long NativeBytes)
{
    /// <summary>The runtime, the native library and the weights, before any scan.</summary>
    private const long Base = 280L << 20;

    /// <summary>A layer's input and output together, times this, is what a tile takes at its widest layer (3.1 to 3.3 measured on 64³ to 160×160×128).</summary>
    private const double TileFactor = 3.4;

    /// <summary>Bytes a voxel of the whole scan: itself, windowed, scores, scores in and after the CRF (4 each), four masks of clean-up, something for the rest.</summary>
    private const int WholeVoxel = 26;

    /// <summary>Bytes a voxel more when the axes must be turned.</summary>
    private const int TurnedVoxel = 4;

    /// <summary>Bytes a voxel of the whole mask in clean-up, and of one slab with all its stages.</summary>
    private const int MaskVoxel = 4, SlabVoxel = 40;

    /// <summary>Tiles are not made smaller than this along any axis: the network must see its surroundings.</summary>
    private const int LeastTile = 64;

    /// <summary>The plan for a scan; without a bound the whole at once.</summary>
    /// <param name="grid">The scan's grid.</param>
    /// <param name="model">The model.</param>
    /// <param name="boundBytes">The bound; absent = none.</param>
    /// <param name="wholeOnly">Whether the whole scan is needed in memory for more than the mask.</param>
    public static MemoryPlan Of(Grid grid, Model model, long? boundBytes = null, bool wholeOnly = false)
    {
        var wholeVoxel = SlabPipeline.Upright(grid) == grid ? WholeVoxel : WholeVoxel + TurnedVoxel;
        var (voxels, area) = (grid.Extent.Count, (long)grid.Extent.X * grid.Extent.Y);
        var coarse = Small(grid, model).Extent;
        long Native(Extent tile) => Base + TileBytes(model, tile, coarse);
        long Common(Extent tile) => Native(tile) + 16 * coarse.Count;
        var whole = Common(model.Tile) + wholeVoxel * voxels;
        if (boundBytes is not { } bound || whole <= bound) return new(0, model.Tile, whole, whole, whole, Native(model.Tile));
        var least = new Extent(Math.Min(LeastTile, model.Tile.X), Math.Min(LeastTile, model.Tile.Y), Math.Min(LeastTile, model.Tile.Z));
        var canSlab = !wholeOnly && SlabPipeline.Fits(grid, model);
        var small = canSlab ? 4L * coarse.X * coarse.Y * grid.Extent.Z : 0;
        long Fixed(Extent tile) => Common(tile) + (canSlab ? MaskVoxel * voxels + small : wholeVoxel * voxels);
        var needed = Fixed(least) + (canSlab ? SlabVoxel * area : 0);
        foreach (var tile in Tiles(model.Tile, least))
        {
            if (!canSlab)
            {
                if (Fixed(tile) <= bound) return new(0, tile, Fixed(tile), whole, needed, Native(tile));
                continue;
            }
            var slices = Math.Min(grid.Extent.Z, (bound - Fixed(tile)) / (SlabVoxel * area));
            // Packed files are unpacked once for each slab, so a handful of slices is the last resort.
            if (slices >= Math.Min(8, grid.Extent.Z) || (tile == least && slices >= 1)) return new((int)slices, tile, Fixed(tile) + SlabVoxel * area * slices, whole, needed, Native(tile));
        }
        return new(0, default, long.MaxValue, whole, needed, 0);
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

    /// <summary>What one tile's forward pass takes.</summary>
    private static long TileBytes(Model model, Extent largest, Extent image)
    {
        var stride = model.Network.Stride();
        int Size(int length, int most) => Math.Max(stride, Math.Min((length + stride - 1) / stride, most / stride) * stride);
        var tile = new Extent(Size(image.X, largest.X), Size(image.Y, largest.Y), Size(image.Z, largest.Z));
        return (long)(4 * TileFactor * model.Network.Operations(new(1, tile)).Max(o => o.Output.Channels * o.Output.Extent.Count + o.Input.Channels * o.Input.Extent.Count));
    }
}
