using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using System.Threading;
using System.Threading.Tasks;
using static LiverSeg.Functional.VolumeFormat;

namespace LiverSeg.Functional;

/// <summary>Volumes as files: NIfTI-1/2 (.nii, .nii.gz, .hdr/.img) MetaImage (.mhd with .raw or .zraw, .mha) and NRRD (.nrrd, .nhdr with a data file); DICOM CT series are read.</summary>
/// <remarks>
/// Reading goes by content, writing by the file's ending. Law: read ∘ write = id (MetaImage and NRRD to the last bit of each number; NIfTI keeps geometry in
/// float32). Every trouble is one <see cref="FileErrorException"/>.
/// </remarks>
public static class VolumeFile
{
    /// <summary>How far beyond [0, 1] a score may lie: interpolation and half precision do that.</summary>
    private const float Rounding = 1e-3f;

    /// <summary>Endings of the files that name one volume and can be read and written; DICOM files and zips are read besides.</summary>
    public static IReadOnlyList<string> Endings => VolumeFormat.Endings;

    /// <summary>Opens a scan: finds the format by content, reads and checks the header. The voxels are read when they are asked for.</summary>
    /// <param name="path">A file, or a DICOM series as a folder, a zip or one file (a single slice or a multi-frame image).</param>
    /// <param name="dicom">Which series, and what beside CT; nothing to other formats.</param>
    /// <param name="warn">Hears what was odd in the header.</param>
    /// <param name="cancel">Asks to stop between the files of a series.</param>
    /// <exception cref="FileErrorException">
    /// Missing, malformed or of a kind that is not read; of DICOM also when it is not one series of evenly stacked slices: gaps, tilt, two slices at
    /// one place, several series.
    /// </exception>
    public static VolumeSource Open(string path, DicomOptions dicom, Action<string>? warn = null, CancellationToken cancel = default) => Open(path, dicom, warn, cancel, channels: false);

    /// <inheritdoc cref="Open(string, DicomOptions, Action{string}?, CancellationToken)"/>
    public static VolumeSource Open(string path) => Open(path, new DicomOptions());

    /// <summary>A scan: stored · slope + intercept, taken as Hounsfield units; of DICOM slices in order of their places, padding as −1024 HU.</summary>
    /// <param name="path">The file.</param>
    /// <param name="warn">Hears what was odd.</param>
    /// <exception cref="FileErrorException">Missing, malformed, cut off or of a kind that is not read.</exception>
    public static Volume<Hu> Read(string path, Action<string>? warn = null) => Open(path, new DicomOptions(), warn).Read(warn);

    /// <summary>A score map; values are taken as they are, and must lie in [0, 1] but for rounding: up to 0.001 beyond is cut off.</summary>
    /// <inheritdoc cref="ReadProbability(string, int?, Action{string}?)"/>
    public static Volume<Probability> ReadProbability(string path) => ReadProbability(path, null);

    /// <inheritdoc cref="ReadProbability(string)"/>
    public static Volume<Probability> ReadProbability(string path, Action<string>? warn) => ReadProbability(path, null, warn);

    /// <summary>One channel of a map of several classes.</summary>
    /// <param name="path">The file.</param>
    /// <param name="channel">The channel, from 0 on, which is mostly the background; absent where there is but one.</param>
    /// <param name="warn">Hears what was odd.</param>
    /// <exception cref="FileErrorException">Missing, malformed, cut off or of a kind that is not read; no scores; several channels and none chosen, or not that one.</exception>
    public static Volume<Probability> ReadProbability(string path, int? channel, Action<string>? warn = null)
    {
        var volume = Open(path, new DicomOptions(), warn, default, channels: true).OfChannel(channel).Read<Probability>(warn, default);
        var beyond = false;
        foreach (var p in volume.Voxels)
        {
            if (p.Value >= 0 && p.Value <= 1) continue;
            if (!(p.Value >= -Rounding && p.Value <= 1 + Rounding)) throw new FileErrors(path, "scores").Bad("voxels", p.Value, "probabilities in [0, 1]", "export the score map after its softmax");
            beyond = true;
        }
        return beyond ? volume.Map(p => new Probability(Math.Clamp(p.Value, 0, 1))) : volume;
    }

    /// <summary>A mask: the file's only value beside 0 is inside, or 1 and 2, liver and lesion; as <see cref="MaskLabel.Any"/> says.</summary>
    /// <inheritdoc cref="ReadMask(string, MaskLabel, Action{string}?)"/>
    public static Volume<bool> ReadMask(string path) => ReadMask(path, MaskLabel.Any);

