using System;
using System.Numerics;
using System.Threading.Tasks;

namespace LiverSeg.Functional;

/// <summary>
/// The exact distance for voxels that lie far from a surface: slice by slice a two-dimensional distance transform by lower
/// envelopes of parabolas (Felzenszwalb and Huttenlocher 2012), made only in the columns that are asked for.
/// </summary>
/// <remarks>The work is bounded by columns × slices, however far the surfaces lie apart.</remarks>
internal static class DistanceTransform
{
    // so many at once that the scratch of all threads stays small
    private const int Chunk = 1 << 20;

    /// <summary>Puts the squared distance of each far voxel where it is smaller than what stands there.</summary>
    internal static void Improve(BitLayout layout, ulong[] to, Spacing spacing, FarVoxel[] far, double[] squared, ParallelOptions parallel)
    {
        var filled = FilledRows(layout, to, parallel);
        for (var first = 0; first < far.Length; first += Chunk)
        {
            var some = SortByColumn(far.AsSpan(first, Math.Min(Chunk, far.Length - first)), layout);
            var workers = Math.Max(1, Math.Min(parallel.MaxDegreeOfParallelism, layout.Nz));
            var bests = new double[workers][];
            Parallel.For(0, workers, parallel, worker =>
            {
                var best = bests[worker] = new double[some.Length];
                for (var i = 0; i < best.Length; i++) best[i] = squared[some[i].Index];
                var envelope = new Envelope(layout.Ny);
                for (var z = worker; z < layout.Nz; z += workers)
                    if (filled[z].Length > 0) Slice(layout, to, spacing, z, filled[z], some, best, envelope);
            });
            // a minimum is the same in whatever order it is taken
            for (var i = 0; i < some.Length; i++)
                foreach (var best in bests)
                    squared[some[i].Index] = Math.Min(squared[some[i].Index], best[i]);
        }
    }

    private static int[][] FilledRows(BitLayout layout, ulong[] bits, ParallelOptions parallel)
    {
        var filled = new int[layout.Nz][];
        Parallel.For(0, layout.Nz, parallel, z =>
        {
            int[] rows = new int[layout.Ny];
            var count = 0;
            for (var y = 0; y < layout.Ny; y++)
                if (bits.AsSpan(layout.Row(y, z), layout.Words).ContainsAnyExcept(0UL)) rows[count++] = y;
            filled[z] = rows[..count];
        });
        return filled;
    }

    /// <summary>By x, then by y: two stable counting sorts.</summary>
    private static FarVoxel[] SortByColumn(ReadOnlySpan<FarVoxel> far, BitLayout layout)
    {
        var byY = new FarVoxel[far.Length];
        var starts = new int[Math.Max(layout.Nx, layout.Ny) + 1];
        foreach (var f in far) starts[f.Y + 1]++;
        for (var i = 1; i < starts.Length; i++) starts[i] += starts[i - 1];
        foreach (var f in far) byY[starts[f.Y]++] = f;
        var byX = new FarVoxel[far.Length];
        Array.Clear(starts);
        foreach (var f in byY) starts[f.X + 1]++;
        for (var i = 1; i < starts.Length; i++) starts[i] += starts[i - 1];
        foreach (var f in byY) byX[starts[f.X]++] = f;
        return byX;
    }

    private static void Slice(
        BitLayout layout, ReadOnlySpan<ulong> to, Spacing spacing, int z, int[] rows, ReadOnlySpan<FarVoxel> far, Span<double> best, Envelope envelope)
    {
        for (int first = 0, end; first < far.Length; first = end)
        {
            var x = far[first].X;
            var near = false;
            for (end = first; end < far.Length && far[end].X == x; end++)
                near |= Along(far[end].Z - z, spacing.Z) < best[end];
            if (!near) continue;
            envelope.Clear();
            foreach (var y in rows)
                envelope.Add(y, Along(NearestInRow(to.Slice(layout.Row(y, z), layout.Words), x), spacing.X), spacing.Y);
            for (int i = first, part = 0; i < end; i++)
            {
                var along = Along(far[i].Z - z, spacing.Z);
                if (along >= best[i]) continue;
                part = envelope.Find(part, far[i].Y);
                best[i] = Math.Min(best[i], envelope.Height(part) + (Along(far[i].Y - envelope.Row(part), spacing.Y) + along));
            }
        }
    }

    private static double Along(int steps, double spacing) => steps * spacing * (steps * spacing);

    /// <summary>How many voxels the nearest set one of a row lies off x; the row has one.</summary>
    private static int NearestInRow(ReadOnlySpan<ulong> row, int x)
    {
        int w = (x >> 6) + 1, bit = x & 63, left = int.MaxValue, right = int.MaxValue;
        var lower = row[w] << (63 - bit);
        var upper = row[w] >> bit;
        if (lower != 0) left = BitOperations.LeadingZeroCount(lower);
        if (upper != 0) right = BitOperations.TrailingZeroCount(upper);
        for (var i = 1; left == int.MaxValue && w - i > 0 && i * 64 - 63 + bit <= right; i++)
            if (row[w - i] != 0) left = bit + (i - 1) * 64 + 1 + BitOperations.LeadingZeroCount(row[w - i]);
        for (var i = 1; right == int.MaxValue && w + i < row.Length && i * 64 - bit <= left; i++)
            if (row[w + i] != 0) right = i * 64 - bit + BitOperations.TrailingZeroCount(row[w + i]);
        return Math.Min(left, right);
    }

    /// <summary>The lower envelope of parabolas height + (spacing·(y − row))².</summary>
    private sealed class Envelope(int most)
    {
        private readonly int[] _rows = new int[most];
        private readonly double[] _heights = new double[most];
        private readonly double[] _from = new double[most];
        private int _count;

        internal void Clear() => _count = 0;

        internal int Row(int part) => _rows[part];

        internal double Height(int part) => _heights[part];

        /// <summary>The part that rules at y; asked for with rising y.</summary>
        internal int Find(int part, int y)
        {
            while (part + 1 < _count && _from[part + 1] <= y) part++;
            return part;
        }

        /// <summary>One more parabola; rows rise.</summary>
        internal void Add(int row, double height, double spacing)
        {
            var from = double.NegativeInfinity;
            while (_count > 0)
            {
                int last = _count - 1, apart = row - _rows[last];
                from = 0.5 * (row + _rows[last] + (height - _heights[last]) / (spacing * spacing * apart));
                if (from > _from[last]) break;
                _count--;
                from = double.NegativeInfinity;
            }
            (_rows[_count], _heights[_count], _from[_count]) = (row, height, from);
            _count++;
        }
    }
}
