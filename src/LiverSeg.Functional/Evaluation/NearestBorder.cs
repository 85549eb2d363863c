using System;
using System.Collections.Generic;
using System.Linq;
using System.Numerics;
using System.Threading.Tasks;

namespace LiverSeg.Functional;

/// <summary>
/// The exact distance from each voxel of one surface to the nearest voxel of another. Surfaces of a good segmentation lie
/// close together, so rows are looked at in the order of their distance, 64 voxels at a time, until no nearer row is left;
/// what is further off goes to <see cref="DistanceTransform"/>.
/// </summary>
internal static class NearestBorder
{
    private const int Reach = 40, MaxRows = 600;

    /// <summary>A row at (y + Y, z + Z) and its squared distance in mm².</summary>
    private readonly record struct RowStep(int Y, int Z, int Shift, double Squared);

    /// <summary>The distances in mm, in the order z, y, x of the voxels of <paramref name="from"/>.</summary>
    /// <param name="layout">The layout of both.</param>
    /// <param name="from">Whose voxels ask.</param>
    /// <param name="starts">How many voxels of <paramref name="from"/> lie before each slice, and in all.</param>
    /// <param name="to">Whose voxels are looked for; at least one.</param>
    /// <param name="spacing">Millimetres between voxels.</param>
    /// <param name="parallel">How many threads.</param>
    internal static double[] Distances(BitLayout layout, ulong[] from, int[] starts, ulong[] to, Spacing spacing, ParallelOptions parallel)
    {
        var squared = new double[starts[^1]];
        var (rows, reach) = RowSteps(layout, spacing);
        var columns = new double[64];
        for (var i = 0; i < columns.Length; i++) columns[i] = i * spacing.X * (i * spacing.X);
        reach = Math.Min(reach, columns[32]);
        var far = new List<FarVoxel>[layout.Nz];
        Parallel.For(0, layout.Nz, parallel, z => far[z] = Slice(layout, from, to, z, starts[z], squared, rows, columns, reach));
        var rest = far.SelectMany(f => f).ToArray();
        if (rest.Length > 0) DistanceTransform.Improve(layout, to, spacing, rest, squared, parallel);
        for (var i = 0; i < squared.Length; i++) squared[i] = Math.Sqrt(squared[i]);
        return squared;
    }

    private static (RowStep[] Rows, double Reach) RowSteps(BitLayout layout, Spacing spacing)
    {
        var steps =
            from z in Enumerable.Range(-Reach, 2 * Reach + 1)
            from y in Enumerable.Range(-Reach, 2 * Reach + 1)
            select new RowStep(y, z, layout.Row(y, z) - layout.Row(0, 0), y * spacing.Y * (y * spacing.Y) + z * spacing.Z * (z * spacing.Z));
        var beyond = (Reach + 1) * Math.Min(spacing.Y, spacing.Z);
        var all = steps.Where(s => s.Squared < beyond * beyond).OrderBy(s => s.Squared).ToArray();
        return all.Length > MaxRows ? (all[..MaxRows], all[MaxRows].Squared) : (all, beyond * beyond);
    }

    private static List<FarVoxel> Slice(
        BitLayout layout, ReadOnlySpan<ulong> from, ReadOnlySpan<ulong> to, int z, int start, Span<double> squared,
        ReadOnlySpan<RowStep> rows, ReadOnlySpan<double> columns, double reach)
    {
        var far = new List<FarVoxel>();
        for (var y = 0; y < layout.Ny; y++)
        {
            var row = layout.Row(y, z);
            for (var w = 1; w < layout.Words; w++)
                for (var bits = from[row + w]; bits != 0; bits &= bits - 1)
                {
                    var x = (w - 1) * 64 + BitOperations.TrailingZeroCount(bits);
                    // the window's first bit is voxel x − 31
                    int bit = x + 33, at = row + (bit >> 6), shift = bit & 63;
                    var best = double.PositiveInfinity;
                    foreach (ref readonly var step in rows)
                    {
                        if (step.Squared >= best) break;
                        if ((uint)(y + step.Y) >= (uint)layout.Ny || (uint)(z + step.Z) >= (uint)layout.Nz) continue;
                        var window = to[at + step.Shift] >> shift | to[at + step.Shift + 1] << 1 << (63 - shift);
                        if (window == 0) continue;
                        var right = BitOperations.TrailingZeroCount(window >> 31);
                        var left = BitOperations.LeadingZeroCount(window << 32);
                        best = Math.Min(best, columns[Math.Min(left, right)] + step.Squared);
                    }
                    if (!(best <= reach)) far.Add(new(start, x, y, z));
                    squared[start++] = best;
                }
        }
        return far;
    }
}
