using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace LiverSeg.Functional;

/// <summary>Sorts what lies in a folder into stacks of slices: localizers and captures out, copies once, passes apart.</summary>
/// <param name="Source">Where pixels are compared that are coded differently.</param>
/// <param name="Refuse">Makes the errors.</param>
/// <param name="Warnings">Hears what does not count.</param>
internal sealed record SliceSorting(DicomSource Source, FileErrors Refuse, List<string> Warnings)
{
    /// <summary>Slices from which on a stack is a scan beside which a single other image is none.</summary>
    private const int Scan = 3;

    /// <summary>Across: more than eight degrees from the scan's own direction.</summary>
    private const double Across = 0.99;

    /// <summary>Stacks of slices that can be chosen, each with what tells it from others of its series.</summary>
    internal List<(List<DicomSlice> Slices, string Pass)> Stacks(List<DicomSlice> slices)
    {
        var stacks = Grouped(WithoutPictures(slices));
        stacks = WithoutStrangers(stacks);
        return [.. stacks.OrderBy(s => s[0].Series, StringComparer.Ordinal).ThenByDescending(s => s.Count).SelectMany(Passes)];
    }

    private static List<List<DicomSlice>> Grouped(List<DicomSlice> slices)
    {
        var stacks = new List<List<DicomSlice>>();
        foreach (var slice in slices)
        {
            // Slices of one stack mostly follow each other.
            if (stacks.FindLast(s => s[0].StacksWith(slice)) is { } stack) stack.Add(slice);
            else stacks.Add([slice]);
        }
        return stacks;
    }

    /// <summary>What says itself that it is no slice of a scan goes, unless there is nothing else.</summary>
    private List<DicomSlice> WithoutPictures(List<DicomSlice> slices)
    {
        var scans = slices.Where(s => s.NoScan.Length == 0).Select(s => s.Series).ToHashSet();
        if (scans.Count == 0) return slices;
        // Captures of a whole volume with its places are a series of their own.
        bool Goes(DicomSlice s) => s.NoScan.Length > 0 && (s.NoScan == "localizer" || scans.Contains(s.Series) || s.Position is null || s.Axes is null);
        Leave(slices.Where(Goes), "localizers or captures");
        return slices.FindAll(s => !Goes(s));
    }

    /// <summary>A single image of another size or direction within a series, images without a place in one that has places, and a single image across the scan.</summary>
    private List<List<DicomSlice>> WithoutStrangers(List<List<DicomSlice>> stacks)
    {
        var left = new List<DicomSlice>();
        var largest = stacks.MaxBy(s => s.Count)!;
        var mains = stacks.GroupBy(s => s[0].Series).ToDictionary(g => g.Key, g => g.MaxBy(s => s.Count)!);
        var kept = stacks.FindAll(stack =>
        {
            var main = mains[stack[0].Series];
            var strange = main.Count >= Scan && stack != main && (stack.Count == 1 || stack[0].Axes is null && main[0].Axes is not null)
                || largest.Count >= Scan && stack.Count == 1 && stack[0].Normal is { } a && largest[0].Normal is { } b && Math.Abs(a.Dot(b)) < Across;
            if (strange) left.AddRange(stack);
            return !strange;
        });
        Leave(left, "images of another size or direction than the scan, or without a place,");
        return kept;
    }

    private void Leave(IEnumerable<DicomSlice> slices, string what)
    {
        var names = slices.Select(s => Path.GetFileName(s.Name)).Distinct().ToArray();
        if (names.Length > 0) Warnings.Add(FormattableString.Invariant($"{what} are passed over ({names.Length}): {string.Join(", ", names.Take(3))}{(names.Length > 3 ? ", .." : "")}"));
    }

    /// <summary>A stack in which slices lie at one place, or far apart, as its passes, where an element of the files tells them apart.</summary>
    private List<(List<DicomSlice> Slices, string Pass)> Passes(List<DicomSlice> stack)
    {
        var pairs = SliceLattice.SamePlaces(stack);
        if (pairs.Count > 0) (stack, pairs) = Once(stack, pairs);
        if (pairs.Count == 0 && (stack.Count < 2 * Scan || stack.Exists(s => s.Position is null) || SliceLattice.IsEven(stack, Refuse))) return [(stack, "")];
        for (var i = 0; i < DicomSlice.PassNames.Count; i++)
        {
            var parts = stack.GroupBy(s => s.Passes[i]).OrderBy(g => g.Key.Length).ThenBy(g => g.Key, StringComparer.Ordinal).ToArray();
            if (parts.Length < 2 || !parts.All(p => p.Count() > 1)) continue;
            var lists = parts.Select(p => p.ToList()).ToArray();
            if (pairs.Count > 0 ? lists.All(p => SliceLattice.SamePlaces(p).Count == 0) : lists.All(p => SliceLattice.IsEven(p, Refuse)) && SliceLattice.StandApart(lists))
                return [.. parts.Select(p => (p.ToList(), FormattableString.Invariant($"{DicomSlice.PassNames[i]} {(p.Key.Length == 0 ? "absent" : p.Key.ReplaceControls())}")))];
        }
        return [(stack, "")];
    }

    /// <summary>Of slices at one place with the same pixels one is kept.</summary>
    private (List<DicomSlice>, List<(DicomSlice A, DicomSlice B)>) Once(List<DicomSlice> stack, List<(DicomSlice A, DicomSlice B)> pairs)
    {
        var copies = new HashSet<DicomSlice>(ReferenceEqualityComparer.Instance);
        foreach (var (a, b) in pairs)
            if (!copies.Contains(a) && !copies.Contains(b) && SamePicture(a, b)) copies.Add(b);
        if (copies.Count == 0) return (stack, pairs);
        Warnings.Add(FormattableString.Invariant($"{copies.Count} slices lie there twice, at the same place with the same pixels, and count once: {string.Join(", ", copies.Take(3).Select(c => Path.GetFileName(c.Name)))}{(copies.Count > 3 ? ", .." : "")}"));
        return (stack.FindAll(s => !copies.Contains(s)), pairs.FindAll(p => !copies.Contains(p.A) && !copies.Contains(p.B)));
    }

    private bool SamePicture(DicomSlice a, DicomSlice b)
    {
        if (a.Slope != b.Slope || a.Intercept != b.Intercept) return false;
        if (a.Bytes == b.Bytes && a.Image.BitsAllocated == b.Image.BitsAllocated) return a.Image.Signed == b.Image.Signed && a.Hash.Equals(b.Hash);
        return Pixels(a).AsSpan().SequenceEqual(Pixels(b));
    }

    private float[] Pixels(DicomSlice slice)
    {
        var pixels = new float[slice.Image.Columns * slice.Image.Rows];
        slice.Image.Frame(DicomFile.Parse(Source.Bytes(slice.Name), Refuse with { File = slice.Name }), slice.Frame, slice.Slope, slice.Intercept, pixels);
        return pixels;
    }
}
