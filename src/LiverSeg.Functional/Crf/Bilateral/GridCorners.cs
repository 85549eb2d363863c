using System;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace LiverSeg.Functional;

/// <summary>
/// One block of the bilateral grid as its pixels see it: for each interval of density one vector of its eight corners,
/// (x, y), (x + 1, y), (x, y + 1), (x + 1, y + 1) at the node of density before it and at the one after.
/// </summary>
internal static class GridCorners
{
    /// <summary>Adds what a block's pixels gave to the four cells that it lies between; even and odd columns have sums of their own.</summary>
    internal static void Fold(ReadOnlySpan<Vector256<float>> even, ReadOnlySpan<Vector256<float>> odd, Span<float> a, Span<float> b, Span<float> c, Span<float> d)
    {
        var before = Vector128<float>.Zero;
        var n = 0;
        // What an interval's pixels gave to its second node belongs to the next interval's first.
        Vector128<float> Next(Vector256<float> pair)
        {
            var v = pair.GetLower() + before;
            before = pair.GetUpper();
            return v;
        }
        for (; Sse.IsSupported && n <= even.Length - 4; n += 4)
        {
            Vector128<float> p = Next(even[n] + odd[n]), q = Next(even[n + 1] + odd[n + 1]), r = Next(even[n + 2] + odd[n + 2]), s = Next(even[n + 3] + odd[n + 3]);
            Vector128<float> pr = Sse.UnpackLow(p, r), qs = Sse.UnpackLow(q, s), pr2 = Sse.UnpackHigh(p, r), qs2 = Sse.UnpackHigh(q, s);
            (Vector128.Create<float>(a[n..]) + Sse.UnpackLow(pr, qs)).CopyTo(a[n..]);
            (Vector128.Create<float>(b[n..]) + Sse.UnpackHigh(pr, qs)).CopyTo(b[n..]);
            (Vector128.Create<float>(c[n..]) + Sse.UnpackLow(pr2, qs2)).CopyTo(c[n..]);
            (Vector128.Create<float>(d[n..]) + Sse.UnpackHigh(pr2, qs2)).CopyTo(d[n..]);
        }
        for (; n < even.Length; n++)
        {
            var v = Next(even[n] + odd[n]);
            (a[n], b[n], c[n], d[n]) = (a[n] + v[0], b[n] + v[1], c[n] + v[2], d[n] + v[3]);
        }
    }

    /// <summary>Gathers what the four cells around a block hold; the last node has no interval after it.</summary>
    internal static void Unfold(Span<Vector256<float>> block, ReadOnlySpan<float> a, ReadOnlySpan<float> b, ReadOnlySpan<float> c, ReadOnlySpan<float> d)
    {
        var here = Vector128.Create(a[0], b[0], c[0], d[0]);
        var n = 0;
        for (; Sse.IsSupported && n < block.Length - 4; n += 4)
        {
            Vector128<float> p = Vector128.Create<float>(a[(n + 1)..]), q = Vector128.Create<float>(b[(n + 1)..]), r = Vector128.Create<float>(c[(n + 1)..]), s = Vector128.Create<float>(d[(n + 1)..]);
            Vector128<float> pr = Sse.UnpackLow(p, r), qs = Sse.UnpackLow(q, s), pr2 = Sse.UnpackHigh(p, r), qs2 = Sse.UnpackHigh(q, s);
            Vector128<float> t0 = Sse.UnpackLow(pr, qs), t1 = Sse.UnpackHigh(pr, qs), t2 = Sse.UnpackLow(pr2, qs2), t3 = Sse.UnpackHigh(pr2, qs2);
            (block[n], block[n + 1], block[n + 2], block[n + 3], here) = (Vector256.Create(here, t0), Vector256.Create(t0, t1), Vector256.Create(t1, t2), Vector256.Create(t2, t3), t3);
        }
        for (; n < block.Length - 1; n++)
        {
            var next = Vector128.Create(a[n + 1], b[n + 1], c[n + 1], d[n + 1]);
            block[n] = Vector256.Create(here, next);
            here = next;
        }
    }

    /// <summary>Each vector's sum.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector256<float> Sums(Vector256<float> a, Vector256<float> b, Vector256<float> c, Vector256<float> d, Vector256<float> e, Vector256<float> f, Vector256<float> g, Vector256<float> h)
    {
        if (!Avx.IsSupported)
            return Vector256.Create(Vector256.Sum(a), Vector256.Sum(b), Vector256.Sum(c), Vector256.Sum(d), Vector256.Sum(e), Vector256.Sum(f), Vector256.Sum(g), Vector256.Sum(h));
        var (first, second) = (Avx.HorizontalAdd(Avx.HorizontalAdd(a, b), Avx.HorizontalAdd(c, d)), Avx.HorizontalAdd(Avx.HorizontalAdd(e, f), Avx.HorizontalAdd(g, h)));
        return Avx.Permute2x128(first, second, 0x20) + Avx.Permute2x128(first, second, 0x31);
    }
}
