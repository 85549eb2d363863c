using System;
using System.Buffers;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace LiverSeg.Functional;

/// <summary>One thread's part of a Winograd convolution: three transformed slices of some rows of tiles, taken in turn, and the products of one.</summary>
internal sealed class WinogradWorkspace : IDisposable
{
    private const int Points = WinogradConvolution.Points, Step = WinogradConvolution.Step;
    private readonly int _channels, _row, _plane;
    private readonly float[] _rows; // [image row][x point][tile][channel]

    /// <param name="rows">Rows of tiles.</param>
    /// <param name="across">Tiles in a row, of <see cref="AcrossOf"/>.</param>
    /// <param name="channels">Per voxel.</param>
    /// <param name="blocks">Of 16 features.</param>
    internal WinogradWorkspace(int rows, int across, int channels, int blocks)
    {
        (Across, _channels, _row, _plane) = (across, channels, across * channels, rows * across * channels);
        Slots = (rows * across + ProductBlock.Positions - 1) / ProductBlock.Positions * ProductBlock.Positions;
        // The last block of positions may read on behind the last row.
        Transformed = ArrayPool<float>.Shared.Rent(3 * Points * Points * _plane + ProductBlock.Positions * channels);
        Products = ArrayPool<float>.Shared.Rent(Points * Points * Slots * blocks * ProductBlock.Width);
        _rows = ArrayPool<float>.Shared.Rent((rows * Step + 2) * Points * _row);
    }

    public void Dispose()
    {
        ArrayPool<float>.Shared.Return(Transformed);
        ArrayPool<float>.Shared.Return(Products);
        ArrayPool<float>.Shared.Return(_rows);
    }

    /// <summary>Tiles in a row: as many as cover it, and so many more that a row's numbers fill vectors of eight.</summary>
    internal static int AcrossOf(int width, int channels)
    {
        var across = (width + Step - 1) / Step;
        while (across * channels % 8 != 0) across++;
        return across;
    }

    internal int Across { get; }

    /// <summary>Positions that there is room for.</summary>
    internal int Slots { get; }

    internal float[] Transformed { get; }

    internal float[] Products { get; }

    /// <summary>Where a slice's tiles for a point begin.</summary>
    internal int At(int z, int point) => ((z + 3) % 3 * Points * Points + point) * _plane;

