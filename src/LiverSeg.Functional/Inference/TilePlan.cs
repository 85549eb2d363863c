using System;
using System.Collections.Generic;
using System.Linq;

namespace LiverSeg.Functional;

/// <summary>Where tiles lie and how they blend. The sum of weights is a product over the axes, so no second volume is needed.</summary>
internal sealed class TilePlan
{
    private readonly Extent _extent;
    private readonly float[][] _total = new float[3][];
    private readonly Dictionary<int, float[]>[] _weight = [[], [], []]; // by the tile's start

    /// <param name="extent">The image's.</param>
    /// <param name="largest">No tile is larger, unless blending is off and its surroundings do not fit.</param>
    /// <param name="network">Says what tiles must be multiples of, and how far it sees.</param>
    /// <param name="overlap">Share of a tile that the next one covers again; of no account where nothing is blended.</param>
    /// <param name="weighting">How tiles blend.</param>
    /// <param name="fitted">Whether tiles that blend are no larger than they must be; otherwise the largest is taken.</param>
    internal TilePlan(Extent extent, Extent largest, Layer network, double overlap, TileBlend weighting, bool fitted = false)
    {
        _extent = extent;
        var stride = network.Stride();
        var margin = weighting == TileBlend.Valid ? network.Margin() : default;
        var axes = new[] { (extent.X, largest.X, margin.X), (extent.Y, largest.Y, margin.Y), (extent.Z, largest.Z, margin.Z) };
        var (size, steps) = (new int[3], new int[3][]);
        for (var axis = 0; axis < 3; axis++)
        {
            var (length, most, sight) = axes[axis];
            (size[axis], steps[axis]) = weighting == TileBlend.Valid
                ? ValidSteps(length, most, sight, stride)
                : fitted ? FittedSteps(length, most, stride, overlap) : (Size(length, most, stride), Steps(length, Size(length, most, stride), overlap));
            _total[axis] = new float[length];
            var shared = weighting == TileBlend.Valid ? null : Weights(size[axis]);
            for (var k = 0; k < steps[axis].Length; k++)
            {
                var start = steps[axis][k];
                var weight = shared ?? Owned(steps[axis], k, size[axis]);
                _weight[axis].Add(start, weight);
                for (var i = 0; i < size[axis]; i++)
                    if ((uint)(start + i) < (uint)length) _total[axis][start + i] += weight[i];
            }
        }
        var tile = new Extent(size[0], size[1], size[2]);
        Regions = (from z in steps[2] from y in steps[1] from x in steps[0] select new Region(x, y, z, tile)).ToEquatableArray();
    }

    internal IReadOnlyList<Region> Regions { get; }

    /// <summary>
    /// What must be computed so that a region is as it would be in the whole: as far around it as the network sees, on the strides of the whole.
    /// It may reach outside of the image where the whole's own tile would.
    /// </summary>
    internal static Region Around(Region region, Extent image, Layer network)
    {
        var (stride, margin) = (network.Stride(), network.Margin());
        (int First, int Count) Axis(int start, int count, int length, int sight)
        {
            var (first, whole) = Whole(length, stride);
            var from = Math.Max(0, start - sight - first) / stride * stride;
            var to = Math.Min(whole, (start + count + sight - first + stride - 1) / stride * stride);
            return (first + from, to - from);
        }
        var (x, y, z) = (Axis(region.X, region.Extent.X, image.X, margin.X), Axis(region.Y, region.Extent.Y, image.Y, margin.Y), Axis(region.Z, region.Extent.Z, image.Z, margin.Z));
        return new(x.First, y.First, z.First, new(x.Count, y.Count, z.Count));
    }

    /// <summary>The tile's length along an axis: the network's strides that cover the image, as many as the largest tile holds.</summary>
    internal static int Size(int length, int most, int stride) => Math.Max(stride, Math.Min((length + stride - 1) / stride, most / stride) * stride);

    /// <summary>Where the one tile that would hold the whole axis begins, and how long it is.</summary>
    private static (int First, int Length) Whole(int length, int stride)
    {
        var whole = Size(length, int.MaxValue, stride);
        return ((length - whole) / 2, whole);
    }

    /// <summary>Starts of tiles along one axis: evenly spread, the first at 0 and the last at the end.</summary>
    internal static int[] Steps(int length, int tile, double overlap)
    {
        if (length <= tile) return [(length - tile) / 2];
        var count = (int)Math.Ceiling((length - tile) / (tile * (1 - overlap))) + 1;
        return [.. Enumerable.Range(0, count).Select(i => (int)Math.Round(i * (length - tile) / (double)(count - 1)))];
    }

    /// <summary>As many tiles as the largest would need, each no larger than it must be.</summary>
    internal static (int Tile, int[] Starts) FittedSteps(int length, int most, int stride, double overlap)
    {
        var tile = Size(length, most, stride);
        var count = Steps(length, tile, overlap).Length;
        while (count > 1 && tile > stride && Steps(length, tile - stride, overlap).Length == count) tile -= stride;
        return (tile, Steps(length, tile, overlap));
    }

    /// <summary>The same number of tiles, each no larger than it must be, that overlap by a margin on both sides; all lie on the whole image's strides.</summary>
    internal static (int Tile, int[] Starts) ValidSteps(int length, int most, int margin, int stride)
    {
        var (first, whole) = Whole(length, stride);
        var largest = Math.Max(most / stride * stride, 2 * margin + stride);
        if (whole <= largest) return (whole, [first]);
        var count = (whole - 2 * margin - 1) / (largest - 2 * margin) + 1;
        var tile = ((whole + 2 * margin * (count - 1) + count - 1) / count + stride - 1) / stride * stride;
        return (tile, [.. Enumerable.Range(0, count).Select(i => first + Math.Min(i * (tile - 2 * margin), whole - tile))]);
    }

    /// <summary>1 where a tile is the one that counts: up to the middle of what it shares with the next.</summary>
    private static float[] Owned(int[] starts, int k, int size)
    {
        int Middle(int left) => (starts[left] + size + starts[left + 1]) / 2;
        var (from, to) = (k == 0 ? 0 : Middle(k - 1) - starts[k], k == starts.Length - 1 ? size : Middle(k) - starts[k]);
        return [.. Enumerable.Range(0, size).Select(i => i >= from && i < to ? 1f : 0f)];
    }

    /// <summary>Adds a tile's values, weighted.</summary>
    internal void Add(Probability[] sum, Region region, float[] values)
    {
        var (size, e) = (region.Extent, _extent);
        var (weightX, weightY, weightZ) = (_weight[0][region.X], _weight[1][region.Y], _weight[2][region.Z]);
        for (var z = Math.Max(0, -region.Z); z < Math.Min(size.Z, e.Z - region.Z); z++)
            for (var y = Math.Max(0, -region.Y); y < Math.Min(size.Y, e.Y - region.Y); y++)
            {
                var weight = weightZ[z] * weightY[y];
                if (weight == 0) continue;
                var (from, to) = ((z * size.Y + y) * size.X, ((z + region.Z) * e.Y + y + region.Y) * e.X + region.X);
                for (var x = Math.Max(0, -region.X); x < Math.Min(size.X, e.X - region.X); x++)
                    sum[to + x] = new(sum[to + x].Value + weight * weightX[x] * values[from + x]);
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

    /// <summary>A bell with a standard deviation of an eighth of the tile.</summary>
    private static float[] Weights(int size) =>
        [.. Enumerable.Range(0, size).Select(i =>
        {
            var t = (i + 0.5) / size - 0.5; // −½ .. ½ across the tile
            return (float)Math.Exp(-0.5 * t * t * 64);
        })];
}
