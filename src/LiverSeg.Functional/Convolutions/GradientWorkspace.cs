using System;
using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace LiverSeg.Functional;

/// <summary>One thread's part of a kernel's gradient: some rows of tiles of what an output is to change by, as the points of Winograd's products.</summary>
internal sealed class GradientWorkspace : IDisposable
{
    private const int Points = WinogradConvolution.Points, Step = WinogradConvolution.Step;
    private readonly int _across, _line, _row;
    private readonly float[] _padded; // [voxel][feature]
    private readonly float[] _rows; // [image row][x point][tile][feature]

    /// <param name="rows">Rows of tiles.</param>
    /// <param name="across">Tiles in a row.</param>
    /// <param name="blocks">Of 16 features.</param>
    internal GradientWorkspace(int rows, int across, int blocks)
    {
        Stride = blocks * ProductBlock.Width;
        (_across, _row, _line) = (across, across * Stride, Points * across * Stride);
        Plane = rows * _row;
        _padded = ArrayPool<float>.Shared.Rent(Step * _row);
        _rows = ArrayPool<float>.Shared.Rent(Step * _line);
        Transformed = ArrayPool<float>.Shared.Rent(Points * Points * Plane);
    }

    public void Dispose()
    {
        ArrayPool<float>.Shared.Return(_padded);
        ArrayPool<float>.Shared.Return(_rows);
        ArrayPool<float>.Shared.Return(Transformed);
    }

    /// <summary>Numbers from tile to tile.</summary>
    internal int Stride { get; }

    /// <summary>Numbers from point to point.</summary>
    internal int Plane { get; }

    /// <summary>[y point, x point][tile][feature].</summary>
    internal float[] Transformed { get; }

    /// <summary>Reads rows of tiles y0 to y1 of a slice; what lies outside counts as 0.</summary>
    internal void Transform(FeatureMap gradient, int y0, int y1, int z)
    {
        for (var tile = y0; tile < y1; tile++)
        {
            for (var y = 0; y < Step; y++)
                if (tile * Step + y < gradient.Extent.Y) AlongX(gradient, tile * Step + y, z, y * _line);
                else _rows.AsSpan(y * _line, _line).Clear();
            AlongY((tile - y0) * _row);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AlongX(FeatureMap gradient, int y, int z, int target)
    {
        int width = gradient.Extent.X, features = gradient.Features, stride = Stride;
        var voxels = gradient.Part(gradient.At(0, y, z), width * features);
        var padded = _padded.AsSpan(0, Step * _row);
        if (features == stride) voxels.CopyTo(padded);
        else for (var x = 0; x < width; x++)
        {
            voxels.Slice(x * features, features).CopyTo(padded[(x * stride)..]);
            padded.Slice(x * stride + features, stride - features).Clear();
        }
        padded[(width * stride)..].Clear();
        ref var from = ref MemoryMarshal.GetReference(padded);
        ref var to = ref MemoryMarshal.GetReference(_rows.AsSpan(target, _line));
        for (var tile = 0; tile < _across; tile++)
            for (var o = 0; o < stride; o += 8)
            {
                ref var g = ref Unsafe.Add(ref from, tile * Step * stride + o);
                There(ref g, stride, ref Unsafe.Add(ref to, tile * stride + o), _row);
            }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AlongY(int target)
    {
        int line = _line, plane = Plane, row = _row;
        ref var from = ref MemoryMarshal.GetReference(_rows.AsSpan(0, Step * line));
        ref var to = ref MemoryMarshal.GetReference(Transformed.AsSpan(target, (Points * Points - 1) * plane + row));
        for (var f = 0; f < Points; f++)
            for (var i = 0; i < row; i += 8) There(ref Unsafe.Add(ref from, f * row + i), line, ref Unsafe.Add(ref to, f * plane + i), Points * plane);
    }

    /// <summary>Four values as six points: the transpose of how six products become four outputs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void There(ref float value, int step, ref float to, int plane)
    {
        Vector256<float> g0 = Vector256.LoadUnsafe(ref value), g1 = Vector256.LoadUnsafe(ref Unsafe.Add(ref value, step));
        Vector256<float> g2 = Vector256.LoadUnsafe(ref Unsafe.Add(ref value, 2 * step)), g3 = Vector256.LoadUnsafe(ref Unsafe.Add(ref value, 3 * step));
        Vector256<float> even = g0 + g2, odd = g1 + g3, near = Vector256.FusedMultiplyAdd(Vector256.Create(4f), g2, g0), far = Vector256.FusedMultiplyAdd(Vector256.Create(8f), g3, g1 + g1);
        g0.StoreUnsafe(ref to);
        (even + odd).StoreUnsafe(ref Unsafe.Add(ref to, plane));
        (even - odd).StoreUnsafe(ref Unsafe.Add(ref to, 2 * plane));
        (near + far).StoreUnsafe(ref Unsafe.Add(ref to, 3 * plane));
        (near - far).StoreUnsafe(ref Unsafe.Add(ref to, 4 * plane));
        g3.StoreUnsafe(ref Unsafe.Add(ref to, 5 * plane));
    }
}
