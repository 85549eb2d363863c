using System;
using System.Runtime.Intrinsics;

namespace LiverSeg.Functional;

/// <summary>
/// Sums over the pixels of a plane weighted by a Gaussian of place and density: pixels are shared out linearly among the
/// nodes of a coarse grid (x, y, density), the grid is blurred along each axis, and read back linearly.
/// </summary>
/// <remarks>
/// Cells are laid out (y, x, density), densities fastest, and cover only what the rows at hand need. All weights are ≥ 0, so
/// larger values never give smaller sums. For one thread at a time.
/// </remarks>
internal sealed class BilateralGrid
{
    private readonly GridAxis _x, _y;
    private readonly Vector256<float>[] _wx, _wy;
    private readonly (int Low, int High)[] _range;
    private RowSpans _rows;
    private (int X0, int X1, int Y0, int Y1) _blocks;
    private int _first, _nodes;
    private int[] _node = [];
    private float[] _share = [], _padded = [];
    private Vector256<float>[] _block = [];

    internal BilateralGrid(GridAxis x, GridAxis y)
    {
        (_x, _y) = (x, y);
        // The four corners of a block, (x, y), (x + 1, y), (x, y + 1), (x + 1, y + 1), at one node of density and at the next.
        _wx = Array.ConvertAll(x.Share, t => Vector256.Create(1 - t, t, 1 - t, t, 1 - t, t, 1 - t, t));
        _wy = Array.ConvertAll(y.Share, t => Vector256.Create(1 - t, 1 - t, t, t, 1 - t, 1 - t, t, t));
        _range = new (int, int)[x.Cells * y.Cells];
        _rows = new(x.Cell.Length, y.Cell.Length);
    }

    /// <summary>Numbers in the cells that the rows at hand need.</summary>
    internal int Size => (_blocks.X1 - _blocks.X0 + 1) * (_blocks.Y1 - _blocks.Y0 + 1) * _nodes;

    /// <summary>Nodes along the densities that the rows at hand need.</summary>
    internal int Nodes => _nodes;

    /// <summary>Takes over where the pixels lie among the densities and which of them count; nothing is copied.</summary>
    /// <param name="node">The node before each pixel.</param>
    /// <param name="share">How far it is on the way to the next.</param>
    /// <param name="rows">The pixels that are shared out and read.</param>
    /// <param name="all">Nodes in all, to cover every one; 0 covers only the pixels' own.</param>
    internal void Place(int[] node, float[] share, RowSpans rows, int all = 0)
    {
        (_node, _share, _rows) = (node, share, rows);
        var (width, box) = (_x.Cell.Length, rows.Box);
        _blocks = (_x.Cell[box.X0], _x.Cell[Math.Max(0, box.X1 - 1)] + 1, _y.Cell[box.Y0], _y.Cell[Math.Max(0, box.Y1 - 1)] + 1);
        Array.Fill(_range, (int.MaxValue, -1));
        int first = int.MaxValue, last = -1;
        for (var y = box.Y0; y < box.Y1; y++)
            for (var bx = _blocks.X0; bx < _blocks.X1; bx++)
            {
                var b = _y.Cell[y] * _x.Cells + bx;
                var (low, high) = _range[b];
                var (x, end) = Stretch(y, bx);
                foreach (var n in node.AsSpan(y * width + x, Math.Max(0, end - x))) (low, high) = (Math.Min(low, n), Math.Max(high, n));
                _range[b] = (low, high);
                (first, last) = (Math.Min(first, low), Math.Max(last, high));
            }
        (_first, _nodes) = all > 0 || last < 0 ? (0, Math.Max(all, 2)) : (first, last - first + 2);
        if (_block.Length < 2 * _x.Cells * _nodes) _block = new Vector256<float>[2 * _x.Cells * _nodes];
    }

    /// <summary>Shares out values · scale among the cells, which are overwritten.</summary>
    internal void Splat(ReadOnlySpan<float> values, ReadOnlySpan<float> scale, Span<float> cells)
    {
        cells.Clear();
        var width = _x.Cell.Length;
        for (var by = _blocks.Y0; by < _blocks.Y1; by++)
        {
            for (var bx = _blocks.X0; bx < _blocks.X1; bx++) Clear(by, bx);
            for (var y = _y.Start[by]; y < _y.Start[by + 1]; y++)
            {
                var row = y * width;
                for (var bx = _blocks.X0; bx < _blocks.X1; bx++)
                {
                    var (x, end) = Stretch(y, bx);
                    // Odd pixels have sums of their own, so that neighbours of like density do not wait for each other.
                    var even = _block.AsSpan(2 * bx * _nodes, _nodes);
                    var odd = _block.AsSpan((2 * bx + 1) * _nodes, _nodes);
                    for (; x < end - 1; x += 2)
                    {
                        even[_node[row + x] - _first] += Weights(row + x, x, _wy[y]) * (values[row + x] * scale[row + x]);
                        odd[_node[row + x + 1] - _first] += Weights(row + x + 1, x + 1, _wy[y]) * (values[row + x + 1] * scale[row + x + 1]);
                    }
                    if (x < end) even[_node[row + x] - _first] += Weights(row + x, x, _wy[y]) * (values[row + x] * scale[row + x]);
                }
            }
            for (var bx = _blocks.X0; bx < _blocks.X1; bx++) Fold(by, bx, cells);
        }
    }

