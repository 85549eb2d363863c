using System;
using System.Numerics;

namespace LiverSeg.Functional;

/// <summary>
/// Mean field updates of one slice, each in one pass over it: a row of blocks after the other is read, updated and shared out
/// again, so that a pixel's numbers come from memory once an update. Buffers for one thread.
/// </summary>
internal sealed class PlaneSweep(BilateralGrid grid, Smoothness? smoothness, int width) : IPixelUpdate
{
    /// <summary>Rows of blocks whose smoothness is summed at once, so that a line is fetched for many.</summary>
    private const int Together = 4;

    private float[] _before = [], _after = [], _self = [], _density = [], _space = [], _q = [];
    private float[] _scaleBefore = [], _scaleAfter = [], _unary = []; // in the order of the passes
    private float[] _cells = [], _next = [], _above = [], _below = []; // of the grid
    private float[] _across = [], _nextAcross = [], _message = [], _band = []; // of the smoothness, and of the probabilities of one row of blocks
    private (int X0, int X1, int Y0, int Y1) _box;
    private float _offset;
    private int _first, _stride, _top;

    /// <summary>Takes over the kernels' parts that do not change from update to update.</summary>
    internal void Prepare(float[] before, float[] after, float[] self, float[] density, float[] space) =>
        (_before, _after, _self, _density, _space) = (before, after, self, density, space);

    /// <summary>Starts with some probabilities.</summary>
    /// <param name="q">The probabilities; those of pixels that do not count are <paramref name="offset"/>.</param>
    /// <param name="offset">Messages are those of q − offset.</param>
    /// <param name="unary">Logits without the messages.</param>
    /// <param name="rows">The pixels that count: those that the grid was placed with.</param>
    /// <param name="values">Room for as many numbers.</param>
    internal void Begin(float[] q, float offset, float[] unary, RowSpans rows, Span<float> values)
    {
        (_offset, _box) = (offset, rows.Box);
        if (_unary.Length < q.Length) (_unary, _scaleBefore) = (new float[q.Length], new float[q.Length]);
        grid.Arrange(unary, _unary);
        grid.Arrange(_before, _scaleBefore);
        if (_after == _before) _scaleAfter = _scaleBefore;
        else grid.Arrange(_after, _scaleAfter = new float[q.Length]);
        var row = Row;
        if (_cells.Length < grid.Size) (_cells, _next) = (new float[grid.Size], new float[grid.Size]);
        if (_above.Length < row) (_above, _below) = (new float[row], new float[row]);
        NeighbourSums.Shift(q, -offset, values);
        grid.Splat(values, _before, _cells, rows);
        for (var y = grid.Blocks.Y0; y <= grid.Blocks.Y1; y++) BlurRow(Line(_cells, y), Line(_next, y));
        BlurColumns();
        _stride = NeighbourSums.Stride(_box.X1 - _box.X0);
        if (smoothness is null) return;
        var size = _stride * (_box.Y1 - _box.Y0);
        if (_across.Length < size) (_across, _nextAcross) = (new float[size], new float[size]);
        for (var y = _box.Y0; y < _box.Y1; y++) Smooth(q.AsSpan(y * width + _box.X0, _box.X1 - _box.X0), y, _across);
    }

    /// <summary>One update of all pixels that count.</summary>
    /// <param name="q">The probabilities, overwritten.</param>
    /// <param name="last">Whether no other update follows.</param>
    internal void Step(float[] q, bool last)
    {
        _q = q;
        var (blocks, row) = (grid.Blocks, Row);
        Span<float> above = _above.AsSpan(0, row), below = _below.AsSpan(0, row);
        above.Clear();
        for (var by = blocks.Y0; by < blocks.Y1; by++)
        {
            var (y0, y1) = grid.RowsOf(by, by + 1, _box);
            if ((by - blocks.Y0) % Together == 0) Message(y0, grid.RowsOf(by, Math.Min(by + Together, blocks.Y1), _box).Y1);
            below.Clear();
            BeginBand(y0, y1);
            grid.Pass(by, Line(_cells, by), Line(_cells, by + 1), this, last ? [] : above, below);
            // What a pixel sends to itself is taken off by what it was.
            for (var y = y0; (last || _self.Length > 0) && y < y1; y++) BandRow(y).CopyTo(q.AsSpan(y * width + _box.X0));
            if (last) continue;
            BlurRow(above, Line(_next, by));
            for (var y = y0; smoothness is not null && y < y1; y++) Smooth(BandRow(y), y, _nextAcross);
            var done = above;
            above = below;
            below = done;
        }
        if (last) return;
        BlurRow(above, Line(_next, blocks.Y1));
        BlurColumns();
        (_across, _nextAcross) = (_nextAcross, _across);
    }

