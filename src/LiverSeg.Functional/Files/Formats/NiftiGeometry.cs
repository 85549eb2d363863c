using System;
using System.Collections.Generic;

namespace LiverSeg.Functional;

/// <summary>sform, qform and pixdim to a grid (RAS in the file, LPS inside), and back.</summary>
internal static class NiftiGeometry
{
    private const double MaxSkew = 1e-3;

    /// <summary>sform where it is given and sound, else qform, else pixdim alone.</summary>
    internal static Grid Grid(NiftiFields h, Extent extent, Spacing spacing, double unit, List<string> warnings, FileErrors refuse)
    {
        var sform = h.SformCode > 0 ? FromSform(h, extent, spacing, unit, warnings) : null;
        var qform = h.QformCode > 0 ? FromQform(h, extent, spacing, unit, sform is null, refuse) : null;
        if (sform is { } s)
        {
            if (s.Direction.Skew > MaxSkew)
                throw refuse.Unsupported("sform", FormattableString.Invariant($"axes {s.Direction.Skew:R} away from right angles"), $"at most {MaxSkew}", "resample the image onto a grid with right angles first");
            if (qform is { } q && s.Misfit(q) is var (voxels, mm) && !(mm <= Functional.Grid.Float32Mm))
                warnings.Add(voxels <= Functional.Grid.ToleranceVoxels
                    ? FormattableString.Invariant($"qform and sform differ by up to {mm:G2} mm ({voxels:G2} voxels), as rounding does; the sform counts")
                    : FormattableString.Invariant($"qform and sform disagree by up to {mm:G4} mm; the sform counts"));
            return s;
        }
        if (qform is { } only) return only;
        if (h.SformCode > 0) throw refuse.Bad("sform", "an affine that is singular or not finite, and no qform", "an affine of three axes");
        if (!Positive(spacing)) throw refuse.Bad("pixdim", spacing, "positive, finite millimetres");
        // The standard attaches no orientation here; Analyze's custom is radiological order around the middle, and nibabel keeps to it.
        warnings.Add("neither sform nor qform: the orientation is guessed to be left, anterior, superior around the middle");
        double Half(int count, double step) => (count - 1) * step / 2;
        return new(
            extent, spacing, new(-Half(extent.X, spacing.X), Half(extent.Y, spacing.Y), -Half(extent.Z, spacing.Z)), new(new(1, 0, 0), new(0, -1, 0), new(0, 0, 1)));
    }

    private static bool Positive(Spacing s) => s.X > 0 && s.Y > 0 && s.Z > 0 && double.IsFinite(s.X + s.Y + s.Z);

    private static Grid? FromSform(NiftiFields h, Extent extent, Spacing spacing, double unit, List<string> warnings)
    {
        var m = new double[12];
        for (var i = 0; i < 12; i++)
        {
            m[i] = h.Sform(i) * unit;
            if (double.IsFinite(m[i])) continue;
            warnings.Add("the sform is not finite and does not count");
            return null;
        }
        // RAS to LPS: the first two rows change sign; + 0.0 keeps zeros positive.
        Axis Column(int i) => new(-m[i] + 0.0, -m[4 + i] + 0.0, m[8 + i]);
        var (x, y, z) = (Column(0), Column(1), Column(2));
        if (Math.Abs(x.Cross(y).Dot(z)) <= 1e-9)
        {
            warnings.Add("the sform is singular and does not count");
            return null;
        }
        // pixdim where both agree to float32: its value is what the writer meant.
        double Step(Axis a, double pixdim) => Math.Abs(a.Length - pixdim) <= 1e-5 * a.Length ? pixdim : a.Length;
        var steps = new Spacing(Step(x, spacing.X), Step(y, spacing.Y), Step(z, spacing.Z));
        Axis Unit(Axis a, double step) => new(a.L / step, a.P / step, a.S / step);
        return new(extent, steps, new(-m[3] + 0.0, -m[7] + 0.0, m[11]), new(Unit(x, steps.X), Unit(y, steps.Y), Unit(z, steps.Z)));
    }

