using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace LiverSeg.Functional;

/// <summary>What an operation made of an image: features by voxels, features fastest, and what whoever reads them does to each: max(v, slope · v) of v = scale · value + shift.</summary>
/// <remarks>Normalisation and activation so cost no pass of their own over the memory.</remarks>
internal sealed record FeatureMap(Extent Extent, int Features, Memory<float> Values)
{
    /// <summary>One per feature; empty where values are taken as they are.</summary>
    internal float[] Scale { get; init; } = [];

    /// <summary>One per feature.</summary>
    internal float[] Shift { get; init; } = [];

    /// <summary>1 without an activation.</summary>
    internal float Slope { get; init; } = 1;

    /// <summary>What lies below 0 is multiplied with this.</summary>
    internal static float SlopeOf(Activation activation) => activation switch
    {
        Activation.Relu => 0,
        Activation.LeakyRelu => 0.01f,
        _ => 1,
    };

    /// <summary>Where a voxel's features begin.</summary>
    internal int At(int x, int y, int z) => ((z * Extent.Y + y) * Extent.X + x) * Features;

    /// <summary>Some of the values as they are kept.</summary>
    internal Span<float> Part(int start, int length) => Values.Span.Slice(start, length);

    /// <summary>One feature as it is read.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal float Read(int index, int feature)
    {
        var v = Values.Span[index + feature];
        if (Scale.Length > 0) v = MathF.FusedMultiplyAdd(v, Scale[feature], Shift[feature]);
        return MathF.Max(v, Slope * v);
    }

    /// <summary>Eight features as they are read, without checks of the range.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector256<float> Read(ref float value, Vector256<float> scale, Vector256<float> shift, Vector256<float> slope)
    {
        var v = Vector256.FusedMultiplyAdd(Vector256.LoadUnsafe(ref value), scale, shift);
        return Vector256.MaxNative(v, v * slope);
    }

    /// <summary>Scale, shift and slope of eight features.</summary>
    internal (Vector256<float> Scale, Vector256<float> Shift, Vector256<float> Slope) Reading(int feature) => Scale.Length == 0
        ? (Vector256<float>.One, Vector256<float>.Zero, Vector256.Create(Slope))
        : (Vector256.Create(Scale.AsSpan(feature)), Vector256.Create(Shift.AsSpan(feature)), Vector256.Create(Slope));
}

/// <summary>Arrays that were used before and may be used again, by length. For one thread at a time.</summary>
internal sealed class FloatPool
{
    private readonly Dictionary<int, Stack<float[]>> _free = [];

    /// <summary>An array with anything in it.</summary>
    internal float[] Take(int length)
    {
        if (_free.TryGetValue(length, out var free) && free.TryPop(out var array)) return array;
        Allocated += length;
        return GC.AllocateUninitializedArray<float>(length);
    }

    /// <summary>Numbers in all arrays that were ever made.</summary>
    internal long Allocated { get; private set; }

    /// <summary>Values of <see cref="Take"/>, for others to take.</summary>
    internal void Give(Memory<float> values)
    {
        if (!MemoryMarshal.TryGetArray<float>(values, out var segment) || segment.Array is not { } array) return;
        if (!_free.TryGetValue(array.Length, out var free)) _free.Add(array.Length, free = new());
        free.Push(array);
    }
}
