using System;
using System.Runtime.Intrinsics;

namespace LiverSeg.Functional;

/// <summary>
/// Sums over all pixels of a plane weighted by a Gaussian of place and density: pixels are shared out linearly among the
/// nodes of a coarse grid (x, y, density), the grid is blurred along each axis, and read back linearly.
/// </summary>
/// <remarks>Cells are laid out (y, x, density), densities fastest. One an owner: not for two threads at once.</remarks>
internal sealed class BilateralGrid
{
    private readonly GridAxis _x, _y;
    private readonly Vector128<float>[] _wx, _wy;
    private readonly int[] _low, _high;
    private int _nodes;
    private int[] _node = [];
    private float[] _share = [], _padded = [];
    private Vector128<float>[] _block = [];

    internal BilateralGrid(GridAxis x, GridAxis y)
    {
        (_x, _y) = (x, y);
        // The four corners of a block: (x, y), (x + 1, y), (x, y + 1), (x + 1, y + 1).
        _wx = Array.ConvertAll(x.Share, t => Vector128.Create(1 - t, t, 1 - t, t));
        _wy = Array.ConvertAll(y.Share, t => Vector128.Create(1 - t, 1 - t, t, t));
        (_low, _high) = (new int[x.Cells * y.Cells], new int[x.Cells * y.Cells]);
    }

    /// <summary>Numbers in a grid.</summary>
    internal int Size => (_x.Cells + 1) * (_y.Cells + 1) * _nodes;

    /// <summary>Takes over where the pixels lie among the densities; the arrays stay the caller's.</summary>
    internal void Place(int[] node, float[] share, int nodes)
    {
        (_node, _share, _nodes) = (node, share, nodes);
        if (_block.Length < 2 * _x.Cells * nodes) _block = new Vector128<float>[2 * _x.Cells * nodes];
        var width = _x.Cell.Length;
        Array.Fill(_low, int.MaxValue);
        Array.Fill(_high, -1);
        for (var y = 0; y < _y.Cell.Length; y++)
            for (var bx = 0; bx < _x.Cells; bx++)
            {
                var b = _y.Cell[y] * _x.Cells + bx;
                var (low, high) = (_low[b], _high[b]);
                for (var x = _x.Start[bx]; x < _x.Start[bx + 1]; x++)
                {
                    var n = node[y * width + x];
                    (low, high) = (Math.Min(low, n), Math.Max(high, n));
                }
                (_low[b], _high[b]) = (low, high);
            }
    }

    /// <summary>Shares out values · scale among the cells, which are overwritten.</summary>
    internal void Splat(ReadOnlySpan<float> values, ReadOnlySpan<float> scale, Span<float> cells)
    {
        cells.Clear();
        var width = _x.Cell.Length;
        for (var by = 0; by < _y.Cells; by++)
        {
            for (var bx = 0; bx < _x.Cells; bx++) Clear(by, bx);
            for (var y = _y.Start[by]; y < _y.Start[by + 1]; y++)
            {
                var row = y * width;
                for (var bx = 0; bx < _x.Cells; bx++)
                {
                    // Odd pixels have sums of their own, so that neighbours of like density do not wait for each other.
                    var even = _block.AsSpan(2 * bx * _nodes, _nodes);
                    var odd = _block.AsSpan((2 * bx + 1) * _nodes, _nodes);
                    var (x, end) = (_x.Start[bx], _x.Start[bx + 1]);
                    for (; x < end - 1; x += 2)
                    {
                        Share(even, row, x, _wy[y] * (values[row + x] * scale[row + x]));
                        Share(odd, row, x + 1, _wy[y] * (values[row + x + 1] * scale[row + x + 1]));
                    }
                    if (x < end) Share(even, row, x, _wy[y] * (values[row + x] * scale[row + x]));
                }
            }
            for (var bx = 0; bx < _x.Cells; bx++) Fold(by, bx, cells);
        }
    }

