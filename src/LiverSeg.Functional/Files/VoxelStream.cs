using System;
using System.Collections.Generic;
using System.IO;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Threading.Tasks;

namespace LiverSeg.Functional;

/// <summary>Reads the voxels that a header promises, exactly as many, and checks the stream to its end.</summary>
/// <remarks>.NET's inflaters accept truncated streams in silence, so lengths and trailers are checked here.</remarks>
internal static class VoxelStream
{
    private const int SlabBytes = 1 << 23;

    /// <summary>All voxels as floats in a fresh array of a type that wraps one float.</summary>
    internal static T[] ReadFloats<T>(StoredImage image, Refusal refuse) where T : unmanaged
    {
        var target = Room<T>(image, refuse);
        Read(image, refuse, (bytes, first, count) => StoredVoxels.Decode(bytes, image.Info, MemoryMarshal.Cast<T, float>(target.AsSpan(first, count))));
        return target;
    }

    /// <summary>All voxels as a mask: other than zero is inside; NaN is outside.</summary>
    internal static bool[] ReadMask(StoredImage image, Refusal refuse)
    {
        var target = Room<bool>(image, refuse);
        Read(image, refuse, (bytes, first, count) =>
        {
            var floats = new float[count];
            StoredVoxels.Decode(bytes, image.Info, floats);
            for (var i = 0; i < count; i++) target[first + i] = floats[i] != 0 && !float.IsNaN(floats[i]);
        });
        return target;
    }

    private delegate void Slab(ReadOnlySpan<byte> bytes, int first, int count);

    private static T[] Room<T>(StoredImage image, Refusal refuse)
    {
        // Claimed bytes against the file's own length before any room is made.
        var have = Length(image.DataFile, refuse);
        var want = image.Info.Bytes;
        var start = Math.Max(0, image.Offset);
        if (image.Info.Packing == Packing.Raw && have - start < want) throw refuse.Truncated("voxels", have - start, want);
        if (image.Info.Packing != Packing.Raw && want / Limits.Ratio > have) throw refuse.Bad("voxels", $"{have} packed bytes", $"at least {want / Limits.Ratio} for the {want} that the header claims");
        return new T[image.Info.Grid.Extent.Count];
    }

    internal static long Length(string file, Refusal refuse)
    {
        var info = new FileInfo(file);
        return info.Exists ? info.Length : throw refuse.InputOutput("data file", "nothing at its place", "the file with the voxels", "keep header and data file together");
    }

    private static void Read(StoredImage image, Refusal refuse, Slab slab)
    {
        try
        {
            using var file = new FileStream(image.DataFile, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16);
            using var unpacked = Open(image, file, refuse);
            var (size, total) = (image.Info.Size, image.Info.Grid.Extent.Count);
            var most = (int)Math.Max(1, Math.Min(total, SlabBytes / size));
            var (buffer, next) = (new byte[most * size], new byte[most * size]);
            var decode = Task.CompletedTask;
            for (long first = 0; first < total; first += most)
            {
                var count = (int)Math.Min(most, total - first);
                Fill(unpacked, next.AsSpan(0, count * size), first * size, image.Info.Bytes, refuse);
                decode.GetAwaiter().GetResult(); // unpacking goes on while the slab before is decoded
                (buffer, next) = (next, buffer);
                var (bytes, at) = (buffer, (int)first);
                decode = Task.Run(() => slab(bytes.AsSpan(0, count * size), at, count));
            }
            decode.GetAwaiter().GetResult();
            if (image.Info.Packing != Packing.Raw) CheckEnd(image, unpacked, file, refuse);
        }
        catch (InvalidDataException e)
        {
            throw refuse.Bad("packed voxels", "a damaged stream", $"a whole {image.Info.Packing} stream ({e.GetType().Name})");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw refuse.InputOutput("voxels", "no access", "a readable file", "check the path and its permissions", e);
        }
    }

