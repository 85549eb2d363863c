using System;
using System.Collections.Generic;

namespace LiverSeg.Functional;

/// <summary>Which voxels touch.</summary>
public enum Connectivity
{
    /// <summary>Those that share a face.</summary>
    Six = 6,

    /// <summary>Those that share a face or an edge.</summary>
    Eighteen = 18,

    /// <summary>Those that share a face, an edge or a corner.</summary>
    TwentySix = 26,
}

/// <summary>A mask as runs along x, joined into connected components: work and memory go with the runs, not with the voxels.</summary>
internal sealed class ConnectedComponents
{
    private readonly List<(int Row, int Start, int End)> _runs = [];
    private readonly List<int> _parent = [];
    private readonly Extent _extent;

    private ConnectedComponents(Extent extent) => _extent = extent;

    /// <summary>How many components there are; numbered from 0 in the order of their first voxel.</summary>
    internal int Components { get; private set; }

    /// <summary>The component of each run.</summary>
    internal int[] Label { get; private set; } = [];

    internal int Count => _runs.Count;

    internal (int Row, int Start, int End) this[int run] => _runs[run];

    /// <summary>Components of the voxels that equal <paramref name="inside"/>; in-plane only when <paramref name="planar"/>.</summary>
    internal static ConnectedComponents Of(Volume<bool> mask, Connectivity connectivity, bool inside = true, bool planar = false)
    {
        var e = mask.Extent;
        var runs = new ConnectedComponents(e);
        var first = new int[e.Y * e.Z + 1];
        for (var row = 0; row < e.Y * e.Z; row++)
        {
            first[row] = runs._runs.Count;
            runs.Scan(mask.Voxels.Slice(row * e.X, e.X), row, inside);
        }
        first[e.Y * e.Z] = runs._runs.Count;
        var n = (int)connectivity;
        for (var row = 0; row < e.Y * e.Z; row++)
        {
            var (y, z) = (row % e.Y, row / e.Y);
            // Rows before this one that may touch it; reach 1 lets runs touch diagonally.
            if (y > 0) runs.Join(first, row, row - 1, n >= 18 ? 1 : 0);
            if (z == 0 || planar) continue;
            runs.Join(first, row, row - e.Y, n >= 18 ? 1 : 0);
            if (n == 6) continue;
            if (y > 0) runs.Join(first, row, row - e.Y - 1, n == 26 ? 1 : 0);
            if (y < e.Y - 1) runs.Join(first, row, row - e.Y + 1, n == 26 ? 1 : 0);
        }
        runs.Number();
        return runs;
    }

    /// <summary>Voxels per component.</summary>
    internal long[] Sizes()
    {
        var sizes = new long[Components];
        for (var i = 0; i < Count; i++) sizes[Label[i]] += _runs[i].End - _runs[i].Start;
        return sizes;
    }

    /// <summary>The box of each component.</summary>
    internal Region[] Boxes()
    {
        var boxes = new Region[Components];
        for (var i = 0; i < Count; i++)
        {
            var (row, start, end) = _runs[i];
            boxes[Label[i]] = BoundingBox.Union(boxes[Label[i]], new(start, row % _extent.Y, row / _extent.Y, new(end - start, 1, 1)));
        }
        return boxes;
    }

    /// <summary>Writes a value into all voxels of the runs that are chosen.</summary>
    internal void Paint<T>(T[] voxels, Func<int, bool> chosen, Func<int, T> value)
    {
        for (var i = 0; i < Count; i++)
            if (chosen(Label[i])) voxels.AsSpan(_runs[i].Row * _extent.X + _runs[i].Start, _runs[i].End - _runs[i].Start).Fill(value(Label[i]));
    }

    private void Scan(ReadOnlySpan<bool> row, int index, bool inside)
    {
        for (var x = 0; x < row.Length;)
        {
            var start = row[x..].IndexOf(inside);
            if (start < 0) return;
            start += x;
            var length = row[start..].IndexOf(!inside);
            var end = length < 0 ? row.Length : start + length;
            _runs.Add((index, start, end));
            _parent.Add(_parent.Count);
            x = end;
        }
    }

    private void Join(int[] first, int a, int b, int reach)
    {
        var (i, j) = (first[a], first[b]);
        while (i < first[a + 1] && j < first[b + 1])
        {
            var (r, s) = (_runs[i], _runs[j]);
            if (r.Start < s.End + reach && s.Start < r.End + reach) Union(i, j);
            if (r.End < s.End) i++;
            else j++;
        }
    }

    private void Union(int a, int b)
    {
        (a, b) = (Root(a), Root(b));
        if (a < b) _parent[b] = a;
        else if (b < a) _parent[a] = b;
    }

    private int Root(int run)
    {
        while (_parent[run] != run) run = _parent[run] = _parent[_parent[run]];
        return run;
    }

    private void Number()
    {
        Label = new int[Count];
        for (var i = 0; i < Count; i++) Label[i] = Root(i) == i ? Components++ : Label[Root(i)];
    }
}
