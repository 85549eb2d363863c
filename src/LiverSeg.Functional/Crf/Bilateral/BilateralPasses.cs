using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace LiverSeg.Functional;

/// <summary>What goes over all pixels: sharing out, reading, and both in one pass.</summary>
internal sealed partial class BilateralGrid
{
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
}

/// <summary>What becomes of pixels between two passes over the grid.</summary>
internal interface IPixelUpdate
{
    /// <summary>Some pixels of a row, from a place and from an index in the order of the passes on: takes what they read, and leaves there what they share out.</summary>
    void Update(int y, int x, int at, Span<float> values);
}
