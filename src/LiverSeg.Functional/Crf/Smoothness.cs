using System;
using System.Numerics;

namespace LiverSeg.Functional;

/// <summary>The smoothness kernel of a plane: a Gaussian of place alone, cut at four θγ, with its scale; exact up to rounding.</summary>
/// <remarks>Gaussian and scale both are products of a part along x and a part along y. For one thread at a time.</remarks>
internal sealed class Smoothness
{
    private readonly float[] _x, _y, _padded, _across, _line;
    private readonly (float[] Before, float[] After) _scaleX, _scaleY;
    private readonly float[] _totalX, _totalY;
    private readonly float _mu;

    internal Smoothness(int width, int height, double thetaX, double thetaY, double mu, CrfNormalization normalization)
    {
        _mu = (float)mu;
        (_x, _y) = (Weights(thetaX, width), Weights(thetaY, height));
        (_scaleX, _scaleY) = (Scale(_x, width, normalization), Scale(_y, height, normalization));
        (_padded, _across, _line) = (new float[width + 2 * (_x.Length - 1)], new float[NeighbourSums.Stride(width) * height], new float[NeighbourSums.Strip]);
        (_totalX, _totalY) = (Received(_x, _scaleX), Received(_y, _scaleY));
        static float[] Received(float[] weights, (float[] Before, float[] After) scale)
        {
            var r = weights.Length - 1;
            var (padded, sums) = (new float[scale.Before.Length + 2 * r], new float[scale.Before.Length]);
            scale.Before.CopyTo(padded, r);
            NeighbourSums.Along(padded, sums, weights);
            for (var i = 0; i < sums.Length; i++) sums[i] *= scale.After[i];
            return sums;
        }
    }

    /// <summary>result += what all pixels receive when each is 1: a product of a part along x and a part along y.</summary>
    internal void AddTotal(Span<float> result)
    {
        for (var y = 0; y < _totalY.Length; y++) NeighbourSums.Add(_totalX, _mu * _totalY[y], result.Slice(y * _totalX.Length, _totalX.Length));
    }

    /// <summary>The box that the pixels of a box send to.</summary>
    internal (int X0, int X1, int Y0, int Y1) Around((int X0, int X1, int Y0, int Y1) box) => (
        Math.Max(0, box.X0 - _x.Length + 1), Math.Min(_totalX.Length, box.X1 + _x.Length - 1),
        Math.Max(0, box.Y0 - _y.Length + 1), Math.Min(_totalY.Length, box.Y1 + _y.Length - 1));

    /// <summary>What a pixel sends to itself.</summary>
    internal float Self(int x, int y) => _mu * _scaleX.Before[x] * _scaleX.After[x] * _scaleY.Before[y] * _scaleY.After[y];

    /// <summary>result += μ · scaled Gaussian of values, within a box; values outside of it count as 0.</summary>
    internal void Add(ReadOnlySpan<float> values, Span<float> result, (int X0, int X1, int Y0, int Y1) box)
    {
        var (x0, x1, y0, y1) = box;
        var (row, width) = (_totalX.Length, x1 - x0);
        var stride = NeighbourSums.Stride(width);
        for (var y = y0; y < y1; y++) Along(values.Slice(y * row + x0, width), 0, x0, y, _across.AsSpan((y - y0) * stride));
        for (var x = 0; x < width; x += NeighbourSums.Strip)
        {
            var line = _line.AsSpan(0, Math.Min(NeighbourSums.Strip, width - x));
            for (var y = y0; y < y1; y++)
            {
                NeighbourSums.Line(_across.AsSpan(x), line, y - y0, y1 - y0, stride, _y);
                NeighbourSums.Add(line, _scaleX.After.AsSpan(x0 + x), _scaleY.After[y], result.Slice(y * row + x0 + x, line.Length));
            }
        }
    }

