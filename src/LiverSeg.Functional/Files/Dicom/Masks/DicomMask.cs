using System;
using System.Collections.Generic;
using System.Linq;

namespace LiverSeg.Functional;

/// <summary>A DICOM file that marks regions of a series: a segmentation (PS3.3, A.51) or a structure set (A.19).</summary>
internal abstract class DicomMask(FileErrors refuse)
{
    private const string Liver = "liver";
    private const int MaxListed = 10;

    protected FileErrors Refuse => refuse;

    /// <summary>What the file holds.</summary>
    internal abstract SegmentationInfo Info { get; }

    /// <summary>Whether the only segment is taken whatever it is called.</summary>
    protected abstract bool TakesTheOnly { get; }

    /// <summary>Whether a voxel has one segment only, so that a lesion is cut out of the liver around it.</summary>
    protected virtual bool IsLabelMap => false;

    /// <summary>One segment as a mask.</summary>
    /// <param name="label">Which.</param>
    /// <param name="lattice">The grid to lay it on; absent: that of its own frames.</param>
    /// <param name="warn">Hears what a person would want to know.</param>
    internal Volume<bool> Read(MaskLabel label, Grid? lattice, Action<string>? warn)
    {
        var segments = Choose(label, warn);
        var mask = Fill([.. segments.Select(s => s.Number)], lattice, warn);
        if (mask.Voxels.IndexOf(true) < 0) warn?.Invoke($"{refuse.File}: {segments[0]} has no voxel, and the mask is empty");
        return mask;
    }

    /// <summary>The voxels of some segments.</summary>
    protected abstract Volume<bool> Fill(IReadOnlyList<int> numbers, Grid? lattice, Action<string>? warn);

    /// <summary>Room for a grid's voxels, once it is known to be no absurd claim.</summary>
    protected bool[] Room(Grid grid)
    {
        var voxels = grid.Extent.Count;
        if (voxels > Limits.Voxels || voxels > GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 2)
            throw refuse.Unsupported("voxels", FormattableString.Invariant($"{grid.Extent}"), "at most half of the memory", "crop the segmentation, or use a machine with more memory");
        return Volume.Allocate<bool>(grid);
    }

    private SegmentInfo[] Choose(MaskLabel label, Action<string>? warn)
    {
        var all = Info.Segments;
        SegmentInfo[] Named(string name) => [.. all.Where(s => s.Name.Trim().Equals(name, StringComparison.OrdinalIgnoreCase))];
        // The name counts before the code: a segment called "liver lesion" may well have the code of the organ.
        SegmentInfo[] Livers() => Named(Liver) is { Length: > 0 } named ? named : [.. all.Where(s => s.HasLiverCode)];
        if (!label.IsAny)
        {
            var wanted = label.Value != 0 ? [.. all.Where(s => s.Number == label.Value)]
                : label.Name.Equals(Liver, StringComparison.OrdinalIgnoreCase) ? Livers() : Named(label.Name);
            if (wanted.Length == 1) return wanted;
            if (wanted.Length > 1) throw refuse.NoMask("no-such-label", $"several segments called {label}: {List(wanted)}", "one", "choose it with --label NUMBER");
            if (!label.IsLenient || all.Count != 1) throw refuse.NoMask("no-such-label", $"the segments {List(all)}", $"one called {label}", "choose one of them with --label NUMBER or --label NAME");
            warn?.Invoke($"{refuse.File}: no segment {label} but one only, {List(all)}: it is taken as the mask");
            return [all[0]];
        }
        var livers = Livers();
        if (livers.Length == 1)
        {
            if (IsLabelMap && all.Count == 2 && livers[0].Number == 1 && all.FirstOrDefault(s => s.Number == 2 && new LabelName(s.Name, EquatableArray.Of([2])).IsLesion) is { } lesion)
            {
                warn?.Invoke($"{refuse.File}: {List(all)}; both are taken, since the lesion is cut out of the liver");
                return [livers[0], lesion];
            }
            if (all.Count > 1) warn?.Invoke($"{refuse.File}: several segments, {List(all)}; the one that is the liver is taken");
            return livers;
        }
        if (all.Count == 1 && TakesTheOnly)
        {
            warn?.Invoke($"{refuse.File}: the only segment is taken, {List(all)}");
            return [all[0]];
        }
        throw refuse.NoMask("ambiguous-mask", $"{(all.Count == 1 ? "one segment" : "several segments")}: {List(all)}", "one called liver", "choose one with --label NUMBER or --label NAME");
    }

    private static string List(IReadOnlyList<SegmentInfo> segments) => string.Join(", ", segments.Take(MaxListed)) + (segments.Count > MaxListed ? ", .." : "");
}
