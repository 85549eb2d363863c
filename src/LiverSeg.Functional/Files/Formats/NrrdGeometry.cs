using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

namespace LiverSeg.Functional;

/// <summary>NRRD's space, directions, origin and spacings to a grid (any named space to LPS).</summary>
internal static class NrrdGeometry
{
    private const double MaxSkew = 1e-3;

    internal static Grid Grid(Dictionary<string, string> fields, long[] sizes, List<string> warnings, FileErrors refuse)
    {
        var (l, p, s) = Signs(fields, warnings, refuse, out var space);
        var unit = Unit(fields, warnings);
        Axis World(double[] v) => new(l * At(v, 0) * unit + 0.0, p * At(v, 1) * unit + 0.0, s * At(v, 2) * unit + 0.0);
        var origin = fields.TryGetValue("space origin", out var text) ? Vectors(text, "space origin", refuse) : null;
        if (origin is not null && (origin.Count != 1 || origin[0] is not { } place || place.Length != space)) throw refuse.Bad("space origin", text!, FormattableString.Invariant($"one vector of {space} numbers"));
        var steps = fields.TryGetValue("space directions", out var directions) ? Directions(directions, sizes, space, refuse) : Spacings(fields, sizes, space, warnings, refuse);
        // Axes without a place in the patient must be single; what remains are the volume's.
        var kept = new List<(long Size, double[] Step)>();
        for (var i = 0; i < sizes.Length; i++)
        {
            if (steps[i] is { } step) kept.Add((sizes[i], step));
            else if (sizes[i] != 1) throw refuse.Unsupported("sizes", FormattableString.Invariant($"{sizes[i]} values along axis {i + 1}, which has no direction"), "one value per voxel", "extract one channel or one volume first");
        }
        while (kept.Count > 3)
        {
            var single = kept.FindLastIndex(a => a.Size == 1);
            if (single < 0) throw refuse.Unsupported("dimension", sizes.Length, "a volume", "split the series into volumes first");
            kept.RemoveAt(single);
        }
        var axes = kept.Select(a => World(a.Step)).ToList();
        foreach (var axis in axes)
            if (!(axis.Length > 1e-9) || !double.IsFinite(axis.Length)) throw refuse.Bad("space directions", directions ?? "spacings", "finite axes longer than 0");
        var lengths = axes.Select(a => a.Length).ToList();
        Complete(axes, lengths);
        var direction = new Direction(axes[0].Times(1 / lengths[0]), axes[1].Times(1 / lengths[1]), axes[2].Times(1 / lengths[2]));
        if (Math.Abs(direction.Determinant) < 1e-3) throw refuse.Bad("space directions", directions ?? "", "three different axes");
        if (direction.Skew > MaxSkew) throw refuse.Unsupported("space directions", FormattableString.Invariant($"axes {direction.Skew:R} away from right angles"), $"at most {MaxSkew}", "resample the image onto a grid with right angles first");
        var first = World(origin?[0] ?? new double[space]);
        int Side(int i) => i < kept.Count ? (int)kept[i].Size : 1;
        return new(new(Side(0), Side(1), Side(2)), new(lengths[0], lengths[1], lengths[2]), new(first.L, first.P, first.S), direction);
    }

    private static double At(double[] v, int i) => i < v.Length ? v[i] : 0;

    /// <summary>Axes that a line or a picture lacks: at right angles to the others, 1 mm.</summary>
    private static void Complete(List<Axis> axes, List<double> lengths)
    {
        if (axes.Count == 0) axes.Add(new(1, 0, 0));
        if (axes.Count == 1)
        {
            var other = Math.Abs(axes[0].P) < 0.9 * axes[0].Length ? new Axis(0, 1, 0) : new Axis(0, 0, 1);
            var across = axes[0].Cross(other).Cross(axes[0]);
            axes.Add(across.Times(1 / across.Length));
        }
        if (axes.Count == 2)
        {
            var across = axes[0].Cross(axes[1]);
            axes.Add(across.Length > 0 ? across.Times(1 / across.Length) : new(0, 0, 0));
        }
        while (lengths.Count < 3) lengths.Add(1);
    }

