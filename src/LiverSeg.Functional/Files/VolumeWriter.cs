using System;
using System.IO;
using System.IO.Compression;

namespace LiverSeg.Functional;

/// <summary>Writes voxels slice by slice in the format that the file's ending names.</summary>
internal static class VolumeWriter
{
    private static string Endings => string.Join(", ", VolumeFormat.Endings);

    /// <summary>Refuses what cannot be written before any work is done: an unknown ending, a file that is in the way.</summary>
    internal static void Check(string path, bool overwrite)
    {
        var name = path.ToLowerInvariant();
        if (!Array.Exists((string[])[.. VolumeFormat.Endings, ".img", ".dcm"], e => name.EndsWith(e, StringComparison.Ordinal)))
            throw new FileErrors(path, "output").Unsupported("ending", Path.GetExtension(path), Endings, "choose one of these endings");
        AtomicFile.Check(path, overwrite);
    }

    internal static void Write(Grid grid, StoredType type, Func<int, byte[]> slice, string path, bool overwrite)
    {
        var refuse = new FileErrors(path, "output");
        var name = path.ToLowerInvariant();
        if (name.EndsWith(".nii", StringComparison.Ordinal) || name.EndsWith(".nii.gz", StringComparison.Ordinal))
        {
            AtomicFile.Write(path, overwrite, file =>
            {
                using var packed = name.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionLevel.Fastest, leaveOpen: true) : null;
                var stream = packed ?? file;
                stream.Write(NiftiHeader(grid, type, pair: false, refuse));
                Slices(grid, slice, stream);
            });
        }
        else if (name.EndsWith(".hdr", StringComparison.Ordinal) || name.EndsWith(".img", StringComparison.Ordinal))
        {
            foreach (var half in (string[])[".img", ".hdr"]) AtomicFile.Check(Path.ChangeExtension(path, half), overwrite);
            AtomicFile.Write(Path.ChangeExtension(path, ".img"), overwrite, file => Slices(grid, slice, file));
            AtomicFile.Write(Path.ChangeExtension(path, ".hdr"), overwrite, file => file.Write(NiftiHeader(grid, type, pair: true, refuse)));
        }
        else if (name.EndsWith(".mha", StringComparison.Ordinal))
        {
            AtomicFile.Write(path, overwrite, file =>
            {
                file.Write(MetaImage.Header(grid, MetaType(type), packed: false, 0, "LOCAL"));
                Slices(grid, slice, file);
            });
        }
        else if (name.EndsWith(".mhd", StringComparison.Ordinal))
        {
            var data = Path.ChangeExtension(path, ".zraw");
            AtomicFile.Check(path, overwrite);
            AtomicFile.Write(data, overwrite, file =>
            {
                using var packed = new ZLibStream(file, CompressionLevel.Fastest, leaveOpen: true);
                Slices(grid, slice, packed);
            });
            AtomicFile.Write(path, overwrite, file => file.Write(MetaImage.Header(grid, MetaType(type), packed: true, new FileInfo(data).Length, Path.GetFileName(data))));
        }
        else if (name.EndsWith(".nrrd", StringComparison.Ordinal))
        {
            AtomicFile.Write(path, overwrite, file =>
            {
                file.Write(Nrrd.Header(grid, NrrdType(type), "gzip", null));
                using var packed = new GZipStream(file, CompressionLevel.Fastest, leaveOpen: true);
                Slices(grid, slice, packed);
            });
        }
        else if (name.EndsWith(".nhdr", StringComparison.Ordinal))
        {
            var data = Path.ChangeExtension(path, ".raw");
            AtomicFile.Check(path, overwrite);
            AtomicFile.Write(data, overwrite, file => Slices(grid, slice, file));
            AtomicFile.Write(path, overwrite, file => file.Write(Nrrd.Header(grid, NrrdType(type), "raw", Path.GetFileName(data))));
        }
        else if (name.EndsWith(".dcm", StringComparison.Ordinal))
            throw refuse.Unsupported("ending", ".dcm", Endings, "DICOM is written for masks of a DICOM series only, as a segmentation that refers to it");
        else throw refuse.Unsupported("ending", Path.GetExtension(path), Endings, "choose one of these endings");
    }

    private static void Slices(Grid grid, Func<int, byte[]> slice, Stream stream)
    {
        for (var z = 0; z < grid.Extent.Z; z++) stream.Write(slice(z));
    }

    private static byte[] NiftiHeader(Grid grid, StoredType type, bool pair, FileErrors refuse)
    {
        var e = grid.Extent;
        if (Math.Max(e.X, Math.Max(e.Y, e.Z)) > short.MaxValue) throw refuse.Unsupported("extent", e, $"at most {short.MaxValue} voxels along an axis", "write MetaImage instead");
        var (code, bits) = type switch { StoredType.UInt8 => (2, 8), StoredType.Int16 => (4, 16), _ => (16, 32) };
        return Nifti.Header(grid, code, bits, pair);
    }

    private static string NrrdType(StoredType type) => type switch { StoredType.UInt8 => "unsigned char", StoredType.Int16 => "short", _ => "float" };

    private static string MetaType(StoredType type) => type switch { StoredType.UInt8 => "MET_UCHAR", StoredType.Int16 => "MET_SHORT", _ => "MET_FLOAT" };
}
