using System;
using System.Buffers.Binary;
using System.Globalization;
using System.IO;
using System.IO.Compression;
using System.Text;
using ICSharpCode.SharpZipLib.BZip2;

namespace LiverSeg.Functional;

/// <summary>Packed voxels to their bytes, first voxel first.</summary>
internal static class Decompression
{
    /// <summary>How many bytes may follow the last voxel of a NIfTI; the other formats promise none.</summary>
    private const long MaxRest = 1 << 20;

    /// <summary>The bytes from the first voxel on; <paramref name="source"/> is there where the end must be checked.</summary>
    internal static Stream Open(StoredImage image, FileStream file, long bytes, FileErrors refuse, out CompressedStream? source)
    {
        source = null;
        if (image.Info.Packing == Packing.Raw)
        {
            file.Position = image.Offset >= 0 ? image.Offset : file.Length - bytes;
            return file;
        }
        if (image.Info.Packing is Packing.Hex or Packing.Text)
        {
            file.Position = image.Offset;
            var text = new byte[file.Length - image.Offset];
            file.ReadExactly(text);
            return new MemoryStream(image.Info.Packing == Packing.Hex ? Hex(text, bytes, refuse) : Numbers(text, image.Info, bytes, refuse));
        }
        var skip = image.Skip;
        if (skip < 0)
        {
            // The voxels end the stream, and only unpacking it tells how long it is.
            using var once = Inflate(image, file, refuse, out var first);
            skip = Drain(once, first, long.MaxValue, image, refuse) - bytes;
            if (skip < 0) throw refuse.Truncated("voxels", skip + bytes, bytes);
        }
        var stream = Inflate(image, file, refuse, out var counted);
        source = counted;
        var buffer = new byte[Math.Min(skip, 1 << 16)];
        for (var left = skip; left > 0; left -= Math.Min(left, buffer.Length))
            Fill(stream, buffer.AsSpan(0, (int)Math.Min(left, buffer.Length)), skip - left, skip + bytes, refuse);
        return stream;
    }

    /// <summary>Fills the buffer or says how far the file went.</summary>
    internal static void Fill(Stream stream, Span<byte> buffer, long before, long expected, FileErrors refuse)
    {
        int got;
        try
        {
            got = stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
        }
        catch (Exception e) when (stream is BZip2InputStream && e is not (FileErrorException or IOException or OutOfMemoryException))
        {
            throw refuse.Bad("packed voxels", "a damaged stream", "a whole bzip2 stream");
        }
        if (got < buffer.Length) throw refuse.Truncated("voxels", before + got, expected);
    }

    /// <summary>Drains the stream so that its check sum is checked, and makes sure that its end is there at all.</summary>
    internal static void CheckEnd(StoredImage image, Stream unpacked, CompressedStream source, FileErrors refuse) => Drain(unpacked, source, image.Info.Format.StartsWith("NIfTI", StringComparison.Ordinal) ? MaxRest : 0, image, refuse);

    /// <summary>Reads to the end; how many bytes there were.</summary>
    private static long Drain(Stream unpacked, CompressedStream source, long most, StoredImage image, FileErrors refuse)
    {
        var gzip = image.Info.Packing == Packing.Gzip;
        most = Math.Min(most, Limits.Ratio * source.Packed);
        var (buffer, tail, kept) = (new byte[1 << 16], new byte[CompressedStream.Seal.Length], 0);
        long rest = 0;
        try
        {
            for (int got; (got = unpacked.Read(buffer)) > 0;)
            {
                rest += got;
                if (rest > most + (gzip ? tail.Length : 0)) throw refuse.Bad("packed voxels", $"more than {most} bytes after the last voxel", "the end of the stream");
                // The last bytes seen, over as many reads as it takes.
                var fresh = Math.Min(got, tail.Length);
                var stay = Math.Min(kept, tail.Length - fresh);
                tail.AsSpan(kept - stay, stay).CopyTo(tail);
                buffer.AsSpan(got - fresh, fresh).CopyTo(tail.AsSpan(stay));
                kept = stay + fresh;
            }
        }
        catch (Exception e) when (unpacked is BZip2InputStream && e is not (FileErrorException or IOException or OutOfMemoryException))
        {
            throw refuse.Bad("packed voxels", "a damaged stream", "a whole bzip2 stream");
        }
        if (!gzip) return rest;
        if (kept < tail.Length || !tail.AsSpan().SequenceEqual(CompressedStream.Seal))
            throw source.AtEnd
                ? refuse.Truncated("gzip stream", source.Packed, source.Packed + 1)
                : refuse.Bad("gzip stream", "other bytes after its end", "the end of the file");
        return rest - tail.Length;
    }

