using System;
using System.Collections.Generic;
using System.Numerics;
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
internal sealed partial class BilateralGrid
{
    /// <summary>Blocks are taken in groups of so many nodes, that what is added to stays in the nearest cache.</summary>
    private const int Group = 256;

    private readonly GridAxis _x, _y;
    private readonly AlignedFloats _wx, _wy;
    private readonly (int Low, int High)[] _range;
    private RowSpans _rows;
    private GridBlocks _blocks;
    private int _first, _nodes, _group = 1;
    private readonly int[] _column, _low, _high;
    private int[] _at = []; // where the pixels of each group of blocks and row begin, less their first column
    private int[] _slot = []; // where in the group each pixel's first node is; odd columns have sums of their own, so that neighbours of like density do not wait for each other
    private float[] _share = [], _padded = [], _wide = [];
    private readonly float[] _line; // numbers of the pixels at hand
    private AlignedFloats _sums = new(0), _corners = new(0);

    internal BilateralGrid(GridAxis x, GridAxis y)
    {
        (_x, _y) = (x, y);
        // The four corners of a block, (x, y), (x + 1, y), (x, y + 1), (x + 1, y + 1), at one node of density and at the next.
        _wx = Weights(x, t => Vector256.Create(1 - t, t, 1 - t, t, 1 - t, t, 1 - t, t));
        _wy = Weights(y, t => Vector256.Create(1 - t, 1 - t, t, t, 1 - t, 1 - t, t, t));
        static AlignedFloats Weights(GridAxis axis, Func<float, Vector256<float>> weights)
        {
            var all = new AlignedFloats(8 * axis.Share.Length);
            for (var i = 0; i < axis.Share.Length; i++) all.Vectors[i] = weights(axis.Share[i]);
            return all;
        }
        _range = new (int, int)[x.Cells * y.Cells];
        (_column, _low, _high, _line) = (new int[x.Cell.Length], new int[x.Cell.Length], new int[x.Cell.Length], new float[x.Cell.Length]);
        _rows = new(x.Cell.Length, y.Cell.Length);
    }

    /// <summary>Numbers in the cells that the rows at hand need.</summary>
    internal int Size => _blocks.NodesX * _blocks.NodesY * _nodes;

    /// <summary>All blocks that the rows at hand need.</summary>
    internal GridBlocks Blocks => _blocks;

    /// <summary>The blocks that hold some rows of those at hand, and so many around them.</summary>
    internal GridBlocks Around(RowSpans rows, int reach)
    {
        var own = Holding(rows.Box);
        return new(Math.Max(_blocks.X0, own.X0 - reach), Math.Min(_blocks.X1, own.X1 + reach), Math.Max(_blocks.Y0, own.Y0 - reach), Math.Min(_blocks.Y1, own.Y1 + reach));
    }

    private GridBlocks Holding((int X0, int X1, int Y0, int Y1) box) =>
        new(_x.Cell[box.X0], _x.Cell[Math.Max(0, box.X1 - 1)] + 1, _y.Cell[box.Y0], _y.Cell[Math.Max(0, box.Y1 - 1)] + 1);

    /// <summary>The rows of a box that lie in rows of blocks, from one up to before another.</summary>
    internal (int Y0, int Y1) RowsOf(int by, int end, (int X0, int X1, int Y0, int Y1) box) => (Math.Max(_y.Start[by], box.Y0), Math.Min(_y.Start[end], box.Y1));

    /// <summary>Nodes along the densities that the rows at hand need.</summary>
    internal int Nodes => _nodes;

