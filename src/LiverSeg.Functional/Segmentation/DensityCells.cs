using System;
using System.Collections.Generic;
using System.Linq;

namespace LiverSeg.Functional;

/// <summary>How dense a mask's voxels are, in cells of about 4 mm along the patient's axes: sums of whole numbers, so that the order in which slabs come does not matter.</summary>
internal sealed class DensityCells
{
    private const double CellMm = 4;
    private const int Levels = 4096;

    // How often a part grows by the cells around it that are as dense as its edge.
    private const int Growths = 2;

    private readonly Grid _own, _grid;
    private readonly double _voxelMl;
    private readonly int[] _sides;
    private readonly int[] _count;
    private readonly long[] _sum, _levels = new long[Levels + 1];

    /// <summary>No voxel yet.</summary>
    /// <param name="grid">The whole scan's.</param>
    internal DensityCells(Grid grid)
    {
        _own = grid;
        var upright = Orient.CanonicalGrid(grid);
        var (e, s) = (upright.Extent, upright.Spacing);
        _voxelMl = upright.VoxelVolume / 1000;
        int Side(double spacing) => Math.Max(1, (int)Math.Round(CellMm / spacing));
        _sides = [Side(s.X), Side(s.Y), Side(s.Z)];
        int Cells(int voxels, int side) => (voxels + side - 1) / side;
        _grid = new(new(Cells(e.X, _sides[0]), Cells(e.Y, _sides[1]), Cells(e.Z, _sides[2])), new(s.X * _sides[0], s.Y * _sides[1], s.Z * _sides[2]), upright.Origin, upright.Direction);
        (_count, _sum) = (new int[_grid.Extent.Count], new long[_grid.Extent.Count]);
    }

    /// <summary>Counts the voxels of a slab, or of the whole scan.</summary>
    /// <param name="mask">What is inside.</param>
    /// <param name="image">The windowed scan on the same grid.</param>
    /// <param name="place">The slab's first slice once the scan stands upright.</param>
    internal DensityCells Add(Volume<bool> mask, Volume<Intensity> image, int place = 0)
    {
        var (e, cells) = (mask.Extent, Cells(mask.Extent, place));
        var values = Volume.Floats(image.Voxels);
        foreach (var (row, y, z) in Rows(e))
        {
            var inside = mask.Voxels.Slice(row, e.X);
            for (var x = inside.IndexOf(true); x >= 0 && x < e.X; x++)
            {
                if (!inside[x]) continue;
                var level = (int)(Math.Clamp(values[row + x], 0, 1) * Levels);
                var cell = cells[0][x] + cells[1][y] + cells[2][z];
                _count[cell]++;
                _sum[cell] += level;
                _levels[level]++;
            }
        }
        return this;
    }

    /// <summary>The parts of at least a size whose mean over 3×3×3 cells lies above the median of all voxels by more than a part of the window; sizes in millilitres, the largest first.</summary>
    internal IReadOnlyList<double> Parts(double by, double minMl) => [.. Found(Means(), by, minMl).Sizes.OrderDescending()];

    /// <summary>The mask without them, and without the cells around them that are at least half as much denser.</summary>
    internal Volume<bool> CutFrom(Volume<bool> mask, double by, double minMl)
    {
        var means = Means();
        var (part, sizes) = Found(means, by, minMl);
        if (sizes.Count == 0) return mask;
        var edge = Median + by * Levels / 2;
        for (var i = 0; i < Growths; i++) part = Grown(part, cell => means[cell] > edge);
        var (e, cells, voxels) = (mask.Extent, Cells(mask.Extent, 0), mask.Voxels.ToArray());
        foreach (var (row, y, z) in Rows(e))
            for (var x = 0; x < e.X; x++) voxels[row + x] &= !part[cells[0][x] + cells[1][y] + cells[2][z]];
        return new(mask.Grid, voxels);
    }

    private (bool[] Cells, IReadOnlyList<double> Sizes) Found(double[] means, double by, double minMl)
    {
        var level = Median + by * Levels;
        var parts = ConnectedComponents.Of(new(_grid, means.Select(m => m > level).ToArray()), Connectivity.Six);
        int[] of = new int[means.Length], voxels = new int[parts.Components];
        parts.Paint(of, _ => true, c => c + 1);
        for (var i = 0; i < of.Length; i++)
            if (of[i] > 0) voxels[of[i] - 1] += _count[i];
        var sizes = voxels.Select(count => count * _voxelMl).ToArray();
        return (of.Select(c => c > 0 && sizes[c - 1] >= minMl).ToArray(), sizes.Where(ml => ml >= minMl).ToArray());
    }

    private int Median => MedianLevel(_levels);

    /// <summary>The first level at or below which half of all lie.</summary>
    /// <param name="counts">How many there are of each level.</param>
    internal static int MedianLevel(long[] counts)
    {
        var (all, level) = (counts.Sum(), 0);
        for (var below = counts[0]; below * 2 < all; below += counts[level]) level++;
        return level;
    }

    /// <summary>Of each cell with voxels the mean over it and its 26 neighbours; of the others −1.</summary>
    private double[] Means()
    {
        var means = new double[_count.Length];
        for (var i = 0; i < means.Length; i++)
        {
            var (count, sum) = (0L, 0L);
            if (_count[i] > 0)
                foreach (var near in Around(i)) (count, sum) = (count + _count[near], sum + _sum[near]);
            means[i] = count > 0 ? (double)sum / count : -1;
        }
        return means;
    }

    private bool[] Grown(bool[] part, Func<int, bool> may)
    {
        var grown = part.ToArray();
        for (var i = 0; i < part.Length; i++)
            if (part[i])
                foreach (var near in Around(i)) grown[near] |= may(near);
        return grown;
    }

    /// <summary>A cell and its neighbours.</summary>
    private IEnumerable<int> Around(int cell)
    {
        var e = _grid.Extent;
        var (x, y, z) = (cell % e.X, cell / e.X % e.Y, cell / (e.X * e.Y));
        for (var w = Math.Max(z - 1, 0); w <= Math.Min(z + 1, e.Z - 1); w++)
            for (var v = Math.Max(y - 1, 0); v <= Math.Min(y + 1, e.Y - 1); v++)
                for (var u = Math.Max(x - 1, 0); u <= Math.Min(x + 1, e.X - 1); u++) yield return (w * e.Y + v) * e.X + u;
    }

    /// <summary>What the places along each of a slab's own axes add to the cell's index.</summary>
    private int[][] Cells(Extent slab, int place)
    {
        var (axes, flips) = Orient.CanonicalAxes(_own.Direction);
        int[] lengths = [slab.X, slab.Y, slab.Z], strides = [1, _grid.Extent.X, _grid.Extent.X * _grid.Extent.Y];
        var cells = new int[3][];
        for (var c = 0; c < 3; c++)
        {
            var length = lengths[axes[c]];
            var first = c == 2 ? place : 0;
            cells[axes[c]] = [.. Enumerable.Range(0, length).Select(i => (first + (flips[c] ? length - 1 - i : i)) / _sides[c] * strides[c])];
        }
        return cells;
    }

    private static IEnumerable<(int Start, int Y, int Z)> Rows(Extent e)
    {
        for (var z = 0; z < e.Z; z++)
            for (var y = 0; y < e.Y; y++) yield return ((z * e.Y + y) * e.X, y, z);
    }
}
