using System;
using System.Numerics;

namespace LiverSeg.Functional;

/// <summary>One axis of the bilateral grid in space: nodes θ / c apart, and each pixel between two of them.</summary>
/// <remarks>The nodes lie symmetrically about the middle of the image, so that mirroring it mirrors the sums.</remarks>
internal sealed class GridAxis
{
    internal GridAxis(int pixels, double theta, double cellsPerTheta)
    {
        var h = theta / cellsPerTheta;
        Cells = Math.Max(1, (int)Math.Ceiling((pixels - 1) / h - 1e-9));
        (Cell, Share, Start) = (new int[pixels], new float[pixels], new int[Cells + 1]);
        for (var x = 0; x < pixels; x++)
        {
            var u = (x - (pixels - 1) / 2.0) / h + Cells / 2.0;
            Cell[x] = Math.Clamp((int)Math.Floor(u), 0, Cells - 1);
            Share[x] = (float)(u - Cell[x]);
        }
        Start[Cells] = pixels;
        for (var (c, x) = (Cells - 1, pixels); c >= 0; c--)
        {
            while (x > 0 && Cell[x - 1] >= c) x--;
            Start[c] = x;
        }
    }

    /// <summary>Intervals between nodes; there is one node more.</summary>
    internal int Cells { get; }

    /// <summary>The node before each pixel.</summary>
    internal int[] Cell { get; }

    /// <summary>How far each pixel is on the way to the next node, in [0, 1].</summary>
    internal float[] Share { get; }

    /// <summary>The first pixel of each interval.</summary>
    internal int[] Start { get; }

    /// <summary>
    /// Weights between nodes that, with linear shares on both ends, make a Gaussian of <paramref name="sigma"/> cells: the two
    /// linear steps widen it by 1/3 cell², which is taken off here; the weights sum to that of the Gaussian's samples.
    /// </summary>
    internal static float[] Blur(double sigma, double reach)
    {
        var variance = sigma * sigma - 1 / 3.0;
        var weights = new double[1 + (int)Math.Ceiling(reach * sigma)];
        double sum = 0;
        for (var k = 0; k < weights.Length; k++)
        {
            weights[k] = Math.Exp(-k * k / (2 * variance));
            sum += k == 0 ? weights[k] : 2 * weights[k];
        }
        var scale = sigma * Math.Sqrt(2 * Math.PI) / sum;
        return Array.ConvertAll(weights, w => (float)(w * scale));
    }
}

/// <summary>Symmetric weighted sums over neighbours, vectorised.</summary>
internal static class Taps
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
