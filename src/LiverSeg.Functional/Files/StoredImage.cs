using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Runtime.InteropServices;

namespace LiverSeg.Functional;

/// <summary>How voxels are stored in a file.</summary>
public enum StoredType
{
    /// <summary>Unsigned 8-bit.</summary>
    UInt8,

    /// <summary>Signed 8-bit.</summary>
    Int8,

    /// <summary>Unsigned 16-bit.</summary>
    UInt16,

    /// <summary>Signed 16-bit.</summary>
    Int16,

    /// <summary>Unsigned 32-bit.</summary>
    UInt32,

    /// <summary>Signed 32-bit.</summary>
    Int32,

    /// <summary>Unsigned 64-bit.</summary>
    UInt64,

    /// <summary>Signed 64-bit.</summary>
    Int64,

    /// <summary>32-bit floating point.</summary>
    Float32,

    /// <summary>64-bit floating point.</summary>
    Float64,
}

/// <summary>How a file's voxels are packed.</summary>
public enum Packing
{
    /// <summary>Not at all.</summary>
    Raw,

    /// <summary>gzip (RFC 1952).</summary>
    Gzip,

    /// <summary>zlib (RFC 1950).</summary>
    Zlib,

    /// <summary>bzip2.</summary>
    Bzip2,

    /// <summary>Two hexadecimal digits a byte.</summary>
    Hex,

    /// <summary>Decimal numbers with white space between.</summary>
    Text,

    /// <summary>Compressed as DICOM's transfer syntax says, frame by frame.</summary>
    Frames,
}

/// <summary>What a header says: enough to know a volume without reading its voxels.</summary>
/// <param name="Format">As <c>NIfTI-1</c>, <c>MetaImage</c>.</param>
/// <param name="Grid">Where the voxels lie.</param>
/// <param name="Type">How a voxel is stored.</param>
/// <param name="BigEndian">Whether the most significant byte comes first.</param>
/// <param name="Slope">Value = stored · Slope + Intercept.</param>
/// <param name="Intercept">Value = stored · Slope + Intercept.</param>
/// <param name="Packing">How the voxels are packed.</param>
public sealed record VolumeInfo(string Format, Grid Grid, StoredType Type, bool BigEndian, double Slope, double Intercept, Packing Packing)
{
    private readonly Items<string> _warnings = Items<string>.Empty;

    /// <summary>What was odd in the header and how it was understood.</summary>
    public IReadOnlyList<string> Warnings { get => _warnings; init => _warnings = value.ToItems(); }

    /// <summary>Bytes of one stored voxel.</summary>
    internal int Size => Type switch
    {
        StoredType.UInt8 or StoredType.Int8 => 1,
        StoredType.UInt16 or StoredType.Int16 => 2,
        StoredType.UInt32 or StoredType.Int32 or StoredType.Float32 => 4,
        _ => 8,
    };

    /// <summary>Bytes of all stored voxels.</summary>
    internal long Bytes => checked(Grid.Extent.Count * Size);
}

/// <summary>A header and where its voxels lie.</summary>
/// <param name="Info">The header.</param>
/// <param name="DataFile">The file with the voxels.</param>
/// <param name="Offset">Where they start: before unpacking, but see <see cref="Skip"/>; −1 = they end the file.</param>
/// <param name="PackedBytes">Bytes of the packed voxels; 0 = to the end of the file.</param>
internal sealed record StoredImage(VolumeInfo Info, string DataFile, long Offset, long PackedBytes = 0)
{
    /// <summary>All files with voxels, in order, the same number of bytes of them in each; mostly one.</summary>
    internal Items<string> Parts { get; init; } = Items.Of([DataFile]);

    /// <summary>Unpacked bytes before the first voxel; −1 = the voxels end the unpacked stream.</summary>
    internal long Skip { get; init; }

    /// <summary>Which slices are wanted: the first and how many; all where absent.</summary>
    internal (int First, int Count)? Slab { get; init; }

    /// <summary>Where the wanted voxels lie in the patient.</summary>
    internal Grid Wanted => Slab is { } slab ? Info.Grid.At(new(0, 0, slab.First, Info.Grid.Extent with { Z = slab.Count })) : Info.Grid;

    /// <summary>The index of the first wanted voxel.</summary>
    internal long From => Slab is { } slab ? (long)slab.First * Info.Grid.Extent.X * Info.Grid.Extent.Y : 0;
}

/// <summary>Stored numbers to floats.</summary>
internal static class StoredVoxels
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
