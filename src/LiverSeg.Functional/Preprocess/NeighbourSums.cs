using System;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace LiverSeg.Functional;

/// <summary>Symmetric weighted sums over neighbours, vectorised.</summary>
internal static class NeighbourSums
{
    // Ranges are checked once a call, by slicing, not once a vector.
    private static Vector<float> At(ref float start, int offset) => Vector.LoadUnsafe(ref Unsafe.Add(ref start, offset));

    /// <summary>target[i] = Σ_k weights[|k|] · source[i + k · step], where source starts (weights.Length − 1) · step before target and ends as much after.</summary>
    internal static void Along(ReadOnlySpan<float> source, Span<float> target, ReadOnlySpan<float> weights, int step = 1)
    {
        int r = (weights.Length - 1) * step, n = target.Length, w = Vector<float>.Count, block = 5 * w, i = 0;
        ref var from = ref MemoryMarshal.GetReference(source[..(n + 2 * r)]);
        // Five sums at once, which do not wait for each other; the last block begins where the others have been already.
        for (; n >= block && i < n; i += block)
        {
            i = Math.Min(i, n - block);
            var w0 = new Vector<float>(weights[0]);
            ref var middle = ref Unsafe.Add(ref from, i + r);
            Vector<float> a = At(ref middle, 0) * w0, b = At(ref middle, w) * w0, c = At(ref middle, 2 * w) * w0, d = At(ref middle, 3 * w) * w0, e = At(ref middle, 4 * w) * w0;
            for (var k = 1; k < weights.Length; k++)
            {
                var wk = new Vector<float>(weights[k]);
                ref var before = ref Unsafe.Add(ref middle, -k * step);
                ref var after = ref Unsafe.Add(ref middle, k * step);
                a = Vector.FusedMultiplyAdd(At(ref before, 0) + At(ref after, 0), wk, a);
                b = Vector.FusedMultiplyAdd(At(ref before, w) + At(ref after, w), wk, b);
                c = Vector.FusedMultiplyAdd(At(ref before, 2 * w) + At(ref after, 2 * w), wk, c);
                d = Vector.FusedMultiplyAdd(At(ref before, 3 * w) + At(ref after, 3 * w), wk, d);
                e = Vector.FusedMultiplyAdd(At(ref before, 4 * w) + At(ref after, 4 * w), wk, e);
            }
            var to = target.Slice(i, block);
            a.CopyTo(to);
            b.CopyTo(to[w..]);
            c.CopyTo(to[(2 * w)..]);
            d.CopyTo(to[(3 * w)..]);
            e.CopyTo(to[(4 * w)..]);
        }
        for (; i <= n - w; i += w)
        {
            ref var middle = ref Unsafe.Add(ref from, i + r);
            var a = At(ref middle, 0) * new Vector<float>(weights[0]);
            for (var k = 1; k < weights.Length; k++) a = Vector.FusedMultiplyAdd(At(ref middle, -k * step) + At(ref middle, k * step), new Vector<float>(weights[k]), a);
            a.CopyTo(target[i..]);
        }
        for (; i < n; i++)
        {
            var sum = source[i + r] * weights[0];
            for (var k = 1; k < weights.Length; k++) sum = MathF.FusedMultiplyAdd(source[i + r - k * step] + source[i + r + k * step], weights[k], sum);
            target[i] = sum;
        }
    }

    /// <summary>target = source + offset.</summary>
    internal static void Shift(ReadOnlySpan<float> source, float offset, Span<float> target)
    {
        var o = new Vector<float>(offset);
        var i = 0;
        for (; i <= source.Length - Vector<float>.Count; i += Vector<float>.Count) (new Vector<float>(source[i..]) + o).CopyTo(target[i..]);
        for (; i < source.Length; i++) target[i] = source[i] + offset;
    }

    /// <summary>target = a · b · factor.</summary>
    internal static void Multiply(ReadOnlySpan<float> a, ReadOnlySpan<float> b, float factor, Span<float> target)
    {
        var f = new Vector<float>(factor);
        var i = 0;
        for (; i <= a.Length - Vector<float>.Count; i += Vector<float>.Count) (new Vector<float>(a[i..]) * new Vector<float>(b[i..]) * f).CopyTo(target[i..]);
        for (; i < a.Length; i++) target[i] = a[i] * b[i] * factor;
    }

    /// <summary>target += a · b · factor.</summary>
    internal static void Add(ReadOnlySpan<float> a, ReadOnlySpan<float> b, float factor, Span<float> target)
    {
        var f = new Vector<float>(factor);
        var i = 0;
        for (; i <= a.Length - Vector<float>.Count; i += Vector<float>.Count)
            (new Vector<float>(target[i..]) + new Vector<float>(a[i..]) * new Vector<float>(b[i..]) * f).CopyTo(target[i..]);
        for (; i < a.Length; i++) target[i] += a[i] * b[i] * factor;
    }