    /// <summary>Reads the cells at every pixel that counts: result = scale · (value between the nodes).</summary>
    internal void Read(ReadOnlySpan<float> cells, ReadOnlySpan<float> scale, Span<float> result)
    {
        var width = _x.Cell.Length;
        for (var by = _blocks.Y0; by < _blocks.Y1; by++)
        {
            for (var bx = _blocks.X0; bx < _blocks.X1; bx++) Unfold(by, bx, cells);
            for (var y = _y.Start[by]; y < _y.Start[by + 1]; y++)
            {
                var row = y * width;
                for (var bx = _blocks.X0; bx < _blocks.X1; bx++)
                {
                    var block = _block.AsSpan(bx * _nodes, _nodes);
                    var (x, end) = Stretch(y, bx);
                    for (; x < end; x++)
                        result[row + x] = Vector256.Sum(block[_node[row + x] - _first] * Weights(row + x, x, _wy[y])) * scale[row + x];
                }
            }
        }
    }

    /// <summary>Blurs along densities, x and y; <paramref name="scratch"/> is as long as the cells, the result stands in cells.</summary>
    internal void Blur(Span<float> cells, Span<float> scratch, float[] density, float[] space)
    {
        int nx = _blocks.X1 - _blocks.X0 + 1, ny = _blocks.Y1 - _blocks.Y0 + 1, plane = nx * _nodes, length = _nodes + 2 * (density.Length - 1);
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

    /// <summary>The pixels of a row that count and lie in a block.</summary>
    private (int Start, int End) Stretch(int y, int bx)
    {
        var (start, end) = _rows[y];
        return (Math.Max(start, _x.Start[bx]), Math.Min(end, _x.Start[bx + 1]));
    }

    /// <summary>The eight shares of a pixel: corners of its block times both nodes of its density.</summary>
    private Vector256<float> Weights(int pixel, int x, Vector256<float> wy) =>
        _wx[x] * wy * Vector256.FusedMultiplyAdd(Vector256.Create(_share[pixel]), Slope, Offset);

    private static Vector256<float> Slope => Vector256.Create(-1f, -1, -1, -1, 1, 1, 1, 1);

    private static Vector256<float> Offset => Vector256.Create(1f, 1, 1, 1, 0, 0, 0, 0);

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
        Span<float> a = cells.Slice(Cell(by, bx) + low, even.Length), b = cells.Slice(Cell(by, bx + 1) + low, even.Length),
            c = cells.Slice(Cell(by + 1, bx) + low, even.Length), d = cells.Slice(Cell(by + 1, bx + 1) + low, even.Length);
        var before = Vector128<float>.Zero;
        for (var n = 0; n < even.Length; n++)
        {
            // What an interval's pixels gave to its second node belongs to the next interval's first.
            var pair = even[n] + odd[n];
            var v = pair.GetLower() + before;
            before = pair.GetUpper();
            a[n] += v[0];
            b[n] += v[1];
            c[n] += v[2];
            d[n] += v[3];
        }
    }

    /// <summary>Gathers what the four cells around a block hold.</summary>
    private void Unfold(int by, int bx, ReadOnlySpan<float> cells)
    {
        var (low, high) = Range(by, bx);
        var block = _block.AsSpan(bx * _nodes + low, high - low);
        ReadOnlySpan<float> a = cells.Slice(Cell(by, bx) + low, block.Length), b = cells.Slice(Cell(by, bx + 1) + low, block.Length),
            c = cells.Slice(Cell(by + 1, bx) + low, block.Length), d = cells.Slice(Cell(by + 1, bx + 1) + low, block.Length);
        if (block.Length == 0) return;
        var here = Vector128.Create(a[0], b[0], c[0], d[0]);
        for (var n = 0; n < block.Length - 1; n++)
        {
            var next = Vector128.Create(a[n + 1], b[n + 1], c[n + 1], d[n + 1]);
            block[n] = Vector256.Create(here, next);
            here = next;
        }
    }

    private (int Low, int High) Range(int by, int bx)
    {
        var (low, high) = _range[by * _x.Cells + bx];
        return high < 0 ? (0, 0) : (low - _first, high + 2 - _first);
    }

    private int Cell(int by, int bx) => ((by - _blocks.Y0) * (_blocks.X1 - _blocks.X0 + 1) + bx - _blocks.X0) * _nodes;
}
