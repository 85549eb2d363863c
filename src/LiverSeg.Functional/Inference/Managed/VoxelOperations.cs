using System;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Threading.Tasks;

namespace LiverSeg.Functional;

/// <summary>Operations that look at a voxel or a small cube alone.</summary>
internal static class VoxelOperations
{
    /// <summary>The maximum over cubes.</summary>
    internal static FeatureMap Pool(FeatureMap input, int factor, FloatPool pool, int threads)
    {
        var (e, features) = (input.Extent, input.Features);
        var extent = new Extent(e.X / factor, e.Y / factor, e.Z / factor);
        var made = new FeatureMap(extent, features, pool.Take((int)extent.Count * features));
        Parallel.For(0, extent.Z * extent.Y, Parallelism.Of(threads), row =>
        {
            var (y, z) = (row % extent.Y, row / extent.Y);
            var target = made.Part(made.At(0, y, z), extent.X * features);
            for (var c = 0; c < features; c += 8)
                if (c + 8 <= features) PoolEight(input, target, factor, c, y, z);
                else
                    for (var f = c; f < features; f++) PoolOne(input, target, factor, f, y, z);
        });
        return made;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void PoolEight(FeatureMap input, Span<float> target, int factor, int feature, int y, int z)
    {
        var (scale, shift, slope) = input.Reading(feature);
        var features = input.Features;
        for (var x = 0; x < target.Length / features; x++)
        {
            var most = Vector256.Create(float.NegativeInfinity);
            for (var k = 0; k < factor * factor; k++)
            {
                var cube = input.Part(input.At(x * factor, y * factor + k % factor, z * factor + k / factor) + feature, (factor - 1) * features + 8);
                for (var i = 0; i < factor; i++) most = Vector256.MaxNative(most, FeatureMap.Read(ref cube[i * features], scale, shift, slope));
            }
            most.CopyTo(target[(x * features + feature)..]);
        }
    }

    private static void PoolOne(FeatureMap input, Span<float> target, int factor, int feature, int y, int z)
    {
        for (var x = 0; x < target.Length / input.Features; x++)
        {
            var most = float.NegativeInfinity;
            for (var k = 0; k < factor * factor * factor; k++)
                most = MathF.Max(most, input.Read(input.At(x * factor + k % factor, y * factor + k / factor % factor, z * factor + k / factor / factor), feature));
            target[x * input.Features + feature] = most;
        }
    }

    /// <summary>One logit per class.</summary>
    /// <param name="input">The features.</param>
    /// <param name="weight">(classes, features, 1, 1, 1).</param>
    /// <param name="bias">(classes).</param>
    /// <param name="pool">Gives the room.</param>
    /// <param name="threads">0 = one per processor.</param>
    internal static FeatureMap Score(FeatureMap input, Weight weight, Weight bias, FloatPool pool, int threads)
    {
        var (e, features, classes) = (input.Extent, input.Features, weight.Shape[0]);
        var made = new FeatureMap(e, classes, pool.Take((int)e.Count * classes));
        Parallel.For(0, e.Z * e.Y, Parallelism.Of(threads), row => Scored(input, made, weight, bias, row * e.X, e.X));
        return made;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Scored(FeatureMap input, FeatureMap made, Weight weight, Weight bias, int first, int count)
    {
        var (features, classes) = (input.Features, made.Features);
        var target = made.Part(first * classes, count * classes);
        for (var c = 0; c < classes; c++)
            for (var x = 0; x < count; x++) target[x * classes + c] = bias.Values[c];
        var f = 0;
        for (; f <= features - 8; f += 8)
        {
            var (scale, shift, slope) = input.Reading(f);
            var values = input.Part(first * features, count * features);
            for (var x = 0; x < count; x++)
            {
                var value = FeatureMap.Read(ref values[x * features + f], scale, shift, slope);
                for (var c = 0; c < classes; c++) target[x * classes + c] += Vector256.Sum(value * Vector256.Create(weight.Values.Slice(c * features + f)));
            }
        }
        for (; f < features; f++)
            for (var x = 0; x < count; x++)
                for (var c = 0; c < classes; c++) target[x * classes + c] += input.Read((first + x) * features, f) * weight.Values[c * features + f];
    }

    /// <summary>The liver's softmax: with two classes the logistic function of the logits' difference.</summary>
    internal static float[] Liver(FeatureMap logits)
    {
        var (liver, classes) = (new float[logits.Extent.Count], logits.Features);
        var values = logits.Values.Span;
        for (var i = 0; i < liver.Length; i++) liver[i] = values[classes * i + 1] - values[classes * i];
        return Logistic(liver);
    }

    /// <summary>1 / (1 + e^−x), in place.</summary>
    internal static float[] Logistic(float[] liver)
    {
        var done = 0;
        for (; done <= liver.Length - Vector<float>.Count; done += Vector<float>.Count)
            (Vector<float>.One / (Vector<float>.One + Vector.Exp(-new Vector<float>(liver.AsSpan(done))))).CopyTo(liver, done);
        for (; done < liver.Length; done++) liver[done] = 1 / (1 + MathF.Exp(-liver[done]));
        return liver;
    }
}
