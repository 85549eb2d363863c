using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;

namespace LiverSeg.Functional;

/// <summary>MetaImage headers (.mhd with .raw or .zraw, .mha): text lines <c>Key = Value</c>, patient axes in LPS.</summary>
internal static class MetaImage
{
    /// <summary>As for the other formats: directions written with 4 decimals are up to 2e-4 away from orthonormal.</summary>
    private const double MaxSkew = 1e-3;

    private static readonly Dictionary<string, StoredType> Types = new(StringComparer.Ordinal)
    {
        ["MET_UCHAR"] = StoredType.UInt8,
        ["MET_CHAR"] = StoredType.Int8,
        ["MET_USHORT"] = StoredType.UInt16,
        ["MET_SHORT"] = StoredType.Int16,
        ["MET_UINT"] = StoredType.UInt32,
        ["MET_INT"] = StoredType.Int32,
        ["MET_ULONG_LONG"] = StoredType.UInt64,
        ["MET_LONG_LONG"] = StoredType.Int64,
        ["MET_ULONG"] = StoredType.UInt32,
        ["MET_LONG"] = StoredType.Int32,
        ["MET_FLOAT"] = StoredType.Float32,
        ["MET_DOUBLE"] = StoredType.Float64,
    };

    internal static bool Sniff(ReadOnlySpan<byte> head)
    {
        var text = Encoding.ASCII.GetString(head[..Math.Min(head.Length, 256)]).TrimStart();
        foreach (var key in (ReadOnlySpan<string>)["ObjectType", "NDims", "Comment", "DimSize", "ElementType", "ElementSpacing", "ElementDataFile"])
            if (text.StartsWith(key, StringComparison.Ordinal) && text[key.Length..].TrimStart().StartsWith('=')) return true;
        return false;
    }

    internal static StoredImage Parse(byte[] head, string file, FileErrors refuse)
    {
        var keys = Lines(head, refuse, out var end);
        string Text(string key) => keys.TryGetValue(key, out var value) ? value : throw refuse.Bad(key, "nothing", "this key");
        string? Maybe(params string[] names) => names.Select(n => keys.GetValueOrDefault(n)).FirstOrDefault(v => v is not null);
        if (Maybe("ObjectType") is { } kind && kind != "Image") throw refuse.Unsupported("ObjectType", kind, "Image", "convert the object to an image");
        if (!int.TryParse(Text("NDims"), NumberStyles.None, CultureInfo.InvariantCulture, out var rank) || rank is < 1 or > 4) throw refuse.Bad("NDims", Text("NDims"), "1..4");
        if (Maybe("ElementNumberOfChannels") is { } channels && channels != "1") throw refuse.Unsupported("ElementNumberOfChannels", channels, "1", "extract one channel");
        if (!Types.TryGetValue(Text("ElementType"), out var type)) throw refuse.Unsupported("ElementType", Text("ElementType"), "one real number per voxel", "convert it to MET_SHORT or MET_FLOAT");
        if (Flag(Maybe("BinaryData"), "BinaryData", true, refuse) is false) throw refuse.Unsupported("BinaryData", "False", "True", "write the voxels in binary");
        var grid = MetaGeometry(keys, rank, refuse);
        var big = Flag(Maybe("BinaryDataByteOrderMSB", "ElementByteOrderMSB"), "BinaryDataByteOrderMSB", false, refuse);
        if (keys.ContainsKey("BinaryDataByteOrderMSB") && keys.ContainsKey("ElementByteOrderMSB") && keys["BinaryDataByteOrderMSB"] != keys["ElementByteOrderMSB"])
            throw refuse.Bad("ElementByteOrderMSB", keys["ElementByteOrderMSB"], "the same as BinaryDataByteOrderMSB");
        var packed = Flag(Maybe("CompressedData"), "CompressedData", false, refuse);
        var info = new VolumeInfo("MetaImage", grid, type, big, 1, 0, packed ? Packing.Zlib : Packing.Raw);
        var slope = Maybe("RescaleSlope", "ElementToIntensityFunctionSlope");
        var intercept = Maybe("RescaleIntercept", "ElementToIntensityFunctionOffset");
        if (slope is not null || intercept is not null)
            info = info with { Slope = slope is null ? 1 : Number(slope, "RescaleSlope", refuse), Intercept = intercept is null ? 0 : Number(intercept, "RescaleIntercept", refuse) };
        var skip = Maybe("HeaderSize") is { } size ? Whole(size, "HeaderSize", -1, refuse) : 0;
        if (skip == -1 && packed) throw refuse.Bad("HeaderSize", skip, "at least 0 for compressed data");
        var length = packed && Maybe("CompressedDataSize") is { } bytes ? Whole(bytes, "CompressedDataSize", 0, refuse) : 0;
        var data = Text("ElementDataFile");
        if (data is "LOCAL" or "Local" or "local")
            return skip >= 0 || VoxelReader.Length(file, refuse) - info.Bytes >= end
                ? Packed(info, file, skip == -1 ? -1 : end + skip, length)
                : throw refuse.Truncated("voxels", VoxelReader.Length(file, refuse) - end, info.Bytes);
        // A file of that very name goes before the pattern or list that the name could also be.
        var literal = DetachedData.Exists(file, data);
        if (!literal && (data == "LIST" || data.StartsWith("LIST ", StringComparison.Ordinal) || data.Contains('%')))
        {
            if (packed) throw refuse.Unsupported("ElementDataFile", data, "one data file for compressed voxels", "write the volume into one file (.mha, or .mhd with one .zraw)");
            var slices = new SliceFiles(file, "ElementDataFile", refuse);
            var names = data.Contains('%') ? slices.Pattern(data, out _) : slices.List(DetachedData.Text(head, end, head.Length - end));
            if (names.Count != grid.Extent.Z) throw refuse.Bad("ElementDataFile", FormattableString.Invariant($"{names.Count} files"), FormattableString.Invariant($"{grid.Extent.Z}, one per slice"));
            return new(info, names[0], skip) { Parts = names };
        }
        var path = DetachedData.Beside(file, data, "ElementDataFile", refuse);
        var have = VoxelReader.Length(path, refuse);
        if (length > have) throw refuse.Truncated("CompressedDataSize", have, length);
        return Packed(info, path, skip, length);
    }

