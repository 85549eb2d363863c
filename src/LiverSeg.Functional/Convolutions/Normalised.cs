using System;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Threading.Tasks;

namespace LiverSeg.Functional;

/// <summary>Instance normalisation and activation of a map in both directions: y = max(v, slope · v) of v = scale · (raw − mean) / deviation + shift.</summary>
/// <remarks>Slices are summed apart and then in order: the same bytes whatever the threads.</remarks>
internal sealed class Normalised
{
    private const double Epsilon = 1e-5;
    private readonly FeatureMap _raw; // read as y
    private readonly double[] _mean, _inverse;

    /// <param name="raw">What a convolution made.</param>
    /// <param name="sums">Of each feature the sum, and behind those the sums of squares.</param>
    /// <param name="scale">One per feature; empty without normalisation.</param>
    /// <param name="shift">As many.</param>
    /// <param name="slope">1 without an activation.</param>
    internal Normalised(FeatureMap raw, double[] sums, float[] scale, float[] shift, float slope)
    {
        var (n, features) = ((double)raw.Extent.Count, raw.Features);
        _raw = raw with { Slope = slope };
        (_mean, _inverse) = ([], []);
        if (scale.Length == 0) return;
        _mean = [.. Enumerable.Range(0, features).Select(f => sums[f] / n)];
        _inverse = [.. Enumerable.Range(0, features).Select(f => 1 / Math.Sqrt(Math.Max(0, sums[features + f] / n - _mean[f] * _mean[f]) + Epsilon))];
        _raw = _raw with
        {
            Scale = [.. Enumerable.Range(0, features).Select(f => (float)(scale[f] * _inverse[f]))],
            Shift = [.. Enumerable.Range(0, features).Select(f => (float)(shift[f] - scale[f] * _mean[f] * _inverse[f]))],
        };
    }

    internal bool IsScaled => _mean.Length > 0;

    /// <summary>Writes y.</summary>
    internal void Apply(FeatureMap made, int threads) => Slices(threads, z =>
    {
        var from = Slice(_raw, z);
        var to = Slice(made, z);
        for (var f = 0; f < _raw.Features; f += 8)
            if (f + 8 <= _raw.Features) ApplyEight(from, to, f);
            else
                for (var o = f; o < _raw.Features; o++)
                    for (var i = 0; i < from.Length; i += _raw.Features) to[i + o] = _raw.Read(z * from.Length + i, o);
    });

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void ApplyEight(Span<float> values, Span<float> made, int feature)
    {
        var (scale, shift, slope) = _raw.Reading(feature);
        ref var from = ref MemoryMarshal.GetReference(values);
        ref var to = ref MemoryMarshal.GetReference(made[..values.Length]);
        for (var i = feature; i < values.Length; i += _raw.Features) FeatureMap.Read(ref Unsafe.Add(ref from, i), scale, shift, slope).StoreUnsafe(ref Unsafe.Add(ref to, i));
    }

    /// <summary>Turns what y is to change by, in place, into what the convolution's output is to; tells the same of scale, of shift and of the convolution's bias.</summary>
    internal (float[] Scale, float[] Shift, float[] Bias) Back(FeatureMap gradient, int threads)
    {
        var features = _raw.Features;
        var parts = new double[_raw.Extent.Z][];
        Slices(threads, z => parts[z] = Sum(Slice(_raw, z), Slice(gradient, z)));
        double[] sums = [.. Enumerable.Range(0, 2 * features).Select(i => parts.Sum(p => p[i]))];
        if (!IsScaled) return ([], [], [.. sums.Take(features).Select(s => (float)s)]);
        // With x = (raw − mean) · inverse: raw changes by factor · (g − Σg / n − x · Σgx / n), factor = scale · inverse.
        var n = (double)_raw.Extent.Count;
        var (product, constant, linear) = (new double[features], new float[features], new float[features]);
        for (var f = 0; f < features; f++)
        {
            product[f] = (sums[features + f] - _mean[f] * sums[f]) * _inverse[f];
            var slope = product[f] / n * _inverse[f];
            (constant[f], linear[f]) = ((float)(_raw.Scale[f] * (slope * _mean[f] - sums[f] / n)), (float)(-_raw.Scale[f] * slope));
        }
        Slices(threads, z => Spread(Slice(_raw, z), Slice(gradient, z), constant, linear));
        // A bias before the normalisation changes nothing.
        return ([.. product.Select(p => (float)p)], [.. sums.Take(features).Select(s => (float)s)], new float[features]);
    }

