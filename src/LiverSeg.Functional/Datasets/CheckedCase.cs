using System;
using System.Collections.Generic;
using System.Linq;

namespace LiverSeg.Functional;

/// <summary>A case whose files were read and looked at, before anything is learned from it: the mask lies on the scan's grid.</summary>
internal sealed record CheckedCase(Volume<Hu> Ct, Volume<bool> Liver, bool IsEmpty)
{
    private const double LeastMl = 300, MostMl = 5000;

    /// <summary>Of all tissue in a scan a liver is a small part; cut-outs around it hold more.</summary>
    private const double MostTissue = 0.67;

    /// <summary>Mean densities, in HU, between which any liver lies: fatty ones have −20, the whitest in contrast 250.</summary>
    private const double LeastHu = -100, MostHu = 400;

    /// <summary>Reads and looks at a case; what is odd is said with the case's name, and what is wrong names case and file.</summary>
    /// <exception cref="FileErrorException">A file cannot be read; the scan is a mask; the mask lies on another lattice, is no mask of one organ, or is full.</exception>
    internal static CheckedCase Named(CaseFile file, Action<string>? warn)
    {
        try
        {
            return Read(file, text => warn?.Invoke($"{file.Id}: {text}"));
        }
        catch (FileErrorException e)
        {
            throw Of(file, e);
        }
    }

    /// <summary>The same error with the case's name in it.</summary>
    internal static FileErrorException Of(CaseFile file, FileErrorException e) => new(e.Error with { Field = $"case {file.Id}, {e.Error.Field}" }, e);

    /// <summary>Reads and looks at a case: readable, a scan and a mask, one lattice, values like Hounsfield units, a liver's volume, density and side.</summary>
    /// <inheritdoc cref="Named"/>
    internal static CheckedCase Read(CaseFile file, Action<string> warn)
    {
        var ct = VolumeFile.Read(file.Image, warn);
        if (Values(ct) is { Count: 2 } two)
            throw new FileErrors(file.Image, "scan").NoMask(
                "no-scan", FormattableString.Invariant($"the two values {two[0]} and {two[1]} only"), "a CT in Hounsfield units", "a mask stands where the scan belongs: are image and mask exchanged in the list?");
        var liver = Lattice.ReadMask(file.Mask, ct.Grid, file.Label, warn);
        foreach (var text in ct.Warnings()) warn(text);
        var count = liver.Count();
        if (count == 0) warn("the mask is empty: a scan without any liver");
        else if (count == liver.Extent.Count) throw new FileErrors(file.Mask, "mask").NoMask("full-mask", "every voxel inside", "a mask of the liver", "take the mask of the liver, or choose its label with --label NUMBER");
        // Who names another organ does not want it compared with livers.
        else Look(ct, liver, count, isLiver: file.Label.Name.Length == 0 || file.Label.Name.Contains("liver", StringComparison.OrdinalIgnoreCase), warn);
        return new(ct, liver, count == 0);
    }

    /// <summary>Says with how many scans without any liver a training begins, and refuses one that has nothing else.</summary>
    internal static void EnsureLiver(IReadOnlyList<(CaseFile File, bool IsEmpty)> cases, Action<string>? warn)
    {
        var empty = cases.Count(c => c.IsEmpty);
        if (empty == 0) return;
        if (empty == cases.Count)
            throw new FileErrors(cases[0].File.Mask, "mask").NoMask(
                "empty-masks", $"no voxel inside in the masks of all cases ({Names(cases)})", "at least one case with a liver", "take masks with a liver, or choose its label with --label NUMBER");
        warn?.Invoke($"{empty} of {cases.Count} cases have an empty mask and teach what is no liver: {Names(cases.Where(c => c.IsEmpty))}");
    }

    private static string Names(IEnumerable<(CaseFile File, bool IsEmpty)> cases)
    {
        const int Most = 5;
        var names = cases.Select(c => c.File.Id).ToList();
        return string.Join(", ", names.Take(Most)) + (names.Count > Most ? ", .." : "");
    }

    /// <summary>The different values of a scan, as far as the third.</summary>
    private static List<float> Values(Volume<Hu> ct)
    {
        var values = new List<float>();
        for (var z = 0; z < ct.Extent.Z; z++)
            foreach (var value in Volume.Floats(ct.Slice(z)))
                if (!values.Contains(value))
                {
                    values.Add(value);
                    if (values.Count > 2) return values;
                }
        return [.. values.Order()];
    }

    private static void Look(Volume<Hu> ct, Volume<bool> liver, long count, bool isLiver, Action<string> warn)
    {
        const float Tissue = -300;
        var (e, d, s) = (ct.Extent, ct.Grid.Direction, ct.Grid.Spacing);
        double body = 0, inside = 0, density = 0;
        var tissue = 0L;
        for (var z = 0; z < e.Z; z++)
        {
            var values = ct.Slice(z);
            var mask = liver.Slice(z);
            for (int y = 0, i = 0; y < e.Y; y++)
                for (var x = 0; x < e.X; x++, i++)
                {
                    var left = x * s.X * d.X.L + y * s.Y * d.Y.L + z * s.Z * d.Z.L;
                    if (values[i].Value > Tissue) (body, tissue) = (body + left, tissue + 1);
                    if (mask[i]) (inside, density) = (inside + left, density + values[i].Value);
                }
        }
        if (isLiver && tissue > 0 && inside / count - body / tissue is > 0 and var mm) warn(FormattableString.Invariant($"the liver's centre lies {mm:F0} mm to the left of the body's: are left and right exchanged?"));
        if (isLiver && liver.VolumeMl() is var ml && ml is < LeastMl or > MostMl) warn(FormattableString.Invariant($"a liver of {ml:F0} ml"));
        if (count > MostTissue * tissue) warn(FormattableString.Invariant($"the mask is {100.0 * count / Math.Max(tissue, 1):F0} % as large as all tissue of the scan: is it one of all organs, or of the body?"));
        if (isLiver && density / count is var mean && !(mean is >= LeastHu and <= MostHu)) warn(FormattableString.Invariant($"the voxels of the mask have {mean:F0} HU on average: does it belong to this scan?"));
    }
}
