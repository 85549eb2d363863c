using System;

namespace LiverSeg.Functional;

/// <summary>The distance between neighbouring voxel centres along each axis of a grid, in millimetres.</summary>
/// <remarks>Each is &gt; 0 and finite in a grid. <c>default</c> is 0 mm, legal only in the empty grid.</remarks>
public readonly record struct Spacing(double X, double Y, double Z)
{
    /// <summary>The same distance along each axis.</summary>
    public static Spacing Isotropic(double mm) => new(mm, mm, mm);

    /// <summary>As <c>0.7×0.7×1 mm</c>.</summary>
    public override string ToString() => FormattableString.Invariant($"{X}×{Y}×{Z} mm");
}

/// <summary>A place in the patient, in millimetres: towards Left, Posterior, Superior (LPS, as in DICOM).</summary>
/// <remarks><c>default</c> is the origin of the scanner's coordinates.</remarks>
public readonly record struct Point(double X, double Y, double Z)
{
    /// <summary>The straight distance to another place, in millimetres.</summary>
    public double DistanceTo(Point other) =>
        Math.Sqrt((X - other.X) * (X - other.X) + (Y - other.Y) * (Y - other.Y) + (Z - other.Z) * (Z - other.Z));

    /// <summary>As <c>(1, 2, 3) mm</c>.</summary>
    public override string ToString() => FormattableString.Invariant($"({X}, {Y}, {Z}) mm");
}

/// <summary>A direction in the patient, as parts towards Left, Posterior and Superior.</summary>
public readonly record struct Axis(double L, double P, double S)
{
    /// <summary>The inner product: 1 for the same unit direction, 0 for a right angle.</summary>
    public double Dot(Axis other) => L * other.L + P * other.P + S * other.S;

    /// <summary>Its length; 1 for a unit direction.</summary>
    public double Length => Math.Sqrt(Dot(this));

    /// <summary>The direction at right angles to both (right-hand rule).</summary>
    public Axis Cross(Axis other) =>
        new(P * other.S - S * other.P, S * other.L - L * other.S, L * other.P - P * other.L);

    /// <summary>The same direction, <paramref name="factor"/> times as long.</summary>
    public Axis Times(double factor) => new(L * factor, P * factor, S * factor);
}

/// <summary>Where the three axes of a grid point in the patient: one unit direction an axis.</summary>
/// <remarks>Orthonormal to 1e-3, left- or right-handed. <c>default</c> is all zero, legal only in the empty grid.</remarks>
/// <param name="X">Where the first axis points.</param>
/// <param name="Y">Where the second axis points.</param>
/// <param name="Z">Where the third axis points.</param>
public readonly record struct Direction(Axis X, Axis Y, Axis Z)
{
    /// <summary>x to the patient's left, y to the back, z to the head.</summary>
    public static Direction Identity { get; } = new(new(1, 0, 0), new(0, 1, 0), new(0, 0, 1));

    /// <summary>+1 or −1 for orthonormal axes: −1 is a mirrored (left-handed) grid.</summary>
    public double Determinant => X.Cross(Y).Dot(Z);

    /// <summary>How far the axes are from orthonormal: the largest |⟨aᵢ, aⱼ⟩ − δᵢⱼ|.</summary>
    public double Skew => Math.Max(
        Math.Max(Math.Abs(X.Dot(Y)), Math.Max(Math.Abs(X.Dot(Z)), Math.Abs(Y.Dot(Z)))),
        Math.Max(Math.Abs(X.Dot(X) - 1), Math.Max(Math.Abs(Y.Dot(Y) - 1), Math.Abs(Z.Dot(Z) - 1))));

    /// <summary>The letters of the patient side that each axis points to most, as <c>LPS</c> or <c>RAS</c>.</summary>
    public string Code => string.Concat(Letter(X), Letter(Y), Letter(Z));

    private static string Letter(Axis axis)
    {
        double l = Math.Abs(axis.L), p = Math.Abs(axis.P), s = Math.Abs(axis.S);
        if (l >= p && l >= s) return axis.L >= 0 ? "L" : "R";
        return p >= s ? axis.P >= 0 ? "P" : "A" : axis.S >= 0 ? "S" : "I";
    }
}
