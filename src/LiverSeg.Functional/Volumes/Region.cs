using System;

namespace LiverSeg.Functional;

/// <summary>A box of voxels: where it starts and how far it goes. It may reach outside of a grid where a function says so.</summary>
/// <remarks><c>default</c> is the empty box at the first voxel.</remarks>
/// <param name="X">First index along the first axis.</param>
/// <param name="Y">First index along the second axis.</param>
/// <param name="Z">First index along the third axis.</param>
/// <param name="Extent">How many voxels it covers.</param>
public readonly record struct Region(int X, int Y, int Z, Extent Extent)
{
    /// <summary>All of a grid.</summary>
    public static Region Whole(Extent extent) => new(0, 0, 0, extent);

    /// <summary>Whether it holds no voxel.</summary>
    public bool IsEmpty => Extent.Count == 0;

    /// <summary>The region widened by the margin on every side and cut to the extent.</summary>
    public Region Grow(Extent margin, Extent within)
    {
        int x = Math.Max(0, X - margin.X), y = Math.Max(0, Y - margin.Y), z = Math.Max(0, Z - margin.Z);
        return new(x, y, z, new(
            Math.Min(within.X, X + Extent.X + margin.X) - x,
            Math.Min(within.Y, Y + Extent.Y + margin.Y) - y,
            Math.Min(within.Z, Z + Extent.Z + margin.Z) - z));
    }

    /// <summary>As <c>10×10×4 at (3, 4, 5)</c>.</summary>
    public override string ToString() => FormattableString.Invariant($"{Extent} at ({X}, {Y}, {Z})");
}
