using System;
using System.Collections.Generic;
using System.Linq;

namespace LiverSeg.Functional;

/// <summary>Whether voxels look like Hounsfield units at all: scans exported as 8-bit grey give empty masks without a word elsewhere.</summary>
public static class Plausibility
{
    /// <summary>What is odd about a scan, in words; nothing for a usual CT.</summary>
    public static IReadOnlyList<string> Doubts(this Volume<Hu> ct) => Doubts([Span(ct)]);

    /// <summary>The smallest and largest finite value and how many are not finite; of parts they add up.</summary>
    internal static (float Low, float High, long Odd) Span(Volume<Hu> ct)
    {
        float low = float.PositiveInfinity, high = float.NegativeInfinity;
        var odd = 0L;
        foreach (var hu in ct.Voxels)
        {
            if (!float.IsFinite(hu.Value)) odd++;
            else (low, high) = (Math.Min(low, hu.Value), Math.Max(high, hu.Value));
        }
        return (low, high, odd);
    }

    internal static IReadOnlyList<string> Doubts(IReadOnlyList<(float Low, float High, long Odd)> parts)
    {
        float low = parts.Min(p => p.Low), high = parts.Max(p => p.High);
        var odd = parts.Sum(p => p.Odd);
        var doubts = new List<string>();
        string Range() => FormattableString.Invariant($"{low:0.#}..{high:0.#}");
        if (odd > 0) doubts.Add(FormattableString.Invariant($"{odd} voxels are not finite numbers; they count as air"));
        if (!(low < high)) doubts.Add("all voxels are equal: there is nothing to find");
        else if (low >= 0 && high > 1500) doubts.Add($"values {Range()} look like HU + 1024: subtract 1024 first");
        else if (high - low <= 255 || low >= -10) doubts.Add($"values {Range()} do not look like Hounsfield units (air −1000, water 0): was the scan exported as grey values?");
        else if (low > -200) doubts.Add($"values {Range()}: the scan seems cut to a window; the lungs are missing from it");
        return doubts;
    }
}
