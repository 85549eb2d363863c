using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;

namespace LiverSeg.Functional;

/// <summary>A slice as a picture in colour.</summary>
/// <param name="Columns">Pixels per row: a whole multiple of the slice's.</param>
/// <param name="Rows">Rows of pixels: the same multiple of the slice's.</param>
/// <param name="Rgb">Red, green and blue of each pixel, row by row from the top.</param>
public sealed record CapturedSlice(int Columns, int Rows, ReadOnlyMemory<byte> Rgb);

/// <summary>Pictures of a result as a series of DICOM Secondary Captures (PS3.3, A.8.1), for viewers that show no segmentations.</summary>
/// <remarks>One file a slice, in a folder that is there whole or not at all. The same pictures of the same series are the same files.</remarks>
public static class SecondaryCapture
{
    private const string Storage = "1.2.840.10008.5.1.4.1.1.7";

    /// <summary>Refuses a folder that cannot be written, so that long work need not be done in vain.</summary>
    /// <param name="folder">The folder of the captures.</param>
    /// <param name="overwrite">Whether earlier captures may be replaced.</param>
    /// <exception cref="FileErrorException">It is there and may not be replaced, or holds anything but captures.</exception>
    public static void Check(string folder, bool overwrite)
    {
        if (File.Exists(folder) || new DirectoryInfo(folder).LinkTarget is not null) throw Refuse(folder, "a file or link of that name");
        if (!Directory.Exists(folder) || !Directory.EnumerateFileSystemEntries(folder).Any()) return;
        if (!overwrite) throw Refuse(folder, "a folder with files of that name");
        // A folder is replaced as a whole: never one that holds what somebody else wrote.
        if (Directory.EnumerateFileSystemEntries(folder).Any(entry => !IsCapture(entry))) throw Refuse(folder, "a folder with other files than captures");
    }

    /// <summary>Writes a picture for each slice, or for each with liver.</summary>
    /// <param name="mask">The mask, on the series' grid.</param>
    /// <param name="folder">The folder to write.</param>
    /// <param name="series">The series.</param>
    /// <param name="draw">Draws the slice of a number from 0 on.</param>
    /// <param name="overwrite">Whether earlier captures may be replaced.</param>
    /// <param name="options">What is said in them and left out; the defaults where none.</param>
    /// <returns>The files.</returns>
    /// <exception cref="FileErrorException">The source is no DICOM series or lies on another grid, or the folder cannot be written.</exception>
    public static IReadOnlyList<string> Write(
        Volume<bool> mask, string folder, VolumeSource series, Func<int, CapturedSlice> draw, bool overwrite = false, DicomResultOptions? options = null) =>
        new FileErrors(series.Path, "dicom").Guard(() =>
        {
            Check(folder, overwrite);
            var dicom = VolumeFile.SeriesOf(series);
            if (!dicom.Grid.GeometryEquals(mask.Grid)) throw dicom.Refuse.Bad("grid", dicom.Grid, $"the mask's {mask.Grid}", "write captures of the series that the mask was made from");
            var shown = DicomSegmentation.Shown(mask, (options ?? new()).OmitEmptyFrames);
            var result = new DicomResult(dicom, options ?? new(), DicomSegmentation.Pack(mask, shown));
            folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
            var temporary = FormattableString.Invariant($"{folder}.{Environment.ProcessId}-{Environment.CurrentManagedThreadId}.tmp");
            try
            {
                Directory.CreateDirectory(temporary);
                foreach (var z in shown) One(dicom, result, z, draw(z), Path.Combine(temporary, Name(z)));
                if (Directory.Exists(folder)) Directory.Delete(folder, true);
                Directory.Move(temporary, folder);
            }
            finally
            {
                if (Directory.Exists(temporary)) Directory.Delete(temporary, true);
            }
            return shown.Select(z => Path.Combine(folder, Name(z))).ToEquatableArray();
        });