    /// <summary>Takes over where the pixels lie among the densities and which of them count; rounded up to whole vectors.</summary>
    /// <param name="node">The node before each pixel.</param>
    /// <param name="share">How far it is on the way to the next.</param>
    /// <param name="rows">The pixels that are shared out and read.</param>
    /// <param name="all">Nodes in all, to cover every one; 0 covers only the pixels' own.</param>
    internal void Place(int[] node, float[] share, RowSpans rows, int all = 0)
    {
        _rows = rows;
        var (width, box) = (_x.Cell.Length, rows.Box);
        _blocks = Holding(box);
        Array.Fill(_range, (int.MaxValue, -1));
        int first = int.MaxValue, last = -1;
        for (var by = _blocks.Y0; by < _blocks.Y1; by++)
        {
            Array.Fill(_low, int.MaxValue);
            Array.Fill(_high, -1);
            for (var y = _y.Start[by]; y < _y.Start[by + 1]; y++) Widen(node.AsSpan(y * width, width), rows[y]);
            for (var x = _x.Start[_blocks.X0]; x < _x.Start[_blocks.X1]; x++)
            {
                ref var range = ref _range[by * _x.Cells + _x.Cell[x]];
                range = (Math.Min(range.Low, _low[x]), Math.Max(range.High, _high[x]));
                (first, last) = (Math.Min(first, _low[x]), Math.Max(last, _high[x]));
            }
        }
        (_first, _nodes) = all > 0 || last < 0 ? (0, DensityAxis.Rounded(Math.Max(all, 2))) : (first, DensityAxis.Rounded(last - first + 2));
        _group = Math.Max(1, Group / _nodes);
        if (_corners.Length < 8 * _group * _nodes) (_sums, _corners) = (new(2 * 8 * _group * _nodes), new(8 * _group * _nodes));
        if (_slot.Length < node.Length) (_slot, _share) = (new int[node.Length], new float[node.Length]);
        for (var x = box.X0; x < box.X1; x++) _column[x] = Place(_x.Cell[x]) + x % 2 * _group * _nodes - _first;
        var (groups, at) = ((_blocks.X1 - _blocks.X0 + _group - 1) / _group, 0);
        if (_at.Length < groups * _y.Cell.Length) _at = new int[groups * _y.Cell.Length];
        foreach (var (y, b0, b1) in Stretches())
        {
            var (x, end) = Stretch(rows, y, b0, b1);
            _at[GroupOf(b0) * _y.Cell.Length + y] = at - x;
            if (x >= end) continue;
            share.AsSpan(y * width + x, end - x).CopyTo(_share.AsSpan(at));
            for (; x <= end - Vector<int>.Count; x += Vector<int>.Count, at += Vector<int>.Count) (new Vector<int>(node, y * width + x) + new Vector<int>(_column, x)).CopyTo(_slot, at);
            for (; x < end; x++, at++) _slot[at] = node[y * width + x] + _column[x];
        }
    }

    /// <summary>Takes some pixels of a row into the least and the largest node of each column.</summary>
    private void Widen(ReadOnlySpan<int> row, (int Start, int End) part)
    {
        var (x, end) = part;
        for (; x <= end - Vector<int>.Count; x += Vector<int>.Count)
        {
            var n = new Vector<int>(row[x..]);
            Vector.Min(new Vector<int>(_low, x), n).CopyTo(_low, x);
            Vector.Max(new Vector<int>(_high, x), n).CopyTo(_high, x);
        }
        for (; x < end; x++) (_low[x], _high[x]) = (Math.Min(_low[x], row[x]), Math.Max(_high[x], row[x]));
    }

    /// <summary>The rows of each group of blocks, in the order in which they are worked on and their pixels' numbers are kept.</summary>
    private IEnumerable<(int Y, int B0, int B1)> Stretches()
    {
        for (var by = _blocks.Y0; by < _blocks.Y1; by++)
            for (var b0 = _blocks.X0; b0 < _blocks.X1; b0 += _group)
                for (var y = _y.Start[by]; y < _y.Start[by + 1]; y++)
                    yield return (y, b0, Math.Min(_blocks.X1, b0 + _group));
    }

    private int GroupOf(int bx) => (bx - _blocks.X0) / _group;

    /// <summary>Where the numbers of a row's pixel in a block are kept.</summary>
    private int At(int bx, int y, int x) => _at[GroupOf(bx) * _y.Cell.Length + y] + x;