    /// <inheritdoc cref="ReadMask(string)"/>
    public static Volume<bool> ReadMask(string path, Action<string>? warn) => ReadMask(path, MaskLabel.Any, warn);

    /// <summary>One label of a file as a mask.</summary>
    /// <remarks>Law: inside are exactly the voxels that equal the label's number.</remarks>
    /// <param name="path">The file.</param>
    /// <param name="label">Which voxels are inside.</param>
    /// <param name="warn">Hears what was odd, which label was taken where several have names, and of a label that no voxel has.</param>
    /// <exception cref="FileErrorException">
    /// Missing, malformed, cut off or of a kind that is not read; with values that are no labels, with several labels where none is chosen, or without the name.
    /// </exception>
    public static Volume<bool> ReadMask(string path, MaskLabel label, Action<string>? warn = null) => MaskFile.Read(path, label, null, warn);

    /// <summary>The DICOM segmentations and structure sets of a file, folder or zip, and what each marks; none where there are no such.</summary>
    /// <exception cref="FileErrorException">No DICOM image is there, or a segmentation is malformed.</exception>
    public static IReadOnlyList<SegmentationInfo> ListSegmentations(string path) => MaskFile.List(path);

    /// <summary>Reads the headers of all DICOM series of a folder, zip or file; any of them can be opened then.</summary>
    /// <param name="path">The folder, zip or file.</param>
    /// <param name="anyImage">Whether images other than CT count.</param>
    /// <param name="cancel">Asks to stop between files.</param>
    /// <exception cref="FileErrorException">No DICOM image is there, or a file is malformed.</exception>
    public static DicomStudy OpenStudy(string path, bool anyImage = false, CancellationToken cancel = default) => new FileErrors(path, "dicom").Guard(() => DicomStudy.Read(path, anyImage, masks: false, cancel));

    /// <summary>The series of a DICOM folder, zip or file, from their headers, passes of a series by themselves; not whether each can be read.</summary>
    /// <exception cref="FileErrorException">No DICOM image is there, or a file is malformed.</exception>
    public static IReadOnlyList<SeriesInfo> ListSeries(string path) => new FileErrors(path, "dicom").Guard(() => DicomStudy.Read(path, anyImage: false, masks: false, default).Series);

    /// <summary>The image files, DICOM files and zips that lie in a folder itself, by their endings, in ordinal order of their paths.</summary>
    /// <remarks>What macOS and Windows leave beside them does not count, nor what is hidden: <c>._ct.nii.gz</c>, <c>.DS_Store</c>, <c>Thumbs.db</c>.</remarks>
    /// <exception cref="FileErrorException">The folder cannot be read.</exception>
    public static IReadOnlyList<string> ImagesIn(string folder) => VolumeFormat.ImagesIn(folder);

    /// <summary>Whether a path holds DICOM, so that a folder is one scan rather than many: a folder with a DICOM file in it, a zip, or a DICOM file.</summary>
    /// <exception cref="FileErrorException">The path cannot be read.</exception>
    public static bool HoldsDicom(string path) => new FileErrors(path, "file").Guard(() =>
        Directory.Exists(path)
            ? DicomSource.Of(path, new(path, "dicom")).Names.Any(name => FileSize.Of(name) >= 12 && !DicomSource.IsZip(name) && IsDicom(name))
            : IsDicom(path));

    /// <summary><see cref="Read"/> without an exception.</summary>
    public static bool TryRead(string path, out Volume<Hu> volume, out FileError error) => Try(() => Read(path), out volume, out error);

    /// <summary><see cref="ReadMask(string)"/> without an exception.</summary>
    public static bool TryReadMask(string path, out Volume<bool> mask, out FileError error) => Try(() => ReadMask(path), out mask, out error);

    /// <summary><see cref="ReadProbability(string)"/> without an exception.</summary>
    public static bool TryReadProbability(string path, out Volume<Probability> scores, out FileError error) => Try(() => ReadProbability(path), out scores, out error);

    /// <summary>Refuses an output that cannot be written, so that long work need not be done in vain.</summary>
    /// <param name="path">Where a volume is to be written; .dcm counts as a mask's ending.</param>
    /// <param name="overwrite">Whether an existing file may be replaced.</param>
    /// <exception cref="FileErrorException">The ending is unknown, or the file exists and may not be replaced.</exception>
    public static void CheckOutput(string path, bool overwrite) => VolumeWriter.Check(path, overwrite);

