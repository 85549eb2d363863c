using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;

namespace LiverSeg.Functional;

/// <summary>NRRD headers (.nrrd; .nhdr with a data file): a magic line, <c>field: value</c> lines, an empty line.</summary>
internal static class Nrrd
{
    private static readonly Dictionary<string, StoredType> Types = Names(
        (StoredType.Int8, "signed char|int8|int8_t"), (StoredType.UInt8, "uchar|unsigned char|uint8|uint8_t"),
        (StoredType.Int16, "short|short int|signed short|signed short int|int16|int16_t"), (StoredType.UInt16, "ushort|unsigned short|unsigned short int|uint16|uint16_t"),
        (StoredType.Int32, "int|signed int|int32|int32_t"), (StoredType.UInt32, "uint|unsigned int|uint32|uint32_t"),
        (StoredType.Int64, "longlong|long long|long long int|signed long long|signed long long int|int64|int64_t"),
        (StoredType.UInt64, "ulonglong|unsigned long long|unsigned long long int|uint64|uint64_t"),
        (StoredType.Float32, "float"), (StoredType.Float64, "double"));

    private static readonly HashSet<string> Fields =
    [
        "dimension", "type", "sizes", "encoding", "endian", "byte skip", "line skip", "data file", "space", "space dimension", "space directions", "space origin", "space units",
        "measurement frame", "spacings", "axis mins", "axis maxs", "thicknesses", "centerings", "kinds", "labels", "units", "content", "number", "block size", "min", "max", "old min",
        "old max", "sample units",
    ];

    private static Dictionary<string, StoredType> Names(params (StoredType Type, string Names)[] pairs) =>
        pairs.SelectMany(p => p.Names.Split('|').Select(n => (Name: n, p.Type))).ToDictionary(p => p.Name, p => p.Type, StringComparer.Ordinal);

    internal static bool Sniff(ReadOnlySpan<byte> head) => head.StartsWith("NRRD"u8);

    internal static StoredImage Parse(byte[] head, string file, bool layers, FileErrors refuse)
    {
        if (head.Length < 9 || !head.AsSpan().StartsWith("NRRD000"u8) || head[7] is < (byte)'1' or > (byte)'5') throw refuse.Bad("magic", Encoding.ASCII.GetString(head, 0, Math.Min(8, head.Length)), "NRRD0001 to NRRD0005", offset: 0);
        var warnings = new List<string>();
        var segments = new Dictionary<string, string>(StringComparer.Ordinal);
        var fields = Lines(head, refuse, warnings, segments, out var end, out var list);
        var labels = LabelName.OfSegments(segments);
        string Text(string key) => fields.TryGetValue(key, out var value) ? value : throw refuse.Bad(key, "nothing", "this field");
        if (!Types.TryGetValue(Text("type").ToLowerInvariant(), out var type)) throw refuse.Unsupported("type", Text("type"), "one real number per voxel", "convert it to short or float");
        if (!int.TryParse(Text("dimension"), NumberStyles.None, CultureInfo.InvariantCulture, out var rank) || rank is < 1 or > 16) throw refuse.Bad("dimension", Text("dimension"), "1..16");
        var sizes = Sizes(Text("sizes"), rank, refuse);
        // A segmentation whose segments overlap has a list of layers for each voxel, on the first axis.
        var layered = layers && labels.Count > 0 && rank == 4 && sizes[0] > 1 && fields.TryGetValue("space directions", out var directions) && directions.StartsWith("none", StringComparison.Ordinal);
        var channels = layered ? (int)Math.Min(sizes[0], 256) : 1;
        if (layered && sizes[0] > channels) throw refuse.Unsupported("sizes", FormattableString.Invariant($"{sizes[0]} layers"), "at most 256", "save the segment as a label map of its own");
        var grid = NrrdGeometry.Grid(fields, layered ? [1, .. sizes[1..]] : sizes, warnings, refuse);
        var packing = Text("encoding").ToLowerInvariant() switch
        {
            "raw" => Packing.Raw,
            "gzip" or "gz" => Packing.Gzip,
            "bzip2" or "bz2" => Packing.Bzip2,
            "hex" => Packing.Hex,
            "ascii" or "text" or "txt" => Packing.Text,
            _ => throw refuse.Unsupported("encoding", Text("encoding"), "raw, gzip, bzip2, hex or ascii", "save it with one of these"),
        };
        var info = new VolumeInfo("NRRD", grid, type, false, 1, 0, packing) { Warnings = warnings };
        if (packing != Packing.Text && info.Size > 1)
            info = info with { BigEndian = Text("endian").ToLowerInvariant() switch { "little" => false, "big" => true, _ => throw refuse.Bad("endian", Text("endian"), "little or big") } };
        var lines = Whole(fields, "line skip", 0, refuse);
        var skip = Whole(fields, "byte skip", packing is Packing.Raw or Packing.Gzip ? -1 : 0, refuse);
        if (!fields.TryGetValue("data file", out var data)) return Labelled(At(info, [file], end, lines, skip, channels, refuse));
        var parts = Parts(file, data, list, sizes, refuse);
        return Labelled(At(info, parts, 0, lines, skip, channels, refuse));

        StoredImage Labelled(StoredImage image) => image with { Channels = channels, Interleaved = layered, Labels = labels };
    }

