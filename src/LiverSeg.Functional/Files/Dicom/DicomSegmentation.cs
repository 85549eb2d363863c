using System;
using System.Globalization;
using System.Linq;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;

namespace LiverSeg.Functional;

/// <summary>Writes a mask as a DICOM segmentation (PS3.3, A.51) that refers to the series it was made from.</summary>
/// <remarks>Binary, one segment, every slice a frame. Nothing in it depends on the clock: the same mask of the same series is the same file.</remarks>
internal static class DicomSegmentation
{
    private const string SegmentationStorage = "1.2.840.10008.5.1.4.1.1.66.4", ExplicitLittle = "1.2.840.10008.1.2.1";

    /// <summary>What the patient and study modules take over from the source, character set first.</summary>
    private static readonly (uint Tag, string Representation)[] Taken =
    [
        (0x00080005, "CS"), (0x00080020, "DA"), (0x00080030, "TM"), (0x00080050, "SH"), (0x00080090, "PN"), (0x00100010, "PN"), (0x00100020, "LO"), (0x00100030, "DA"), (0x00100040, "CS"),
        (0x0020000D, "UI"), (0x00200010, "SH"), (0x00200052, "UI"), (0x00201040, "LO"),
    ];

    internal static void Write(Volume<bool> mask, DicomSeries series, string path, bool overwrite, string note)
    {
        if (!series.Grid.GeometryEquals(mask.Grid))
            throw series.Refuse.Bad("grid", series.Grid, $"the mask's {mask.Grid}", "write the mask beside the series that it was made from");
        var first = series.First;
        var pixels = Pack(mask);
        var seed = SHA256.HashData([.. Encoding.ASCII.GetBytes(series.Slices[0].Series + "\0" + string.Join("\0", series.Slices.Select(s => s.Instance))), .. SHA256.HashData(pixels), .. Encoding.UTF8.GetBytes(note)]);
        var set = DataSet(mask, series, first, seed, note);
        set.Add(0x7FE00010, "OB", pixels);
        var meta = new DicomWriter();
        meta.Add(0x00020001, "OB", [0, 1]);
        meta.Text(0x00020002, "UI", SegmentationStorage);
        meta.Text(0x00020003, "UI", Uid(seed, "instance"));
        meta.Text(0x00020010, "UI", ExplicitLittle);
        meta.Text(0x00020012, "UI", Uid([], "LiverSeg.Functional"));
        var metaBytes = meta.ToArray();
        var length = new DicomWriter();
        length.Number(0x00020000, "UL", metaBytes.Length);
        AtomicFile.Write(path, overwrite, file =>
        {
            file.Write(new byte[128]);
            file.Write("DICM"u8);
            file.Write(length.ToArray());
            file.Write(metaBytes);
            file.Write(set.ToArray());
        });
    }

    /// <summary>One bit per voxel, the lowest first, frames without gaps; an even number of bytes.</summary>
    private static byte[] Pack(Volume<bool> mask)
    {
        var bytes = new byte[(mask.Extent.Count + 15) / 16 * 2];
        var voxels = mask.Voxels;
        for (var i = 0; i < voxels.Length; i++)
            if (voxels[i]) bytes[i >> 3] |= (byte)(1 << (i & 7));
        return bytes;
    }

    private static DicomWriter DataSet(Volume<bool> mask, DicomSeries series, DicomData first, byte[] seed, string note)
    {
        var (grid, instanceClass) = (series.Grid, first.Text(0x00080016));
        var set = new DicomWriter();
        foreach (var (tag, representation) in Taken)
        {
            var value = first[tag] is { Items.Count: 0 } element ? first.Value(element).ToArray() : [];
            if (value.Length > 0 || tag != 0x00080005) set.Add(tag, representation, value); // no empty character set
        }
        if (first.Text(0x0020000D).Length == 0) set.Text(0x0020000D, "UI", Uid(seed, "study"));
        if (first.Text(0x00200052).Length == 0) set.Text(0x00200052, "UI", Uid(seed, "frame of reference"));
        string Date(uint tag, uint or, string absent) => first.Text(tag) is { Length: > 0 } own ? own : first.Text(or) is { Length: > 0 } other ? other : absent;
        set.Text(0x00080008, "CS", "DERIVED\\PRIMARY");
        set.Text(0x00080016, "UI", SegmentationStorage);
        set.Text(0x00080018, "UI", Uid(seed, "instance"));
        set.Text(0x00080023, "DA", Date(0x00080023, 0x00080020, "19000101"));
        set.Text(0x00080033, "TM", Date(0x00080033, 0x00080030, "000000"));
        set.Text(0x00080060, "CS", "SEG");
        set.Text(0x00080070, "LO", "LiverSeg.Functional");
        set.Text(0x0008103E, "LO", "Liver segmentation");
        set.Text(0x00081090, "LO", "LiverSeg.Functional");
        set.Text(0x00181000, "LO", "1");
        set.Text(0x00181020, "LO", typeof(DicomSegmentation).Assembly.GetName().Version!.ToString(3));
        set.Text(0x0020000E, "UI", Uid(seed, "series"));
        set.Text(0x00200011, "IS", "1000");
        set.Text(0x00200013, "IS", "1");
        set.Sequence(0x00081115, References(series, instanceClass));
        Dimensions(set, seed);
        set.Number(0x00280002, "US", 1);
        set.Text(0x00280004, "CS", "MONOCHROME2");
        set.Text(0x00280008, "IS", grid.Extent.Z.ToString(CultureInfo.InvariantCulture));
        set.Number(0x00280010, "US", grid.Extent.Y);
        set.Number(0x00280011, "US", grid.Extent.X);
        foreach (var (tag, value) in new[] { (0x00280100u, 1), (0x00280101u, 1), (0x00280102u, 0), (0x00280103u, 0) }) set.Number(tag, "US", value);
        set.Text(0x00282110, "CS", "00");
        set.Text(0x00620001, "CS", "BINARY");
        set.Sequence(0x00620002, Segment(note));
        set.Text(0x00700080, "CS", "LIVER");
        set.Text(0x00700081, "LO", "Liver segmentation");
        set.Text(0x00700084, "PN", "");
        Groups(set, series, instanceClass);
        return set;
    }

