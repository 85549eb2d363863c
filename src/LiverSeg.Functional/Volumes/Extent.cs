using System;

namespace LiverSeg.Functional;

/// <summary>How many voxels a grid has along each of its axes.</summary>
/// <remarks>Each is ≥ 0. <c>default</c> is the empty extent.</remarks>
/// <param name="X">Voxels along the first, fastest axis.</param>
/// <param name="Y">Voxels along the second axis.</param>
/// <param name="Z">Voxels along the third, slowest axis (slices).</param>
public readonly record struct Extent(int X, int Y, int Z)
{
    /// <summary>How many voxels there are in all.</summary>
    public long Count => (long)X * Y * Z;

    /// <summary>Whether the index lies inside.</summary>
    public bool Contains(int x, int y, int z) => (uint)x < (uint)X && (uint)y < (uint)Y && (uint)z < (uint)Z;

    /// <summary>The shorter of both along each axis.</summary>
    public Extent Min(Extent other) => new(Math.Min(X, other.X), Math.Min(Y, other.Y), Math.Min(Z, other.Z));

    /// <summary>The longer of both along each axis.</summary>
    public Extent Max(Extent other) => new(Math.Max(X, other.X), Math.Max(Y, other.Y), Math.Max(Z, other.Z));

    /// <summary>As <c>512×512×129</c>.</summary>
    public override string ToString() => FormattableString.Invariant($"{X}×{Y}×{Z}");
}
