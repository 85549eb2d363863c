using System;
using System.Buffers;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace LiverSeg.Functional;

/// <summary>Transposed convolutions of 3×3×3 that double the extent: eight small convolutions, one for each of a voxel's eight children.</summary>
internal sealed class UpConvolution
{
    private readonly int _channels, _features, _blocks;
    private readonly float[] _bias;
    private readonly float[][] _weights = new float[8][]; // of a child: [block of 16 features][tap][channel][16]
    private readonly (int X, int Y, int Z)[][] _taps = new (int, int, int)[8][];

    /// <param name="weight">(channels, features, 3, 3, 3).</param>
    /// <param name="bias">(features).</param>
    internal UpConvolution(Weight weight, Weight bias)
    {
        (_channels, _features) = (weight.Shape[0], weight.Shape[1]);
        _blocks = (_features + ProductBlock.Width - 1) / ProductBlock.Width;
        _bias = new float[_blocks * ProductBlock.Width];
        bias.Values.CopyTo(_bias);
        // Along each axis an even child sees its parent by the middle of the kernel, an odd one its parent by the last and the next voxel by the first.
        (int At, int Kernel)[] Axis(int odd) => odd == 0 ? [(0, 1)] : [(0, 2), (1, 0)];
        for (var child = 0; child < 8; child++)
        {
            var taps = (from z in Axis(child / 4) from y in Axis(child / 2 % 2) from x in Axis(child % 2) select (x, y, z)).ToArray();
            _taps[child] = [.. taps.Select(t => (t.x.At, t.y.At, t.z.At))];
            var own = _weights[child] = new float[_blocks * taps.Length * _channels * ProductBlock.Width];
            for (var t = 0; t < taps.Length; t++)
                for (var c = 0; c < _channels; c++)
                    for (var o = 0; o < _features; o++)
                        own[((o / ProductBlock.Width * taps.Length + t) * _channels + c) * ProductBlock.Width + o % ProductBlock.Width] =
                            weight.Values[(c * _features + o) * 27 + (taps[t].z.Kernel * 3 + taps[t].y.Kernel) * 3 + taps[t].x.Kernel];
        }
    }

    internal FeatureMap Apply(FeatureMap input, Activation activation, FloatPool pool, int threads)
    {
        var e = input.Extent;
        var extent = new Extent(2 * e.X, 2 * e.Y, 2 * e.Z);
        var across = e.X + 1;
        var strips = Strips.Of(e, across * _channels, 4);
        var made = new FeatureMap(extent, _features, pool.Take((int)extent.Count * _features)) { Slope = FeatureMap.SlopeOf(activation) };
        strips.Each(threads, () => new Workspace(strips.Rows, across, _channels, _blocks), (own, piece) =>
        {
            var (y0, y1, z0, z1) = strips[piece];
            for (var z = z0; z <= z1; z++)
            {
                for (var y = y0; y <= y1; y++) Copy(input, own.Source.AsSpan(own.At(z) + (y - y0) * own.Row, own.Row), y, z);
                if (z == z0) continue;
                for (var child = 0; child < 8; child++)
                {
                    Multiply(own, child, z - 1, (y1 - y0) * across);
                    for (var y = y0; y < y1; y++) Write(own, made, child, y - y0, y, z - 1);
                }
            }
        });
        return made;
    }

    /// <summary>Two slices of a strip with the row behind it, taken in turn, and the products for one child of each voxel.</summary>
    private sealed class Workspace : IDisposable
    {
        private readonly int _plane;

        internal Workspace(int rows, int across, int channels, int blocks)
        {
            (Across, Row, _plane) = (across, across * channels, (rows + 1) * across * channels);
            var slots = (rows * across + ProductBlock.Positions - 1) / ProductBlock.Positions * ProductBlock.Positions;
            Source = ArrayPool<float>.Shared.Rent(2 * _plane + (ProductBlock.Positions + 1) * channels);
            Products = ArrayPool<float>.Shared.Rent(slots * blocks * ProductBlock.Width);
        }

        public void Dispose()
        {
            ArrayPool<float>.Shared.Return(Source);
            ArrayPool<float>.Shared.Return(Products);
        }

        internal int Across { get; }

        internal int Row { get; }

        internal float[] Source { get; }

        internal float[] Products { get; }

        internal int At(int z) => z % 2 * _plane;
    }

    /// <summary>A row as it is read, and one voxel of 0 behind it; outside of the image all are 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Copy(FeatureMap input, Span<float> row, int y, int z)
    {
        var (e, features) = (input.Extent, input.Features);
        if (y >= e.Y || z >= e.Z)
        {
            row.Clear();
            return;
        }
        row[(e.X * features)..].Clear();
        var start = input.At(0, y, z);
        var whole = features / 8 * 8;
        for (var c = 0; c < whole; c += 8)
        {
            var (scale, shift, slope) = input.Reading(c);
            ref var from = ref MemoryMarshal.GetReference(input.Part(start + c, (e.X - 1) * features + 8));
            ref var to = ref MemoryMarshal.GetReference(row.Slice(c, (e.X - 1) * features + 8));
            for (var x = 0; x < e.X; x++) FeatureMap.Read(ref Unsafe.Add(ref from, x * features), scale, shift, slope).StoreUnsafe(ref Unsafe.Add(ref to, x * features));
        }
        for (var c = whole; c < features; c++)
            for (var x = 0; x < e.X; x++) row[x * features + c] = input.Read(start + x * features, c);
    }

    private void Multiply(Workspace own, int child, int z, int positions)
    {
        var near = _taps[child];
        Span<int> taps = stackalloc int[near.Length];
        for (var t = 0; t < taps.Length; t++) taps[t] = own.At(z + near[t].Z) + near[t].Y * own.Row + near[t].X * _channels;
        var part = taps.Length * _channels * ProductBlock.Width;
        for (var b = 0; b < _blocks; b++)
            ProductBlock.Multiply(own.Source, 0, taps, _channels, _weights[child].AsSpan(b * part, part), own.Products.AsSpan(b * ProductBlock.Width), _blocks * ProductBlock.Width, positions);
    }

    private void Write(Workspace own, FeatureMap made, int child, int row, int y, int z)
    {
        var stride = _blocks * ProductBlock.Width;
        var from = own.Products.AsSpan(row * own.Across * stride);
        var to = made.Part(made.At(0, 2 * y + child / 2 % 2, 2 * z + child / 4), made.Extent.X * _features);
        for (int x = 0, i = child % 2; i < made.Extent.X; x++, i += 2)
        {
            var voxel = from.Slice(x * stride, stride);
            var target = to.Slice(i * _features, _features);
            var o = 0;
            for (; o <= _features - 8; o += 8) (Vector256.Create<float>(voxel[o..]) + Vector256.Create<float>(_bias.AsSpan(o))).CopyTo(target[o..]);
            for (; o < _features; o++) target[o] = voxel[o] + _bias[o];
        }
    }
}
