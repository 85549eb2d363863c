using System;
using System.Threading.Tasks;

namespace LiverSeg.Functional;

/// <summary>The smallest box that holds all voxels of a mask.</summary>
internal static class BoundingBox
{
    /// <summary>The box of a mask's voxels; empty for an empty mask.</summary>
    internal static Region Of(Volume<bool> mask, ParallelOptions parallel)
    {
        var extent = mask.Extent;
        var slices = new (int X0, int X1, int Y0, int Y1)[extent.Z];
        Parallel.For(0, extent.Z, parallel, z => slices[z] = OfSlice(Volume.Bytes(mask).Slice(z * extent.X * extent.Y, extent.X * extent.Y), extent.X));
        int x0 = int.MaxValue, x1 = -1, y0 = int.MaxValue, y1 = -1, z0 = -1, z1 = -1;
        for (var z = 0; z < slices.Length; z++)
        {
            var s = slices[z];
            if (s.X1 < 0) continue;
            (x0, x1, y0, y1) = (Math.Min(x0, s.X0), Math.Max(x1, s.X1), Math.Min(y0, s.Y0), Math.Max(y1, s.Y1));
            (z0, z1) = (z0 < 0 ? z : z0, z);
        }
        return x1 < 0 ? default : new(x0, y0, z0, new(x1 - x0 + 1, y1 - y0 + 1, z1 - z0 + 1));
    }

    /// <summary>The smallest box that holds both; an empty one adds nothing.</summary>
    internal static Region Union(Region a, Region b)
    {
        if (a.IsEmpty) return b;
        if (b.IsEmpty) return a;
        int x = Math.Min(a.X, b.X), y = Math.Min(a.Y, b.Y), z = Math.Min(a.Z, b.Z);
        return new(x, y, z, new(
            Math.Max(a.X + a.Extent.X, b.X + b.Extent.X) - x,
            Math.Max(a.Y + a.Extent.Y, b.Y + b.Extent.Y) - y,
            Math.Max(a.Z + a.Extent.Z, b.Z + b.Extent.Z) - z));
    }

    private static (int X0, int X1, int Y0, int Y1) OfSlice(ReadOnlySpan<byte> slice, int width)
    {
        var first = slice.IndexOfAnyExcept((byte)0);
        if (first < 0) return (0, -1, 0, -1);
        int y0 = first / width, y1 = slice.LastIndexOfAnyExcept((byte)0) / width, x0 = width, x1 = -1;
        for (var y = y0; y <= y1; y++)
        {
            // only what would widen the box needs to be read
            var row = slice.Slice(y * width, width);
            var left = row[..x0].IndexOfAnyExcept((byte)0);
            if (left >= 0) x0 = left;
            var right = row[(x1 + 1)..].LastIndexOfAnyExcept((byte)0);
            if (right >= 0) x1 += right + 1;
        }
        return (x0, x1, y0, y1);
    }
}
