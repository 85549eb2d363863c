using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

namespace LiverSeg.Functional;

/// <summary>Writes a mask as a DICOM segmentation (PS3.3, A.51) that refers to the series it was made from.</summary>
/// <remarks>Binary, one segment, every slice a frame, or every slice with liver. The same mask of the same series is the same file.</remarks>
internal static class DicomSegmentation
{
    private const string Storage = "1.2.840.10008.5.1.4.1.1.66.4";

    /// <summary>The liver's usual brown, sRGB (221, 130, 101), as CIELab under D50 (PS3.3, C.10.7.1.1).</summary>
    private static readonly (double L, double A, double B) Colour = (64.1, 33.9, 31.5);

    internal static void Write(Volume<bool> mask, DicomSeries series, string path, bool overwrite, DicomResultOptions options)
    {
        if (!series.Grid.GeometryEquals(mask.Grid))
            throw series.Refuse.Bad("grid", series.Grid, $"the mask's {mask.Grid}", "write the mask beside the series that it was made from");
        var shown = Shown(mask, options.OmitEmptyFrames);
        var pixels = Pack(mask, shown);
        var result = new DicomResult(series, options, [.. shown.Select(z => (byte)z), .. shown.Select(z => (byte)(z >> 8))], pixels);
        var set = DataSet(mask.Grid, series, result, shown);
        set.Add(0x7FE00010, "OB", pixels);
        DicomResult.Write(set, Storage, result.Uid("instance"), path, overwrite);
    }

    /// <summary>The slices that are written: all, or those with liver unless there is none, as an image must have a frame.</summary>
    internal static int[] Shown(Volume<bool> mask, bool omitEmpty)
    {
        int[] all = [.. Enumerable.Range(0, mask.Extent.Z)], inside = omitEmpty ? [.. all.Where(z => mask.Slice(z).Contains(true))] : [];
        return inside.Length > 0 ? inside : all;
    }

    /// <summary>One bit per voxel, the lowest first, frames without gaps; an even number of bytes.</summary>
    internal static byte[] Pack(Volume<bool> mask, int[] shown)
    {
        var bytes = new byte[((long)mask.Extent.X * mask.Extent.Y * shown.Length + 15) / 16 * 2];
        var i = 0;
        foreach (var z in shown)
            foreach (var voxel in mask.Slice(z))
            {
                if (voxel) bytes[i >> 3] |= (byte)(1 << (i & 7));
                i++;
            }
        return bytes;
    }

    private static DicomWriter DataSet(Grid grid, DicomSeries series, DicomResult result, int[] shown)
    {
        var set = result.DataSet(Storage, result.Uid("instance"), "SEG", "Liver segmentation", "1000");
        set.Text(0x00200052, "UI", result.SourceOr(0x00200052, "frame of reference"));
        set.Text(0x00201040, "LO", "");
        set.Text(0x00080008, "CS", "DERIVED\\PRIMARY");
        set.Text(0x00080023, "DA", result.Moment(0x00080023, 0x00080020, "19000101"));
        set.Text(0x00080033, "TM", result.Moment(0x00080033, 0x00080030, "000000"));
        set.Text(0x00200013, "IS", "1");
        set.Sequence(0x00081115, result.References());
        Dimensions(set, result);
        set.Number(0x00280002, "US", 1);
        set.Text(0x00280004, "CS", "MONOCHROME2");
        set.Text(0x00280008, "IS", shown.Length.ToString(CultureInfo.InvariantCulture));
        set.Number(0x00280010, "US", grid.Extent.Y);
        set.Number(0x00280011, "US", grid.Extent.X);
        foreach (var (tag, value) in new[] { (0x00280100u, 1), (0x00280101u, 1), (0x00280102u, 0), (0x00280103u, 0) }) set.Number(tag, "US", value);
        if (!set.Has(0x00282110)) set.Text(0x00282110, "CS", "00");
        set.Text(0x00620001, "CS", "BINARY");
        set.Sequence(0x00620002, Segment(result));
        set.Text(0x00700080, "CS", "LIVER");
        set.Text(0x00700081, "LO", "Liver segmentation");
        set.Text(0x00700084, "PN", "");
        Groups(set, series, result, shown);
        return set;
    }

