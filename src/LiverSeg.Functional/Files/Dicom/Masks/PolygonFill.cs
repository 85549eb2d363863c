using System;
using System.Collections.Generic;

namespace LiverSeg.Functional;

/// <summary>Fills polygons of one plane by the even-odd rule: a voxel whose centre is enclosed an odd number of times is inside.</summary>
/// <remarks>Law: voxel by voxel the ray test. Of a centre on an edge, low edges belong to the polygon and high ones do not, so that neighbours share no voxel.</remarks>
internal static class PolygonFill
{
    /// <summary>Sets the voxels of a slice that lie inside.</summary>
    /// <param name="polygons">Closed polygons, in voxel indices.</param>
    /// <param name="columns">Voxels per row.</param>
    /// <param name="slice">Row after row.</param>
    internal static void Fill(IEnumerable<(double X, double Y)[]> polygons, int columns, Span<bool> slice)
    {
        var rows = slice.Length / columns;
        var crossings = new List<double>?[rows];
        foreach (var polygon in polygons)
            for (var i = 0; i < polygon.Length; i++)
            {
                var (a, b) = (polygon[i], polygon[(i + 1) % polygon.Length]);
                if (a.Y > b.Y) (a, b) = (b, a);
                var (first, end) = (Math.Max(0, Math.Ceiling(a.Y)), Math.Min(rows, Math.Ceiling(b.Y)));
                for (var y = (int)first; y < end; y++)
                    (crossings[y] ??= []).Add(a.X + (y - a.Y) * (b.X - a.X) / (b.Y - a.Y));
            }
        for (var y = 0; y < rows; y++)
        {
            if (crossings[y] is not { } across) continue;
            across.Sort();
            for (var i = 0; i + 1 < across.Count; i += 2)
            {
                var (first, end) = ((int)Math.Clamp(Math.Ceiling(across[i]), 0, columns), (int)Math.Clamp(Math.Ceiling(across[i + 1]), 0, columns));
                if (end > first) slice.Slice(y * columns + first, end - first).Fill(true);
            }
        }
    }
}
