using System;
using System.Collections.Generic;
using System.Globalization;

namespace LiverSeg.Functional;

/// <summary>One segment of a DICOM segmentation, or one region (ROI) of a structure set.</summary>
/// <param name="Number">Its number; chooses it in <see cref="MaskLabel.Number"/>.</param>
/// <param name="Name">Its name; chooses it in <see cref="MaskLabel.Named"/>.</param>
/// <param name="Parts">Frames in which it has voxels, or contours.</param>
/// <param name="VolumeMl">Its volume; absent where it is known on an image's grid only.</param>
public sealed record SegmentInfo(int Number, string Name, int Parts, double? VolumeMl)
{
    /// <summary>Whether the code of its type says that it is the liver, whatever its name.</summary>
    internal bool HasLiverCode { get; init; }

    /// <summary>What its parts are called.</summary>
    internal string PartName { get; init; } = "parts";

    /// <summary>As <c>1 Liver (1500 ml)</c>.</summary>
    public override string ToString()
    {
        var name = (Name.Length > 40 ? Name[..40] + ".." : Name).ReplaceControls();
        return VolumeMl is { } ml
            ? string.Create(CultureInfo.InvariantCulture, $"{Number} {name} ({(ml >= 100 ? Math.Round(ml) : Math.Round(ml, 4))} ml)")
            : FormattableString.Invariant($"{Number} {name} ({Parts} {PartName})");
    }
}

/// <summary>A DICOM segmentation or structure set, as its file describes it.</summary>
/// <remarks>Prints without UIDs, which point to a patient.</remarks>
/// <param name="Format">As <c>DICOM SEG, BINARY</c>, or <c>DICOM RTSTRUCT</c>.</param>
/// <param name="Grid">The grid of its own frames, absent ones between them counted; absent for a structure set, which has none.</param>
/// <param name="RefersTo">What it was drawn on, as <c>1 series, 129 images</c>.</param>
public sealed record SegmentationInfo(string Format, Grid? Grid, string RefersTo)
{
    private readonly EquatableArray<SegmentInfo> _segments = EquatableArray<SegmentInfo>.Empty;

    /// <summary>Its segments, in the order of the file.</summary>
    public IReadOnlyList<SegmentInfo> Segments { get => _segments; init => _segments = value.ToEquatableArray(); }
}
