using System;
using System.Buffers;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Threading.Tasks;

namespace LiverSeg.Functional;

/// <summary>Linear sampling, one axis after the other, of voxels that wrap one float each.</summary>
internal static class TentFilter
{
    /// <summary>For each target index the source indices and weights of a tent as wide as the larger voxel; weights sum to 1.</summary>
    private sealed class Taps
    {
        internal Taps(int sources, double first, double step, int targets)
        {
            var reach = Math.Max(1, step);
            Count = sources == 1 ? 1 : (int)Math.Floor(2 * reach) + 1;
            (From, Shares) = (new int[targets], new float[targets * Count]);
            Step = step;
            for (var i = 0; i < targets; i++)
            {
                var at = Math.Clamp(first + i * step, 0, sources - 1);
                // Whole positions must hit their voxel exactly despite rounding in the grids.
                if (Math.Abs(at - Math.Round(at)) < 1e-7) at = Math.Round(at);
                From[i] = Math.Clamp((int)Math.Floor(at - reach) + 1, 0, Math.Max(0, sources - Count));
                double sum = 0;
                for (var k = 0; k < Count; k++) sum += Tent(From[i] + k, at, reach, sources);
                for (var k = 0; k < Count; k++) Shares[i * Count + k] = (float)(Tent(From[i] + k, at, reach, sources) / sum);
            }
        }

        /// <summary>Along each axis, between grids with parallel axes.</summary>
        internal static (Taps X, Taps Y, Taps Z) Between(Grid from, Grid to)
        {
            var (first, a, b, own, wanted) = (from.ToIndex(to.Origin), from.Extent, to.Extent, from.Spacing, to.Spacing);
            return (new(a.X, first.X, wanted.X / own.X, b.X), new(a.Y, first.Y, wanted.Y / own.Y, b.Y), new(a.Z, first.Z, wanted.Z / own.Z, b.Z));
        }

        internal int Count { get; }

        internal int[] From { get; }

        internal float[] Shares { get; }

        internal double Step { get; }

        private static double Tent(int index, double at, double reach, int sources) =>
            index >= sources ? 0 : Math.Max(0, 1 - Math.Abs(index - at) / reach);
    }

    /// <summary>Shrinks a volume that comes slab by slab; the same numbers as <see cref="Sample"/> on the whole of it, to the last bit.</summary>
    internal sealed class Shrinker<T>(Grid from, Grid to, int threads) where T : unmanaged
    {
        private readonly (Taps X, Taps Y, Taps Z) _taps = Taps.Between(from, to);
        private readonly float[] _planes = new float[(long)to.Extent.X * to.Extent.Y * from.Extent.Z];
        private readonly ParallelOptions _parallel = Parallelism.Of(threads);

        /// <summary>Takes whole slices, the first of which is slice <paramref name="first"/>.</summary>
        internal void Add(ReadOnlyMemory<T> slices, int first)
        {
            var (a, b) = (from.Extent, to.Extent);
            int before = a.X * a.Y, after = b.X * b.Y;
            Parallel.For(0, slices.Length / before, _parallel, k =>
            {
                var rows = ArrayPool<float>.Shared.Rent(a.X * b.Y);
                Plane(Floats(slices.Span.Slice(k * before, before)), a, rows, _planes.AsSpan((first + k) * after, after), b, _taps.X, _taps.Y);
                ArrayPool<float>.Shared.Return(rows);
            });
        }

        /// <summary>The shrunk voxels, once all slices have been added.</summary>
        internal T[] Finish()
        {
            var after = to.Extent.X * to.Extent.Y;
            var target = Volume.Allocate<T>(to);
            Parallel.For(0, to.Extent.Z, _parallel, k => Blend(_planes, after, after, _taps.Z, k, MemoryMarshal.Cast<T, float>(target.AsSpan(k * after, after))));
            return target;
        }
    }

    /// <summary>Some slices of a grid that the source grows onto; the same numbers as <see cref="Sample"/> gives there, to the last bit.</summary>
    internal static T[] Grow<T>(ReadOnlyMemory<T> source, Grid from, Grid to, int start, int count, int threads) where T : unmanaged
    {
        var taps = Taps.Between(from, to);
        var (a, b) = (from.Extent, to.Extent);
        int before = a.X * a.Y, after = b.X * b.Y;
        var target = Volume.Allocate<T>(to with { Extent = b with { Z = count } });
        Parallel.For(0, count, Parallelism.Of(threads), k =>
        {
            var (slice, rows) = (ArrayPool<float>.Shared.Rent(before), ArrayPool<float>.Shared.Rent(a.X * b.Y));
            Blend(Floats(source.Span), before, before, taps.Z, start + k, slice.AsSpan(0, before));
            Plane(slice.AsSpan(0, before), a, rows, MemoryMarshal.Cast<T, float>(target.AsSpan(k * after, after)), b, taps.X, taps.Y);
            ArrayPool<float>.Shared.Return(slice);
            ArrayPool<float>.Shared.Return(rows);
        });
        return target;
    }