    /// <summary>Passes gradients back through the activation, in place; of each feature their sum, and behind those that of their products with the raw values.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private double[] Sum(Span<float> raw, Span<float> gradient)
    {
        var (features, slope) = (_raw.Features, _raw.Slope);
        var sums = new double[2 * features];
        ref var from = ref MemoryMarshal.GetReference(raw);
        ref var to = ref MemoryMarshal.GetReference(gradient[..raw.Length]);
        var f = 0;
        for (; f <= features - 8; f += 8)
        {
            var (scale, shift, slopes) = _raw.Reading(f);
            // Rows of sums in single precision, added in double.
            for (var first = 0; first < raw.Length; first += Run * features)
            {
                Vector256<float> sum = default, products = default;
                var end = Math.Min(raw.Length, first + Run * features);
                for (var i = first + f; i < end; i += features)
                {
                    var r = Vector256.LoadUnsafe(ref Unsafe.Add(ref from, i));
                    ref var place = ref Unsafe.Add(ref to, i);
                    var g = Vector256.LoadUnsafe(ref place);
                    g = Vector256.ConditionalSelect(Vector256.GreaterThan(Vector256.FusedMultiplyAdd(r, scale, shift), Vector256<float>.Zero), g, g * slopes);
                    g.StoreUnsafe(ref place);
                    sum += g;
                    products = Vector256.FusedMultiplyAdd(g, r, products);
                }
                for (var k = 0; k < 8; k++)
                {
                    sums[f + k] += sum[k];
                    sums[features + f + k] += products[k];
                }
            }
        }
        for (; f < features; f++)
            for (var i = f; i < raw.Length; i += features)
            {
                var v = IsScaled ? raw[i] * _raw.Scale[f] + _raw.Shift[f] : raw[i];
                if (v <= 0) gradient[i] *= slope;
                sums[f] += gradient[i];
                sums[features + f] += (double)gradient[i] * raw[i];
            }
        return sums;
    }

    /// <summary>Voxels whose sums are kept in single precision.</summary>
    private const int Run = 64;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Spread(Span<float> raw, Span<float> gradient, float[] constant, float[] linear)
    {
        var features = _raw.Features;
        ref var from = ref MemoryMarshal.GetReference(raw);
        ref var to = ref MemoryMarshal.GetReference(gradient[..raw.Length]);
        var f = 0;
        for (; f <= features - 8; f += 8)
        {
            Vector256<float> factor = Vector256.Create(_raw.Scale.AsSpan(f)), fixedPart = Vector256.Create(constant.AsSpan(f)), slope = Vector256.Create(linear.AsSpan(f));
            for (var i = f; i < raw.Length; i += features)
            {
                ref var place = ref Unsafe.Add(ref to, i);
                Vector256.FusedMultiplyAdd(factor, Vector256.LoadUnsafe(ref place), Vector256.FusedMultiplyAdd(slope, Vector256.LoadUnsafe(ref Unsafe.Add(ref from, i)), fixedPart)).StoreUnsafe(ref place);
            }
        }
        for (; f < features; f++)
            for (var i = f; i < raw.Length; i += features) gradient[i] = _raw.Scale[f] * gradient[i] + linear[f] * raw[i] + constant[f];
    }

    private void Slices(int threads, Action<int> slice) => Parallel.For(0, _raw.Extent.Z, Parallelism.Of(threads), slice);

    private static Span<float> Slice(FeatureMap map, int z)
    {
        var length = map.Extent.X * map.Extent.Y * map.Features;
        return map.Part(z * length, length);
    }
}