    private static EquatableArray<string> Parts(string file, string data, string list, long[] sizes, FileErrors refuse)
    {
        var slices = new SliceFiles(file, "data file", refuse);
        int? rank = null;
        EquatableArray<string> parts;
        // A file of that very name goes before the pattern that the name could also be.
        if (DetachedData.Exists(file, data)) return EquatableArray.Of([DetachedData.Beside(file, data, "data file", refuse)]);
        if (IsList(data))
        {
            if (data.Length > 4) rank = int.TryParse(data[5..], NumberStyles.None, CultureInfo.InvariantCulture, out var given) ? given : throw refuse.Bad("data file", data, "LIST and the rank of a part");
            parts = slices.List(list);
        }
        else if (data.Contains('%')) parts = slices.Pattern(data, out rank);
        else return EquatableArray.Of([DetachedData.Beside(file, data, "data file", refuse)]);
        var within = rank ?? sizes.Length - 1;
        if (within < 1 || within > sizes.Length) throw refuse.Bad("data file", within, FormattableString.Invariant($"a rank of 1..{sizes.Length}"));
        var count = sizes.Skip(within).Aggregate(1L, (a, b) => a * b);
        return parts.Count == count ? parts : throw refuse.Bad("data file", FormattableString.Invariant($"{parts.Count} files"), FormattableString.Invariant($"{count}"));
    }

    /// <summary>Lines are skipped in the packed file, bytes in the unpacked one.</summary>
    private static StoredImage At(VolumeInfo info, EquatableArray<string> parts, long start, long lines, long skip, int channels, FileErrors refuse)
    {
        if (lines > 0)
        {
            if (parts.Count > 1) throw refuse.Unsupported("line skip", lines, "0 with many data files", "remove the lines");
            start = SkipLines(parts[0], start, lines, refuse);
        }
        if (info.Packing is Packing.Gzip or Packing.Bzip2) return new(info, parts[0], start) { Parts = parts, Skip = skip };
        if (skip < 0)
            foreach (var part in parts)
                if (info.Bytes * channels / parts.Count is var each && VoxelReader.Length(part, refuse) - each < start) throw refuse.Truncated("voxels", VoxelReader.Length(part, refuse) - start, each);
        return new(info, parts[0], skip < 0 ? -1 : start + skip) { Parts = parts };
    }

