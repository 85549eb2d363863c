using System;
using System.Buffers.Binary;

namespace LiverSeg.Functional;

/// <summary>JPEG 2000 (ITU-T T.800) and its high-throughput kin (T.814), one component, decoded by <see cref="OpenJpeg"/>.</summary>
/// <remarks>
/// What the main header claims is held against the DICOM header before the native library sees a byte: a stream of a few bytes may claim a grid of tiles or
/// precincts that fills the memory.
/// </remarks>
internal static class Jpeg2000
{
    /// <summary>More tiles, or more precincts of a tile, than any encoder makes of a slice.</summary>
    private const long MostTiles = 4096, MostPrecincts = 1 << 16;

    internal static void Decode(ReadOnlySpan<byte> bytes, int columns, int rows, int bits, Span<ushort> target, FileErrors refuse)
    {
        var stream = Codestream(bytes, refuse);
        Check(stream, columns, rows, bits, refuse);
        OpenJpeg.Decode(stream.ToArray(), columns, rows, target, refuse);
    }

    /// <summary>Whether the wavelet of the main header is the one that loses nothing: 5/3, the last byte of the coding style, T.800 table A.20.</summary>
    internal static bool IsReversible(ReadOnlySpan<byte> bytes, FileErrors refuse) => Main(Codestream(bytes, refuse), refuse).Style[11] == 1;

    /// <summary>DICOM asks for bare codestreams; some writers leave the boxes of a JP2 file around them.</summary>
    private static ReadOnlySpan<byte> Codestream(ReadOnlySpan<byte> bytes, FileErrors refuse)
    {
        if (bytes.StartsWith(Start)) return bytes;
        if (!bytes.StartsWith(FileStart)) throw refuse.Bad("JPEG 2000", "no start of a codestream", "FF4F FF51");
        for (var at = 0L; at + 8 <= bytes.Length;)
        {
            var box = bytes[(int)at..];
            long length = BinaryPrimitives.ReadUInt32BigEndian(box), head = 8;
            if (length == 1)
            {
                if (box.Length < 16) break;
                (length, head) = ((long)Math.Min(long.MaxValue, BinaryPrimitives.ReadUInt64BigEndian(box[8..])), 16);
            }
            if (length == 0 || length > box.Length) length = box.Length;
            if (length < head) break;
            if (box[4..8].SequenceEqual("jp2c"u8))
            {
                var inner = box[(int)head..(int)length];
                return inner.StartsWith(Start) ? inner : throw refuse.Bad("JPEG 2000", "no start of a codestream", "FF4F FF51");
            }
            at += length;
        }
        throw refuse.Bad("JPEG 2000", "a file without a codestream", "one");
    }

    /// <summary>The first two markers of a codestream, start and size.</summary>
    internal static ReadOnlySpan<byte> Start => [0xFF, 0x4F, 0xFF, 0x51];

    /// <summary>The signature box of a JP2 file.</summary>
    internal static ReadOnlySpan<byte> FileStart => [0, 0, 0, 12, (byte)'j', (byte)'P', (byte)' ', (byte)' '];

    /// <summary>Segments of the main header: image and tile size (A.5.1) and the first coding style default (A.6.1), both from their length on.</summary>
    private ref struct Segments
    {
        internal ReadOnlySpan<byte> Size, Style;
    }

    private static Segments Main(ReadOnlySpan<byte> stream, FileErrors refuse)
    {
        var found = new Segments();
        for (var at = 2; ;)
        {
            if (stream.Length < at + 4) throw refuse.Truncated("JPEG 2000 header", stream.Length, at + 4);
            var (marker, length) = (BinaryPrimitives.ReadUInt16BigEndian(stream[at..]), BinaryPrimitives.ReadUInt16BigEndian(stream[(at + 2)..]));
            if (marker == 0xFF90) break; // the first tile
            if (marker < 0xFF01 || length < 2) throw refuse.Bad("JPEG 2000 header", FormattableString.Invariant($"marker {marker:X4} of {length} bytes"), "a segment of the main header");
            if (stream.Length < at + 2 + length) throw refuse.Truncated("JPEG 2000 header", stream.Length, at + 2 + length);
            var segment = stream.Slice(at + 2, length);
            if (marker == 0xFF51) found.Size = segment;
            if (marker == 0xFF52)
            {
                if (length < 12) throw refuse.Bad("JPEG 2000 coding style", FormattableString.Invariant($"{length} bytes"), "at least 12");
                found.Style = segment;
            }
            at += 2 + length;
        }
        if (found.Size.Length < 38 + 3) throw refuse.Bad("JPEG 2000 size", FormattableString.Invariant($"{found.Size.Length} bytes"), "41 for one component");
        if (found.Style.IsEmpty) throw refuse.Bad("JPEG 2000 coding style", "none", "one in the main header");
        return found;
    }

