using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using System.Threading.Tasks;
using static LiverSeg.Functional.VolumeFormat;

namespace LiverSeg.Functional;

/// <summary>Volumes as files: NIfTI-1/2 (.nii, .nii.gz, .hdr/.img) MetaImage (.mhd with .raw or .zraw, .mha) and NRRD (.nrrd, .nhdr with a data file); DICOM CT series are read.</summary>
/// <remarks>
/// Reading goes by content, writing by the file's ending. Law: read ∘ write = id (MetaImage and NRRD to the last bit of each number; NIfTI keeps geometry in
/// float32). Every trouble is one <see cref="VolumeFileException"/>.
/// </remarks>
public static class VolumeFile
{
    /// <summary>A scan: stored · slope + intercept, taken as Hounsfield units.</summary>
    /// <param name="path">The file.</param>
    /// <param name="warn">Hears what was odd in the header.</param>
    /// <exception cref="VolumeFileException">Missing, malformed, cut off or of a kind that is not read.</exception>
    public static Volume<Hu> Read(string path, Action<string>? warn = null) => ReadFloats<Hu>(path, warn);

    /// <summary>A DICOM series: a folder, a zip, or one file (a single slice or a multi-frame image).</summary>
    /// <remarks>Slices are put in order by their places, padding becomes −1024 HU, each slice has its own slope and intercept.</remarks>
    /// <param name="path">The folder, zip or file.</param>
    /// <param name="options">Which series, and what beside CT.</param>
    /// <param name="warn">Hears what was odd.</param>
    /// <exception cref="VolumeFileException">Not one series of evenly stacked slices: gaps, tilt, two slices at one place, several series.</exception>
    public static Volume<Hu> ReadDicom(string path, DicomOptions options, Action<string>? warn = null)
    {
        var refuse = new Refusal(path, "dicom");
        return Guard(refuse, () =>
        {
            if (!Directory.Exists(path) && !File.Exists(path)) throw refuse.InputOutput("path", "nothing", "a file or folder", "check the path");
            var series = Warned(DicomSeries.Open(path, options), warn);
            return new Volume<Hu>(series.Grid, series.Floats<Hu>());
        });
    }

    /// <summary>Some slices of a scan, so that a volume larger than the memory can be worked on piece by piece.</summary>
    /// <remarks>Plain files and DICOM series are read only where the slices lie; packed ones are unpacked to their end and checked, but take no more room than the slices. Law: the slab of a read scan.</remarks>
    /// <param name="path">The file.</param>
    /// <param name="first">The first slice, from 0 on.</param>
    /// <param name="count">How many slices, at least 1.</param>
    /// <param name="warn">Hears what was odd in the header.</param>
    /// <exception cref="ArgumentOutOfRangeException">The slices lie outside.</exception>
    /// <exception cref="VolumeFileException">Missing, malformed, cut off or of a kind that is not read.</exception>
    public static Volume<Hu> ReadSlab(string path, int first, int count, Action<string>? warn = null) => ReadSlab(path, first, count, new DicomOptions(), warn);

    /// <summary>Some slices of a scan; of a DICOM folder with many series the chosen one.</summary>
    /// <inheritdoc cref="ReadSlab(string, int, int, Action{string}?)"/>
    /// <param name="path">The file.</param>
    /// <param name="first">The first slice, from 0 on.</param>
    /// <param name="count">How many slices, at least 1.</param>
    /// <param name="dicom">Which series; nothing to other formats.</param>
    /// <param name="warn">Hears what was odd in the header.</param>
    public static Volume<Hu> ReadSlab(string path, int first, int count, DicomOptions dicom, Action<string>? warn = null)
    {
        void Inside(Extent extent)
        {
            if (first < 0 || count < 1 || count > extent.Z - first)
                throw new ArgumentOutOfRangeException(nameof(first), FormattableString.Invariant($"slices {first} .. {(long)first + count - 1} lie outside of {extent}"));
        }
        if (IsDicom(path))
            return Guard(new(path, "dicom"), () =>
            {
                var series = Warned(DicomSeries.Open(path, dicom), warn);
                Inside(series.Grid.Extent);
                var slab = series.Slab(first, count);
                return new Volume<Hu>(slab.Grid, slab.Floats<Hu>());
            });
        var (image, refuse) = Header(path, warn);
        Inside(image.Info.Grid.Extent);
        image = image with { Slab = (first, count) };
        return new(image.Wanted, VoxelStream.ReadFloats<Hu>(image, refuse, warn));
    }

    /// <summary>A score map; values are taken as they are, and must lie in [0, 1].</summary>
    /// <inheritdoc cref="Read"/>
    public static Volume<Probability> ReadProbability(string path, Action<string>? warn = null)
    {
        var volume = ReadFloats<Probability>(path, warn);
        foreach (var p in volume.Voxels)
            if (!(p.Value >= 0 && p.Value <= 1)) throw new Refusal(path, "scores").Bad("voxels", p.Value, "probabilities in [0, 1]", "export the score map after its softmax");
        return volume;
    }

    /// <summary>A mask: other than zero is inside.</summary>
    /// <inheritdoc cref="Read"/>
    public static Volume<bool> ReadMask(string path, Action<string>? warn = null)
    {
        if (IsDicom(path))
            return Guard(new(path, "dicom"), () =>
            {
                var series = Warned(DicomSeries.Open(path, new(), masks: true), warn);
                return new Volume<Hu>(series.Grid, series.Floats<Hu>()).Map(v => v.Value != 0);
            });
        var (image, refuse) = Header(path, warn);
        return new(image.Info.Grid, VoxelStream.ReadMask(image, refuse));
    }