    /// <summary>Brings one number a pixel from rows into the order of the passes: all of a group's pixels one after the other.</summary>
    internal void Arrange(ReadOnlySpan<float> rows, Span<float> arranged)
    {
        foreach (var (y, b0, b1) in Stretches())
        {
            var (x, end) = Stretch(_rows, y, b0, b1);
            if (x < end) rows[(y * _x.Cell.Length + x)..(y * _x.Cell.Length + end)].CopyTo(arranged[At(b0, y, x)..]);
        }
    }

    /// <summary>Blurs along densities, x and y what stands in the nodes of some blocks, for the nodes of others; the rest of the result stays as it is.</summary>
    /// <param name="cells">Overwritten.</param>
    /// <param name="result">As long as the cells.</param>
    /// <param name="density">Weights along densities.</param>
    /// <param name="space">Weights along x and y.</param>
    /// <param name="from">All other nodes count as 0.</param>
    /// <param name="to">The blocks that are read.</param>
    internal void Blur(Span<float> cells, Span<float> result, float[] density, float[] space, GridBlocks from, GridBlocks to)
    {
        for (var y = from.Y0; y <= from.Y1; y++)
            BlurRow(cells.Slice(Cell(y, from.X0), from.NodesX * _nodes), cells.Slice(Cell(y, to.X0), to.NodesX * _nodes), density, space, to.X0 - from.X0);
        NeighbourSums.Across(cells[Cell(from.Y0, to.X0)..], result[Cell(to.Y0, to.X0)..], to.Y0 - from.Y0, to.NodesY, from.NodesY, to.NodesX * _nodes, _blocks.NodesX * _nodes, space);
    }

    /// <summary>Blurs one row of cells along densities and x; the result may lie over them.</summary>
    /// <param name="cells">The row; cells beside it count as 0.</param>
    /// <param name="result">The cells that are wanted.</param>
    /// <param name="density">Weights along densities.</param>
    /// <param name="space">Weights along x.</param>
    /// <param name="first">Which node the first one that is wanted is, counted from that of the row.</param>
    internal void BlurRow(ReadOnlySpan<float> cells, Span<float> result, float[] density, float[] space, int first = 0)
    {
        var (end, around, reach) = (density.Length - 1, result.Length / _nodes + 2 * (space.Length - 1), first - space.Length + 1);
        if (_padded.Length < _nodes + 2 * end) _padded = new float[_nodes + 2 * end];
        if (_wide.Length < around * _nodes) _wide = new float[around * _nodes];
        Span<float> padded = _padded.AsSpan(0, _nodes + 2 * end), wide = _wide.AsSpan(0, around * _nodes);
        padded.Clear();
        for (var x = 0; x < around; x++)
        {
            var column = wide.Slice(x * _nodes, _nodes);
            var from = x + reach;
            if (from < 0 || from >= cells.Length / _nodes)
            {
                column.Clear();
                continue;
            }
            cells.Slice(from * _nodes, _nodes).CopyTo(padded[end..]);
            NeighbourSums.Along(padded, column, density);
        }
        NeighbourSums.Along(wide, result, space, _nodes);
    }

    /// <summary>The pixels of a row that count and lie in the blocks from one up to before another.</summary>
    private (int Start, int End) Stretch(RowSpans rows, int y, int b0, int b1)
    {
        var (start, end) = rows[y];
        return (Math.Max(start, _x.Start[b0]), Math.Min(end, _x.Start[b1]));
    }

    private (int Low, int High) Range(int by, int bx)
    {
        var (low, high) = _range[by * _x.Cells + bx];
        return high < 0 ? (0, 0) : (low - _first, high + 2 - _first);
    }

    private int Cell(int by, int bx) => ((by - _blocks.Y0) * _blocks.NodesX + bx - _blocks.X0) * _nodes;
}

/// <summary>A box of intervals between nodes, from the first up to before the last; one node more along each axis.</summary>
internal readonly record struct GridBlocks(int X0, int X1, int Y0, int Y1)
{
    internal int NodesX => X1 - X0 + 1;

    internal int NodesY => Y1 - Y0 + 1;
}