    private static Stream Inflate(StoredImage image, FileStream file, FileErrors refuse, out CompressedStream source)
    {
        file.Position = image.Offset;
        var end = image.PackedBytes > 0 ? image.Offset + image.PackedBytes : file.Length;
        if (end > file.Length) throw refuse.Truncated("packed voxels", file.Length, end);
        source = new(file, end, image.Info.Packing == Packing.Gzip, refuse);
        try
        {
            return image.Info.Packing switch
            {
                Packing.Gzip => new GZipStream(source, CompressionMode.Decompress, leaveOpen: true),
                Packing.Zlib => new ZLibStream(source, CompressionMode.Decompress, leaveOpen: true),
                _ => new BZip2InputStream(new BufferedStream(source, 1 << 16)),
            };
        }
        catch (Exception e) when (e is not (FileErrorException or IOException or OutOfMemoryException))
        {
            throw refuse.Bad("packed voxels", "a damaged stream", $"a whole {image.Info.Packing} stream");
        }
    }

    private static byte[] Hex(byte[] text, long bytes, FileErrors refuse)
    {
        var target = new byte[bytes];
        long digits = 0;
        foreach (var c in text)
        {
            if (c is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n') continue;
            var digit = c is >= (byte)'0' and <= (byte)'9' ? c - '0' : (c | 32) is >= 'a' and <= 'f' ? (c | 32) - 'a' + 10 : -1;
            if (digit < 0 || digits == 2 * bytes) throw refuse.Bad("hex voxels", digit < 0 ? $"character {c}" : $"more than {2 * bytes} digits", $"{2 * bytes} hexadecimal digits");
            target[digits / 2] |= (byte)(digits % 2 == 0 ? digit << 4 : digit);
            digits++;
        }
        return digits == 2 * bytes ? target : throw refuse.Truncated("hex voxels", digits / 2, bytes);
    }

    /// <summary>Decimal numbers to the bytes that the header's type would have had, little-endian.</summary>
    private static byte[] Numbers(byte[] text, VolumeInfo info, long bytes, FileErrors refuse)
    {
        var target = new byte[bytes];
        var (at, size) = (0, info.Size);
        for (var i = 0; i < text.Length;)
        {
            while (i < text.Length && (text[i] is (byte)' ' or (byte)',' or >= 9 and <= 13)) i++;
            var start = i;
            while (i < text.Length && !(text[i] is (byte)' ' or (byte)',' or >= 9 and <= 13)) i++;
            if (i == start) break;
            if (at + size > bytes) throw refuse.Bad("text voxels", "more numbers than voxels", $"{bytes / size} numbers");
            var word = text.AsSpan(start, i - start);
            if (!Number(word, info.Type, target.AsSpan(at, size))) throw refuse.Bad("text voxels", Encoding.ASCII.GetString(word[..Math.Min(20, word.Length)]), $"a number that fits {info.Type}", offset: start);
            at += size;
        }
        return at == bytes ? target : throw refuse.Truncated("text voxels", at, bytes);
    }

    private static bool Number(ReadOnlySpan<byte> word, StoredType type, Span<byte> target)
    {
        if (type is StoredType.Float32 or StoredType.Float64)
        {
            if (!double.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out var real)) return false;
            if (type == StoredType.Float64) BinaryPrimitives.WriteDoubleLittleEndian(target, real);
            else BinaryPrimitives.WriteSingleLittleEndian(target, (float)real);
            return true;
        }
        if (!Int128.TryParse(word, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole)) return false;
        var (bits, signed) = (8 * target.Length, type is StoredType.Int8 or StoredType.Int16 or StoredType.Int32 or StoredType.Int64);
        var (low, high) = signed ? (-(Int128.One << (bits - 1)), (Int128.One << (bits - 1)) - 1) : (0, (Int128.One << bits) - 1);
        if (whole < low || whole > high) return false;
        for (var i = 0; i < target.Length; i++) target[i] = (byte)(whole >> (8 * i) & 255);
        return true;
    }
}