    /// <summary>What the header says; no voxel is read.</summary>
    /// <exception cref="VolumeFileException">Missing, malformed or of a kind that is not read.</exception>
    public static VolumeInfo Info(string path) => Info(path, new DicomOptions());

    /// <summary>What the header says; of a DICOM folder with many series the chosen one's.</summary>
    /// <inheritdoc cref="Info(string)"/>
    /// <param name="path">The file.</param>
    /// <param name="dicom">Which series; nothing to other formats.</param>
    public static VolumeInfo Info(string path, DicomOptions dicom) =>
        IsDicom(path) ? Guard(new(path, "dicom"), () => DicomSeries.Open(path, dicom).Info) : Header(path, null).Image.Info;

    /// <summary>The series of a DICOM folder, zip or file, from their headers; not whether each can be read.</summary>
    /// <exception cref="VolumeFileException">No DICOM image is there, or a file is malformed.</exception>
    public static IReadOnlyList<SeriesInfo> ListSeries(string path) => Guard(new(path, "dicom"), () => DicomSeries.List(path));

    /// <summary>Whether a path holds DICOM, so that a folder is one scan rather than many: a folder with a DICOM file in it, a zip, or a DICOM file.</summary>
    /// <exception cref="VolumeFileException">The path cannot be read.</exception>
    public static bool HoldsDicom(string path) => Guard(new(path, "file"), () =>
        Directory.Exists(path)
            ? DicomSource.Of(path, new(path, "dicom")).Names.Any(name => FileSize.Of(name) >= 12 && !DicomSource.IsZip(name) && IsDicom(name))
            : IsDicom(path));

    /// <summary><see cref="Read"/> without an exception.</summary>
    public static bool TryRead(string path, out Volume<Hu> volume, out ReadError error) => Try(() => Read(path), out volume, out error);

    /// <summary><see cref="ReadMask"/> without an exception.</summary>
    public static bool TryReadMask(string path, out Volume<bool> mask, out ReadError error) => Try(() => ReadMask(path), out mask, out error);

    /// <summary><see cref="ReadProbability"/> without an exception.</summary>
    public static bool TryReadProbability(string path, out Volume<Probability> scores, out ReadError error) => Try(() => ReadProbability(path), out scores, out error);

    /// <summary>Refuses an output that cannot be written, so that long work need not be done in vain.</summary>
    /// <param name="path">Where a volume is to be written; .dcm counts as a mask's ending.</param>
    /// <param name="overwrite">Whether an existing file may be replaced.</param>
    /// <exception cref="VolumeFileException">The ending is unknown, or the file exists and may not be replaced.</exception>
    public static void CheckOutput(string path, bool overwrite) => VolumeWriter.Check(path, overwrite);

    /// <summary>Writes a scan: int16 when every voxel is a whole number that fits, else float32.</summary>
    /// <exception cref="VolumeFileException">The ending is unknown, the file exists and may not be replaced, or it cannot be written.</exception>
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

    /// <summary>Writes a mask as a DICOM segmentation that refers to the series it was made from; <see cref="ReadMask"/> gives it back.</summary>
    /// <remarks>
    /// One segment, the liver, a frame a slice. Patient and study are the series' own, as a segmentation must belong to them; nothing else of it is taken over.
    /// Law: the same mask of the same series is the same file to the last byte.
    /// </remarks>
    /// <param name="mask">The mask, on the series' grid.</param>
    /// <param name="path">The file to write.</param>
    /// <param name="series">The folder, zip or file of the series.</param>
    /// <param name="options">Which series of the folder.</param>
    /// <param name="overwrite">Whether an existing file may be replaced.</param>
    /// <exception cref="VolumeFileException">The series cannot be read or lies on another grid, or the file cannot be written.</exception>
    public static void WriteSegmentation(this Volume<bool> mask, string path, string series, DicomOptions options, bool overwrite = false) => Guard(new(series, "dicom"), () =>
    {
        AtomicFile.Check(path, overwrite);
        if (!IsDicom(series)) throw new Refusal(series, "dicom").Unsupported("series", "no DICOM", "a DICOM series", "write .nii.gz, .mha or .nrrd instead");
        DicomSegmentation.Write(mask, DicomSeries.Open(series, options), path, overwrite);
        return true;
    });

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

    private static Volume<T> ReadFloats<T>(string path, Action<string>? warn) where T : unmanaged, IEquatable<T>
    {
        if (IsDicom(path))
            return Guard(new(path, "dicom"), () =>
            {
                var series = Warned(DicomSeries.Open(path, new()), warn);
                return new Volume<T>(series.Grid, series.Floats<T>());
            });
        var (image, refuse) = Header(path, warn);
        return new(image.Info.Grid, VoxelStream.ReadFloats<T>(image, refuse, warn));
    }

    private static bool Try<T>(Func<Volume<T>> read, out Volume<T> volume, out ReadError error) where T : unmanaged, IEquatable<T>
    {
        try
        {
            (volume, error) = (read(), ReadError.None);
            return true;
        }
        catch (VolumeFileException e)
        {
            (volume, error) = (new(default, ReadOnlyMemory<T>.Empty), e.Error);
            return false;
        }
    }
}
