using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;
using System.Text;

namespace LiverSeg.Functional;

/// <summary>NIfTI-1 and NIfTI-2 headers (nifti1.h, nifti2.h), single file or .hdr/.img pair, plain or gzip.</summary>
internal static class Nifti
{
    internal const int Header1 = 348, Header2 = 540;

    private static readonly Dictionary<int, StoredType> Types = new()
    {
        [2] = StoredType.UInt8,
        [4] = StoredType.Int16,
        [8] = StoredType.Int32,
        [16] = StoredType.Float32,
        [64] = StoredType.Float64,
        [256] = StoredType.Int8,
        [512] = StoredType.UInt16,
        [768] = StoredType.UInt32,
        [1024] = StoredType.Int64,
        [1280] = StoredType.UInt64,
    };

    private static readonly Dictionary<int, string> Refused = new()
    {
        [0] = "unknown",
        [1] = "binary",
        [32] = "complex64",
        [128] = "RGB24",
        [1536] = "float128",
        [1792] = "complex128",
        [2048] = "complex256",
        [2304] = "RGBA32",
    };

    /// <summary>Whether the first bytes are a NIfTI header's, and which.</summary>
    internal static bool Sniff(ReadOnlySpan<byte> head, out bool second, out bool big)
    {
        (second, big) = (false, false);
        if (head.Length < Header1) return false;
        var (little, swapped) = (BinaryPrimitives.ReadInt32LittleEndian(head), BinaryPrimitives.ReadInt32BigEndian(head));
        second = little == Header2 || swapped == Header2;
        big = swapped is Header1 or Header2;
        return big || little is Header1 or Header2;
    }

    internal static StoredImage Parse(byte[] head, string headerFile, bool gzip, bool channels, FileErrors refuse)
    {
        Sniff(head, out var second, out var big);
        if (head.Length < (second ? Header2 : Header1)) throw refuse.Truncated("header", head.Length, second ? Header2 : Header1);
        var h = new NiftiFields(head, big, second);
        var magic = Encoding.ASCII.GetString(head, second ? 4 : 344, 3);
        var pair = magic is "ni1" or "ni2";
        if (!pair && magic is not ("n+1" or "n+2"))
            throw magic == "\0\0\0"
                ? refuse.Unsupported("magic", "none: an Analyze 7.5 header", "n+1, ni1, n+2 or ni2", "Analyze does not say left from right: convert it with the program that wrote it")
                : refuse.Bad("magic", magic, "n+1, ni1, n+2 or ni2", offset: second ? 4 : 344);
        var warnings = new List<string>();
        var extent = ReadExtent(h, channels, refuse, out var volumes);
        var code = h.Short(second ? 12 : 70);
        if (!Types.TryGetValue(code, out var type))
            throw refuse.Unsupported("datatype", Refused.TryGetValue(code, out var name) ? $"{name} ({code})" : code, "one real number per voxel", "convert it to int16 or float32");
        var spacing = ReadSpacing(h, out var unit);
        if ((h.Units & 7) is not (1 or 2 or 3)) warnings.Add(FormattableString.Invariant($"xyzt_units {h.Units} names no length: taken as millimetres"));
        var grid = NiftiGeometry.Grid(h, extent, spacing, unit, warnings, refuse);
        var info = new VolumeInfo(second ? "NIfTI-2" : "NIfTI-1", grid, type, big, 1, 0, gzip ? Packing.Gzip : Packing.Raw);
        if (h.Short(second ? 14 : 72) != 8 * info.Size) warnings.Add(FormattableString.Invariant($"bitpix {h.Short(second ? 14 : 72)} disagrees with datatype {type}; the datatype counts"));
        var (slope, intercept) = Scaling(h, second, refuse);
        info = info with { Slope = slope, Intercept = intercept, Warnings = warnings };
        // vox_offset counts unpacked bytes.
        StoredImage At(VolumeInfo image, string data, long offset) =>
            image.Packing == Packing.Gzip ? new(image, data, 0) { Skip = offset, Channels = volumes } : new(image, data, offset) { Channels = volumes };
        if (!pair) return At(info, headerFile, Offset(h, second, single: true, refuse));
        var data = Path.ChangeExtension(gzip && headerFile.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? headerFile[..^3] : headerFile, ".img");
        var packed = !File.Exists(data) && File.Exists(data + ".gz");
        if (packed) data += ".gz";
        else if (!File.Exists(data)) throw refuse.InputOutput("data file", "nothing at its place", "an .img beside the .hdr", "keep header and data file together");
        packed = Gzipped(data);
        return At(info with { Packing = packed ? Packing.Gzip : Packing.Raw }, data, Offset(h, second, single: false, refuse));
    }

    private static bool Gzipped(string file)
    {
        if (FileSize.Of(file) < 2) return false;
        using var stream = File.OpenRead(file);
        return stream.ReadByte() == 0x1f && stream.ReadByte() == 0x8b;
    }

