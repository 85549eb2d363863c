using System;
using System.Buffers.Binary;

namespace LiverSeg.Functional;

/// <summary>Header fields by their place; NIfTI-1 has 16-bit sizes and floats where NIfTI-2 has 64-bit ones.</summary>
internal readonly struct NiftiFields(byte[] bytes, bool big, bool second)
{
    internal bool Second => second;

    internal long Dim(int i) => second ? Long(16 + 8 * i) : Short(40 + 2 * i);

    internal double Pixdim(int i) => second ? Double(104 + 8 * i) : Float(76 + 4 * i);

    internal int Units => second ? Int(500) : bytes[123];

    internal int QformCode => second ? Int(344) : Short(252);

    internal int SformCode => second ? Int(348) : Short(254);

    /// <summary>quatern_b, c, d, qoffset_x, y, z.</summary>
    internal double Qform(int i) => second ? Double(352 + 8 * i) : Float(256 + 4 * i);

    /// <summary>srow_x, y, z: 4 numbers each.</summary>
    internal double Sform(int i) => second ? Double(400 + 8 * i) : Float(280 + 4 * i);

    internal int Short(int at) => big ? BinaryPrimitives.ReadInt16BigEndian(bytes.AsSpan(at)) : BinaryPrimitives.ReadInt16LittleEndian(bytes.AsSpan(at));

    internal int Int(int at) => big ? BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(at)) : BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(at));

    internal long Long(int at) => big ? BinaryPrimitives.ReadInt64BigEndian(bytes.AsSpan(at)) : BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(at));

    internal float Float(int at) => BitConverter.Int32BitsToSingle(Int(at));

    internal double Double(int at) => BitConverter.Int64BitsToDouble(Long(at));
}
