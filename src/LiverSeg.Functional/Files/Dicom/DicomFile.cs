using System;
using System.Collections.Generic;
using System.IO;
using System.IO.Compression;
using System.Linq;

namespace LiverSeg.Functional;

/// <summary>How a file's pixels are encoded.</summary>
internal enum PixelCoding
{
    Native,
    Rle,
    JpegLossless,
    JpegLs,
    Jpeg2000,
}

/// <summary>One DICOM file: its data set and how to read the pixels.</summary>
internal sealed record DicomFile(DicomData Data, PixelCoding Coding, EquatableArray<string> Warnings)
{
    private const int MaxInflated = 96 << 20;

    internal static bool Sniff(ReadOnlySpan<byte> head) =>
        head.Length >= 132 && head.Slice(128, 4).SequenceEqual("DICM"u8) || head.Length >= 12 && Bare(head, out _, out _);

    /// <summary>A data set without preamble: it starts with group 2 or 8, and its first element is short.</summary>
    private static bool Bare(ReadOnlySpan<byte> head, out bool isExplicit, out bool big)
    {
        big = head[0] == 0 && head[1] is 2 or 8;
        isExplicit = char.IsAsciiLetterUpper((char)head[4]) && char.IsAsciiLetterUpper((char)head[5]);
        var group = big ? head[0] << 8 | head[1] : head[1] << 8 | head[0];
        var element = big ? head[2] << 8 | head[3] : head[3] << 8 | head[2];
        if (group is not (2 or 8) || element > 0x60 || (big && !isExplicit)) return false;
        return isExplicit || (head[6] == 0 && head[7] == 0 && head[5] == 0);
    }

    internal static DicomFile Parse(byte[] bytes, FileErrors refuse)
    {
        var warnings = new List<string>();
        var at = 0;
        var preamble = bytes.Length >= 132 && bytes.AsSpan(128, 4).SequenceEqual("DICM"u8);
        if (preamble) at = 132;
        else if (bytes.Length < 12 || !Bare(bytes, out _, out _)) throw refuse.Bad("preamble", "no DICM", "a DICOM file", offset: 128);
        var syntax = "";
        if (bytes.Length >= at + 8 && bytes[at] == 2 && bytes[at + 1] == 0)
        {
            var isExplicitMeta = char.IsAsciiLetterUpper((char)bytes[at + 4]);
            var meta = new DicomParser(bytes, false, refuse).Read(at, isExplicitMeta, 2, out at);
            syntax = meta.Text(0x00020010);
        }
        if (!preamble || syntax.Length == 0) warnings.Add("the file meta information is missing or names no transfer syntax: it is guessed from the first element");
        var (isExplicit, big, coding) = Syntax(syntax, bytes.AsSpan(Math.Min(at, bytes.Length)), refuse);
        if (syntax == "1.2.840.10008.1.2.1.99") (bytes, at) = (Inflate(bytes, at, refuse), 0);
        var data = new DicomParser(bytes, big, refuse).Read(at, isExplicit, -1, out _);
        return new(data, coding, warnings.ToEquatableArray());
    }

    private static (bool Explicit, bool Big, PixelCoding Coding) Syntax(string syntax, ReadOnlySpan<byte> start, FileErrors refuse)
    {
        switch (syntax)
        {
            case "1.2.840.10008.1.2": return (false, false, PixelCoding.Native);
            case "1.2.840.10008.1.2.1" or "1.2.840.10008.1.2.1.99": return (true, false, PixelCoding.Native);
            case "1.2.840.10008.1.2.2": return (true, true, PixelCoding.Native);
            case "1.2.840.10008.1.2.5": return (true, false, PixelCoding.Rle);
            case "1.2.840.10008.1.2.4.57" or "1.2.840.10008.1.2.4.70": return (true, false, PixelCoding.JpegLossless);
            case "1.2.840.10008.1.2.4.80" or "1.2.840.10008.1.2.4.81": return (true, false, PixelCoding.JpegLs);
            case "1.2.840.10008.1.2.4.90" or "1.2.840.10008.1.2.4.91" or "1.2.840.10008.1.2.4.201" or "1.2.840.10008.1.2.4.202" or "1.2.840.10008.1.2.4.203":
                return (true, false, PixelCoding.Jpeg2000);
            case "":
                if (start.Length < 12 || !Bare(start, out var isExplicit, out var big)) throw refuse.Bad("transfer syntax", "none", "a transfer syntax UID");
                return (isExplicit, big, PixelCoding.Native);
        }
        var name = syntax switch
        {
            "1.2.840.10008.1.2.4.50" => "JPEG baseline (lossy)",
            "1.2.840.10008.1.2.4.51" => "JPEG extended (lossy)",
            "1.2.840.10008.1.2.4.92" or "1.2.840.10008.1.2.4.93" => "JPEG 2000 of several components",
            _ when syntax.StartsWith("1.2.840.10008.1.2.4.1", StringComparison.Ordinal) => "video",
            _ => "an unknown transfer syntax",
        };
        throw refuse.Unsupported("transfer syntax", name, "uncompressed, deflated, RLE, JPEG lossless, JPEG-LS or JPEG 2000", "convert it, e.g. gdcmconv --raw IN OUT or dcmdjpeg");
    }

    /// <summary>Everything after the meta information is one deflate stream; it must end, and not outgrow a slice by far.</summary>
    private static byte[] Inflate(byte[] bytes, int at, FileErrors refuse)
    {
        // Small files may be all air; large ones that pack like it are bombs.
        var most = (int)Math.Min(MaxInflated, Math.Min(Limits.Ratio * (bytes.Length - at) + 1024, Math.Max(16L << 20, 25L * (bytes.Length - at))));
        using var packed = new EndWatch(bytes, at, refuse);
        using var stream = new DeflateStream(packed, CompressionMode.Decompress);
        using var memory = new MemoryStream();
        var buffer = new byte[1 << 16];
        try
        {
            for (int got; (got = stream.Read(buffer)) > 0;)
            {
                memory.Write(buffer, 0, got);
                if (memory.Length > most) throw refuse.Unsupported("deflated data set", $"more than {most} bytes", $"at most {most}", "convert it to an uncompressed file");
            }
        }
        catch (InvalidDataException)
        {
            throw refuse.Bad("deflated data set", "a damaged stream", "a whole deflate stream", offset: at);
        }
        return memory.ToArray();
    }

    /// <summary>Bytes that notice when an inflater wants more than there are; one odd byte of padding is DICOM's own.</summary>
    private sealed class EndWatch(byte[] bytes, int at, FileErrors refuse) : MemoryStream(bytes, at, bytes.Length - at, false)
    {
        public override int Read(byte[] buffer, int offset, int count) =>
            base.Read(buffer, offset, count) is > 0 and var got ? got : throw refuse.Truncated("deflated data set", Length, Length + 1);
    }
}