    /// <summary>target = the sums along x of part of a row, less an offset; what lies beside the part counts as 0.</summary>
    internal void Along(ReadOnlySpan<float> values, float offset, int x0, int y, Span<float> target)
    {
        var reach = _x.Length - 1;
        var padded = _padded.AsSpan(0, values.Length + 2 * reach);
        padded[..reach].Clear();
        padded[^reach..].Clear();
        var inner = padded.Slice(reach, values.Length);
        NeighbourSums.Shift(values, -offset, inner);
        NeighbourSums.Multiply(inner, _scaleX.Before.AsSpan(x0), _mu * _scaleY.Before[y], inner);
        NeighbourSums.Along(padded, target[..values.Length], _x);
    }

    /// <summary>target = scaled sums along y of some lines of a box.</summary>
    /// <param name="across">The box's lines, summed along x.</param>
    /// <param name="first">The first line that is wanted, counted from the box's first.</param>
    /// <param name="wanted">How many are wanted.</param>
    /// <param name="box">The box.</param>
    /// <param name="stride">Numbers from line to line, in both.</param>
    /// <param name="target">The lines that are wanted.</param>
    internal void Down(ReadOnlySpan<float> across, int first, int wanted, (int X0, int X1, int Y0, int Y1) box, int stride, Span<float> target)
    {
        var width = box.X1 - box.X0;
        NeighbourSums.Across(across, target, first, wanted, box.Y1 - box.Y0, width, stride, _y);
        for (var i = 0; i < wanted; i++)
        {
            var line = target.Slice(i * stride, width);
            NeighbourSums.Multiply(line, _scaleX.After.AsSpan(box.X0), _scaleY.After[box.Y0 + first + i], line);
        }
    }

    /// <summary>Samples of the Gaussian up to four θ, at most across the whole axis.</summary>
    internal static float[] Weights(double theta, int length)
    {
        var weights = new float[1 + Math.Min(length - 1, (int)Math.Ceiling(4 * theta))];
        for (var k = 0; k < weights.Length; k++) weights[k] = (float)Math.Exp(-k * (double)k / (2 * theta * theta));
        return weights;
    }

    /// <summary>The two factors of the scale along one axis.</summary>
    internal static (float[] Before, float[] After) Scale(float[] weights, int length, CrfNormalization normalization)
    {
        var (before, after) = (new float[length], new float[length]);
        for (var i = 0; i < length; i++)
        {
            double sum = 0;
            for (var j = Math.Max(0, i - weights.Length + 1); j <= Math.Min(length - 1, i + weights.Length - 1); j++) sum += weights[Math.Abs(i - j)];
            (before[i], after[i]) = CrfScale.Of((float)sum, normalization);
        }
        return (before, after);
    }
}

/// <summary>What a kernel's input and output are multiplied with, from its row sum.</summary>
internal static class CrfScale
{
    internal static (float Before, float After) Of(float sum, CrfNormalization normalization) => normalization switch
    {
        CrfNormalization.Symmetric => (1 / MathF.Sqrt(sum), 1 / MathF.Sqrt(sum)),
        CrfNormalization.Before => (1 / sum, 1),
        CrfNormalization.After => (1, 1 / sum),
        _ => (1, 1),
    };

    /// <summary>The same for many; a sum holds the self term, 1, which the grid may give as a little less. after is multiplied by μ.</summary>
    internal static void Of(ReadOnlySpan<float> sums, CrfNormalization normalization, double mu, Span<float> before, Span<float> after)
    {
        var (half, weight) = (new Vector<float>(0.5f), new Vector<float>((float)mu));
        var i = 0;
        for (; i <= sums.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            var sum = Vector.Max(new Vector<float>(sums[i..]), half);
            var (b, a) = normalization switch
            {
                CrfNormalization.Symmetric => (Vector<float>.One / Vector.SquareRoot(sum), Vector<float>.One / Vector.SquareRoot(sum)),
                CrfNormalization.Before => (Vector<float>.One / sum, Vector<float>.One),
                CrfNormalization.After => (Vector<float>.One, Vector<float>.One / sum),
                _ => (Vector<float>.One, Vector<float>.One),
            };
            b.CopyTo(before[i..]);
            (a * weight).CopyTo(after[i..]);
        }
        for (; i < sums.Length; i++)
        {
            (before[i], after[i]) = Of(MathF.Max(sums[i], 0.5f), normalization);
            after[i] *= (float)mu;
        }
    }
}