    /// <summary>Compressed voxels are zlib by custom; gzip is told by its magic.</summary>
    private static StoredImage Packed(VolumeInfo info, string file, long offset, long length)
    {
        if (info.Packing != Packing.Zlib) return new(info, file, offset, length);
        using var stream = File.OpenRead(file);
        stream.Position = offset;
        return new(stream.ReadByte() == 0x1f && stream.ReadByte() == 0x8b ? info with { Packing = Packing.Gzip } : info, file, offset, length);
    }

    private static Dictionary<string, string> Lines(byte[] head, FileErrors refuse, out int end)
    {
        var keys = new Dictionary<string, string>(StringComparer.Ordinal);
        for (end = 0; end < head.Length;)
        {
            var stop = Array.IndexOf(head, (byte)'\n', end);
            if (stop < 0) stop = head.Length;
            var line = DetachedData.Text(head, end, stop - end).TrimEnd('\r');
            var at = end;
            end = Math.Min(stop + 1, head.Length);
            if (line.Trim().Length == 0) continue;
            var equals = line.IndexOf('=');
            if (equals < 1) throw refuse.Bad("header line", line, "Key = Value", offset: at);
            var key = line[..equals].Trim();
            if (!keys.TryAdd(key, line[(equals + 1)..].Trim())) throw refuse.Bad(key, "the key twice", "the key once", offset: at);
            if (key == "ElementDataFile") return keys; // always the last
        }
        throw refuse.Bad("ElementDataFile", "nothing", "this key, last in the header");
    }

