using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace LiverSeg.Functional;

/// <summary>
/// Named tensors and metadata in one file: 8 bytes header length (little endian), a JSON header, the numbers. The layout is
/// safetensors', so that PyTorch reads it; the metadata's <c>sha256</c> covers all other metadata and all numbers.
/// </summary>
internal sealed record Safetensors(IReadOnlyDictionary<string, string> Metadata, Weights Tensors)
{
    private const int MaxHeader = 1 << 24, MaxDimensions = 8;
    private const string HashField = "sha256";

    internal void Write(Stream stream)
    {
        var header = new JsonObject();
        var metadata = new JsonObject();
        foreach (var (key, value) in Metadata.OrderBy(m => m.Key, StringComparer.Ordinal)) metadata[key] = value;
        metadata[HashField] = Hash(Metadata, Tensors);
        header["__metadata__"] = metadata;
        long offset = 0;
        foreach (var (name, weight) in Tensors)
        {
            var end = offset + 4L * weight.Values.Length;
            header[name] = new JsonObject
            {
                ["dtype"] = "F32",
                ["shape"] = new JsonArray([.. weight.Shape.Select(d => (JsonNode)d)]),
                ["data_offsets"] = new JsonArray(offset, end),
            };
            offset = end;
        }
        var text = Encoding.UTF8.GetBytes(header.ToJsonString(new JsonSerializerOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }));
        var padded = (text.Length + 7) / 8 * 8; // numbers start aligned
        Span<byte> length = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, padded);
        stream.Write(length);
        stream.Write(text);
        for (var i = text.Length; i < padded; i++) stream.WriteByte((byte)' ');
        foreach (var weight in Tensors.Values) stream.Write(MemoryMarshal.AsBytes(weight.Values));
    }

    /// <summary>Reads and checks everything before any number is believed.</summary>
    /// <exception cref="FileErrorException">Field, what was found, what was expected and what to do.</exception>
    internal static Safetensors Read(ReadOnlySpan<byte> file, string path)
    {
        FileErrorException Bad(string field, string found, string expected) => Refuse(path, FileErrorKind.BadFile, "bad-model", field, found, expected);
        if (file.StartsWith("PK"u8) || (file.Length > 1 && file[0] == 0x80 && file[1] is >= 2 and <= 5))
            throw Refuse(path, FileErrorKind.Unsupported, "unsupported-model", "magic", "a PyTorch pickle or zip", "safetensors",
                "save it with safetensors.torch.save_file; pickles run code and are never loaded");
        if (ForeignContent.Of(file, gzip: false) is { } foreign) throw Refuse(path, FileErrorKind.BadFile, "bad-model", "content", foreign.Found, "safetensors", foreign.Remedy);
        if (file.Length < 8) throw Bad("length", $"{file.Length} bytes", "at least 8");
        var size = BinaryPrimitives.ReadUInt64LittleEndian(file);
        if (size > MaxHeader || size > (ulong)(file.Length - 8)) throw Bad("header length", $"{size}", $"at most {Math.Min(MaxHeader, file.Length - 8)}");
        if (!System.Text.Unicode.Utf8.IsValid(file.Slice(8, (int)size))) throw Bad("header", "bytes that are no UTF-8", "UTF-8 text");
        JsonObject header;
        try
        {
            var reader = new Utf8JsonReader(file.Slice(8, (int)size), new JsonReaderOptions { MaxDepth = 8 });
            header = JsonNode.Parse(ref reader) as JsonObject ?? throw Bad("header", "no JSON object", "a JSON object");
            foreach (var _ in header) { /* duplicate keys show on first enumeration */ }
        }
        catch (Exception e) when (e is JsonException or ArgumentException or InvalidOperationException)
        {
            throw Bad("header", "no well-formed JSON", "a JSON object without duplicate keys");
        }
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
        if (header["__metadata__"] is JsonObject m)
            foreach (var (key, value) in m)
                metadata[key] = value is JsonValue v && v.TryGetValue(out string? text) ? text : throw Bad($"__metadata__.{key}", "no text", "a text");
        var numbers = file[(8 + (int)size)..];
        var tensors = TensorsOf(header, numbers, Bad);
        if (!metadata.Remove(HashField, out var expected)) throw Refuse(path, FileErrorKind.Integrity, "no-hash", HashField, "nothing", "the hash of the content", "save the model with this program");
        var actual = Hash(metadata, tensors);
        if (actual != expected) throw Refuse(path, FileErrorKind.Integrity, "hash-mismatch", HashField, actual[..16] + "..", expected.Length > 16 ? expected[..16] + ".." : expected, "the file is damaged or was edited: fetch it again");
        return new(metadata, tensors);
    }

    private static Weights TensorsOf(JsonObject header, ReadOnlySpan<byte> numbers, Func<string, string, string, FileErrorException> bad)
    {
        var entries = new List<(string Name, EquatableArray<int> Shape, long Start, long End)>();
        foreach (var (name, node) in header.Where(h => h.Key != "__metadata__"))
        {
            if (node is not JsonObject entry) throw bad(name, "no object", "dtype, shape and data_offsets");
            if (!(entry["dtype"] is JsonValue d && d.TryGetValue(out string? dtype) && dtype == "F32")) throw bad($"{name}.dtype", entry["dtype"]?.ToJsonString() ?? "nothing", "\"F32\"");
            var shape = Whole(entry["shape"], $"{name}.shape", bad);
            var offsets = Whole(entry["data_offsets"], $"{name}.data_offsets", bad);
            if (shape.Count > MaxDimensions || shape.Any(n => n is < 1 or > int.MaxValue)) throw bad($"{name}.shape", shape.ToString(), $"at most {MaxDimensions} sizes ≥ 1");
            Int128 bytes = shape.Aggregate((Int128)4, (n, s) => n > long.MaxValue ? n : n * s);
            if (offsets.Count != 2 || offsets[0] < 0 || offsets[1] > numbers.Length || bytes != offsets[1] - (Int128)offsets[0])
                throw bad($"{name}.data_offsets", offsets.ToString(), $"{bytes} bytes within the file's {numbers.Length}");
            entries.Add((name, shape.Select(n => (int)n).ToEquatableArray(), offsets[0], offsets[1]));
        }
        entries.Sort((a, b) => a.Start.CompareTo(b.Start));
        long at = 0;
        foreach (var e in entries)
        {
            if (e.Start != at) throw bad($"{e.Name}.data_offsets", $"start {e.Start}", $"{at} (no gap, no overlap)");
            at = e.End;
        }
        if (at != numbers.Length) throw bad("data", $"{numbers.Length} bytes", $"{at}");
        var weights = new List<KeyValuePair<string, Weight>>();
        foreach (var e in entries)
        {
            var values = MemoryMarshal.Cast<byte, float>(numbers[(int)e.Start..(int)e.End]).ToArray();
            if (values.Any(v => !float.IsFinite(v))) throw bad(e.Name, "NaN or infinity", "finite numbers");
            weights.Add(new(e.Name, new(e.Shape, values)));
        }
        return new(weights);
    }

    private static EquatableArray<long> Whole(JsonNode? node, string field, Func<string, string, string, FileErrorException> bad)
    {
        if (node is not JsonArray array) throw bad(field, "no array", "whole numbers");
        return array.Select(n => n is JsonValue v && v.TryGetValue(out long whole) ? whole : throw bad(field, n?.ToJsonString() ?? "null", "a whole number")).ToEquatableArray();
    }

    internal static FileErrorException Refuse(string path, FileErrorKind kind, string code, string field, string found, string expected, string remedy = "fetch or train the model again") =>
        new(new FileError { Kind = kind, Code = code, File = path, Field = field, Found = found, Expected = expected, Remedy = remedy });

    private static string Hash(IReadOnlyDictionary<string, string> metadata, Weights tensors)
    {
        using var hash = new Sha256Hash();
        foreach (var (key, value) in metadata.OrderBy(m => m.Key, StringComparer.Ordinal))
            hash.AppendData(Encoding.UTF8.GetBytes(FormattableString.Invariant($"{key.Length}:{key}{value.Length}:{value}")));
        hash.AppendData(Encoding.UTF8.GetBytes(tensors.Hash));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