    private static DicomWriter References(DicomSeries series, string instanceClass)
    {
        var own = new DicomWriter();
        own.Sequence(0x0008114A, [.. series.Slices.Select(s => s.Instance).Distinct().Select(instance => Reference(instanceClass, instance))]);
        own.Text(0x0020000E, "UI", series.Slices[0].Series);
        return own;
    }

    private static DicomWriter Reference(string instanceClass, string instance)
    {
        var own = new DicomWriter();
        own.Text(0x00081150, "UI", instanceClass);
        own.Text(0x00081155, "UI", instance);
        return own;
    }

    private static void Dimensions(DicomWriter set, byte[] seed)
    {
        var organization = new DicomWriter();
        organization.Text(0x00209164, "UI", Uid(seed, "dimensions"));
        set.Sequence(0x00209221, organization);
        DicomWriter Index(uint pointer, uint group)
        {
            var index = new DicomWriter();
            index.Text(0x00209164, "UI", Uid(seed, "dimensions"));
            index.Tag(0x00209165, pointer);
            index.Tag(0x00209167, group);
            return index;
        }
        set.Sequence(0x00209222, Index(0x0062000B, 0x0062000A), Index(0x00200032, 0x00209113));
    }

    private static DicomWriter Code(string value, string scheme, string meaning)
    {
        var code = new DicomWriter();
        code.Text(0x00080100, "SH", value);
        code.Text(0x00080102, "SH", scheme);
        code.Text(0x00080104, "LO", meaning);
        return code;
    }

    private static DicomWriter Segment(string note)
    {
        var segment = new DicomWriter();
        segment.Sequence(0x00620003, Code("123037004", "SCT", "Anatomical Structure"));
        segment.Number(0x00620004, "US", 1);
        segment.Text(0x00620005, "LO", "Liver");
        // ST, at most 1024 characters; the source's character set need not have more than ASCII.
        if (note.Length > 0) segment.Text(0x00620006, "ST", new string([.. note.Take(1024).Select(c => c == '×' ? 'x' : char.IsBetween(c, ' ', '~') && c != '\\' ? c : '?')]));
        segment.Text(0x00620008, "CS", "AUTOMATIC");
        segment.Text(0x00620009, "LO", "LiverSeg.Functional");
        segment.Sequence(0x0062000F, Code("10200004", "SCT", "Liver"));
        return segment;
    }

    private static void Groups(DicomWriter set, DicomSeries series, string instanceClass)
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
        var multi = series.Slices.Any(v => v.Image.Frames > 1);
        set.Sequence(0x52009230, [.. series.Slices.Select((slice, z) =>
        {
            var (frame, derivation, content, position) = (new DicomWriter(), new DicomWriter(), new DicomWriter(), new DicomWriter());
            var source = Reference(instanceClass, slice.Instance);
            if (multi) source.Text(0x00081160, "IS", (slice.Frame + 1).ToString(CultureInfo.InvariantCulture));
            source.Sequence(0x0040A170, Code("121322", "DCM", "Source image for image processing operation"));
            derivation.Sequence(0x00082112, source);
            derivation.Sequence(0x00089215, Code("113076", "DCM", "Segmentation"));
            content.Numbers(0x00209157, 1, (uint)z + 1);
            var place = slice.Position ?? grid.ToWorld(0, 0, z);
            position.Decimals(0x00200032, place.X, place.Y, place.Z);
            frame.Sequence(0x00089124, derivation);
            frame.Sequence(0x00209111, content);
            frame.Sequence(0x00209113, position);
            return frame;
        })]);
    }

    /// <summary>2.25 and a number of 128 bits (PS3.5, B.2), here out of the content instead of chance.</summary>
    private static string Uid(byte[] seed, string what) =>
        "2.25." + new BigInteger(SHA256.HashData([.. seed, .. Encoding.ASCII.GetBytes(what)]).AsSpan(0, 16), isUnsigned: true).ToString(CultureInfo.InvariantCulture);
}