    private Span<float> Line(float[] cells, int y) => cells.AsSpan((y - grid.Blocks.Y0) * Row, Row);

    private void BlurColumns() => NeighbourSums.Across(_next, _cells, 0, grid.Blocks.NodesY, grid.Blocks.NodesY, Row, Row, _space);

    private int Row => grid.Blocks.NodesX * grid.Nodes;

    private void BlurRow(ReadOnlySpan<float> cells, Span<float> result) => grid.BlurRow(cells, result, _density, _space);

    /// <summary>Pixels that do not count stay 0.</summary>
    private void BeginBand(int y0, int y1)
    {
        if (_band.Length < (y1 - y0) * _stride) _band = new float[(y1 - y0) * _stride];
        _top = y0;
        _band.AsSpan().Clear();
    }

    private Span<float> BandRow(int y) => _band.AsSpan((y - _top) * _stride, _box.X1 - _box.X0);

    private void Smooth(ReadOnlySpan<float> q, int y, float[] across) =>
        smoothness!.Along(q, _offset, _box.X0, y, across.AsSpan((y - _box.Y0) * _stride));

    /// <summary>What the rows receive from all but the grid: the smoothness, less what pixels send to themselves.</summary>
    private void Message(int y0, int y1)
    {
        var columns = _box.X1 - _box.X0;
        _first = y0;
        if (_message.Length < (y1 - y0) * _stride) _message = new float[(y1 - y0) * _stride];
        if (smoothness is null) Array.Clear(_message);
        else smoothness.Down(_across, y0 - _box.Y0, y1 - y0, _box, _stride, _message);
        for (var y = y0; y < y1 && _self.Length > 0; y++)
        {
            var pixel = y * width + _box.X0;
            for (var x = 0; x < columns; x++) _message[(y - y0) * _stride + x] -= _self[pixel + x] * (_q[pixel + x] - _offset);
        }
    }

    void IPixelUpdate.Update(int y, int x, int at, Span<float> values)
    {
        var q = BandRow(y).Slice(x - _box.X0, values.Length);
        ReadOnlySpan<float> unary = _unary.AsSpan(at, values.Length), before = _scaleBefore.AsSpan(at, values.Length), after = _scaleAfter.AsSpan(at, values.Length),
            message = _message.AsSpan((y - _first) * _stride + x - _box.X0, values.Length);
        var (offset, two, i) = (new Vector<float>(_offset), new Vector<float>(2), 0);
        for (; i <= values.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            var sum = Vector.FusedMultiplyAdd(new Vector<float>(values[i..]), new Vector<float>(after[i..]), new Vector<float>(message[i..]));
            var p = MeanField.Logistic(Vector.FusedMultiplyAdd(sum, two, new Vector<float>(unary[i..])));
            p.CopyTo(q[i..]);
            ((p - offset) * new Vector<float>(before[i..])).CopyTo(values[i..]);
        }
        for (; i < values.Length; i++)
        {
            var sum = MathF.FusedMultiplyAdd(values[i], after[i], message[i]);
            q[i] = MeanField.Logistic(new Vector<float>(MathF.FusedMultiplyAdd(sum, 2, unary[i])))[0];
            values[i] = (q[i] - _offset) * before[i];
        }
    }
}
