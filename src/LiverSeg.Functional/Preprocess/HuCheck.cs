using System;
using System.Collections.Generic;
using System.Linq;
using System.Numerics;

namespace LiverSeg.Functional;

/// <summary>Whether voxels look like Hounsfield units at all: scans exported as 8-bit grey give empty masks without a word elsewhere.</summary>
public static class HuCheck
{
    /// <summary>What is odd about a scan, in words; nothing for a usual CT.</summary>
    public static IReadOnlyList<string> Warnings(this Volume<Hu> ct) => Warnings([Span(ct)]);

    /// <summary>The smallest and largest finite value and how many are not finite; of parts they add up.</summary>
    internal static (float Low, float High, long Odd) Span(Volume<Hu> ct)
    {
        var values = Volume.Floats(ct.Voxels);
        var (most, least, odd, i) = (new Vector<float>(float.NegativeInfinity), new Vector<float>(float.PositiveInfinity), 0L, 0);
        for (; i <= values.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            var value = new Vector<float>(values[i..]);
            var finite = Vector.LessThan(Vector.Abs(value), new Vector<float>(float.PositiveInfinity)); // false for NaN
            odd += Vector<float>.Count + Vector.Sum(finite); // −1 a finite lane
            most = Vector.ConditionalSelect(finite, Vector.Max(most, value), most);
            least = Vector.ConditionalSelect(finite, Vector.Min(least, value), least);
        }
        var (low, high) = (float.PositiveInfinity, float.NegativeInfinity);
        for (var lane = 0; lane < Vector<float>.Count; lane++) (low, high) = (Math.Min(low, least[lane]), Math.Max(high, most[lane]));
        for (; i < values.Length; i++)
            if (!float.IsFinite(values[i])) odd++;
            else (low, high) = (Math.Min(low, values[i]), Math.Max(high, values[i]));
        return (low, high, odd);
    }

    /// <summary>Whether values can be Hounsfield units, cut to a window or not.</summary>
    internal static bool LooksLikeHu(IReadOnlyList<(float Low, float High, long Odd)> parts)
    {
        float low = parts.Min(p => p.Low), high = parts.Max(p => p.High);
        return low < -10 && high - low > 255;
    }

    internal static IReadOnlyList<string> Warnings(IReadOnlyList<(float Low, float High, long Odd)> parts)
    {
        float low = parts.Min(p => p.Low), high = parts.Max(p => p.High);
        var odd = parts.Sum(p => p.Odd);
        var warnings = new List<string>();
        string Range() => FormattableString.Invariant($"{low:0.#}..{high:0.#}");
        if (odd > 0) warnings.Add(FormattableString.Invariant($"{odd} voxels are not finite numbers; they count as air"));
        if (!(low < high)) warnings.Add("all voxels are equal: there is nothing to find");
        else if (low >= 0 && high > 1500) warnings.Add($"values {Range()} look like HU + 1024: subtract 1024 first");
        else if (high - low <= 255 || low >= -10) warnings.Add($"values {Range()} do not look like Hounsfield units (air −1000, water 0): was the scan exported as grey values?");
        else if (low > -200) warnings.Add($"values {Range()}: the scan seems cut to a window; the lungs are missing from it");
        return warnings;
    }
}
