using System;
using System.Numerics;

namespace LiverSeg.Functional;

/// <summary>Symmetric weighted sums over neighbours, vectorised.</summary>
internal static class NeighbourSums
{
    /// <summary>target[i] = Σ_k weights[|k|] · source[i + k], where source starts weights.Length − 1 before target and ends as much after.</summary>
    internal static void Along(ReadOnlySpan<float> source, Span<float> target, ReadOnlySpan<float> weights)
    {
        int r = weights.Length - 1, n = target.Length, i = 0;
        for (; i <= n - 2 * Vector<float>.Count; i += 2 * Vector<float>.Count)
        {
            var s = source.Slice(i, 2 * r + 2 * Vector<float>.Count);
            var first = new Vector<float>(s[r..]) * weights[0];
            var second = new Vector<float>(s[(r + Vector<float>.Count)..]) * weights[0];
            for (var k = 1; k < weights.Length; k++)
            {
                var w = new Vector<float>(weights[k]);
                first = Vector.FusedMultiplyAdd(new Vector<float>(s[(r - k)..]) + new Vector<float>(s[(r + k)..]), w, first);
                second = Vector.FusedMultiplyAdd(new Vector<float>(s[(r + Vector<float>.Count - k)..]) + new Vector<float>(s[(r + Vector<float>.Count + k)..]), w, second);
            }
            first.CopyTo(target[i..]);
            second.CopyTo(target[(i + Vector<float>.Count)..]);
        }
        for (; i < n; i++)
        {
            var sum = source[i + r] * weights[0];
            for (var k = 1; k < weights.Length; k++) sum = MathF.FusedMultiplyAdd(source[i + r - k] + source[i + r + k], weights[k], sum);
            target[i] = sum;
        }
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

    /// <summary>
    /// The same sums across <paramref name="lines"/> lines of <paramref name="width"/> numbers: target line i = Σ_k weights[|k|] · source line i + k;
    /// lines outside count as zero.
    /// </summary>
    internal static void Across(ReadOnlySpan<float> source, Span<float> target, int lines, int width, ReadOnlySpan<float> weights)
    {
        for (var i = 0; i < lines; i++) Line(source, target.Slice(i * width, width), i, lines, width, weights);
    }

    /// <summary>One line of <see cref="Across"/>.</summary>
    internal static void Line(ReadOnlySpan<float> source, Span<float> target, int i, int lines, int width, ReadOnlySpan<float> weights)
    {
        int low = Math.Max(0, i - weights.Length + 1), high = Math.Min(lines - 1, i + weights.Length - 1), x = 0;
        for (; x <= width - 4 * Vector<float>.Count; x += 4 * Vector<float>.Count)
        {
            Vector<float> a = default, b = default, c = default, d = default;
            for (var j = low; j <= high; j++)
            {
                var w = new Vector<float>(weights[Math.Abs(j - i)]);
                var s = source.Slice(j * width + x, 4 * Vector<float>.Count);
                a = Vector.FusedMultiplyAdd(new Vector<float>(s), w, a);
                b = Vector.FusedMultiplyAdd(new Vector<float>(s[Vector<float>.Count..]), w, b);
                c = Vector.FusedMultiplyAdd(new Vector<float>(s[(2 * Vector<float>.Count)..]), w, c);
                d = Vector.FusedMultiplyAdd(new Vector<float>(s[(3 * Vector<float>.Count)..]), w, d);
            }
            a.CopyTo(target[x..]);
            b.CopyTo(target[(x + Vector<float>.Count)..]);
            c.CopyTo(target[(x + 2 * Vector<float>.Count)..]);
            d.CopyTo(target[(x + 3 * Vector<float>.Count)..]);
        }
        for (; x <= width - Vector<float>.Count; x += Vector<float>.Count)
        {
            Vector<float> a = default;
            for (var j = low; j <= high; j++)
                a = Vector.FusedMultiplyAdd(new Vector<float>(source[(j * width + x)..]), new Vector<float>(weights[Math.Abs(j - i)]), a);
            a.CopyTo(target[x..]);
        }
        for (; x < width; x++)
        {
            var sum = 0f;
            for (var j = low; j <= high; j++) sum = MathF.FusedMultiplyAdd(source[j * width + x], weights[Math.Abs(j - i)], sum);
            target[x] = sum;
        }
    }
}
