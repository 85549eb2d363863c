using System;
using System.Numerics;

namespace LiverSeg.Functional;

/// <summary>The bilateral grid's axis of densities: nodes θβ / c apart, and each voxel between two of them.</summary>
/// <remarks>Stretches without any voxel, longer than the blur reaches, are shortened to its reach: metal or padding far away costs nothing.</remarks>
internal sealed class DensityAxis
{
    private const int Most = 1 << 16;
    private readonly int[] _node;
    private readonly float _scale, _middle, _half;

    /// <param name="guide">The densities, finite.</param>
    /// <param name="theta">θβ in the guide's unit.</param>
    /// <param name="cellsPerTheta">c.</param>
    /// <param name="reach">How many nodes the blur reaches.</param>
    internal DensityAxis(ReadOnlySpan<float> guide, double theta, double cellsPerTheta, int reach)
    {
        float low = guide[0], high = guide[0];
        foreach (var g in guide) (low, high) = (Math.Min(low, g), Math.Max(high, g));
        var cells = Math.Max(1, Math.Ceiling((double)(high - low) / theta * cellsPerTheta - 1e-6));
        if (cells > Most)
            throw new ArgumentException(FormattableString.Invariant(
                $"the guide reaches from {low} to {high}, {cells / cellsPerTheta:0} times ThetaBeta; at most {Most / cellsPerTheta:0} is possible: raise ThetaBeta or clamp the guide"), nameof(guide));
        (_scale, _middle, _half) = ((float)(cellsPerTheta / theta), low + (high - low) / 2, (float)cells / 2);
        _node = new int[(int)cells];
        var used = new bool[(int)cells];
        foreach (var g in guide) used[Interval(g, out _)] = true;
        var (node, last) = (0, 0);
        for (var i = 0; i < used.Length; i++)
        {
            if (!used[i]) continue;
            // The last used interval ends at node + 1, the next one begins i − last − 1 further.
            if (i > 0) node += Math.Min(i - last, reach + 2);
            (_node[i], last) = (node, i);
        }
        Nodes = node + 2;
    }

    /// <summary>How many nodes there are.</summary>
    internal int Nodes { get; private set; }

    /// <summary>The node before each voxel, and how far the voxel is on the way to the next.</summary>
    internal void Place(ReadOnlySpan<float> guide, Span<int> node, Span<float> share)
    {
        for (var i = 0; i < guide.Length; i++) node[i] = _node[Interval(guide[i], out share[i])];
    }

    private int Interval(float density, out float share)
    {
        var u = (density - _middle) * _scale + _half;
        var i = Math.Clamp((int)u, 0, _node.Length - 1);
        share = Math.Clamp(u - i, 0, 1);
        return i;
    }
}
