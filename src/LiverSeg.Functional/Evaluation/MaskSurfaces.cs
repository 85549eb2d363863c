using System;
using System.Numerics;
using System.Threading.Tasks;

namespace LiverSeg.Functional;

/// <summary>Two masks as bits over the box of both, their voxel counts and their borders.</summary>
internal sealed class MaskSurfaces
{
    private readonly BitLayout _layout;
    private readonly Spacing _spacing;
    private readonly ParallelOptions _parallel;
    private readonly ulong[][] _masks, _rims;
    private readonly int[][] _starts;

    private MaskSurfaces(BitLayout layout, Spacing spacing, ParallelOptions parallel, ulong[][] masks, ulong[][] rims, MaskOverlap overlap)
    {
        (_layout, _spacing, _parallel, _masks, _rims, Overlap) = (layout, spacing, parallel, masks, rims, overlap);
        _starts = [Starts(rims[0]), Starts(rims[1])];
    }

    internal MaskOverlap Overlap { get; }

    internal BitLayout Layout => _layout;

    /// <summary>The border of the prediction (0) or of the truth (1), as bits.</summary>
    internal ReadOnlySpan<ulong> Rim(int which) => _rims[which];

    /// <summary>How many border voxels of the prediction (0) or of the truth (1) lie before each slice of the box, and in all.</summary>
    internal ReadOnlySpan<int> SliceStarts(int which) => _starts[which];

    internal static MaskSurfaces Of(Volume<bool> prediction, Volume<bool> truth, MetricsOptions options)
    {
        var parallel = Parallelism.Of(options.Threads);
        var layout = new BitLayout(BoundingBox.Union(BoundingBox.Of(prediction, parallel), BoundingBox.Of(truth, parallel)), truth.Extent);
        ulong[] a = layout.Allocate(), b = layout.Allocate(), rimA = layout.Allocate(), rimB = layout.Allocate();
        var outside = options.Outside == Outside.Object;
        Parallel.For(-1, layout.Nz + 1, parallel, z =>
        {
            layout.Pack(Volume.Bytes(prediction), z, outside, a);
            layout.Pack(Volume.Bytes(truth), z, outside, b);
        });
        var counts = new (long First, long Second, long Both)[layout.Nz];
        Parallel.For(0, layout.Nz, parallel, z =>
        {
            counts[z] = layout.Count(a, b, z);
            layout.Rim(a, z, options.Border, rimA);
            layout.Rim(b, z, options.Border, rimB);
        });
        var overlap = new MaskOverlap();
        foreach (var c in counts) overlap = new(overlap.Prediction + c.First, overlap.Truth + c.Second, overlap.Both + c.Both);
        return new(layout, truth.Grid.Spacing, parallel, [a, b], [rimA, rimB], overlap);
    }

    /// <summary>The distances both ways; none when a border is missing.</summary>
    internal SurfaceDistances Distances()
    {
        if (_starts[0][^1] == 0 || _starts[1][^1] == 0) return new([], [], [], []);
        return new(Directed(0), Directed(1), Areas(0), Areas(1));
    }

    /// <summary>From each border voxel of one mask to the nearest of the other, in mm.</summary>
    internal double[] Directed(int from) => NearestBorder.Distances(_layout, _rims[from], _starts[from], _rims[1 - from], _spacing, _parallel);

    private int[] Starts(ulong[] rim)
    {
        var starts = new int[_layout.Nz + 1];
        Parallel.For(0, _layout.Nz, _parallel, z => starts[z + 1] = _layout.CountSlice(rim, z));
        for (var z = 0; z < _layout.Nz; z++) starts[z + 1] = checked(starts[z] + starts[z + 1]);
        return starts;
    }

    /// <summary>The area of each border voxel in mm²: the length of the vector of its bare faces.</summary>
    private double[] Areas(int which)
    {
        var areas = new double[_starts[which][^1]];
        double x = _spacing.Y * _spacing.Z, y = _spacing.X * _spacing.Z, z = _spacing.X * _spacing.Y;
        var table = new double[27];
        for (var i = 0; i < 27; i++)
        {
            double p = i % 3 * x, q = i / 3 % 3 * y, r = i / 9 * z;
            table[i] = Math.Sqrt(p * p + q * q + r * r);
        }
        var (mask, rim, starts) = (_masks[which], _rims[which], _starts[which]);
        Parallel.For(0, _layout.Nz, _parallel, slice =>
        {
            var i = starts[slice];
            int up = _layout.Words, above = _layout.Row(0, 1) - _layout.Row(0, 0);
            for (var row = 0; row < _layout.Ny; row++)
                for (var w = 1; w < _layout.Words - 1; w++)
                {
                    var at = _layout.Row(row, slice) + w;
                    var bits = rim[at];
                    if (bits == 0) continue;
                    ulong left = ~(mask[at] << 1 | mask[at - 1] >> 63), right = ~(mask[at] >> 1 | mask[at + 1] << 63);
                    for (; bits != 0; bits &= bits - 1)
                    {
                        var bit = BitOperations.TrailingZeroCount(bits);
                        areas[i++] = table[Bare(left, right, bit) + 3 * Bare(~mask[at - up], ~mask[at + up], bit) + 9 * Bare(~mask[at - above], ~mask[at + above], bit)];
                    }
                }
        });
        return areas;
    }

    private static int Bare(ulong before, ulong after, int bit) => (int)((before >> bit & 1) + (after >> bit & 1));
}