    private static Extent ReadExtent(NiftiFields h, bool channels, FileErrors refuse, out int volumes)
    {
        var rank = h.Dim(0);
        if (rank is < 1 or > 7) throw refuse.Bad("dim[0]", rank, "1..7");
        long count = 1;
        for (var i = 1; i <= rank; i++)
        {
            if (h.Dim(i) < 1) throw refuse.Bad($"dim[{i}]", h.Dim(i), "at least 1");
            if (i > 3 && h.Dim(i) > 1 && !channels) throw refuse.Unsupported($"dim[{i}]", h.Dim(i), "1 (one volume)", "split the series into volumes first");
            if (h.Dim(i) > Limits.Voxels || (count *= h.Dim(i)) > Limits.Voxels) throw refuse.Bad("dim", "more voxels than one volume can hold", $"at most {Limits.Voxels}");
        }
        int Side(int i) => rank >= i ? (int)h.Dim(i) : 1;
        volumes = (int)(count / ((long)Side(1) * Side(2) * Side(3)));
        return new(Side(1), Side(2), Side(3));
    }

    /// <summary>pixdim 1..3 in millimetres, and the millimetres of a header unit.</summary>
    private static Spacing ReadSpacing(NiftiFields h, out double unit)
    {
        unit = (h.Units & 7) switch { 1 => 1000, 3 => 0.001, _ => 1 };
        return new(h.Pixdim(1) * unit, h.Pixdim(2) * unit, h.Pixdim(3) * unit);
    }

    private static (double Slope, double Intercept) Scaling(NiftiFields h, bool second, FileErrors refuse)
    {
        var (slope, intercept) = second ? (h.Double(176), h.Double(184)) : (h.Float(112), h.Float(116));
        if (slope == 0 || double.IsNaN(slope)) return (1, 0);
        if (double.IsInfinity(slope)) throw refuse.Bad("scl_slope", slope, "a finite number");
        return double.IsFinite(intercept) ? (slope, intercept) : throw refuse.Bad("scl_inter", intercept, "a finite number");
    }

    private static long Offset(NiftiFields h, bool second, bool single, FileErrors refuse)
    {
        var offset = second ? h.Long(168) : (double)h.Float(108);
        var least = !single ? 0 : second ? 544 : 352;
        if (offset == 0) return least;
        return offset >= least && offset == Math.Floor(offset) && offset < 1L << 40 ? (long)offset : throw refuse.Bad("vox_offset", offset, $"a whole number, at least {least}");
    }

    /// <summary>Writes a NIfTI-1 header: qform and sform say the same, code 1 (scanner).</summary>
    internal static byte[] Header(Grid grid, int code, int bits, bool pair)
    {
        var h = new byte[pair ? Header1 : 352];
        void Short(int at, int value) => BinaryPrimitives.WriteInt16LittleEndian(h.AsSpan(at), checked((short)value));
        void Float(int at, double value) => BinaryPrimitives.WriteSingleLittleEndian(h.AsSpan(at), (float)value);
        BinaryPrimitives.WriteInt32LittleEndian(h, Header1);
        var e = grid.Extent;
        foreach (var (i, value) in new[] { (0, 3), (1, e.X), (2, e.Y), (3, e.Z), (4, 1), (5, 1), (6, 1), (7, 1) }) Short(40 + 2 * i, value);
        Short(70, code);
        Short(72, bits);
        var (b, c, d, sign) = NiftiGeometry.Quaternion(grid.Direction);
        foreach (var (i, value) in new[] { (0, sign), (1, grid.Spacing.X), (2, grid.Spacing.Y), (3, grid.Spacing.Z) }) Float(76 + 4 * i, value);
        Float(108, pair ? 0 : 352);
        Float(112, 1);
        h[123] = 2; // millimetres
        Short(252, 1);
        Short(254, 1);
        var origin = grid.Origin;
        foreach (var (i, value) in new[] { (0, b), (1, c), (2, d), (3, -origin.X), (4, -origin.Y), (5, origin.Z) }) Float(256 + 4 * i, value);
        var (s, x, y, z) = (grid.Spacing, grid.Direction.X, grid.Direction.Y, grid.Direction.Z);
        var rows = new[]
        {
            -x.L * s.X, -y.L * s.Y, -z.L * s.Z, -origin.X, -x.P * s.X, -y.P * s.Y, -z.P * s.Z, -origin.Y, x.S * s.X, y.S * s.Y, z.S * s.Z, origin.Z,
        };
        for (var i = 0; i < rows.Length; i++) Float(280 + 4 * i, rows[i] + 0.0); // + 0.0 turns −0 into 0
        Encoding.ASCII.GetBytes(pair ? "ni1" : "n+1", h.AsSpan(344));
        return h;
    }
}