    /// <summary>Reads some rows of tiles of a slice, the first from image row y0 on; what lies outside counts as 0.</summary>
    internal void Transform(IReadOnlyList<FeatureMap> inputs, int y0, int rows, int z)
    {
        var e = inputs[0].Extent;
        if ((uint)z >= (uint)e.Z)
        {
            Transformed.AsSpan(At(z, 0), Points * Points * _plane).Clear();
            return;
        }
        for (var y = 0; y < rows * Step + 2; y++)
        {
            var row = y * Points * _row;
            if ((uint)(y0 + y) >= (uint)e.Y)
            {
                _rows.AsSpan(row, Points * _row).Clear();
                continue;
            }
            var first = 0;
            foreach (var input in inputs)
            {
                var whole = input.Features / 8 * 8;
                for (var c = 0; c < whole; c += 8) Eight(input, c, y0 + y, z, row + first + c);
                for (var c = whole; c < input.Features; c++) One(input, c, y0 + y, z, row + first + c);
                first += input.Features;
            }
        }
        for (var tile = 0; tile < rows; tile++) AlongY(tile * Step * Points * _row, At(z, 0) + tile * _row);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Eight(FeatureMap input, int feature, int y, int z, int target)
    {
        var (scale, shift, slope) = input.Reading(feature);
        int width = input.Extent.X, features = input.Features, row = _row;
        ref var from = ref MemoryMarshal.GetReference(input.Part(input.At(0, y, z) + feature, (width - 1) * features + 8));
        ref var to = ref MemoryMarshal.GetReference(_rows.AsSpan(target, (Points - 1) * row + (Across - 1) * _channels + 8));
        Vector256<float> d0 = default, d1 = FeatureMap.Read(ref from, scale, shift, slope);
        for (int i = 0, x = 1; i < Across; i++, x += Step, to = ref Unsafe.Add(ref to, _channels))
        {
            Vector256<float> d2 = default, d3 = default, d4 = default, d5 = default;
            if (x < width) d2 = FeatureMap.Read(ref Unsafe.Add(ref from, x * features), scale, shift, slope);
            if (x + 1 < width) d3 = FeatureMap.Read(ref Unsafe.Add(ref from, (x + 1) * features), scale, shift, slope);
            if (x + 2 < width) d4 = FeatureMap.Read(ref Unsafe.Add(ref from, (x + 2) * features), scale, shift, slope);
            if (x + 3 < width) d5 = FeatureMap.Read(ref Unsafe.Add(ref from, (x + 3) * features), scale, shift, slope);
            There(d0, d1, d2, d3, d4, d5, ref to, row);
            (d0, d1) = (d4, d5);
        }
    }

    private void One(FeatureMap input, int feature, int y, int z, int target)
    {
        int width = input.Extent.X, start = input.At(0, y, z);
        float Read(int x) => x < width ? input.Read(start + x * input.Features, feature) : 0;
        float d0 = 0, d1 = Read(0);
        for (int i = 0, x = 1; i < Across; i++, x += Step)
        {
            float d2 = Read(x), d3 = Read(x + 1), d4 = Read(x + 2), d5 = Read(x + 3), even = d4 - 4 * d2, odd = d3 - 4 * d1, near = d4 - d2, far = 2 * (d3 - d1);
            var to = _rows.AsSpan(target + i * _channels);
            (to[0], to[_row], to[2 * _row]) = (4 * d0 - 5 * d2 + d4, even + odd, even - odd);
            (to[3 * _row], to[4 * _row], to[5 * _row]) = (near + far, near - far, 4 * d1 - 5 * d3 + d5);
            (d0, d1) = (d4, d5);
        }
    }

    /// <summary>Six rows as six points, for each point of x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AlongY(int rows, int target)
    {
        int length = Points * _row, row = _row, plane = _plane;
        ref var from = ref MemoryMarshal.GetReference(_rows.AsSpan(rows, Points * length));
        ref var to = ref MemoryMarshal.GetReference(Transformed.AsSpan(target, (Points * Points - 1) * plane + row));
        for (var f = 0; f < Points; f++)
        {
            ref var point = ref Unsafe.Add(ref to, f * plane);
            for (var i = 0; i < row; i += 8)
            {
                ref var d = ref Unsafe.Add(ref from, f * row + i);
                There(Vector256.LoadUnsafe(ref d), Vector256.LoadUnsafe(ref Unsafe.Add(ref d, length)), Vector256.LoadUnsafe(ref Unsafe.Add(ref d, 2 * length)),
                    Vector256.LoadUnsafe(ref Unsafe.Add(ref d, 3 * length)), Vector256.LoadUnsafe(ref Unsafe.Add(ref d, 4 * length)), Vector256.LoadUnsafe(ref Unsafe.Add(ref d, 5 * length)),
                    ref Unsafe.Add(ref point, i), Points * plane);
            }
        }
    }

    /// <summary>Six values as six points.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void There(Vector256<float> d0, Vector256<float> d1, Vector256<float> d2, Vector256<float> d3, Vector256<float> d4, Vector256<float> d5, ref float to, int plane)
    {
        Vector256<float> four = Vector256.Create(4f), five = Vector256.Create(-5f), even = d4 - four * d2, odd = d3 - four * d1, near = d4 - d2, far = d3 - d1;
        far += far;
        Vector256.FusedMultiplyAdd(four, d0, Vector256.FusedMultiplyAdd(five, d2, d4)).StoreUnsafe(ref to);
        (even + odd).StoreUnsafe(ref Unsafe.Add(ref to, plane));
        (even - odd).StoreUnsafe(ref Unsafe.Add(ref to, 2 * plane));
        (near + far).StoreUnsafe(ref Unsafe.Add(ref to, 3 * plane));
        (near - far).StoreUnsafe(ref Unsafe.Add(ref to, 4 * plane));
        Vector256.FusedMultiplyAdd(four, d1, Vector256.FusedMultiplyAdd(five, d3, d5)).StoreUnsafe(ref Unsafe.Add(ref to, 5 * plane));
    }
}
