using System;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace LiverSeg.Functional;

/// <summary>Sums of products of a few positions with 16 features at once: what all convolutions spend their time in.</summary>
internal static class ProductBlock
{
    /// <summary>Whether this processor has what the kernels are written for.</summary>
    internal static bool IsSupported => Fma.IsSupported || AdvSimd.Arm64.IsSupported;

    /// <summary>Positions per block; with two vectors of features each they fill the registers.</summary>
    internal const int Positions = 6;

    /// <summary>Features per block.</summary>
    internal const int Width = 16;

    /// <summary>target[p, 0..16) = Σ over taps and channels of source[tap + p · channels + channel] · weights[tap, channel, 0..16), for 6 positions at a time up to <paramref name="positions"/>, rounded up.</summary>
    /// <param name="source">Read from offset + tap on.</param>
    /// <param name="offset">Where position 0 is, less the tap.</param>
    /// <param name="taps">Distances.</param>
    /// <param name="channels">Per position.</param>
    /// <param name="weights">16 for each channel of each tap.</param>
    /// <param name="target">Positions <paramref name="stride"/> apart.</param>
    /// <param name="stride">Numbers from position to position.</param>
    /// <param name="positions">How many.</param>
    internal static void Multiply(ReadOnlySpan<float> source, int offset, ReadOnlySpan<int> taps, int channels, ReadOnlySpan<float> weights, Span<float> target, int stride, int positions)
    {
        var rounded = (positions + Positions - 1) / Positions * Positions;
        // Ranges are checked once here: the furthest reads and the last write.
        foreach (var tap in taps) _ = source.Slice(offset + tap, rounded * channels);
        _ = weights[..(taps.Length * channels * Width)];
        _ = target[..((rounded - 1) * stride + Width)];
        for (var p = 0; p < rounded; p += Positions)
            Six(ref Unsafe.Add(ref System.Runtime.InteropServices.MemoryMarshal.GetReference(source), offset + p * channels), taps, channels,
                ref System.Runtime.InteropServices.MemoryMarshal.GetReference(weights), ref Unsafe.Add(ref System.Runtime.InteropServices.MemoryMarshal.GetReference(target), p * stride), stride);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Six(ref float source, ReadOnlySpan<int> taps, int channels, ref float weights, ref float target, int stride)
    {
        Vector256<float> a0 = default, a1 = default, b0 = default, b1 = default, c0 = default, c1 = default, d0 = default, d1 = default, e0 = default, e1 = default, f0 = default, f1 = default;
        ref var w = ref weights;
        foreach (var tap in taps)
        {
            ref var a = ref Unsafe.Add(ref source, tap);
            ref var d = ref Unsafe.Add(ref a, 3 * channels);
            for (var k = 0; k < channels; k++)
            {
                var w0 = Vector256.LoadUnsafe(ref w);
                var w1 = Vector256.LoadUnsafe(ref w, 8);
                var v = Vector256.Create(a);
                a0 = Vector256.FusedMultiplyAdd(v, w0, a0);
                a1 = Vector256.FusedMultiplyAdd(v, w1, a1);
                v = Vector256.Create(Unsafe.Add(ref a, channels));
                b0 = Vector256.FusedMultiplyAdd(v, w0, b0);
                b1 = Vector256.FusedMultiplyAdd(v, w1, b1);
                v = Vector256.Create(Unsafe.Add(ref a, 2 * channels));
                c0 = Vector256.FusedMultiplyAdd(v, w0, c0);
                c1 = Vector256.FusedMultiplyAdd(v, w1, c1);
                v = Vector256.Create(d);
                d0 = Vector256.FusedMultiplyAdd(v, w0, d0);
                d1 = Vector256.FusedMultiplyAdd(v, w1, d1);
                v = Vector256.Create(Unsafe.Add(ref d, channels));
                e0 = Vector256.FusedMultiplyAdd(v, w0, e0);
                e1 = Vector256.FusedMultiplyAdd(v, w1, e1);
                v = Vector256.Create(Unsafe.Add(ref d, 2 * channels));
                f0 = Vector256.FusedMultiplyAdd(v, w0, f0);
                f1 = Vector256.FusedMultiplyAdd(v, w1, f1);
                w = ref Unsafe.Add(ref w, Width);
                a = ref Unsafe.Add(ref a, 1);
                d = ref Unsafe.Add(ref d, 1);
            }
        }
        Store(a0, a1, ref target);
        Store(b0, b1, ref Unsafe.Add(ref target, stride));
        Store(c0, c1, ref Unsafe.Add(ref target, 2 * stride));
        Store(d0, d1, ref Unsafe.Add(ref target, 3 * stride));
        Store(e0, e1, ref Unsafe.Add(ref target, 4 * stride));
        Store(f0, f1, ref Unsafe.Add(ref target, 5 * stride));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector256<float> low, Vector256<float> high, ref float target)
    {
        low.StoreUnsafe(ref target);
        high.StoreUnsafe(ref target, 8);
    }
}
