using System;
using System.Collections.Generic;
using System.Linq;

namespace LiverSeg.Functional;

/// <summary>Reads a file as a mask, whatever its format.</summary>
internal static class MaskFile
{
    internal static Volume<bool> Read(string path, MaskLabel label, Grid? lattice, Action<string>? warn)
    {
        if (!VolumeFormat.IsDicom(path))
        {
            var (image, refuse) = VolumeFormat.Header(path, warn, layers: true);
            return new VolumeSource(path, image, refuse).ReadMask(label, warn);
        }
        return new FileErrors(path, "dicom").Guard(() =>
        {
            var study = Study(path);
            if (study.Masks.Count == 0) return new VolumeSource(path, study.Choose(new(), warn)).ReadMask(label, warn);
            if (study.Masks.Count > 1) throw new FileErrors(path, "dicom").Unsupported("segmentations", study.Masks.Count, "one", "name the file of one of them");
            // Where the one series that it can have been drawn on lies beside it, that is its grid.
            var beside = lattice is null && study.Series.Count == 1 ? study.Choose(new(), warn).Grid : lattice;
            return Parse(study, study.Masks[0]).Read(label, beside, warn);
        });
    }

    /// <summary>Both masks, each with its own label; the grid of the one that has a whole one counts for the other.</summary>
    internal static (Volume<bool> Prediction, Volume<bool> Truth) ReadPair((string Path, MaskLabel Label) prediction, (string Path, MaskLabel Label) truth, Action<string>? warn)
    {
        if (IsSegmentation(truth.Path) && !IsSegmentation(prediction.Path))
        {
            var whole = Read(prediction.Path, prediction.Label, null, warn);
            return (whole, Read(truth.Path, truth.Label, whole.Grid, warn));
        }
        var reference = Read(truth.Path, truth.Label, null, warn);
        if (!IsSegmentation(truth.Path) || !IsSegmentation(prediction.Path)) return (Read(prediction.Path, prediction.Label, reference.Grid, warn), reference);
        // Of two segmentations each has its own frames: both are laid on the grid that holds them all.
        var judged = Read(prediction.Path, prediction.Label, null, warn);
        var both = Joint(reference.Grid, judged.Grid);
        return (Read(prediction.Path, prediction.Label, both, null), Read(truth.Path, truth.Label, both, null));
    }

    /// <summary>The lattice of one grid over the corners of both.</summary>
    private static Grid Joint(Grid grid, Grid other)
    {
        var (e, o) = (grid.Extent, other.Extent);
        var (a, b) = (grid.ToIndex(other.Origin), grid.ToIndex(other.ToWorld(o.X - 1, o.Y - 1, o.Z - 1)));
        static (int First, int Count) Span(double a, double b, int length)
        {
            var (low, high) = (Math.Min(0, Math.Round(Math.Min(a, b))), Math.Max(length - 1, Math.Round(Math.Max(a, b))));
            return high - low < 1 << 20 ? ((int)low, (int)(high - low) + 1) : (0, length);
        }
        var (x, y, z) = (Span(a.X, b.X, e.X), Span(a.Y, b.Y, e.Y), Span(a.Z, b.Z, e.Z));
        return grid.At(new(x.First, y.First, z.First, new(x.Count, y.Count, z.Count)));
    }

    internal static IReadOnlyList<SegmentationInfo> List(string path) =>
        !VolumeFormat.IsDicom(path)
            ? EquatableArray<SegmentationInfo>.Empty
            : new FileErrors(path, "dicom").Guard(() => Study(path) is var study ? study.Masks.Select(name => Parse(study, name).Info).ToEquatableArray() : EquatableArray<SegmentationInfo>.Empty);

    private static bool IsSegmentation(string path) => VolumeFormat.IsDicom(path) && new FileErrors(path, "dicom").Guard(() => Study(path).Masks.Count > 0);

    private static DicomStudy Study(string path) => DicomStudy.Read(path, anyImage: false, masks: true, default);

    private static DicomMask Parse(DicomStudy study, string name)
    {
        var file = DicomFile.Parse(study.Source.Bytes(name), new(name, "dicom"));
        return file.Data.Text(0x00080060) == "RTSTRUCT" ? new StructureSet(file) : new SegmentationImage(file);
    }
}
