using System;

namespace LiverSeg.Functional;

/// <summary>The smoothness kernel of a plane: a Gaussian of place alone, cut at four θγ, with its scale; exact up to rounding.</summary>
/// <remarks>Gaussian and scale both are products of a part along x and a part along y.</remarks>
internal sealed class Smoothness
{
    private readonly int _width, _height;
    private readonly float[] _x, _y, _padded, _across;
    private readonly (float[] Before, float[] After) _scaleX, _scaleY;
    private readonly float _mu;

    internal Smoothness(int width, int height, double thetaX, double thetaY, double mu, CrfNormalization normalization)
    {
        (_width, _height, _mu) = (width, height, (float)mu);
        (_x, _y) = (Weights(thetaX, width), Weights(thetaY, height));
        (_scaleX, _scaleY) = (Scale(_x, width, normalization), Scale(_y, height, normalization));
        _padded = new float[width + 2 * (_x.Length - 1)];
        _across = new float[width * height];
    }

    /// <summary>What a pixel sends to itself.</summary>
    internal float Self(int x, int y) => _mu * _scaleX.Before[x] * _scaleX.After[x] * _scaleY.Before[y] * _scaleY.After[y];

    /// <summary>result = μ · scaled Gaussian of values.</summary>
    internal void Apply(ReadOnlySpan<float> values, Span<float> result)
    {
        var inner = _padded.AsSpan(_x.Length - 1, _width);
        for (var y = 0; y < _height; y++)
        {
            var row = values.Slice(y * _width, _width);
            for (var x = 0; x < inner.Length; x++) inner[x] = row[x] * _scaleX.Before[x];
            var target = _across.AsSpan(y * _width, _width);
            NeighbourSums.Along(_padded, target, _x);
            var before = _scaleY.Before[y] * _mu;
            var after = _scaleX.After;
            for (var x = 0; x < target.Length; x++) target[x] *= after[x] * before;
        }
        for (var y = 0; y < _height; y++)
        {
            var target = result.Slice(y * _width, _width);
            NeighbourSums.Line(_across, target, y, _height, _width, _y);
            var after = _scaleY.After[y];
            for (var x = 0; x < target.Length; x++) target[x] *= after;
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
            (before[i], after[i]) = CrfScale.Of(sum, normalization);
        }
        return (before, after);
    }
}

/// <summary>What a kernel's input and output are multiplied with, from its row sum.</summary>
internal static class CrfScale
{
    internal static (float Before, float After) Of(double sum, CrfNormalization normalization) => normalization switch
    {
        CrfNormalization.Symmetric => ((float)(1 / Math.Sqrt(sum)), (float)(1 / Math.Sqrt(sum))),
        CrfNormalization.Before => ((float)(1 / sum), 1),
        CrfNormalization.After => (1, (float)(1 / sum)),
        _ => (1, 1),
    };
}
