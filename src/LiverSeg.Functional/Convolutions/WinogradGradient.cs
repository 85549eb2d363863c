using System;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Threading.Tasks;

namespace LiverSeg.Functional;

/// <summary>The gradient of a kernel of 3×3×3: at each offset the sum over all voxels of what was read there times what the output is to change by, by the points of <see cref="WinogradConvolution"/>.</summary>
/// <remarks>The same sums as voxel by voxel, in another order: within 1e-4 of the largest. Whatever the threads, the same bytes.</remarks>
internal static class WinogradGradient
{
    private const int Points = WinogradConvolution.Points, Width = ProductBlock.Width, MinPositions = 24;

    /// <summary>So many sums are kept apart, each for one thread: added in order, they give the same whatever the threads. Of large kernels fewer, which would cost more than they share.</summary>
    private static int Groups(int numbers) => numbers switch
    {
        < 1 << 18 => 8,
        < 1 << 19 => 4,
        _ => 2,
    };

    /// <returns>(features, channels, 3, 3, 3).</returns>
    internal static float[] Of(FeatureMap input, FeatureMap gradient, int threads)
    {
        var (extent, channels, features) = (input.Extent, input.Features, gradient.Features);
        var blocks = (features + Width - 1) / Width;
        var across = WinogradWorkspace.AcrossOf(extent.X, channels);
        var strips = Strips.Of(extent with { Y = (extent.Y + WinogradConvolution.Step - 1) / WinogradConvolution.Step }, Points * Points * across * channels, (MinPositions + across - 1) / across);
        var rows = Chunks.Of(channels).Rows;
        var numbers = Points * Points * blocks * 3 * rows * Width;
        var sums = new float[Math.Min(Groups(numbers), strips.Count)][];
        Parallel.For(0, sums.Length, Parallelism.Of(threads), group =>
        {
            var sum = sums[group] = new float[numbers];
            using var read = new WinogradWorkspace(strips.Rows, across, channels, 0);
            using var wanted = new GradientWorkspace(strips.Rows, across, blocks);
            for (var piece = group; piece < strips.Count; piece += sums.Length)
            {
                var (y0, y1, z0, z1) = strips[piece];
                for (var z = z0 - 1; z <= z1; z++)
                {
                    read.Transform([input], y0 * WinogradConvolution.Step - 1, y1 - y0, z);
                    if (z <= z0) continue;
                    wanted.Transform(gradient, y0, y1, z - 1);
                    Multiply(read, wanted, z - 1, channels, (y1 - y0) * across, sum);
                }
            }
        });
        return Back(sums, channels, features, blocks, rows);
    }

    /// <summary>Channels in blocks of four, at most two, and then of six.</summary>
    private readonly record struct Chunks(int Fours, int Sixes)
    {
        internal static Chunks Of(int channels) => new[] { 0, 1, 2 }.Select(fours => new Chunks(fours, Math.Max(0, channels - 4 * fours + 5) / 6)).MinBy(c => (c.Rows, c.Fours));

        internal int Rows => 4 * Fours + 6 * Sixes;
    }

