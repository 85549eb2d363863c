using System;
using System.Numerics;
using System.Threading;

namespace LiverSeg.Functional;

/// <summary>Updates of the few pixels that can rise above the tolerance, whatever the rest does.</summary>
internal sealed partial class PlaneField
{
    /// <summary>Logits to spare when the bound of a voxel is raised, so that few rounds are needed.</summary>
    private const float Spare = 1;

    /// <summary>The share of a slice above which all of it is worked on.</summary>
    private const double Most = 0.5;

    /// <summary>The updates from some on, those pixels left out that stay below the tolerance.</summary>
    private void Focused(float[] q, float[] logit, float[] message, float[] total, int done, CancellationToken cancel)
    {
        Total(total);
        NeighbourSums.Add(total, -1, logit);
        if (done == 0)
        {
            // Most probabilities are the least one.
            Raised(q, (float)_options.MinProbability, total, message);
            MeanField.Update(logit, message, q);
            done++;
        }
        if (done == _options.Iterations) return;
        Focus(q, logit, total, message);
        if (_rows.Count == 0) return;
        var aside = total;
        SetAside(q, aside);
        _sweep!.Begin(q, 0, logit, _rows, message);
        while (done < _options.Iterations)
        {
            cancel.ThrowIfCancellationRequested();
            _sweep.Step(q, ++done == _options.Iterations);
        }
        TakeBack(q, aside);
    }

    /// <summary>What all pixels receive when each is 1.</summary>
    private void Total(Span<float> result)
    {
        result.Fill(1);
        Appearance(result, _rows, _weighted, result);
        _smoothness?.AddTotal(result);
        for (var i = 0; i < _self.Length; i++) result[i] -= _self[i];
    }

    /// <summary>The message of values of which most are one and the same, the least: only what rises above it is summed.</summary>
    /// <param name="values">None is less than <paramref name="floor"/>.</param>
    /// <param name="floor">The value of most.</param>
    /// <param name="total">What <see cref="Total"/> gave.</param>
    /// <param name="result">The message, to within a hundredth of the tolerance times the total.</param>
    private void Raised(ReadOnlySpan<float> values, float floor, ReadOnlySpan<float> total, Span<float> result)
    {
        if (_above.Length == 0) _above = new float[values.Length];
        _raised.Above(values, floor + _tolerance / 100);
        _above.AsSpan().Clear();
        for (var y = _raised.Box.Y0; y < _raised.Box.Y1; y++)
            for (var (x, end) = (y * _extent.X + _raised[y].Start, y * _extent.X + _raised[y].End); x < end; x++) _above[x] = values[x] - floor;
        result.Clear();
        if (_raised.Count > 0)
        {
            Appearance(_above, _raised, _weighted, result);
            _smoothness?.Add(_above, result, _smoothness.Around(_raised.Box));
        }
        NeighbourSums.Add(total, floor, result);
        for (var i = 0; i < _self.Length; i++) result[i] -= _self[i] * _above[i];
    }

    /// <summary>
    /// Chooses the rows that are worked on from here to the next Prepare: all other pixels cannot rise above the tolerance
    /// in any later iteration, whatever the rest does. They count as 0 from here on.
    /// </summary>
    /// <param name="q">Probabilities after the first iteration.</param>
    /// <param name="unary">Logits of the scores less <paramref name="total"/>.</param>
    /// <param name="total">Messages that all pixels receive when each is 1.</param>
    /// <param name="scratch">Room for as many numbers.</param>
    private void Focus(ReadOnlySpan<float> q, ReadOnlySpan<float> unary, ReadOnlySpan<float> total, Span<float> scratch)
    {
        if (_options.Iterations < 4) return;
        if (_bound.Length == 0) _bound = new float[q.Length];
        // An upper bound v of all later iterations is sought: the update grows with every probability, so one that the update
        // does not exceed anywhere stays one. First guess: the tolerance, or 1 where q is above it.
        var (j, most) = (0, new Vector<float>(_tolerance));
        for (; j <= q.Length - Vector<float>.Count; j += Vector<float>.Count)
            Vector.ConditionalSelect(Vector.LessThanOrEqual(new Vector<float>(q[j..]), most), most, Vector<float>.One).CopyTo(_bound, j);
        for (; j < q.Length; j++) _bound[j] = q[j] <= _tolerance ? _tolerance : 1;
        // A round costs as much as an iteration: after a few, working on all is cheaper.
        for (var round = 0; round < 4; round++)
        {
            _few.Above(_bound, _tolerance);
            if (_few.Count > Most * _extent.Count) break;
            if (_few.Count > 0 && Raise(unary, total, scratch) > 0) continue;
            _rows = _few;
            Place();
            break;
        }
    }

    /// <summary>Raises the bound, with something to spare, where the update exceeds it; how often.</summary>
    private int Raise(ReadOnlySpan<float> unary, ReadOnlySpan<float> total, Span<float> scratch)
    {
        Raised(_bound, _tolerance, total, scratch);
        var (fails, least) = (0, new Vector<float>(_limit - Spare));
        for (var i = 0; i < scratch.Length; i++)
        {
            // Most are far below.
            while (i <= scratch.Length - Vector<float>.Count && Vector.LessThanOrEqualAll(new Vector<float>(unary[i..]) + 2 * new Vector<float>(scratch[i..]), least)) i += Vector<float>.Count;
            if (i >= scratch.Length) break;
            if (_bound[i] == 1) continue;
            var logit = unary[i] + 2 * scratch[i];
            if (logit <= _limit - Spare) continue;
            var bound = MathF.Log(_bound[i] / (1 - _bound[i]));
            // Those that only just hold are raised too: the others' rise would make them fail in the next round.
            if (logit <= bound - Spare) continue;
            _bound[i] = logit > 0 ? 1 : 1 / (1 + MathF.Exp(-logit - 2 * Spare));
            if (logit > bound) fails++;
        }
        return fails;
    }

    /// <summary>Pixels that are left out count as 0 meanwhile.</summary>
    private void SetAside(Span<float> q, Span<float> aside)
    {
        for (var y = 0; y < _rows.Height && !_rows.IsAll; y++)
        {
            var (row, (start, end)) = (y * _rows.Width, _rows[y]);
            q.Slice(row, _rows.Width).CopyTo(aside[row..]);
            q.Slice(row, start).Clear();
            q.Slice(row + end, _rows.Width - end).Clear();
        }
    }

    private void TakeBack(Span<float> q, ReadOnlySpan<float> aside)
    {
        for (var y = 0; y < _rows.Height && !_rows.IsAll; y++)
        {
            var (row, (start, end)) = (y * _rows.Width, _rows[y]);
            aside.Slice(row, start).CopyTo(q[row..]);
            aside.Slice(row + end, _rows.Width - end).CopyTo(q[(row + end)..]);
        }
    }
}
