using System;
using System.Collections.Generic;
using System.Linq;

namespace LiverSeg.Functional;

/// <summary>How overlapping tiles blend, along each axis.</summary>
public enum TileWeight
{
    /// <summary>All voxels of a tile count the same.</summary>
    Uniform,

    /// <summary>A bell with a standard deviation of an eighth of the tile.</summary>
    Gaussian,

    /// <summary>Half a period of a raised cosine.</summary>
    Hann,
}

/// <summary>Where tiles lie and how they blend. The sum of weights is a product over the axes, so no second volume is needed.</summary>
internal sealed class TilePlan
{
    private readonly Extent _extent;
    private readonly float[][] _weight = new float[3][], _total = new float[3][];

    internal TilePlan(Extent extent, Extent largest, int stride, double overlap, TileWeight weighting)
    {
        _extent = extent;
        int Size(int length, int most) => Math.Max(stride, Math.Min((length + stride - 1) / stride, most / stride) * stride);
        var size = new Extent(Size(extent.X, largest.X), Size(extent.Y, largest.Y), Size(extent.Z, largest.Z));
        var steps = new[] { Steps(extent.X, size.X, overlap), Steps(extent.Y, size.Y, overlap), Steps(extent.Z, size.Z, overlap) };
        var (lengths, sizes) = (new[] { extent.X, extent.Y, extent.Z }, new[] { size.X, size.Y, size.Z });
        for (var axis = 0; axis < 3; axis++)
        {
            _weight[axis] = Weights(sizes[axis], weighting);
            _total[axis] = new float[lengths[axis]];
            foreach (var start in steps[axis])
                for (var i = 0; i < sizes[axis]; i++)
                    if ((uint)(start + i) < (uint)lengths[axis]) _total[axis][start + i] += _weight[axis][i];
        }
        Regions = (from z in steps[2] from y in steps[1] from x in steps[0] select new Region(x, y, z, size)).ToItems();
    }

    internal IReadOnlyList<Region> Regions { get; }

    /// <summary>Starts of tiles along one axis: evenly spread, the first at 0 and the last at the end.</summary>
    internal static int[] Steps(int length, int tile, double overlap)
    {
        if (length <= tile) return [(length - tile) / 2];
        var count = (int)Math.Ceiling((length - tile) / (tile * (1 - overlap))) + 1;
        return [.. Enumerable.Range(0, count).Select(i => (int)Math.Round(i * (length - tile) / (double)(count - 1)))];
    }

    /// <summary>Adds a tile's values, weighted.</summary>
    internal void Add(Probability[] sum, Region region, float[] values)
    {
        var (size, e) = (region.Extent, _extent);
        for (var z = Math.Max(0, -region.Z); z < Math.Min(size.Z, e.Z - region.Z); z++)
            for (var y = Math.Max(0, -region.Y); y < Math.Min(size.Y, e.Y - region.Y); y++)
            {
                var weight = _weight[2][z] * _weight[1][y];
                var (from, to) = ((z * size.Y + y) * size.X, ((z + region.Z) * e.Y + y + region.Y) * e.X + region.X);
                for (var x = Math.Max(0, -region.X); x < Math.Min(size.X, e.X - region.X); x++)
                    sum[to + x] = new(sum[to + x].Value + weight * _weight[0][x] * values[from + x]);
            }
    }

    /// <summary>Divides by the sum of weights, which is ≥ one tile's weight everywhere.</summary>
    internal void Finish(Probability[] sum)
    {
        for (int z = 0, i = 0; z < _extent.Z; z++)
            for (var y = 0; y < _extent.Y; y++)
            {
                var total = _total[2][z] * _total[1][y];
                for (var x = 0; x < _extent.X; x++, i++) sum[i] = new(Math.Clamp(sum[i].Value / (total * _total[0][x]), 0, 1));
            }
    }

    private static float[] Weights(int size, TileWeight weighting) =>
        [.. Enumerable.Range(0, size).Select(i =>
        {
            var t = (i + 0.5) / size - 0.5; // −½ .. ½ across the tile
            return (float)(weighting switch
            {
                TileWeight.Gaussian => Math.Exp(-0.5 * t * t * 64),
                TileWeight.Hann => 0.5 + 0.5 * Math.Cos(2 * Math.PI * t) + 1e-3,
                _ => 1.0,
            });
        })];
}
