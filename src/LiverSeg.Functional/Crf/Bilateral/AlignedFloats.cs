using System;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace LiverSeg.Functional;

/// <summary>Numbers that begin on a cache line: no vector of eight lies across two lines, which would cost each access twice.</summary>
internal sealed class AlignedFloats
{
    private const int Line = 64;
    private readonly float[] _numbers;
    private readonly int _start, _length;

    internal AlignedFloats(int length)
    {
        // Only what is pinned stays where it was found.
        _numbers = GC.AllocateArray<float>(length + Line / sizeof(float), pinned: true);
        (_start, _length) = ((int)(-Marshal.UnsafeAddrOfPinnedArrayElement(_numbers, 0) & (Line - 1)) / sizeof(float), length);
    }

    internal int Length => _length;

    internal Span<float> Span => _numbers.AsSpan(_start, _length);

    /// <summary>The same as vectors of eight.</summary>
    internal Span<Vector256<float>> Vectors => MemoryMarshal.Cast<float, Vector256<float>>(Span);
}