    private static void Multiply(WinogradWorkspace read, GradientWorkspace wanted, int z, int channels, int positions, float[] sum)
    {
        var (chunks, blocks) = (Chunks.Of(channels), wanted.Stride / Width);
        var next = 0;
        for (var f = 0; f < Points * Points; f++)
            for (var b = 0; b < blocks; b++)
            {
                // Ranges are checked once for all channels; the last block of channels may read on into the next tile, whose sums nobody reads.
                var right = wanted.Transformed.AsSpan(f * wanted.Plane + b * Width, (positions - 1) * wanted.Stride + Width);
                for (var t = 0; t < 3; t++)
                {
                    var left = read.Transformed.AsSpan(read.At(z - 1 + t, f), (positions - 1) * channels + chunks.Rows);
                    ref var s = ref MemoryMarshal.GetReference(sum.AsSpan(next, chunks.Rows * Width));
                    next += chunks.Rows * Width;
                    ref var v = ref MemoryMarshal.GetReference(left);
                    ref var m = ref MemoryMarshal.GetReference(right);
                    for (var i = 0; i < chunks.Fours; i++, v = ref Unsafe.Add(ref v, 4), s = ref Unsafe.Add(ref s, 4 * Width)) Four(ref v, channels, ref m, wanted.Stride, positions, ref s);
                    for (var i = 0; i < chunks.Sixes; i++, v = ref Unsafe.Add(ref v, 6), s = ref Unsafe.Add(ref s, 6 * Width)) Six(ref v, channels, ref m, wanted.Stride, positions, ref s);
                }
            }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Six(ref float v, int channels, ref float m, int stride, int positions, ref float sum)
    {
        Vector256<float> a0 = default, a1 = default, b0 = default, b1 = default, c0 = default, c1 = default, d0 = default, d1 = default, e0 = default, e1 = default, f0 = default, f1 = default;
        for (var p = 0; p < positions; p++)
        {
            var (m0, m1) = (Vector256.LoadUnsafe(ref m), Vector256.LoadUnsafe(ref m, 8));
            var x = Vector256.Create(v);
            a0 = Vector256.FusedMultiplyAdd(x, m0, a0);
            a1 = Vector256.FusedMultiplyAdd(x, m1, a1);
            x = Vector256.Create(Unsafe.Add(ref v, 1));
            b0 = Vector256.FusedMultiplyAdd(x, m0, b0);
            b1 = Vector256.FusedMultiplyAdd(x, m1, b1);
            x = Vector256.Create(Unsafe.Add(ref v, 2));
            c0 = Vector256.FusedMultiplyAdd(x, m0, c0);
            c1 = Vector256.FusedMultiplyAdd(x, m1, c1);
            x = Vector256.Create(Unsafe.Add(ref v, 3));
            d0 = Vector256.FusedMultiplyAdd(x, m0, d0);
            d1 = Vector256.FusedMultiplyAdd(x, m1, d1);
            x = Vector256.Create(Unsafe.Add(ref v, 4));
            e0 = Vector256.FusedMultiplyAdd(x, m0, e0);
            e1 = Vector256.FusedMultiplyAdd(x, m1, e1);
            x = Vector256.Create(Unsafe.Add(ref v, 5));
            f0 = Vector256.FusedMultiplyAdd(x, m0, f0);
            f1 = Vector256.FusedMultiplyAdd(x, m1, f1);
            v = ref Unsafe.Add(ref v, channels);
            m = ref Unsafe.Add(ref m, stride);
        }
        Add(a0, a1, ref sum);
        Add(b0, b1, ref Unsafe.Add(ref sum, Width));
        Add(c0, c1, ref Unsafe.Add(ref sum, 2 * Width));
        Add(d0, d1, ref Unsafe.Add(ref sum, 3 * Width));
        Add(e0, e1, ref Unsafe.Add(ref sum, 4 * Width));
        Add(f0, f1, ref Unsafe.Add(ref sum, 5 * Width));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Four(ref float v, int channels, ref float m, int stride, int positions, ref float sum)
    {
        Vector256<float> a0 = default, a1 = default, b0 = default, b1 = default, c0 = default, c1 = default, d0 = default, d1 = default;
        for (var p = 0; p < positions; p++)
        {
            var (m0, m1) = (Vector256.LoadUnsafe(ref m), Vector256.LoadUnsafe(ref m, 8));
            var x = Vector256.Create(v);
            a0 = Vector256.FusedMultiplyAdd(x, m0, a0);
            a1 = Vector256.FusedMultiplyAdd(x, m1, a1);
            x = Vector256.Create(Unsafe.Add(ref v, 1));
            b0 = Vector256.FusedMultiplyAdd(x, m0, b0);
            b1 = Vector256.FusedMultiplyAdd(x, m1, b1);
            x = Vector256.Create(Unsafe.Add(ref v, 2));
            c0 = Vector256.FusedMultiplyAdd(x, m0, c0);
            c1 = Vector256.FusedMultiplyAdd(x, m1, c1);
            x = Vector256.Create(Unsafe.Add(ref v, 3));
            d0 = Vector256.FusedMultiplyAdd(x, m0, d0);
            d1 = Vector256.FusedMultiplyAdd(x, m1, d1);
            v = ref Unsafe.Add(ref v, channels);
            m = ref Unsafe.Add(ref m, stride);
        }
        Add(a0, a1, ref sum);
        Add(b0, b1, ref Unsafe.Add(ref sum, Width));
        Add(c0, c1, ref Unsafe.Add(ref sum, 2 * Width));
        Add(d0, d1, ref Unsafe.Add(ref sum, 3 * Width));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(Vector256<float> low, Vector256<float> high, ref float sum)
    {
        (Vector256.LoadUnsafe(ref sum) + low).StoreUnsafe(ref sum);
        (Vector256.LoadUnsafe(ref sum, 8) + high).StoreUnsafe(ref sum, 8);
    }

    /// <summary>Sums at 36 points as the nine offsets of each slice: the transpose of how kernels become points.</summary>
    private static float[] Back(float[][] sums, int channels, int features, int blocks, int rows)
    {
        var made = new float[features * channels * 27];
        Span<float> taps = stackalloc float[9 * 8];
        for (var o = 0; o < features; o += 8)
            for (var z = 0; z < 3; z++)
                for (var c = 0; c < channels; c++)
                {
                    Taps(sums, ((o / Width * 3 + z) * rows + c) * Width + o % Width, blocks * 3 * rows * Width, taps);
                    for (var lane = 0; lane < Math.Min(8, features - o); lane++)
                        for (var tap = 0; tap < 9; tap++) made[((o + lane) * channels + c) * 27 + z * 9 + tap] = taps[tap * 8 + lane];
                }
        return made;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Taps(float[][] sums, int at, int point, Span<float> taps)
    {
        Span<Vector256<float>> points = stackalloc Vector256<float>[Points * Points];
        points.Clear();
        foreach (var sum in sums)
            for (var f = 0; f < Points * Points; f++) points[f] += Vector256.LoadUnsafe(ref sum[at + f * point]);
        for (var x = 0; x < Points; x++)
            (points[x], points[Points + x], points[2 * Points + x]) = WinogradConvolution.KernelBack(points[x], points[Points + x], points[2 * Points + x], points[3 * Points + x], points[4 * Points + x], points[5 * Points + x]);
        for (var y = 0; y < 3; y++)
        {
            var p = points.Slice(y * Points, Points);
            var (a, b, c) = WinogradConvolution.KernelBack(p[0], p[1], p[2], p[3], p[4], p[5]);
            a.CopyTo(taps[(24 * y)..]);
            b.CopyTo(taps[(24 * y + 8)..]);
            c.CopyTo(taps[(24 * y + 16)..]);
        }
    }
}