    /// <summary>Reads the cells at every pixel: result = scale · (value between the nodes).</summary>
    internal void Read(ReadOnlySpan<float> cells, ReadOnlySpan<float> scale, Span<float> result)
    {
        var width = _x.Cell.Length;
        for (var by = 0; by < _y.Cells; by++)
        {
            for (var bx = 0; bx < _x.Cells; bx++) Unfold(by, bx, cells);
            for (var y = _y.Start[by]; y < _y.Start[by + 1]; y++)
            {
                var row = y * width;
                for (var bx = 0; bx < _x.Cells; bx++)
                {
                    var block = _block.AsSpan(bx * _nodes, _nodes);
                    for (var x = _x.Start[bx]; x < _x.Start[bx + 1]; x++)
                    {
                        var pair = block.Slice(_node[row + x], 2);
                        var corners = pair[0] + (pair[1] - pair[0]) * _share[row + x];
                        result[row + x] = Vector128.Dot(corners, _wx[x] * _wy[y]) * scale[row + x];
                    }
                }
            }
        }
    }

    private void Share(Span<Vector128<float>> block, int row, int x, Vector128<float> value)
    {
        value *= _wx[x];
        var second = value * _share[row + x];
        var pair = block.Slice(_node[row + x], 2);
        pair[0] += value - second;
        pair[1] += second;
    }

    private void Clear(int by, int bx)
    {
        var (low, high) = Range(by, bx);
        for (var parity = 0; parity < 2; parity++) _block.AsSpan((2 * bx + parity) * _nodes + low, high - low).Clear();
    }

    /// <summary>Adds a block's corners to the four cells that they stand for.</summary>
    private void Fold(int by, int bx, Span<float> cells)
    {
        var (low, high) = Range(by, bx);
        var even = _block.AsSpan(2 * bx * _nodes + low, high - low);
        var odd = _block.AsSpan((2 * bx + 1) * _nodes + low, high - low);
        Span<float> a = Corner(cells, by, bx, low, high), b = Corner(cells, by, bx + 1, low, high),
            c = Corner(cells, by + 1, bx, low, high), d = Corner(cells, by + 1, bx + 1, low, high);
        for (var n = 0; n < even.Length; n++)
        {
            var v = even[n] + odd[n];
            a[n] += v[0];
            b[n] += v[1];
            c[n] += v[2];
            d[n] += v[3];
        }
    }

    private void Unfold(int by, int bx, ReadOnlySpan<float> cells)
    {
        var (low, high) = Range(by, bx);
        var block = _block.AsSpan(bx * _nodes + low, high - low);
        ReadOnlySpan<float> a = Corner(cells, by, bx, low, high), b = Corner(cells, by, bx + 1, low, high),
            c = Corner(cells, by + 1, bx, low, high), d = Corner(cells, by + 1, bx + 1, low, high);
        for (var n = 0; n < block.Length; n++) block[n] = Vector128.Create(a[n], b[n], c[n], d[n]);
    }

    private (int Low, int High) Range(int by, int bx)
    {
        var b = by * _x.Cells + bx;
        return _high[b] < 0 ? (0, 0) : (_low[b], _high[b] + 2);
    }

    private Span<float> Corner(Span<float> cells, int by, int bx, int low, int high) =>
        cells.Slice((by * (_x.Cells + 1) + bx) * _nodes + low, high - low);

    private ReadOnlySpan<float> Corner(ReadOnlySpan<float> cells, int by, int bx, int low, int high) =>
        cells.Slice((by * (_x.Cells + 1) + bx) * _nodes + low, high - low);

    /// <summary>Blurs along densities, x and y; <paramref name="scratch"/> is as long as the cells, the result stands in cells.</summary>
    internal void Blur(Span<float> cells, Span<float> scratch, float[] density, float[] space)
    {
        int nx = _x.Cells + 1, ny = _y.Cells + 1, plane = nx * _nodes;
        var length = _nodes + 2 * (density.Length - 1);
        if (_padded.Length < length) _padded = new float[length];
        var padded = _padded.AsSpan(0, length);
        padded.Clear();
        for (var i = 0; i < nx * ny; i++)
        {
            cells.Slice(i * _nodes, _nodes).CopyTo(padded[(density.Length - 1)..]);
            NeighbourSums.Along(padded, scratch.Slice(i * _nodes, _nodes), density);
        }
        for (var y = 0; y < ny; y++) NeighbourSums.Across(scratch.Slice(y * plane, plane), cells.Slice(y * plane, plane), nx, _nodes, space);
        NeighbourSums.Across(cells, scratch, ny, plane, space);
        scratch[..(ny * plane)].CopyTo(cells);
    }
}