    /// <summary>Writes a scan: int16 when every voxel is a whole number that fits, else float32.</summary>
    /// <exception cref="FileErrorException">The ending is unknown, the file exists and may not be replaced, or it cannot be written.</exception>
    public static void Write(this Volume<Hu> volume, string path, bool overwrite = false)
    {
        if (!Whole(volume))
        {
            VolumeWriter.Write(volume.Grid, StoredType.Float32, z => MemoryMarshal.AsBytes(volume.Slice(z)).ToArray(), path, overwrite);
            return;
        }
        VolumeWriter.Write(
            volume.Grid,
            StoredType.Int16,
            z =>
            {
                var (source, bytes) = (volume.Slice(z).ToArray(), new byte[2 * volume.Extent.X * volume.Extent.Y]);
                var shorts = MemoryMarshal.Cast<byte, short>(bytes.AsSpan());
                for (var i = 0; i < source.Length; i++) shorts[i] = (short)source[i].Value;
                return bytes;
            },
            path,
            overwrite);
    }

    /// <summary>Writes a mask as uint8: 1 inside, 0 outside.</summary>
    /// <inheritdoc cref="Write(Volume{Hu}, string, bool)"/>
    public static void Write(this Volume<bool> mask, string path, bool overwrite = false) =>
        VolumeWriter.Write(mask.Grid, StoredType.UInt8, z => MemoryMarshal.AsBytes(mask.Slice(z)).ToArray(), path, overwrite);

    /// <summary>Writes a mask as a DICOM segmentation that refers to the series it was made from; <see cref="ReadMask(string)"/> gives it back.</summary>
    /// <remarks>
    /// One segment, the liver, a frame a slice. Patient and study are the series' own, as a segmentation must belong to them; nothing else of it is taken over.
    /// Law: the same mask of the same series with the same options is the same file to the last byte.
    /// </remarks>
    /// <param name="mask">The mask, on the series' grid.</param>
    /// <param name="path">The file to write.</param>
    /// <param name="series">The series.</param>
    /// <param name="overwrite">Whether an existing file may be replaced.</param>
    /// <param name="options">What is said in it and left out; the defaults where none.</param>
    /// <exception cref="FileErrorException">The source is no DICOM series or lies on another grid, or the file cannot be written.</exception>
    public static void WriteSegmentation(this Volume<bool> mask, string path, VolumeSource series, bool overwrite = false, DicomResultOptions? options = null) => new FileErrors(series.Path, "dicom").Guard(() =>
    {
        AtomicFile.Check(path, overwrite);
        DicomSegmentation.Write(mask, SeriesOf(series), path, overwrite, options ?? new());
        return true;
    });

    internal static DicomSeries SeriesOf(VolumeSource source) =>
        source.Series ?? throw new FileErrors(source.Path, "dicom").Unsupported("series", "no DICOM", "a DICOM series", "write .nii.gz, .mha or .nrrd instead");

    /// <summary>Writes a score map as float32.</summary>
    /// <inheritdoc cref="Write(Volume{Hu}, string, bool)"/>
    public static void Write(this Volume<Probability> scores, string path, bool overwrite = false) =>
        VolumeWriter.Write(scores.Grid, StoredType.Float32, z => MemoryMarshal.AsBytes(scores.Slice(z)).ToArray(), path, overwrite);

    private static bool Whole(Volume<Hu> volume)
    {
        var whole = true;
        Parallel.For(0, volume.Extent.Z, (z, state) =>
        {
            foreach (var hu in volume.Slice(z))
                if (hu.Value != (short)Math.Clamp(hu.Value, short.MinValue, short.MaxValue))
                {
                    whole = false;
                    state.Stop();
                    return;
                }
        });
        return whole;
    }

    private static VolumeSource Open(string path, DicomOptions dicom, Action<string>? warn, CancellationToken cancel, bool channels)
    {
        if (IsDicom(path))
            return new FileErrors(path, "dicom").Guard(() => new VolumeSource(path, DicomStudy.Read(path, dicom.AnyImage, masks: false, cancel).Choose(dicom, warn)));
        var (image, refuse) = Header(path, warn, layers: false, channels);
        return new(path, image, refuse);
    }

    private static bool Try<T>(Func<Volume<T>> read, out Volume<T> volume, out FileError error) where T : unmanaged, IEquatable<T>
    {
        try
        {
            (volume, error) = (read(), FileError.None);
            return true;
        }
        catch (FileErrorException e)
        {
            (volume, error) = (new(default, ReadOnlyMemory<T>.Empty), e.Error);
            return false;
        }
    }
}