    private static long SkipLines(string file, long start, long lines, FileErrors refuse)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16);
        stream.Position = start;
        for (; lines > 0; lines--)
        {
            int c;
            while ((c = stream.ReadByte()) >= 0 && c != '\n') { }
            if (c < 0) throw refuse.Bad("line skip", "the end of the file", FormattableString.Invariant($"{lines} more lines"));
        }
        return stream.Position;
    }

    private static long Whole(Dictionary<string, string> fields, string key, long least, FileErrors refuse) =>
        !fields.TryGetValue(key, out var text) ? 0
        : long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= least && number < 1L << 40 ? number
        : throw refuse.Bad(key, text, FormattableString.Invariant($"a whole number, at least {least}"));

    private static long[] Sizes(string text, int rank, FileErrors refuse)
    {
        var words = text.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
        if (words.Length != rank) throw refuse.Bad("sizes", FormattableString.Invariant($"{words.Length} numbers"), FormattableString.Invariant($"{rank}, the dimension"));
        var sizes = new long[rank];
        long count = 1;
        for (var i = 0; i < rank; i++)
            if (!long.TryParse(words[i], NumberStyles.None, CultureInfo.InvariantCulture, out sizes[i]) || sizes[i] < 1 || sizes[i] > Limits.Voxels || (count *= sizes[i]) > Limits.Voxels)
                throw refuse.Bad("sizes", text, FormattableString.Invariant($"whole numbers ≥ 1, together at most {Limits.Voxels} voxels"));
        return sizes;
    }

    private static Dictionary<string, string> Lines(byte[] head, FileErrors refuse, List<string> warnings, Dictionary<string, string> segments, out int end, out string list)
    {
        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        var count = 0;
        list = "";
        for (end = Array.IndexOf(head, (byte)'\n') + 1; end > 0 && end < head.Length;)
        {
            var (at, stop) = (end, Array.IndexOf(head, (byte)'\n', end));
            if (stop < 0) stop = head.Length;
            end = Math.Min(stop + 1, head.Length);
            var line = DetachedData.Text(head, at, stop - at).TrimEnd('\r');
            if (line.Length == 0) return fields;
            if (line[0] == '#') continue;
            if (++count > 10_000) throw refuse.Bad("header", "more than 10000 lines", "fewer");
            var colon = line.IndexOf(": ", StringComparison.Ordinal);
            var keyed = line.IndexOf(":=", StringComparison.Ordinal);
            if (keyed > 0 && (colon < 0 || keyed < colon))
            {
                // A key of somebody's own may hold a patient's name; what segments are called is kept, and nothing else.
                if (IsSegmentKey(line.AsSpan(0, keyed))) segments[line[..keyed]] = line[(keyed + 2)..].Trim();
                continue;
            }
            if (colon < 1 && line.EndsWith(':')) colon = line.Length - 1;
            if (colon < 1) throw refuse.Bad("header line", line, "field: value", offset: at);
            var field = Canonical(line[..colon].Trim());
            if (!Fields.Contains(field)) warnings.Add($"field '{field.ReplaceControls()[..Math.Min(40, field.Length)]}' is not known and does not count");
            if (!fields.TryAdd(field, line[Math.Min(colon + 2, line.Length)..].Trim())) throw refuse.Bad(field, "the field twice", "the field once", offset: at);
            if (field == "data file" && IsList(fields[field]))
            {
                list = DetachedData.Text(head, end, head.Length - end);
                return fields;
            }
        }
        if (!fields.ContainsKey("data file")) throw refuse.Bad("header", "its end", "an empty line and the voxels, or a data file", offset: head.Length);
        return fields;
    }

    private static bool IsList(string data) => data == "LIST" || data.StartsWith("LIST ", StringComparison.Ordinal);

    private static bool IsSegmentKey(ReadOnlySpan<char> key) =>
        key.StartsWith("Segment", StringComparison.Ordinal) && (key.EndsWith("_Name", StringComparison.Ordinal) || key.EndsWith("_LabelValue", StringComparison.Ordinal) || key.EndsWith("_Layer", StringComparison.Ordinal));

    private static string Canonical(string field) => field.ToLowerInvariant() switch
    {
        "datafile" => "data file",
        "byteskip" => "byte skip",
        "lineskip" => "line skip",
        "axismins" => "axis mins",
        "axismaxs" => "axis maxs",
        "centers" => "centerings",
        "blocksize" => "block size",
        "oldmin" => "old min",
        "oldmax" => "old max",
        "sampleunits" => "sample units",
        var other => other,
    };

    /// <summary>The text of a header; numbers keep every bit, axes are LPS.</summary>
    internal static byte[] Header(Grid grid, string type, string encoding, string? data)
    {
        string R(double n) => (n + 0.0).ToString("R", CultureInfo.InvariantCulture);
        string Vector(double x, double y, double z) => $"({R(x)},{R(y)},{R(z)})";
        string Step(Axis a, double step) => Vector(a.L * step, a.P * step, a.S * step);
        var (e, s, o, d) = (grid.Extent, grid.Spacing, grid.Origin, grid.Direction);
        return Encoding.ASCII.GetBytes(
            FormattableString.Invariant($"NRRD0004\ntype: {type}\ndimension: 3\nspace: left-posterior-superior\nsizes: {e.X} {e.Y} {e.Z}\n")
            + $"space directions: {Step(d.X, s.X)} {Step(d.Y, s.Y)} {Step(d.Z, s.Z)}\nkinds: domain domain domain\nendian: little\nencoding: {encoding}\n"
            + $"space origin: {Vector(o.X, o.Y, o.Z)}\n" + (data is null ? "\n" : $"data file: {data}\n"));
    }
}