    private static Grid MetaGeometry(Dictionary<string, string> keys, int rank, FileErrors refuse)
    {
        double[]? Numbers(int count, params string[] names)
        {
            foreach (var name in names)
            {
                if (!keys.TryGetValue(name, out var text)) continue;
                var parts = text.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
                if (parts.Length != count) throw refuse.Bad(name, FormattableString.Invariant($"{parts.Length} numbers"), FormattableString.Invariant($"{count}"));
                return [.. parts.Select(p => Number(p, name, refuse))];
            }
            return null;
        }
        var sizes = Numbers(rank, "DimSize") ?? throw refuse.Bad("DimSize", "nothing", "this key");
        double count = 1;
        foreach (var size in sizes)
            if (!(size >= 1) || size != Math.Floor(size) || (count *= size) > Limits.Voxels) throw refuse.Bad("DimSize", keys["DimSize"], $"whole numbers ≥ 1, together at most {Limits.Voxels} voxels");
        if (rank == 4 && sizes[3] != 1) throw refuse.Unsupported("DimSize", keys["DimSize"], "one volume", "split the series into volumes first");
        int Side(int i) => i < rank ? (int)sizes[i] : 1;
        var spacing = Numbers(rank, "ElementSpacing", "ElementSize") ?? [.. Enumerable.Repeat(1.0, rank)];
        if (spacing.Any(s => !(s > 0))) throw refuse.Bad("ElementSpacing", keys.GetValueOrDefault("ElementSpacing", ""), "positive millimetres");
        var origin = Numbers(rank, "Offset", "Position", "Origin") ?? new double[rank];
        var matrix = Numbers(rank * rank, "TransformMatrix", "Orientation", "Rotation");
        // One axis a row of the text; axes that a 2-D image lacks are the patient's.
        double Cell(int axis, int part) => matrix is not null && axis < rank && part < rank ? matrix[axis * rank + part] : axis == part ? 1 : 0;
        Axis Row(int axis) => new(Cell(axis, 0), Cell(axis, 1), Cell(axis, 2));
        var direction = new Direction(Row(0), Row(1), Row(2));
        if (!(direction.Skew <= MaxSkew)) throw refuse.Bad("TransformMatrix", keys.GetValueOrDefault("TransformMatrix", "a rotation"), "orthonormal axes");
        double Part(double[] of, int i, double absent) => i < rank ? of[i] : absent;
        return new(
            new(Side(0), Side(1), Side(2)),
            new(Part(spacing, 0, 1), Part(spacing, 1, 1), Part(spacing, 2, 1)),
            new(Part(origin, 0, 0), Part(origin, 1, 0), Part(origin, 2, 0)),
            direction);
    }

    private static bool Flag(string? text, string key, bool absent, FileErrors refuse) => text switch
    {
        null => absent,
        "True" or "true" or "1" => true,
        "False" or "false" or "0" => false,
        _ => throw refuse.Bad(key, text, "True or False"),
    };

    private static double Number(string text, string key, FileErrors refuse) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? number : throw refuse.Bad(key, text, "a finite number");

    private static long Whole(string text, string key, long least, FileErrors refuse) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= least && number < 1L << 40
            ? number
            : throw refuse.Bad(key, text, FormattableString.Invariant($"a whole number, at least {least}"));

    /// <summary>The text of a header; numbers keep every bit.</summary>
    internal static byte[] Header(Grid grid, string type, bool packed, long packedBytes, string data)
    {
        string Join(params double[] numbers) => string.Join(' ', numbers.Select(n => (n + 0.0).ToString("R", CultureInfo.InvariantCulture)));
        var (e, s, o, d) = (grid.Extent, grid.Spacing, grid.Origin, grid.Direction);
        var size = packed ? FormattableString.Invariant($"CompressedDataSize = {packedBytes}\n") : "";
        return Encoding.ASCII.GetBytes(
            "ObjectType = Image\nNDims = 3\nBinaryData = True\nBinaryDataByteOrderMSB = False\n"
            + $"CompressedData = {(packed ? "True" : "False")}\n{size}"
            + $"TransformMatrix = {Join(d.X.L, d.X.P, d.X.S, d.Y.L, d.Y.P, d.Y.S, d.Z.L, d.Z.P, d.Z.S)}\n"
            + $"Offset = {Join(o.X, o.Y, o.Z)}\nCenterOfRotation = 0 0 0\nAnatomicalOrientation = {new string([.. d.Code.Select(Opposite)])}\n"
            + $"ElementSpacing = {Join(s.X, s.Y, s.Z)}\nDimSize = {Join(e.X, e.Y, e.Z)}\nElementType = {type}\nElementDataFile = {data}\n");
    }

    /// <summary>MetaImage's letters name where an axis comes from, ours where it goes.</summary>
    private static char Opposite(char letter) => letter switch { 'L' => 'R', 'R' => 'L', 'P' => 'A', 'A' => 'P', 'S' => 'I', _ => 'S' };
}