    /// <summary>Samples on a grid with parallel axes. The axis that shrinks the data goes first.</summary>
    internal static T[] Sample<T>(ReadOnlyMemory<T> source, Grid from, Grid to, int threads) where T : unmanaged
    {
        if ((long)to.Extent.X * to.Extent.Y > (long)from.Extent.X * from.Extent.Y) return Grow(source, from, to, 0, to.Extent.Z, threads);
        var shrinker = new Shrinker<T>(from, to, threads);
        shrinker.Add(source, 0);
        return shrinker.Finish();
    }

    /// <summary>Trilinear values at the target's voxel centres when its axes lie askew.</summary>
    internal static T[] Skewed<T>(Volume<T> volume, Grid grid, int threads) where T : unmanaged, IEquatable<T>
    {
        var (e, size, target) = (volume.Extent, grid.Extent, Volume.Allocate<T>(grid));
        Parallel.For(0, size.Z, Parallelism.Of(threads), z =>
        {
            var source = Floats(volume.Voxels);
            var result = MemoryMarshal.Cast<T, float>(target.AsSpan(z * size.X * size.Y, size.X * size.Y));
            for (int y = 0, i = 0; y < size.Y; y++)
                for (var x = 0; x < size.X; x++, i++)
                {
                    var at = volume.Grid.ToIndex(grid.ToWorld(x, y, z));
                    result[i] = At(source, e, at.X, at.Y, at.Z);
                }
        });
        return target;
    }

    /// <summary>The trilinear value at a fractional index; border voxels go on outside.</summary>
    internal static float At(ReadOnlySpan<float> source, Extent e, double px, double py, double pz)
    {
        (px, py, pz) = (Math.Clamp(px, 0, e.X - 1), Math.Clamp(py, 0, e.Y - 1), Math.Clamp(pz, 0, e.Z - 1));
        int x = (int)px, y = (int)py, z = (int)pz;
        float fx = (float)(px - x), fy = (float)(py - y), fz = (float)(pz - z);
        int dx = x + 1 < e.X ? 1 : 0, dy = y + 1 < e.Y ? e.X : 0, dz = z + 1 < e.Z ? e.X * e.Y : 0, i = (z * e.Y + y) * e.X + x;
        float Line(ReadOnlySpan<float> s, int j) => s[j] + fx * (s[j + dx] - s[j]);
        float Face(ReadOnlySpan<float> s, int j)
        {
            var low = Line(s, j);
            return low + fy * (Line(s, j + dy) - low);
        }
        var below = Face(source, i);
        return below + fz * (Face(source, i + dz) - below);
    }

    private static void Plane(ReadOnlySpan<float> slice, Extent a, float[] rows, Span<float> result, Extent b, Taps x, Taps y)
    {
        for (var j = 0; j < b.Y; j++) Blend(slice, a.X, a.X, y, j, rows.AsSpan(j * a.X, a.X));
        for (var j = 0; j < b.Y; j++)
        {
            var row = rows.AsSpan(j * a.X, a.X);
            for (var i = 0; i < b.X; i++)
            {
                var from = x.From[i];
                var weights = x.Shares.AsSpan(i * x.Count, x.Count);
                float sum = 0;
                for (var k = 0; k < weights.Length; k++)
                    if (from + k < row.Length) sum += weights[k] * row[from + k];
                result[j * b.X + i] = sum;
            }
        }
    }

    /// <summary>A weighted sum of whole rows or slices that lie <paramref name="stride"/> apart.</summary>
    private static void Blend(ReadOnlySpan<float> source, int stride, int length, Taps taps, int index, Span<float> result)
    {
        result.Clear();
        for (var k = 0; k < taps.Count; k++)
        {
            var weight = taps.Shares[index * taps.Count + k];
            if (weight == 0) continue;
            var part = source.Slice((taps.From[index] + k) * stride, length);
            var wide = new Vector<float>(weight);
            var i = 0;
            for (; i <= length - Vector<float>.Count; i += Vector<float>.Count)
                (new Vector<float>(result[i..]) + wide * new Vector<float>(part[i..])).CopyTo(result[i..]);
            for (; i < length; i++) result[i] += weight * part[i];
        }
    }

    private static ReadOnlySpan<float> Floats<T>(ReadOnlySpan<T> voxels) where T : unmanaged => MemoryMarshal.Cast<T, float>(voxels);
}