    private static (double L, double P, double S) Signs(Dictionary<string, string> fields, List<string> warnings, FileErrors refuse, out int dimension)
    {
        dimension = 3;
        if (!fields.TryGetValue("space", out var space))
        {
            if (fields.TryGetValue("space dimension", out var text) && (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out dimension) || dimension is < 1 or > 3))
                throw refuse.Bad("space dimension", text, "1..3");
            warnings.Add("no space is named: the orientation is guessed to be left, posterior, superior");
            return (1, 1, 1);
        }
        switch (space.ToLowerInvariant())
        {
            case "left-posterior-superior" or "lps": return (1, 1, 1);
            case "right-anterior-superior" or "ras": return (-1, -1, 1);
            case "left-anterior-superior" or "las": return (1, -1, 1);
            case "scanner-xyz" or "3d-right-handed":
                warnings.Add("the space does not name patient axes: the orientation is guessed to be left, posterior, superior");
                return (1, 1, 1);
            default: throw refuse.Unsupported("space", space, "LPS, RAS or LAS", "save the volume in one of these spaces");
        }
    }

    private static double Unit(Dictionary<string, string> fields, List<string> warnings)
    {
        if (!fields.TryGetValue("space units", out var text)) return 1;
        var units = text.Split('"', StringSplitOptions.RemoveEmptyEntries).Select(u => u.Trim()).Where(u => u.Length > 0).Distinct().ToArray();
        if (units is ["mm"]) return 1;
        if (units is ["m"]) return 1000;
        if (units is ["cm"]) return 10;
        if (units is ["um"] or ["micron"] or ["microns"]) return 0.001;
        warnings.Add("space units name no one length: taken as millimetres");
        return 1;
    }

    private static double[]?[] Directions(string text, long[] sizes, int space, FileErrors refuse)
    {
        var vectors = Vectors(text, "space directions", refuse);
        if (vectors.Count != sizes.Length || vectors.Any(v => v is not null && v.Length != space))
            throw refuse.Bad("space directions", text, FormattableString.Invariant($"{sizes.Length} vectors of {space} numbers, or none"));
        return [.. vectors];
    }

    private static double[]?[] Spacings(Dictionary<string, string> fields, long[] sizes, int space, List<string> warnings, FileErrors refuse)
    {
        var rank = sizes.Length;
        double[]? Numbers(string key)
        {
            if (!fields.TryGetValue(key, out var text)) return null;
            var words = text.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            if (words.Length != rank) throw refuse.Bad(key, FormattableString.Invariant($"{words.Length} numbers"), FormattableString.Invariant($"{rank}, the dimension"));
            return [.. words.Select(w => double.TryParse(w, NumberStyles.Float, CultureInfo.InvariantCulture, out var n) ? n : throw refuse.Bad(key, w, "a number"))];
        }
        var (spacings, low, high) = (Numbers("spacings"), Numbers("axis mins"), Numbers("axis maxs"));
        var steps = new double[]?[rank];
        var axis = 0;
        for (var i = 0; i < rank; i++)
        {
            // More than three axes: those with one value carry no place.
            if (rank > 3 && sizes[i] == 1 && rank - i > 3 - axis) continue;
            if (axis >= space) continue;
            var step = spacings is not null && !double.IsNaN(spacings[i]) ? spacings[i]
                : low is not null && high is not null && double.IsFinite(high[i] - low[i]) ? (high[i] - low[i]) / sizes[i] : double.NaN;
            if (double.IsNaN(step))
            {
                if (spacings is not null && sizes[i] > 1) warnings.Add(FormattableString.Invariant($"axis {i + 1} has no spacing: taken as 1 mm"));
                step = 1;
            }
            if (!(step > 0) || !double.IsFinite(step)) throw refuse.Bad("spacings", step, "positive millimetres");
            steps[i] = new double[space];
            steps[i]![axis++] = step;
        }
        if (spacings is null && low is null) warnings.Add("neither space directions nor spacings: voxels are taken as 1 mm apart");
        return steps;
    }

    /// <summary><c>(1,0,0) none (0,0,1)</c>.</summary>
    private static List<double[]?> Vectors(string text, string field, FileErrors refuse)
    {
        var vectors = new List<double[]?>();
        for (var i = 0; i < text.Length;)
        {
            if (text[i] is ' ' or '\t') i++;
            else if (string.CompareOrdinal(text, i, "none", 0, 4) == 0) (vectors, i) = ([.. vectors, null], i + 4);
            else
            {
                var close = text[i] == '(' ? text.IndexOf(')', i) : -1;
                if (close < 0 || vectors.Count > 16) throw refuse.Bad(field, text, "vectors as (x,y,z)");
                vectors.Add([.. text[(i + 1)..close].Split(',').Select(w =>
                    double.TryParse(w.Trim(), NumberStyles.Float, CultureInfo.InvariantCulture, out var n) && double.IsFinite(n) ? n : throw refuse.Bad(field, text, "finite numbers"))]);
                i = close + 1;
            }
        }
        return vectors;
    }
}
