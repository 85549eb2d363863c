using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

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
    private readonly Vector256<float>[] _wx, _wy;
    private readonly (int Low, int High)[] _range;
    private RowSpans _rows;
    private GridBlocks _blocks;
    private int _first, _nodes, _group = 1;
    private readonly int[] _column;
    private int[] _slot = []; // where in the blocks each pixel's first node is; odd columns have sums of their own, so that neighbours of like density do not wait for each other
    private float[] _share = [], _padded = [];
    private Vector256<float>[] _block = [];

    internal BilateralGrid(GridAxis x, GridAxis y)
    {
        (_x, _y) = (x, y);
        // The four corners of a block, (x, y), (x + 1, y), (x, y + 1), (x + 1, y + 1), at one node of density and at the next.
        _wx = Array.ConvertAll(x.Share, t => Vector256.Create(1 - t, t, 1 - t, t, 1 - t, t, 1 - t, t));
        _wy = Array.ConvertAll(y.Share, t => Vector256.Create(1 - t, 1 - t, t, t, 1 - t, 1 - t, t, t));
        _range = new (int, int)[x.Cells * y.Cells];
        _column = new int[x.Cell.Length];
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

    /// <summary>Nodes along the densities that the rows at hand need.</summary>
    internal int Nodes => _nodes;

    /// <summary>Takes over where the pixels lie among the densities and which of them count; rounded up to whole vectors.</summary>
    /// <param name="node">The node before each pixel.</param>
    /// <param name="share">How far it is on the way to the next.</param>
    /// <param name="rows">The pixels that are shared out and read.</param>
    /// <param name="all">Nodes in all, to cover every one; 0 covers only the pixels' own.</param>
    internal void Place(int[] node, float[] share, RowSpans rows, int all = 0)
    {
        (_share, _rows) = (share, rows);
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
        if (_block.Length < 2 * _group * _nodes) _block = new Vector256<float>[2 * _group * _nodes];
        if (_slot.Length < node.Length) _slot = new int[node.Length];
        for (var x = box.X0; x < box.X1; x++) _column[x] = ((_x.Cell[x] - _blocks.X0) % _group + x % 2 * _group) * _nodes - _first;
        for (var y = box.Y0; y < box.Y1; y++)
        {
            var (start, end) = rows[y];
            for (var x = start; x < end; x++) _slot[y * width + x] = node[y * width + x] + _column[x];
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
                for (var bx = b0; bx < b1; bx++) Clear(by, bx, bx - first);
                for (var y = _y.Start[by]; y < _y.Start[by + 1]; y++)
                    if (Stretch(rows, y, b0, b1) is var (x, end) && x < end)
                        Splat(values.Slice(y * _x.Cell.Length + x, end - x), scale.Slice(y * _x.Cell.Length + x, end - x), y, x);
                for (var bx = b0; bx < b1; bx++) Fold(by, bx, bx - first, cells);
            }
    }

    private int FirstOfGroup(int block) => block - (block - _blocks.X0) % _group;

    /// <summary>The pixels of a row that lie in the blocks at hand.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Splat(ReadOnlySpan<float> values, ReadOnlySpan<float> scale, int y, int x)
    {
        var pixel = y * _x.Cell.Length + x;
        // Ranges are checked once a row, by slicing: Place has seen to it that all slots lie in the blocks.
        ref var slot = ref MemoryMarshal.GetReference(_slot.AsSpan(pixel, values.Length));
        ref var share = ref MemoryMarshal.GetReference(_share.AsSpan(pixel, values.Length));
        ref var wx = ref MemoryMarshal.GetReference(_wx.AsSpan(x, values.Length));
        ref var value = ref MemoryMarshal.GetReference(values);
        ref var factor = ref MemoryMarshal.GetReference(scale[..values.Length]);
        ref var block = ref MemoryMarshal.GetArrayDataReference(_block);
        var (wy, slope, offset) = (_wy[y], Slope, Offset);
        for (var i = 0; i < values.Length; i++)
        {
            ref var sum = ref Unsafe.Add(ref block, Unsafe.Add(ref slot, i));
            sum += Unsafe.Add(ref wx, i) * wy * Vector256.FusedMultiplyAdd(Vector256.Create(Unsafe.Add(ref share, i)), slope, offset) * (Unsafe.Add(ref value, i) * Unsafe.Add(ref factor, i));
        }
    }

    /// <summary>Reads the cells at every pixel that counts in some blocks: result = scale · (value between the nodes).</summary>
    internal void Read(ReadOnlySpan<float> cells, GridBlocks blocks, ReadOnlySpan<float> scale, Span<float> result)
    {
        for (var by = blocks.Y0; by < blocks.Y1; by++)
            for (var first = FirstOfGroup(blocks.X0); first < blocks.X1; first += _group)
            {
                var (b0, b1) = (Math.Max(first, blocks.X0), Math.Min(blocks.X1, first + _group));
                for (var bx = b0; bx < b1; bx++) Unfold(by, bx, bx - first, cells);
                for (var y = _y.Start[by]; y < _y.Start[by + 1]; y++)
                    if (Stretch(_rows, y, b0, b1) is var (x, end) && x < end)
                        Read(scale.Slice(y * _x.Cell.Length + x, end - x), result.Slice(y * _x.Cell.Length + x, end - x), y, x);
            }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Read(ReadOnlySpan<float> scale, Span<float> result, int y, int x)
    {
        var pixel = y * _x.Cell.Length + x;
        ref var slot = ref MemoryMarshal.GetReference(_slot.AsSpan(pixel, result.Length));
        ref var share = ref MemoryMarshal.GetReference(_share.AsSpan(pixel, result.Length));
        ref var wx = ref MemoryMarshal.GetReference(_wx.AsSpan(x, result.Length));
        ref var factor = ref MemoryMarshal.GetReference(scale[..result.Length]);
        ref var block = ref MemoryMarshal.GetArrayDataReference(_block);
        var (wy, slope, offset, odd) = (_wy[y], Slope, Offset, _group * _nodes);
        for (var i = 0; i < result.Length; i++)
            result[i] = Vector256.Sum(Unsafe.Add(ref block, Unsafe.Add(ref slot, i) - (x + i) % 2 * odd)
                * (Unsafe.Add(ref wx, i) * wy * Vector256.FusedMultiplyAdd(Vector256.Create(Unsafe.Add(ref share, i)), slope, offset))) * Unsafe.Add(ref factor, i);
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
        int plane = _blocks.NodesX * _nodes, length = _nodes + 2 * (density.Length - 1);
        if (_padded.Length < length) _padded = new float[length];
        var padded = _padded.AsSpan(0, length);
        padded.Clear();
        for (var y = from.Y0; y <= from.Y1; y++)
        {
            for (var x = from.X0; x <= from.X1; x++)
            {
                cells.Slice(Cell(y, x), _nodes).CopyTo(padded[(density.Length - 1)..]);
                NeighbourSums.Along(padded, result.Slice(Cell(y, x), _nodes), density);
            }
            NeighbourSums.Across(result[Cell(y, from.X0)..], cells[Cell(y, to.X0)..], to.X0 - from.X0, to.NodesX, from.NodesX, _nodes, _nodes, space);
        }
        NeighbourSums.Across(cells[Cell(from.Y0, to.X0)..], result[Cell(to.Y0, to.X0)..], to.Y0 - from.Y0, to.NodesY, from.NodesY, to.NodesX * _nodes, plane, space);
    }

    /// <summary>The pixels of a row that count and lie in the blocks from one up to before another.</summary>
    private (int Start, int End) Stretch(RowSpans rows, int y, int b0, int b1)
    {
        var (start, end) = rows[y];
        return (Math.Max(start, _x.Start[b0]), Math.Min(end, _x.Start[b1]));
    }

    private static Vector256<float> Slope => Vector256.Create(-1f, -1, -1, -1, 1, 1, 1, 1);

    private static Vector256<float> Offset => Vector256.Create(1f, 1, 1, 1, 0, 0, 0, 0);

    private void Clear(int by, int bx, int place)
    {
        var (low, high) = Range(by, bx);
        _block.AsSpan(place * _nodes + low, high - low).Clear();
        _block.AsSpan((_group + place) * _nodes + low, high - low).Clear();
    }

    /// <summary>Adds a block's corners to the four cells that they stand for.</summary>
    private void Fold(int by, int bx, int place, Span<float> cells)
    {
        var (low, high) = Range(by, bx);
        var even = _block.AsSpan(place * _nodes + low, high - low);
        var odd = _block.AsSpan((_group + place) * _nodes + low, even.Length);
        Span<float> a = cells.Slice(Cell(by, bx) + low, even.Length), b = cells.Slice(Cell(by, bx + 1) + low, even.Length),
            c = cells.Slice(Cell(by + 1, bx) + low, even.Length), d = cells.Slice(Cell(by + 1, bx + 1) + low, even.Length);
        var before = Vector128<float>.Zero;
        var n = 0;
        // What an interval's pixels gave to its second node belongs to the next interval's first.
        Vector128<float> Next(Vector256<float> pair)
        {
            var v = pair.GetLower() + before;
            before = pair.GetUpper();
            return v;
        }
        for (; Sse.IsSupported && n <= even.Length - 4; n += 4)
        {
            Vector128<float> p = Next(even[n] + odd[n]), q = Next(even[n + 1] + odd[n + 1]), r = Next(even[n + 2] + odd[n + 2]), s = Next(even[n + 3] + odd[n + 3]);
            Vector128<float> pr = Sse.UnpackLow(p, r), qs = Sse.UnpackLow(q, s), pr2 = Sse.UnpackHigh(p, r), qs2 = Sse.UnpackHigh(q, s);
            (Vector128.Create<float>(a[n..]) + Sse.UnpackLow(pr, qs)).CopyTo(a[n..]);
            (Vector128.Create<float>(b[n..]) + Sse.UnpackHigh(pr, qs)).CopyTo(b[n..]);
            (Vector128.Create<float>(c[n..]) + Sse.UnpackLow(pr2, qs2)).CopyTo(c[n..]);
            (Vector128.Create<float>(d[n..]) + Sse.UnpackHigh(pr2, qs2)).CopyTo(d[n..]);
        }
        for (; n < even.Length; n++)
        {
            var v = Next(even[n] + odd[n]);
            (a[n], b[n], c[n], d[n]) = (a[n] + v[0], b[n] + v[1], c[n] + v[2], d[n] + v[3]);
        }
    }

    /// <summary>Gathers what the four cells around a block hold.</summary>
    private void Unfold(int by, int bx, int place, ReadOnlySpan<float> cells)
    {
        var (low, high) = Range(by, bx);
        if (high == 0) return;
        var block = _block.AsSpan(place * _nodes + low, high - low);
        ReadOnlySpan<float> a = cells.Slice(Cell(by, bx) + low, block.Length), b = cells.Slice(Cell(by, bx + 1) + low, block.Length),
            c = cells.Slice(Cell(by + 1, bx) + low, block.Length), d = cells.Slice(Cell(by + 1, bx + 1) + low, block.Length);
        var here = Vector128.Create(a[0], b[0], c[0], d[0]);
        var n = 0;
        for (; Sse.IsSupported && n < block.Length - 4; n += 4)
        {
            Vector128<float> p = Vector128.Create<float>(a[(n + 1)..]), q = Vector128.Create<float>(b[(n + 1)..]), r = Vector128.Create<float>(c[(n + 1)..]), s = Vector128.Create<float>(d[(n + 1)..]);
            Vector128<float> pr = Sse.UnpackLow(p, r), qs = Sse.UnpackLow(q, s), pr2 = Sse.UnpackHigh(p, r), qs2 = Sse.UnpackHigh(q, s);
            Vector128<float> t0 = Sse.UnpackLow(pr, qs), t1 = Sse.UnpackHigh(pr, qs), t2 = Sse.UnpackLow(pr2, qs2), t3 = Sse.UnpackHigh(pr2, qs2);
            (block[n], block[n + 1], block[n + 2], block[n + 3], here) = (Vector256.Create(here, t0), Vector256.Create(t0, t1), Vector256.Create(t1, t2), Vector256.Create(t2, t3), t3);
        }
        for (; n < block.Length - 1; n++)
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

    private int Cell(int by, int bx) => ((by - _blocks.Y0) * _blocks.NodesX + bx - _blocks.X0) * _nodes;
}

/// <summary>A box of intervals between nodes, from the first up to before the last; one node more along each axis.</summary>
internal readonly record struct GridBlocks(int X0, int X1, int Y0, int Y1)
{
    internal int NodesX => X1 - X0 + 1;

    internal int NodesY => Y1 - Y0 + 1;
}
