using System;

namespace LiverSeg.Functional;

/// <summary>Where voxels lie in the patient: extent, spacing, origin and direction, patient axes in LPS.</summary>
/// <remarks>
/// The centre of voxel (x, y, z) is <c>Origin + x·Spacing.X·Direction.X + y·Spacing.Y·Direction.Y + z·Spacing.Z·Direction.Z</c>.
/// Law: voxel to world and back is the identity. <c>default</c> is the empty grid.
/// </remarks>
/// <param name="Extent">Voxels along each axis.</param>
/// <param name="Spacing">Millimetres between voxel centres.</param>
/// <param name="Origin">The centre of the first voxel.</param>
/// <param name="Direction">Where each axis points.</param>
public readonly record struct Grid(Extent Extent, Spacing Spacing, Point Origin, Direction Direction)
{
    /// <summary>A grid at the scanner's origin with axes along L, P, S.</summary>
    public static Grid Of(Extent extent, Spacing spacing) => new(extent, spacing, default, Direction.Identity);

    /// <summary>The volume of one voxel in cubic millimetres.</summary>
    public double VoxelVolume => Spacing.X * Spacing.Y * Spacing.Z;

    /// <summary>The place of a voxel index, which may be fractional or lie outside.</summary>
    public Point ToWorld(double x, double y, double z)
    {
        double a = x * Spacing.X, b = y * Spacing.Y, c = z * Spacing.Z;
        return new(
            Origin.X + a * Direction.X.L + b * Direction.Y.L + c * Direction.Z.L,
            Origin.Y + a * Direction.X.P + b * Direction.Y.P + c * Direction.Z.P,
            Origin.Z + a * Direction.X.S + b * Direction.Y.S + c * Direction.Z.S);
    }

    /// <summary>The (fractional) voxel index of a place; exact also for slightly skew axes.</summary>
    public Point ToIndex(Point world)
    {
        Axis d = new(world.X - Origin.X, world.Y - Origin.Y, world.Z - Origin.Z);
        Axis yz = Direction.Y.Cross(Direction.Z), zx = Direction.Z.Cross(Direction.X), xy = Direction.X.Cross(Direction.Y);
        var det = Direction.X.Dot(yz);
        return new(d.Dot(yz) / det / Spacing.X, d.Dot(zx) / det / Spacing.Y, d.Dot(xy) / det / Spacing.Z);
    }

    /// <summary>The grid of a region of this one; the region may reach outside.</summary>
    public Grid At(Region region) =>
        this with { Extent = region.Extent, Origin = ToWorld(region.X, region.Y, region.Z) };

    /// <summary>The smallest region of this grid that covers a region of another one, voxels taken as boxes; cut to this grid.</summary>
    internal Region Covering(Region region, Grid other)
    {
        Point low = new(double.PositiveInfinity, double.PositiveInfinity, double.PositiveInfinity), high = new(double.NegativeInfinity, double.NegativeInfinity, double.NegativeInfinity);
        foreach (var x in new[] { region.X, region.X + region.Extent.X })
            foreach (var y in new[] { region.Y, region.Y + region.Extent.Y })
                foreach (var z in new[] { region.Z, region.Z + region.Extent.Z })
                {
                    var at = ToIndex(other.ToWorld(x - 0.5, y - 0.5, z - 0.5));
                    low = new(Math.Min(low.X, at.X), Math.Min(low.Y, at.Y), Math.Min(low.Z, at.Z));
                    high = new(Math.Max(high.X, at.X), Math.Max(high.Y, at.Y), Math.Max(high.Z, at.Z));
                }
        const double Rounding = 1e-6; // a corner just on a face belongs to one side
        int First(double at, int length) => (int)Math.Clamp(Math.Floor(at + 0.5 + Rounding), 0, length);
        int End(double at, int length) => (int)Math.Clamp(Math.Ceiling(at + 0.5 - Rounding), 0, length);
        var (fx, fy, fz) = (First(low.X, Extent.X), First(low.Y, Extent.Y), First(low.Z, Extent.Z));
        return new(fx, fy, fz, region.IsEmpty ? default : new(End(high.X, Extent.X) - fx, End(high.Y, Extent.Y) - fy, End(high.Z, Extent.Z) - fz));
    }

    /// <summary>How far, in voxels, grids of one scan may lie apart: see <see cref="GeometryEquals(Grid)"/>.</summary>
    internal const double ToleranceVoxels = 0.05;

    /// <summary>How far apart, in millimetres, 32-bit headers of one grid lie at most.</summary>
    internal const double Float32Mm = 1e-3;

    /// <summary>Whether another grid has as many voxels and differs no more than headers of one scan do: no corner is more than 0.05 voxels off along any axis.</summary>
    /// <remarks>
    /// The bound counts in voxels because writers round numbers that voxels are multiplied by: a spacing of 0.6 mm kept to 4 decimals puts the last of 512
    /// voxels 0.043 voxels off. What is really another grid is off by half a voxel or more. Law: any grid equals itself, and none its neighbour by 0.06 voxels.
    /// </remarks>
    /// <param name="other">The other grid.</param>
    public bool GeometryEquals(Grid other) => this == other || (Extent == other.Extent && Misfit(other).Voxels <= ToleranceVoxels);

    /// <summary>Whether another grid has as many voxels and each corner lies at the same place within a length.</summary>
    /// <param name="other">The other grid.</param>
    /// <param name="toleranceMm">How far a corner may lie away, in millimetres; 1e-3 forgives float32 headers and little more.</param>
    public bool GeometryEquals(Grid other, double toleranceMm) => this == other || (Extent == other.Extent && Misfit(other).Mm <= toleranceMm);

    /// <summary>How far the corners of a grid of the same extent lie off at most: in voxels along an axis of this grid, and in millimetres.</summary>
    internal (double Voxels, double Mm) Misfit(Grid other)
    {
        var (voxels, mm) = (0.0, 0.0);
        foreach (var x in new[] { 0, Extent.X })
            foreach (var y in new[] { 0, Extent.Y })
                foreach (var z in new[] { 0, Extent.Z })
                {
                    Point a = ToWorld(x, y, z), b = other.ToWorld(x, y, z);
                    Axis d = new(b.X - a.X, b.Y - a.Y, b.Z - a.Z);
                    foreach (var (axis, step) in new[] { (Direction.X, Spacing.X), (Direction.Y, Spacing.Y), (Direction.Z, Spacing.Z) })
                        voxels = Math.Max(voxels, Math.Abs(d.Dot(axis)) / step); // NaN stays
                    mm = Math.Max(mm, d.Length);
                }
        return (voxels, mm);
    }

    /// <summary>As <c>512×512×60 @ 0.7×0.7×1 mm LPS</c>.</summary>
    public override string ToString() => FormattableString.Invariant($"{Extent} @ {Spacing} {Direction.Code}");

    /// <summary>Throws unless both grids are equal as <see cref="GeometryEquals(Grid)"/> says; the message quotes both.</summary>
    internal void EnsureSameGeometry(Grid other, string parameter)
    {
        if (!GeometryEquals(other))
            throw new ArgumentException(
                FormattableString.Invariant($"grid {other} at {other.Origin} ≠ {this} at {Origin}; Lattice.OnGrid reorders and pads what lies on one lattice, Resample.Onto resamples the rest"), parameter);
    }
}