    /// <summary>target += weight · source.</summary>
    internal static void Add(ReadOnlySpan<float> source, float weight, Span<float> target)
    {
        var w = new Vector<float>(weight);
        var i = 0;
        for (; i <= target.Length - Vector<float>.Count; i += Vector<float>.Count)
            Vector.FusedMultiplyAdd(new Vector<float>(source[i..]), w, new Vector<float>(target[i..])).CopyTo(target[i..]);
        for (; i < target.Length; i++) target[i] = MathF.FusedMultiplyAdd(source[i], weight, target[i]);
    }

    /// <summary>The same sums across lines: target line i = Σ_k weights[|k|] · source line first + i + k; lines outside count as zero.</summary>
    /// <param name="source">From line 0 on.</param>
    /// <param name="target">From its line 0 on.</param>
    /// <param name="first">Where the target's line 0 is among the source's lines; it may be outside.</param>
    /// <param name="wanted">Lines of the target.</param>
    /// <param name="lines">Lines of the source.</param>
    /// <param name="width">Numbers of a line.</param>
    /// <param name="stride">Numbers from line to line, in both.</param>
    /// <param name="weights">By distance.</param>
    internal static void Across(ReadOnlySpan<float> source, Span<float> target, int first, int wanted, int lines, int width, int stride, ReadOnlySpan<float> weights)
    {
        // In strips, so that the lines around stay in the nearest cache; the last one begins where the others have been already.
        for (var x = 0; x < width; x += Strip)
        {
            x = Math.Min(x, Math.Max(0, width - Strip));
            for (var i = 0; i < wanted; i++) Line(source[x..], target.Slice(i * stride + x, Math.Min(Strip, width - x)), first + i, lines, stride, weights);
        }
    }

    /// <summary>Numbers of a line that are summed for all lines before the next ones.</summary>
    internal const int Strip = 64;

    /// <summary>A distance between lines of at least this width that does not let them fight for the same places of a cache.</summary>
    internal static int Stride(int width) => (width + 15) / 16 * 16 + 16;

    /// <summary>Part of one line of <see cref="Across"/>.</summary>
    /// <param name="source">From the part's first number in line 0 on.</param>
    /// <param name="target">The part.</param>
    /// <param name="i">Which line; it may be outside.</param>
    /// <param name="lines">How many there are.</param>
    /// <param name="stride">Numbers from line to line.</param>
    /// <param name="weights">By distance.</param>
    internal static void Line(ReadOnlySpan<float> source, Span<float> target, int i, int lines, int stride, ReadOnlySpan<float> weights)
    {
        int low = Math.Max(0, i - weights.Length + 1), high = Math.Min(lines - 1, i + weights.Length - 1), width = target.Length, x = 0, w = Vector<float>.Count;
        ref var from = ref MemoryMarshal.GetReference(source[..((lines - 1) * stride + width)]);
        // Eight sums at once: fewer would wait for each other.
        for (; x <= width - 8 * w; x += 8 * w)
        {
            Vector<float> s0 = default, s1 = default, s2 = default, s3 = default, s4 = default, s5 = default, s6 = default, s7 = default;
            for (var j = low; j <= high; j++)
            {
                var wj = new Vector<float>(weights[Math.Abs(j - i)]);
                ref var line = ref Unsafe.Add(ref from, j * stride + x);
                s0 = Vector.FusedMultiplyAdd(At(ref line, 0), wj, s0);
                s1 = Vector.FusedMultiplyAdd(At(ref line, w), wj, s1);
                s2 = Vector.FusedMultiplyAdd(At(ref line, 2 * w), wj, s2);
                s3 = Vector.FusedMultiplyAdd(At(ref line, 3 * w), wj, s3);
                s4 = Vector.FusedMultiplyAdd(At(ref line, 4 * w), wj, s4);
                s5 = Vector.FusedMultiplyAdd(At(ref line, 5 * w), wj, s5);
                s6 = Vector.FusedMultiplyAdd(At(ref line, 6 * w), wj, s6);
                s7 = Vector.FusedMultiplyAdd(At(ref line, 7 * w), wj, s7);
            }
            s0.CopyTo(target[x..]);
            s1.CopyTo(target[(x + w)..]);
            s2.CopyTo(target[(x + 2 * w)..]);
            s3.CopyTo(target[(x + 3 * w)..]);
            s4.CopyTo(target[(x + 4 * w)..]);
            s5.CopyTo(target[(x + 5 * w)..]);
            s6.CopyTo(target[(x + 6 * w)..]);
            s7.CopyTo(target[(x + 7 * w)..]);
        }
        for (; x <= width - w; x += w)
        {
            Vector<float> a = default;
            for (var j = low; j <= high; j++) a = Vector.FusedMultiplyAdd(At(ref Unsafe.Add(ref from, j * stride + x), 0), new Vector<float>(weights[Math.Abs(j - i)]), a);
            a.CopyTo(target[x..]);
        }
        for (; x < width; x++)
        {
            var sum = 0f;
            for (var j = low; j <= high; j++) sum = MathF.FusedMultiplyAdd(source[j * stride + x], weights[Math.Abs(j - i)], sum);
            target[x] = sum;
        }
    }
}
