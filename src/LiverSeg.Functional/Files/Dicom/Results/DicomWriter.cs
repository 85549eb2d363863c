using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using System.Text;

namespace LiverSeg.Functional;

/// <summary>Collects elements and writes them in the order of their tags, explicit little-endian.</summary>
internal sealed class DicomWriter
{
    private readonly SortedDictionary<uint, (string Representation, byte[] Value)> _elements = [];

    internal void Add(uint tag, string representation, byte[] value)
    {
        if (value.Length % 2 == 1) value = [.. value, representation is "OB" or "UI" ? (byte)0 : (byte)' '];
        _elements[tag] = (representation, value);
    }

    internal bool Has(uint tag) => _elements.ContainsKey(tag);

    internal void Text(uint tag, string representation, string text) => Add(tag, representation, Encoding.ASCII.GetBytes(text));

    internal void Number(uint tag, string representation, int value) => Add(tag, representation, representation == "US" ? BitConverter.GetBytes((ushort)value) : BitConverter.GetBytes(value));

    internal void Numbers(uint tag, params ReadOnlySpan<uint> values) => Add(tag, "UL", MemoryMarshal.AsBytes(values).ToArray());

    internal void Shorts(uint tag, params ReadOnlySpan<ushort> values) => Add(tag, "US", MemoryMarshal.AsBytes(values).ToArray());

    internal void Tag(uint tag, uint value) => Add(tag, "AT", [.. BitConverter.GetBytes((ushort)(value >> 16)), .. BitConverter.GetBytes((ushort)value)]);

    /// <summary>Decimal strings have at most 16 characters: as many digits as fit.</summary>
    internal void Decimals(uint tag, params ReadOnlySpan<double> values)
    {
        var texts = new List<string>();
        foreach (var value in values)
        {
            var text = (value + 0.0).ToString("R", CultureInfo.InvariantCulture);
            for (var digits = 15; text.Length > 16; digits--) text = (value + 0.0).ToString("G" + digits, CultureInfo.InvariantCulture);
            texts.Add(text);
        }
        Text(tag, "DS", string.Join('\\', texts));
    }

    internal void Sequence(uint tag, params ReadOnlySpan<DicomWriter> items)
    {
        using var memory = new MemoryStream();
        foreach (var item in items)
        {
            var bytes = item.ToArray();
            memory.Write([0xFE, 0xFF, 0x00, 0xE0]);
            memory.Write(BitConverter.GetBytes(bytes.Length));
            memory.Write(bytes);
        }
        Add(tag, "SQ", memory.ToArray());
    }

    internal byte[] ToArray()
    {
        using var memory = new MemoryStream();
        Span<byte> head = stackalloc byte[12];
        foreach (var (tag, (representation, value)) in _elements)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(head, (ushort)(tag >> 16));
            BinaryPrimitives.WriteUInt16LittleEndian(head[2..], (ushort)tag);
            Encoding.ASCII.GetBytes(representation, head[4..]);
            var isLong = representation is "OB" or "OW" or "SQ";
            if (isLong)
            {
                head[6..8].Clear();
                BinaryPrimitives.WriteInt32LittleEndian(head[8..], value.Length);
            }
            else BinaryPrimitives.WriteUInt16LittleEndian(head[6..], checked((ushort)value.Length));
            memory.Write(head[..(isLong ? 12 : 8)]);
            memory.Write(value);
        }
        return memory.ToArray();
    }
}
