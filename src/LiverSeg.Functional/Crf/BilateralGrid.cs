using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
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
    /// <summary>Blocks are taken in groups of so many nodes, that what is added to stays in the nearest cache.</summary>
    private const int Group = 256;

    private readonly GridAxis _x, _y;
    private readonly AlignedFloats _wx, _wy;
    private readonly (int Low, int High)[] _range;
    private RowSpans _rows;
    private GridBlocks _blocks;
    private int _first, _nodes, _group = 1;
    private readonly int[] _column;
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
        (_column, _line) = (new int[x.Cell.Length], new float[x.Cell.Length]);
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
        for (var y = box.Y0; y < box.Y1; y++)
            for (var bx = _blocks.X0; bx < _blocks.X1; bx++)
            {
                var b = _y.Cell[y] * _x.Cells + bx;
                var (low, high) = _range[b];
                var (x, end) = Stretch(rows, y, bx, bx + 1);
                foreach (var n in node.AsSpan(y * width + x, Math.Max(0, end - x))) (low, high) = (Math.Min(low, n), Math.Max(high, n));
                _range[b] = (low, high);
                (first, last) = (Math.Min(first, low), Math.Max(last, high));
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
            for (; x < end; x++, at++) (_slot[at], _share[at]) = (node[y * width + x] + _column[x], share[y * width + x]);
        }
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

    /// <summary>Shares out values · scale of some rows of those at hand among the cells of their blocks, which are overwritten.</summary>
    internal void Splat(ReadOnlySpan<float> values, ReadOnlySpan<float> scale, Span<float> cells, RowSpans rows)
    {
        var blocks = Holding(rows.Box);
        for (var y = blocks.Y0; y <= blocks.Y1; y++) cells.Slice(Cell(y, blocks.X0), blocks.NodesX * _nodes).Clear();
        for (var by = blocks.Y0; by < blocks.Y1; by++)
            for (var first = FirstOfGroup(blocks.X0); first < blocks.X1; first += _group)
            {
                var (b0, b1) = (Math.Max(first, blocks.X0), Math.Min(blocks.X1, first + _group));
                Clear(by, b0, b1);
                for (var y = _y.Start[by]; y < _y.Start[by + 1]; y++)
                {
                    var (x, end) = Stretch(rows, y, b0, b1);
                    if (x >= end) continue;
                    var pixel = y * _x.Cell.Length + x;
                    var line = _line.AsSpan(0, end - x);
                    NeighbourSums.Multiply(values.Slice(pixel, line.Length), scale.Slice(pixel, line.Length), 1, line);
                    Splat(y, x, At(b0, y, x), line);
                }
                Fold(by, b0, b1, cells[Cell(by, _blocks.X0)..], cells[Cell(by + 1, _blocks.X0)..]);
            }
    }

    /// <summary>Reads the cells at every pixel that counts in some blocks: result = scale · (value between the nodes).</summary>
    internal void Read(ReadOnlySpan<float> cells, GridBlocks blocks, ReadOnlySpan<float> scale, Span<float> result)
    {
        for (var by = blocks.Y0; by < blocks.Y1; by++)
            for (var first = FirstOfGroup(blocks.X0); first < blocks.X1; first += _group)
            {
                var (b0, b1) = (Math.Max(first, blocks.X0), Math.Min(blocks.X1, first + _group));
                Unfold(by, b0, b1, cells[Cell(by, _blocks.X0)..], cells[Cell(by + 1, _blocks.X0)..]);
                for (var y = _y.Start[by]; y < _y.Start[by + 1]; y++)
                {
                    var (x, end) = Stretch(_rows, y, b0, b1);
                    if (x >= end) continue;
                    var pixel = y * _x.Cell.Length + x;
                    var line = _line.AsSpan(0, end - x);
                    Read(y, x, At(b0, y, x), line);
                    NeighbourSums.Multiply(line, scale.Slice(pixel, line.Length), 1, result.Slice(pixel, line.Length));
                }
            }
    }

    /// <summary>Reads one row of blocks at its pixels, lets them be updated, and shares out what they become.</summary>
    /// <param name="by">The row of blocks.</param>
    /// <param name="above">The blurred cells above the pixels.</param>
    /// <param name="below">The blurred cells below them.</param>
    /// <param name="update">Puts what a pixel is to share out in the place of what it read.</param>
    /// <param name="nextAbove">The cells above are added to this; if empty, nothing is shared out.</param>
    /// <param name="nextBelow">The cells below are added to this.</param>
    internal void Pass(int by, ReadOnlySpan<float> above, ReadOnlySpan<float> below, IPixelUpdate update, Span<float> nextAbove, Span<float> nextBelow)
    {
        for (var b0 = _blocks.X0; b0 < _blocks.X1; b0 += _group)
        {
            var b1 = Math.Min(_blocks.X1, b0 + _group);
            Unfold(by, b0, b1, above, below);
            if (!nextAbove.IsEmpty) Clear(by, b0, b1);
            for (var y = _y.Start[by]; y < _y.Start[by + 1]; y++)
            {
                var (x, end) = Stretch(_rows, y, b0, b1);
                if (x >= end) continue;
                var line = _line.AsSpan(0, end - x);
                var at = At(b0, y, x);
                Read(y, x, at, line);
                update.Update(y, x, at, line);
                if (!nextAbove.IsEmpty) Splat(y, x, at, line);
            }
            if (!nextAbove.IsEmpty) Fold(by, b0, b1, nextAbove, nextBelow);
        }
    }

    private int FirstOfGroup(int block) => block - (block - _blocks.X0) % _group;

    /// <summary>Shares out some values of a row among the sums of the group at hand.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Splat(int y, int x, int at, ReadOnlySpan<float> values)
    {
        // Ranges are checked once a row, by slicing: Place has seen to it that all slots lie in the blocks.
        ref var slot = ref MemoryMarshal.GetReference(_slot.AsSpan(at, values.Length));
        ref var share = ref MemoryMarshal.GetReference(_share.AsSpan(at, values.Length));
        ref var wx = ref MemoryMarshal.GetReference(_wx.Vectors.Slice(x, values.Length));
        ref var value = ref MemoryMarshal.GetReference(values);
        ref var block = ref MemoryMarshal.GetReference(_sums.Vectors);
        var (wy, slope, offset) = (_wy.Vectors[y], Slope, Offset);
        for (var i = 0; i < values.Length; i++)
        {
            ref var sum = ref Unsafe.Add(ref block, Unsafe.Add(ref slot, i));
            var weights = wy * Unsafe.Add(ref wx, i) * Vector256.FusedMultiplyAdd(Vector256.Create(Unsafe.Add(ref share, i)), slope, offset);
            sum = Vector256.FusedMultiplyAdd(weights, Vector256.Create(Unsafe.Add(ref value, i)), sum);
        }
    }

    /// <summary>Reads the corners of the group at hand at some pixels of a row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Read(int y, int x, int at, Span<float> result)
    {
        ref var slot = ref MemoryMarshal.GetReference(_slot.AsSpan(at, result.Length));
        ref var share = ref MemoryMarshal.GetReference(_share.AsSpan(at, result.Length));
        ref var wx = ref MemoryMarshal.GetReference(_wx.Vectors.Slice(x, result.Length));
        ref var block = ref MemoryMarshal.GetReference(_corners.Vectors);
        var (wy, slope, offset, odd, i) = (_wy.Vectors[y], Slope, Offset, _group * _nodes, 0);
        // Which of a pair of columns is the odd one stays as it is for the whole row.
        var (even0, odd1) = x % 2 == 0 ? (0, odd) : (odd, 0);
        for (; i <= result.Length - 8; i += 8)
            GridCorners.Sums(
                Corners(ref block, ref slot, ref share, ref wx, i, even0, wy, slope, offset), Corners(ref block, ref slot, ref share, ref wx, i + 1, odd1, wy, slope, offset),
                Corners(ref block, ref slot, ref share, ref wx, i + 2, even0, wy, slope, offset), Corners(ref block, ref slot, ref share, ref wx, i + 3, odd1, wy, slope, offset),
                Corners(ref block, ref slot, ref share, ref wx, i + 4, even0, wy, slope, offset), Corners(ref block, ref slot, ref share, ref wx, i + 5, odd1, wy, slope, offset),
                Corners(ref block, ref slot, ref share, ref wx, i + 6, even0, wy, slope, offset), Corners(ref block, ref slot, ref share, ref wx, i + 7, odd1, wy, slope, offset)).CopyTo(result[i..]);
        for (; i < result.Length; i++)
            result[i] = Vector256.Sum(Corners(ref block, ref slot, ref share, ref wx, i, (x + i) % 2 * odd, wy, slope, offset));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Corners(
        ref Vector256<float> block, ref int slot, ref float share, ref Vector256<float> wx, int i, int odd, Vector256<float> wy, Vector256<float> slope, Vector256<float> offset) =>
        wy * Unsafe.Add(ref wx, i) * Vector256.FusedMultiplyAdd(Vector256.Create(Unsafe.Add(ref share, i)), slope, offset) * Unsafe.Add(ref block, Unsafe.Add(ref slot, i) - odd);

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

    private static Vector256<float> Slope => Vector256.Create(-1f, -1, -1, -1, 1, 1, 1, 1);

    private static Vector256<float> Offset => Vector256.Create(1f, 1, 1, 1, 0, 0, 0, 0);

    private void Clear(int by, int b0, int b1)
    {
        for (var bx = b0; bx < b1; bx++)
        {
            var (low, high) = Range(by, bx);
            var place = Place(bx);
            _sums.Vectors.Slice(place + low, high - low).Clear();
            _sums.Vectors.Slice(_group * _nodes + place + low, high - low).Clear();
        }
    }

    private void Fold(int by, int b0, int b1, Span<float> above, Span<float> below)
    {
        for (var bx = b0; bx < b1; bx++)
        {
            var (low, high) = Range(by, bx);
            var (place, cell, n) = (Place(bx) + low, (bx - _blocks.X0) * _nodes + low, high - low);
            GridCorners.Fold(_sums.Vectors.Slice(place, n), _sums.Vectors.Slice(_group * _nodes + place, n), above.Slice(cell, n), above.Slice(cell + _nodes, n), below.Slice(cell, n), below.Slice(cell + _nodes, n));
        }
    }

    private void Unfold(int by, int b0, int b1, ReadOnlySpan<float> above, ReadOnlySpan<float> below)
    {
        for (var bx = b0; bx < b1; bx++)
        {
            var (low, high) = Range(by, bx);
            if (high == 0) continue;
            var (cell, n) = ((bx - _blocks.X0) * _nodes + low, high - low);
            GridCorners.Unfold(_corners.Vectors.Slice(Place(bx) + low, n), above.Slice(cell, n), above.Slice(cell + _nodes, n), below.Slice(cell, n), below.Slice(cell + _nodes, n));
        }
    }

    /// <summary>Where a block is among those of its group.</summary>
    private int Place(int bx) => (bx - _blocks.X0) % _group * _nodes;

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

/// <summary>What becomes of pixels between two passes over the grid.</summary>
internal interface IPixelUpdate
{
    /// <summary>Some pixels of a row, from a place and from an index in the order of the passes on: takes what they read, and leaves there what they share out.</summary>
    void Update(int y, int x, int at, Span<float> values);
}
