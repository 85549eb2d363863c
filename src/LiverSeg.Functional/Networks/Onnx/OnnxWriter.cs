using System;
using System.IO;
using System.Text;

namespace LiverSeg.Functional;

/// <summary>Writes protocol buffers: a field is its number and kind, then a varint, four bytes, or a length and that many bytes.</summary>
internal sealed class OnnxWriter
{
    private readonly MemoryStream _bytes = new();

    internal OnnxWriter Number(int field, long value)
    {
        Varint((ulong)field << 3);
        Varint((ulong)value);
        return this;
    }

    internal OnnxWriter Real(int field, float value)
    {
        Varint(((ulong)field << 3) | 5);
        _bytes.Write(BitConverter.GetBytes(value));
        return this;
    }

    internal OnnxWriter Bytes(int field, ReadOnlySpan<byte> value)
    {
        Varint(((ulong)field << 3) | 2);
        Varint((ulong)value.Length);
        _bytes.Write(value);
        return this;
    }

    internal OnnxWriter Text(int field, string value) => Bytes(field, Encoding.UTF8.GetBytes(value));

    internal OnnxWriter Message(int field, OnnxWriter value) => Bytes(field, value._bytes.GetBuffer().AsSpan(0, (int)value._bytes.Length));

    internal void CopyTo(Stream stream) => _bytes.WriteTo(stream);

    private void Varint(ulong value)
    {
        for (; value >= 0x80; value >>= 7) _bytes.WriteByte((byte)(value | 0x80));
        _bytes.WriteByte((byte)value);
    }
}