    private static Stream Open(StoredImage image, FileStream file, Refusal refuse)
    {
        switch (image.Info.Packing)
        {
            case Packing.Raw:
                file.Position = image.Offset >= 0 ? image.Offset : file.Length - image.Info.Bytes;
                return file;
            case Packing.Zlib:
                file.Position = image.Offset;
                return new ZLibStream(file, CompressionMode.Decompress, leaveOpen: true);
            default:
                var stream = new GZipStream(file, CompressionMode.Decompress, leaveOpen: true);
                var skip = new byte[Math.Min(image.Offset, 1 << 16)];
                for (var left = image.Offset; left > 0; left -= Math.Min(left, skip.Length))
                    Fill(stream, skip.AsSpan(0, (int)Math.Min(left, skip.Length)), image.Offset - left, image.Offset, refuse);
                return stream;
        }
    }

    /// <summary>Fills the buffer or says how far the file went.</summary>
    private static void Fill(Stream stream, Span<byte> buffer, long before, long expected, Refusal refuse)
    {
        var got = stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
        if (got < buffer.Length) throw refuse.Truncated("voxels", before + got, expected);
    }

    /// <summary>Drains the stream so that its check sum is checked, and checks that the trailer is there at all.</summary>
    private static void CheckEnd(StoredImage image, Stream unpacked, FileStream file, Refusal refuse)
    {
        var rest = new byte[1 << 16];
        long extra = 0;
        for (int got; (got = unpacked.Read(rest)) > 0; extra += got)
            if (extra > 1 << 20) throw refuse.Bad("packed voxels", $"more than {extra} bytes after the last voxel", "the end of the stream");
        if (image.Info.Packing == Packing.Zlib)
        {
            if (extra > 0) throw refuse.Bad("packed voxels", $"{extra} bytes after the last voxel", "the end of the stream");
            Trailer(file, image.PackedBytes > 0 ? image.Offset + image.PackedBytes : file.Length, image, refuse);
        }
        else GzipTrailer(file, image.Offset + image.Info.Bytes + extra, refuse);
    }

    /// <summary>The last four bytes of a gzip file are its unpacked length (RFC 1952); block-wise gzip ends with an empty block.</summary>
    private static void GzipTrailer(FileStream file, long unpacked, Refusal refuse)
    {
        var head = new byte[18];
        file.Position = 0;
        file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
        var blocks = (head[3] & 4) != 0 && head[12] == 'B' && head[13] == 'C';
        var tail = new byte[4];
        file.Position = Math.Max(0, file.Length - 4);
        file.ReadAtLeast(tail, 4, throwOnEndOfStream: false);
        var length = System.Buffers.Binary.BinaryPrimitives.ReadUInt32LittleEndian(tail);
        if (length != (blocks ? 0 : (uint)unpacked)) throw refuse.Truncated("gzip trailer", length, (uint)unpacked);
    }

    /// <summary>Inflates once more to learn the Adler-32 that must end a zlib stream (RFC 1950).</summary>
    private static void Trailer(FileStream file, long end, StoredImage image, Refusal refuse)
    {
        uint a = 1, b = 0;
        file.Position = image.Offset;
        using (var again = new ZLibStream(file, CompressionMode.Decompress, leaveOpen: true))
        {
            var buffer = new byte[5552 * 4];
            for (int got; (got = again.Read(buffer)) > 0;)
                for (var from = 0; from < got; from += 5552)
                {
                    foreach (var value in buffer.AsSpan(from, Math.Min(5552, got - from))) b += a += value;
                    (a, b) = (a % 65521, b % 65521);
                }
        }
        var tail = new byte[4];
        file.Position = Math.Max(0, end - 4);
        file.ReadAtLeast(tail, 4, throwOnEndOfStream: false);
        var stored = System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(tail);
        if (stored != (b << 16 | a)) throw refuse.Bad("zlib trailer", stored, $"{b << 16 | a} (Adler-32)");
    }
}
