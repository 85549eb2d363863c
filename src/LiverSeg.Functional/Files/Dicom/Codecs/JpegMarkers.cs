using System;
using System.Buffers.Binary;

namespace LiverSeg.Functional;

/// <summary>Walks the marker segments of a JPEG stream (ITU-T T.81, annex B; T.87, annex C).</summary>
internal ref struct JpegMarkers(ReadOnlySpan<byte> bytes, FileErrors refuse)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;

    /// <summary>Where the next byte is read.</summary>
    internal int At { get; private set; }

    /// <summary>The next marker and its parameters, without the length.</summary>
    internal byte Next(out ReadOnlySpan<byte> parameters)
    {
        if (At + 2 > _bytes.Length) throw refuse.Truncated("JPEG marker", _bytes.Length, At + 2);
        if (_bytes[At] != 0xFF) throw refuse.Bad("JPEG marker", FormattableString.Invariant($"byte {_bytes[At]:X2}"), "FF");
        while (At + 1 < _bytes.Length && _bytes[At + 1] == 0xFF) At++; // fill bytes
        if (At + 2 > _bytes.Length) throw refuse.Truncated("JPEG marker", _bytes.Length, At + 2);
        var marker = _bytes[At + 1];
        At += 2;
        parameters = default;
        if (marker is 0xD8 or 0xD9 or 0x01 or >= 0xD0 and <= 0xD7) return marker;
        if (At + 2 > _bytes.Length) throw refuse.Truncated("JPEG segment", _bytes.Length, At + 2);
        var length = BinaryPrimitives.ReadUInt16BigEndian(_bytes[At..]);
        if (length < 2 || length > _bytes.Length - At) throw refuse.Bad("JPEG segment", FormattableString.Invariant($"length {length}"), FormattableString.Invariant($"2 to {_bytes.Length - At}"));
        parameters = _bytes.Slice(At + 2, length - 2);
        At += length;
        return marker;
    }

    /// <summary>Reads a frame header and holds it against what DICOM says.</summary>
    internal static int Frame(ReadOnlySpan<byte> parameters, int columns, int rows, int bits, FileErrors refuse)
    {
        if (parameters.Length < 9) throw refuse.Bad("JPEG frame", FormattableString.Invariant($"{parameters.Length} bytes"), "9");
        var precision = parameters[0];
        int height = BinaryPrimitives.ReadUInt16BigEndian(parameters[1..]), width = BinaryPrimitives.ReadUInt16BigEndian(parameters[3..]);
        if (height != rows || width != columns) throw refuse.Bad("JPEG frame", FormattableString.Invariant($"{width}×{height}"), FormattableString.Invariant($"{columns}×{rows}, as DICOM says"));
        if (parameters[5] != 1) throw refuse.Unsupported("JPEG components", parameters[5], "1", "convert it to one grey value per pixel");
        return precision is >= 2 and <= 16 && precision <= bits ? precision : throw refuse.Bad("JPEG precision", precision, FormattableString.Invariant($"2 to {bits}"));
    }
}
