using System;
using System.IO;
using System.IO.Compression;
using System.Linq;

namespace LiverSeg.Functional;

/// <summary>Finds out by content what a path holds, and reads headers.</summary>
internal static class VolumeFormat
{
    /// <summary>Endings of the files that name one volume and can be read and written.</summary>
    internal static EquatableArray<string> Endings { get; } = EquatableArray.Of([".nii", ".nii.gz", ".hdr", ".mha", ".mhd", ".nrrd", ".nhdr"]);

    /// <summary>All files that a read of a path reads, always in the same order.</summary>
    internal static EquatableArray<string> Sources(string path)
    {
        if (IsDicom(path)) return new FileErrors(path, "dicom").Guard(() => Directory.Exists(path) ? DicomSource.Of(path, new(path, "dicom")).Names : EquatableArray.Of([path]));
        return Header(path, null, layers: true).Image.Parts.Prepend(HeaderOf(path)).Distinct().ToEquatableArray();
    }

    /// <summary>The files of a folder that end as images do, in ordinal order; not those that operating systems leave beside them.</summary>
    internal static EquatableArray<string> ImagesIn(string folder) => new FileErrors(folder, "folder").Guard(() =>
        Directory.EnumerateFiles(folder).Where(f => !ForeignContent.IsLitter(f) && Ends(f, [.. Endings, ".dcm", ".zip"])).Order(StringComparer.Ordinal).ToEquatableArray());

    /// <summary>A folder, a zip, or a file that begins as DICOM files do.</summary>
    internal static bool IsDicom(string path) => new FileErrors(path, "file").Guard(() =>
    {
        if (Directory.Exists(path)) return true;
        if (!File.Exists(path) || FileSize.Of(path) < 12) return false;
        if (DicomSource.IsZip(path)) return true;
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        var head = new byte[Nifti.Header1];
        var got = head.AsSpan(0, file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false));
        if (!DicomFile.Sniff(got) || Nrrd.Sniff(got) || MetaImage.Sniff(got)) return false;
        // A preamble may hold anything, also the length of a NIfTI header; that one has a magic word besides.
        return !Nifti.Sniff(got, out _, out _) || (got.Length >= Nifti.Header1 && got.Slice(128, 4).SequenceEqual("DICM"u8) && got[344] != 'n');
    });

    /// <summary>Finds the format by content and parses its header; layers of a segmentation and channels of a map are one image only where one of them is to be chosen.</summary>
    internal static (StoredImage Image, FileErrors Refuse) Header(string path, Action<string>? warn, bool layers, bool channels = false)
    {
        var refuse = new FileErrors(path, "file");
        try
        {
            if (!File.Exists(path)) throw refuse.InputOutput("path", "nothing", "a file", "check the path");
            path = HeaderOf(path);
            if (FileSize.Of(path) == 0) throw refuse.Bad("content", "an empty file", "an image", "fetch or export it again");
            var (head, gzip) = Head(path);
            if (ForeignContent.Of(head, gzip) is { } foreign) throw refuse.Bad("content", foreign.Found, "an image", foreign.Remedy);
            StoredImage image;
            if (Nifti.Sniff(head, out _, out _)) image = Nifti.Parse(head, path, gzip, channels, refuse = new(path, "nifti"));
            else if (!gzip && Nrrd.Sniff(head)) image = Nrrd.Parse(head, path, layers, refuse = new(path, "nrrd"));
            else if (!gzip && (MetaImage.Sniff(head) || Ends(path, ".mhd", ".mha"))) image = MetaImage.Parse(head, path, refuse = new(path, "metaimage"));
            else throw Unknown(path, head, gzip);
            refuse.CheckSane(image.Info.Grid);
            foreach (var warning in image.Info.Warnings) warn?.Invoke(warning);
            return (image, refuse);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw e is InvalidDataException
                ? refuse.Bad("gzip stream", "damaged data", "a whole gzip stream")
                : refuse.InputOutput("file", "no access", "a readable file", "check the path and its permissions", e);
        }
    }

    /// <summary>Of the data half of a pair the header beside it.</summary>
    private static string HeaderOf(string path) =>
        path.EndsWith(".img", StringComparison.OrdinalIgnoreCase) && File.Exists(Path.ChangeExtension(path, ".hdr")) ? Path.ChangeExtension(path, ".hdr") : path;

    private static bool Ends(string path, params ReadOnlySpan<string> endings)
    {
        foreach (var ending in endings)
            if (path.EndsWith(ending, StringComparison.OrdinalIgnoreCase)) return true;
        return false;
    }

    /// <summary>No known magic: by its name it is a damaged file of a known kind, or one of another kind.</summary>
    private static FileErrorException Unknown(string path, byte[] head, bool gzip)
    {
        if (gzip && head.Length == 0) return new FileErrors(path, "gzip").Truncated("gzip stream", FileSize.Of(path), FileSize.Of(path) + 1);
        if (Ends(path, ".nii", ".nii.gz", ".hdr", ".hdr.gz"))
            return head.Length < Nifti.Header1
                ? new FileErrors(path, "nifti").Truncated("header", head.Length, Nifti.Header1)
                : new FileErrors(path, "nifti").Bad("sizeof_hdr", BitConverter.ToInt32(head), "348 or 540", offset: 0);
        if (Ends(path, ".nrrd", ".nhdr")) return new FileErrors(path, "nrrd").Bad("magic", "other text", "NRRD0001 to NRRD0005", offset: 0);
        return new FileErrors(path, "file").Unsupported("content", "no known magic", "NIfTI, MetaImage, NRRD or DICOM", "convert it to one of these, or check that the download is whole");
    }

    /// <summary>The first bytes, unpacked where the file is gzip.</summary>
    private static (byte[] Head, bool Gzip) Head(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        Span<byte> magic = stackalloc byte[2];
        var gzip = file.ReadAtLeast(magic, 2, throwOnEndOfStream: false) == 2 && magic[0] == 0x1f && magic[1] == 0x8b;
        file.Position = 0;
        using var unpacked = gzip ? new GZipStream(file, CompressionMode.Decompress) : (Stream)file;
        var buffer = new byte[gzip ? 4096 : (int)Math.Min(Limits.TextHeader, file.Length)];
        var got = unpacked.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
        return (buffer[..got], gzip);
    }
}