    private static void Check(ReadOnlySpan<byte> stream, int columns, int rows, int bits, FileErrors refuse)
    {
        var main = Main(stream, refuse);
        var size = main.Size;
        long At(ReadOnlySpan<byte> s, int i) => BinaryPrimitives.ReadUInt32BigEndian(s[(4 + 4 * i)..]);
        var (width, height) = (At(size, 0) - At(size, 2), At(size, 1) - At(size, 3));
        if (width != columns || height != rows) throw refuse.Bad("JPEG 2000 size", FormattableString.Invariant($"{width}×{height}"), FormattableString.Invariant($"{columns}×{rows}, as DICOM says"));
        var components = BinaryPrimitives.ReadUInt16BigEndian(size[36..]);
        if (components != 1) throw refuse.Bad("JPEG 2000 components", components, "one, as DICOM says");
        if (size[39] != 1 || size[40] != 1) throw refuse.Unsupported("JPEG 2000 sampling", FormattableString.Invariant($"{size[39]}×{size[40]}"), "1×1", "convert it to an uncompressed file");
        var precision = (size[38] & 0x7F) + 1;
        if (precision > bits) throw refuse.Bad("JPEG 2000 precision", FormattableString.Invariant($"{precision} bits"), FormattableString.Invariant($"at most {bits}, as DICOM says"));
        var (tileX, tileY) = (At(size, 4), At(size, 5));
        if (tileX == 0 || tileY == 0) throw refuse.Bad("JPEG 2000 tiles", FormattableString.Invariant($"{tileX}×{tileY}"), "at least one pixel");
        // Tiles begin at an offset that may lie before the image.
        var tiles = ((At(size, 0) - At(size, 6)) / tileX + 1) * ((At(size, 1) - At(size, 7)) / tileY + 1);
        if (tiles is < 0 or > MostTiles) throw refuse.Unsupported("JPEG 2000 tiles", tiles, FormattableString.Invariant($"at most {MostTiles}"), "convert it to an uncompressed file");
        CheckPrecincts(main.Style, Math.Min(tileX, At(size, 0)), Math.Min(tileY, At(size, 1)), refuse);
    }

    /// <summary>T.800 A.6.1, table A.21: two exponents of a precinct's size per resolution, the coarsest first.</summary>
    private static void CheckPrecincts(ReadOnlySpan<byte> style, long tileX, long tileY, FileErrors refuse)
    {
        int levels = style[7];
        if (levels > 32) throw refuse.Bad("JPEG 2000 resolutions", levels, "at most 32");
        if ((style[2] & 1) == 0) return;
        if (style.Length < 12 + levels + 1) throw refuse.Bad("JPEG 2000 precincts", FormattableString.Invariant($"{style.Length - 12} sizes"), FormattableString.Invariant($"{levels + 1}"));
        var precincts = 0L;
        for (var r = 0; r <= levels; r++)
        {
            var shrunk = levels - r;
            var (x, y) = (style[12 + r] & 15, style[12 + r] >> 4);
            precincts += (((tileX >> shrunk) >> x) + 2) * (((tileY >> shrunk) >> y) + 2);
        }
        if (precincts > MostPrecincts) throw refuse.Unsupported("JPEG 2000 precincts", precincts, FormattableString.Invariant($"at most {MostPrecincts} in a tile"), "convert it to an uncompressed file");
    }
}