    private static void Dimensions(DicomWriter set, DicomResult result)
    {
        var organization = new DicomWriter();
        organization.Text(0x00209164, "UI", result.Uid("dimensions"));
        set.Sequence(0x00209221, organization);
        DicomWriter Index(uint pointer, uint group)
        {
            var index = new DicomWriter();
            index.Text(0x00209164, "UI", result.Uid("dimensions"));
            index.Tag(0x00209165, pointer);
            index.Tag(0x00209167, group);
            return index;
        }
        set.Sequence(0x00209222, Index(0x0062000B, 0x0062000A), Index(0x00200032, 0x00209113));
    }

    private static DicomWriter Segment(DicomResult result)
    {
        var (segment, algorithm) = (new DicomWriter(), new DicomWriter());
        algorithm.Sequence(0x0066002F, DicomResult.Code("123110", "DCM", "Artificial Intelligence"));
        algorithm.Text(0x00660031, "LO", DicomResult.Version);
        algorithm.Text(0x00660032, "LT", result.Derivation);
        algorithm.Text(0x00660036, "LO", DicomResult.Program);
        segment.Sequence(0x00620003, DicomResult.Code("123037004", "SCT", "Anatomical Structure"));
        segment.Number(0x00620004, "US", 1);
        segment.Text(0x00620005, "LO", "Liver");
        if (result.Note.Length > 0) segment.Text(0x00620006, "ST", result.Note);
        segment.Sequence(0x00620007, algorithm);
        segment.Text(0x00620008, "CS", "AUTOMATIC");
        segment.Text(0x00620009, "LO", DicomResult.Program);
        segment.Shorts(0x0062000D, (ushort)Math.Round(Colour.L / 100 * 65535), (ushort)Math.Round((Colour.A + 128) / 255 * 65535), (ushort)Math.Round((Colour.B + 128) / 255 * 65535));
        segment.Sequence(0x0062000F, DicomResult.Code("10200004", "SCT", "Liver"));
        return segment;
    }

    private static void Groups(DicomWriter set, DicomSeries series, DicomResult result, int[] shown)
    {
        var (grid, shared) = (series.Grid, new DicomWriter());
        var (x, y, s) = (grid.Direction.X, grid.Direction.Y, grid.Spacing);
        var (orientation, measures, segment) = (new DicomWriter(), new DicomWriter(), new DicomWriter());
        orientation.Decimals(0x00200037, x.L, x.P, x.S, y.L, y.P, y.S);
        measures.Decimals(0x00180050, s.Z);
        measures.Decimals(0x00180088, s.Z);
        measures.Decimals(0x00280030, s.Y, s.X);
        segment.Number(0x0062000B, "US", 1);
        shared.Sequence(0x00209116, orientation);
        shared.Sequence(0x00289110, measures);
        shared.Sequence(0x0062000A, segment);
        set.Sequence(0x52009229, shared);
        set.Sequence(0x52009230, [.. shown.Select((z, i) =>
        {
            var (frame, derivation, content, position) = (new DicomWriter(), new DicomWriter(), new DicomWriter(), new DicomWriter());
            derivation.Text(0x00082111, "ST", result.Derivation);
            derivation.Sequence(0x00082112, result.SourceImage(series.Slices[z]));
            derivation.Sequence(0x00089215, DicomResult.Code("113076", "DCM", "Segmentation"));
            content.Numbers(0x00209157, 1, (uint)i + 1);
            var place = series.Slices[z].Position ?? grid.ToWorld(0, 0, z);
            position.Decimals(0x00200032, place.X, place.Y, place.Z);
            frame.Sequence(0x00089124, derivation);
            frame.Sequence(0x00209111, content);
            frame.Sequence(0x00209113, position);
            return frame;
        })]);
    }
}
