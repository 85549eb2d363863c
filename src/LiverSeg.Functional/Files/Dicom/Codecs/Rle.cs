using System;
using System.Buffers.Binary;

namespace LiverSeg.Functional;

/// <summary>DICOM's run lengths (PS3.5, annex G): one segment a byte plane, most significant first.</summary>
internal static class Rle
{
    internal static void Decode(ReadOnlySpan<byte> packed, int bytesEach, Span<ushort> target, FileErrors refuse)
    {
        if (packed.Length < 64) throw refuse.Truncated("RLE header", packed.Length, 64);
        var count = BinaryPrimitives.ReadUInt32LittleEndian(packed);
        if (count != bytesEach) throw refuse.Bad("RLE header", FormattableString.Invariant($"{count} segments"), FormattableString.Invariant($"{bytesEach}"));
        target.Clear();
        for (var segment = 0; segment < bytesEach; segment++)
        {
            long start = BinaryPrimitives.ReadUInt32LittleEndian(packed[(4 + 4 * segment)..]);
            long end = segment + 1 < bytesEach ? BinaryPrimitives.ReadUInt32LittleEndian(packed[(8 + 4 * segment)..]) : packed.Length;
            if (start < 64 || start > end || end > packed.Length) throw refuse.Bad("RLE segment", FormattableString.Invariant($"bytes {start} to {end}"), FormattableString.Invariant($"within 64 to {packed.Length}"));
            Segment(packed[(int)start..(int)end], 8 * (bytesEach - 1 - segment), target, refuse);
        }
    }

    private static void Segment(ReadOnlySpan<byte> packed, int shift, Span<ushort> target, FileErrors refuse)
    {
        int at = 0, i = 0;
        while (i < target.Length)
        {
            if (at >= packed.Length) throw refuse.Truncated("RLE segment", i, target.Length);
            var control = (sbyte)packed[at++];
            if (control == -128) continue;
            var run = control >= 0 ? control + 1 : 1 - control;
            if (run > target.Length - i) throw refuse.Bad("RLE segment", "a run past the last pixel", "an end with the last pixel");
            if (control >= 0)
            {
                if (run > packed.Length - at) throw refuse.Truncated("RLE segment", packed.Length - at, run);
                for (var k = 0; k < run; k++) target[i++] |= (ushort)(packed[at++] << shift);
            }
            else
            {
                if (at >= packed.Length) throw refuse.Truncated("RLE segment", i, target.Length);
                var value = (ushort)(packed[at++] << shift);
                for (var k = 0; k < run; k++) target[i++] |= value;
            }
        }
        // Only a byte of padding may follow.
        if (packed.Length - at > 1 && packed[at..].IndexOfAnyExcept((byte)0, (byte)0x80) >= 0) throw refuse.Bad("RLE segment", FormattableString.Invariant($"{packed.Length - at} bytes after the last pixel"), "its end");
    }
}
