using System;
using System.Collections.Generic;

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

    /// <summary>Two hexadecimal digits per byte.</summary>
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
    private readonly EquatableArray<string> _warnings = EquatableArray<string>.Empty;

    /// <summary>What was odd in the header and how it was understood.</summary>
    public IReadOnlyList<string> Warnings { get => _warnings; init => _warnings = value.ToEquatableArray(); }

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
