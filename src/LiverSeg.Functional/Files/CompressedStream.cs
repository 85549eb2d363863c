using System;
using System.IO;

namespace LiverSeg.Functional;

/// <summary>A part of a file for an inflater; notices when the inflater asks for more bytes than there are.</summary>
/// <remarks>
/// .NET's inflaters end in silence where a stream was cut off. A finished zlib or bzip2 stream asks for nothing more, so asking is the sign. After gzip
/// .NET looks for another member, so it is given one: <see cref="Seal"/> comes out at the end if and only if everything before was whole.
/// </remarks>
internal sealed class CompressedStream(FileStream file, long end, bool gzip, FileErrors refuse) : Stream
{
    /// <summary>What the member after the last one unpacks to.</summary>
    internal static ReadOnlySpan<byte> Seal => "end-of-voxels"u8;

    private static readonly byte[] Member = Pack();

    private readonly long _packed = end - file.Position;

    private bool _sealed;

    /// <summary>Packed bytes in all.</summary>
    internal long Packed => _packed;

    /// <summary>Whether the inflater has come to the end of the file.</summary>
    internal bool AtEnd => _sealed;

    private static byte[] Pack()
    {
        using var memory = new MemoryStream();
        using (var packed = new System.IO.Compression.GZipStream(memory, System.IO.Compression.CompressionLevel.Fastest)) packed.Write(Seal);
        return memory.ToArray();
    }

    public override int Read(Span<byte> buffer)
    {
        var left = end - file.Position;
        if (left > 0)
        {
            var got = file.Read(buffer[..(int)Math.Min(left, buffer.Length)]);
            return got > 0 ? got : throw refuse.Truncated("packed voxels", file.Position, end);
        }
        if (!gzip) throw refuse.Truncated("packed voxels", end, end + 1);
        if (_sealed || buffer.Length < Member.Length) return 0;
        _sealed = true;
        Member.CopyTo(buffer);
        return Member.Length;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override void Flush() { }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