    private static Grid? FromQform(NiftiFields h, Extent extent, Spacing spacing, double unit, bool needed, FileErrors refuse)
    {
        double b = h.Qform(0), c = h.Qform(1), d = h.Qform(2), norm = b * b + c * c + d * d;
        var offset = new Point(-h.Qform(3) * unit + 0.0, -h.Qform(4) * unit + 0.0, h.Qform(5) * unit);
        if (!double.IsFinite(norm) || norm > 1 + 1e-4 || !double.IsFinite(offset.X + offset.Y + offset.Z) || !Positive(spacing))
            return needed ? throw refuse.Bad("qform", FormattableString.Invariant($"quaternion ({b}, {c}, {d}), spacing {spacing}"), "a unit quaternion, finite offsets and positive pixdim") : null;
        // A length just above 1 is rounding: a becomes 0 and the vector part is scaled (nifti1_io.c).
        var a = norm < 1 - 1e-7 ? Math.Sqrt(1 - norm) : 0;
        if (a == 0)
        {
            var scale = 1 / Math.Sqrt(norm);
            (b, c, d) = (b * scale, c * scale, d * scale);
        }
        var sign = h.Pixdim(0) < 0 ? -1.0 : 1.0; // qfac; 0 counts as 1
        Axis Column(double r, double an, double s) => new(-r + 0.0, -an + 0.0, s);
        var direction = new Direction(
            Column(a * a + b * b - c * c - d * d, 2 * (b * c + a * d), 2 * (b * d - a * c)),
            Column(2 * (b * c - a * d), a * a + c * c - b * b - d * d, 2 * (c * d + a * b)),
            Column(2 * (b * d + a * c), 2 * (c * d - a * b), a * a + d * d - c * c - b * b).Times(sign));
        return new(extent, spacing, offset, direction);
    }

    /// <summary>quatern_b, c, d and qfac of a direction (LPS inside), from its nearest rotation.</summary>
    internal static (double B, double C, double D, double Sign) Quaternion(Direction direction)
    {
        var sign = direction.Determinant < 0 ? -1.0 : 1.0;
        var z = direction.Z.Times(sign);
        double r11 = -direction.X.L, r21 = -direction.X.P, r31 = direction.X.S;
        double r12 = -direction.Y.L, r22 = -direction.Y.P, r32 = direction.Y.S;
        double r13 = -z.L, r23 = -z.P, r33 = z.S;
        var trace = r11 + r22 + r33;
        if (trace > 0)
        {
            var a2 = 2 * Math.Sqrt(1 + trace);
            return ((r32 - r23) / a2, (r13 - r31) / a2, (r21 - r12) / a2, sign);
        }
        if (r11 >= r22 && r11 >= r33)
        {
            var s = 2 * Math.Sqrt(1 + r11 - r22 - r33);
            return Positive((r32 - r23) / s, 0.25 * s, (r12 + r21) / s, (r13 + r31) / s, sign);
        }
        if (r22 >= r33)
        {
            var s = 2 * Math.Sqrt(1 + r22 - r11 - r33);
            return Positive((r13 - r31) / s, (r12 + r21) / s, 0.25 * s, (r23 + r32) / s, sign);
        }
        var t = 2 * Math.Sqrt(1 + r33 - r11 - r22);
        return Positive((r21 - r12) / t, (r13 + r31) / t, (r23 + r32) / t, 0.25 * t, sign);
    }

    /// <summary>The file keeps only b, c, d and takes a ≥ 0: of ±q the one with that sign.</summary>
    private static (double, double, double, double) Positive(double a, double b, double c, double d, double sign) =>
        a < 0 ? (-b, -c, -d, sign) : (b, c, d, sign);
}