    /// <summary>The patient's sides that a direction points to, the nearest first (PS3.3, C.7.6.1.1.1): as L or PH.</summary>
    internal static string Sides(Axis a) => string.Concat(
        new[] { (a.L, "L", "R"), (a.P, "P", "A"), (a.S, "H", "F") }
            .Where(s => Math.Abs(s.Item1) > 0.3).OrderByDescending(s => Math.Abs(s.Item1)).Select(s => s.Item1 > 0 ? s.Item2 : s.Item3));

    private static string Name(int z) => FormattableString.Invariant($"capture-{z + 1:D5}.dcm");

    private static bool IsCapture(string path) =>
        Path.GetFileName(path) is var name && name.StartsWith("capture-", StringComparison.Ordinal) && name.EndsWith(".dcm", StringComparison.Ordinal) && File.Exists(path);

    private static void One(DicomSeries series, DicomResult result, int z, CapturedSlice picture, string path)
    {
        var (grid, slice) = (series.Grid, series.Slices[z]);
        var scale = picture.Columns / grid.Extent.X;
        if (scale < 1 || picture.Columns != scale * grid.Extent.X || picture.Rows != scale * grid.Extent.Y || picture.Rgb.Length != 3L * picture.Columns * picture.Rows)
            throw new ArgumentException(FormattableString.Invariant($"a picture of {picture.Columns}×{picture.Rows} with {picture.Rgb.Length} bytes; a whole multiple of {grid.Extent.X}×{grid.Extent.Y} is needed"), nameof(picture));
        var instance = result.Uid(FormattableString.Invariant($"capture {z} {Convert.ToHexString(Sha256Hash.HashData(picture.Rgb.Span))}"));
        var set = result.DataSet(Storage, instance, "OT", "Liver outline, research only", "1001");
        set.Text(0x00080008, "CS", "DERIVED\\SECONDARY");
        set.Text(0x00080064, "CS", "WSD");
        if (result.Moment(0x00080023, 0x00080020, "") is { Length: > 0 } date) set.Text(0x00080023, "DA", date);
        if (result.Moment(0x00080033, 0x00080030, "") is { Length: > 0 } time) set.Text(0x00080033, "TM", time);
        set.Text(0x00082111, "ST", result.Derivation);
        set.Sequence(0x00082112, result.SourceImage(slice));
        set.Sequence(0x00089215, DicomResult.Code("113076", "DCM", "Segmentation"));
        set.Text(0x00181016, "LO", DicomResult.Program);
        set.Text(0x00181018, "LO", DicomResult.Program);
        set.Text(0x00181019, "LO", DicomResult.Version);
        set.Text(0x00180015, "CS", "LIVER");
        set.Text(0x00200013, "IS", (z + 1).ToString(CultureInfo.InvariantCulture));
        set.Text(0x00200020, "CS", $"{Sides(grid.Direction.X)}\\{Sides(grid.Direction.Y)}");
        if (result.Note.Length > 0) set.Text(0x00204000, "LT", result.Note);
        set.Number(0x00280002, "US", 3);
        set.Text(0x00280004, "CS", "RGB");
        set.Number(0x00280006, "US", 0);
        set.Number(0x00280010, "US", picture.Rows);
        set.Number(0x00280011, "US", picture.Columns);
        set.Decimals(0x00280030, grid.Spacing.Y / scale, grid.Spacing.X / scale);
        foreach (var (tag, value) in new[] { (0x00280100u, 8), (0x00280101u, 8), (0x00280102u, 7), (0x00280103u, 0) }) set.Number(tag, "US", value);
        // About what names a patient: our letters do not, the scan's own may.
        set.Text(0x00280301, "CS", series.First.Text(0x00280301) == "YES" ? "YES" : "NO");
        set.Add(0x7FE00010, "OB", picture.Rgb.ToArray());
        DicomResult.Write(set, Storage, instance, path, overwrite: false);
    }

    private static FileErrorException Refuse(string folder, string found) => new(new()
    {
        Kind = FileErrorKind.InputOutput,
        Code = "output-exists",
        File = folder,
        Field = "output",
        Found = found,
        Expected = "an empty folder or none; with overwriting, one of captures alone",
        Remedy = "choose another folder",
    });
}
