using System;
using System.Numerics;

namespace LiverSeg.Functional;

/// <summary>The bilateral grid's axis of densities: nodes θβ / c apart, and each voxel between two of them.</summary>
/// <remarks>Stretches without any voxel, longer than the blur reaches, are shortened to its reach: metal or padding far away costs nothing.</remarks>
internal sealed class DensityAxis
{
    private const int Most = 1 << 16;
    private const int Part = 1024;
    private readonly int[] _node;
    private readonly bool _isWhole = true; // no stretch is left out
    private readonly float _scale, _middle, _half;

    /// <param name="guide">The densities, finite.</param>
    /// <param name="theta">θβ in the guide's unit.</param>
    /// <param name="cellsPerTheta">c.</param>
    /// <param name="reach">How many nodes the blur reaches.</param>
    internal DensityAxis(ReadOnlySpan<float> guide, double theta, double cellsPerTheta, int reach)
    {
        var (low, high) = Limits(guide);
        var cells = Math.Max(1, Math.Ceiling((double)(high - low) / theta * cellsPerTheta - 1e-6));
        if (cells > Most)
            throw new ArgumentException(FormattableString.Invariant(
                $"the guide reaches from {low} to {high}, {cells / cellsPerTheta:0} times ThetaBeta; at most {Most / cellsPerTheta:0} is possible: raise ThetaBeta or clamp the guide"), nameof(guide));
        (_scale, _middle, _half) = ((float)(cellsPerTheta / theta), low + (high - low) / 2, (float)cells / 2);
        _node = new int[(int)cells];
        Span<int> interval = stackalloc int[Part];
        Span<float> share = stackalloc float[Part];
        for (var i = 0; i < guide.Length; i += Part)
        {
            var part = Math.Min(Part, guide.Length - i);
            Intervals(guide.Slice(i, part), interval, share);
            foreach (var used in interval[..part]) _node[used] = 1;
        }
        var (node, last) = (0, 0);
        for (var i = 0; i < _node.Length; i++)
        {
            if (_node[i] == 0) continue;
            // The last used interval ends one node on; the next one begins where it did or just out of the blur's reach.
            if (i > 0) node += Math.Min(i - last, reach + 2);
            (_node[i], last) = (node, i);
            _isWhole &= node == i;
        }
        Nodes = Rounded(node + 2);
    }

    /// <summary>Nodes in whole vectors: sums along and across them then leave no rest, which would be added number by number.</summary>
    internal static int Rounded(int nodes) => (nodes + 7) / 8 * 8;

    /// <summary>How many nodes there are, in whole vectors.</summary>
    internal int Nodes { get; }

    /// <summary>The node before each voxel, and how far the voxel is on the way to the next.</summary>
    internal void Place(ReadOnlySpan<float> guide, Span<int> node, Span<float> share)
    {
        Intervals(guide, node, share);
        for (var i = 0; i < guide.Length && !_isWhole; i++) node[i] = _node[node[i]];
    }

    /// <summary>Which interval each density lies in, before any is left out, and how far it is on the way through it.</summary>
    private void Intervals(ReadOnlySpan<float> guide, Span<int> interval, Span<float> share)
    {
        var (last, i) = (_node.Length - 1, 0);
        for (; i <= guide.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            var u = (new Vector<float>(guide[i..]) - new Vector<float>(_middle)) * new Vector<float>(_scale) + new Vector<float>(_half);
            var n = Vector.Min(Vector.Max(Vector.ConvertToInt32(u), Vector<int>.Zero), new Vector<int>(last));
            n.CopyTo(interval[i..]);
            Vector.Min(Vector.Max(u - Vector.ConvertToSingle(n), Vector<float>.Zero), Vector<float>.One).CopyTo(share[i..]);
        }
        for (; i < guide.Length; i++)
        {
            var u = (guide[i] - _middle) * _scale + _half;
            interval[i] = Math.Clamp((int)u, 0, last);
            share[i] = Math.Clamp(u - interval[i], 0, 1);
        }
    }

    private static (float Low, float High) Limits(ReadOnlySpan<float> values)
    {
        var (low, high, i) = (new Vector<float>(values[0]), new Vector<float>(values[0]), 0);
        for (; i <= values.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            var v = new Vector<float>(values[i..]);
            (low, high) = (Vector.Min(low, v), Vector.Max(high, v));
        }
        var (least, most) = (low[0], high[0]);
        for (var l = 1; l < Vector<float>.Count; l++) (least, most) = (Math.Min(least, low[l]), Math.Max(most, high[l]));
        for (; i < values.Length; i++) (least, most) = (Math.Min(least, values[i]), Math.Max(most, values[i]));
        return (least, most);
    }
}
