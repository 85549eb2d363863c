using System;
using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace LiverSeg.Functional;

/// <summary>Stored numbers to floats.</summary>
internal static class VoxelDecoder
{
    private const long Exact = 1L << 53;

    /// <summary>How many 64-bit numbers no double can hold.</summary>
    internal static int Inexact(ReadOnlySpan<byte> bytes, VolumeInfo info)
    {
        if (info.Type is not (StoredType.Int64 or StoredType.UInt64)) return 0;
        var (count, swap) = (0, info.BigEndian == BitConverter.IsLittleEndian);
        foreach (var stored in MemoryMarshal.Cast<byte, ulong>(bytes))
        {
            var v = swap ? BinaryPrimitives.ReverseEndianness(stored) : stored;
            if (info.Type == StoredType.UInt64 ? v > Exact : (long)v is > Exact or < -Exact) count++;
        }
        return count;
    }

    /// <summary>value = stored · slope + intercept, in double, rounded once.</summary>
    internal static void Decode(ReadOnlySpan<byte> bytes, VolumeInfo info, Span<float> target)
    {
        var (slope, intercept, swap) = (info.Slope, info.Intercept, info.BigEndian == BitConverter.IsLittleEndian);
        var plain = slope == 1 && intercept == 0;
        switch (info.Type)
        {
            case StoredType.UInt8:
                for (var i = 0; i < target.Length; i++) target[i] = plain ? bytes[i] : (float)(bytes[i] * slope + intercept);
                break;
            case StoredType.Int8:
                for (var i = 0; i < target.Length; i++) target[i] = plain ? (sbyte)bytes[i] : (float)((sbyte)bytes[i] * slope + intercept);
                break;
            case StoredType.Int16:
                var shorts = MemoryMarshal.Cast<byte, short>(bytes);
                for (var i = 0; i < target.Length; i++)
                {
                    var v = swap ? BinaryPrimitives.ReverseEndianness(shorts[i]) : shorts[i];
                    target[i] = plain ? v : (float)(v * slope + intercept);
                }
                break;
            case StoredType.UInt16:
                var words = MemoryMarshal.Cast<byte, ushort>(bytes);
                for (var i = 0; i < target.Length; i++) target[i] = (float)((swap ? BinaryPrimitives.ReverseEndianness(words[i]) : words[i]) * slope + intercept);
                break;
            case StoredType.Int32:
                var ints = MemoryMarshal.Cast<byte, int>(bytes);
                for (var i = 0; i < target.Length; i++) target[i] = (float)((swap ? BinaryPrimitives.ReverseEndianness(ints[i]) : ints[i]) * slope + intercept);
                break;
            case StoredType.UInt32:
                var uints = MemoryMarshal.Cast<byte, uint>(bytes);
                for (var i = 0; i < target.Length; i++) target[i] = (float)((swap ? BinaryPrimitives.ReverseEndianness(uints[i]) : uints[i]) * slope + intercept);
                break;
            case StoredType.Int64:
                var longs = MemoryMarshal.Cast<byte, long>(bytes);
                for (var i = 0; i < target.Length; i++) target[i] = (float)((swap ? BinaryPrimitives.ReverseEndianness(longs[i]) : longs[i]) * slope + intercept);
                break;
            case StoredType.UInt64:
                var ulongs = MemoryMarshal.Cast<byte, ulong>(bytes);
                for (var i = 0; i < target.Length; i++) target[i] = (float)((swap ? BinaryPrimitives.ReverseEndianness(ulongs[i]) : ulongs[i]) * slope + intercept);
                break;
            case StoredType.Float32:
                for (var i = 0; i < target.Length; i++)
                {
                    var part = bytes.Slice(4 * i, 4);
                    var v = info.BigEndian ? BinaryPrimitives.ReadSingleBigEndian(part) : BinaryPrimitives.ReadSingleLittleEndian(part);
                    target[i] = plain ? v : (float)(v * slope + intercept);
                }
                break;
            default:
                for (var i = 0; i < target.Length; i++)
                {
                    var part = bytes.Slice(8 * i, 8);
                    target[i] = (float)((info.BigEndian ? BinaryPrimitives.ReadDoubleBigEndian(part) : BinaryPrimitives.ReadDoubleLittleEndian(part)) * slope + intercept);
                }
                break;
        }
    }
}
