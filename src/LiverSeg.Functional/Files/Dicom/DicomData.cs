using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;

namespace LiverSeg.Functional;

/// <summary>Where an element's value lies; sequences hold data sets, encapsulated pixels hold fragments.</summary>
internal sealed class DicomElement(uint tag, string representation, int offset, int length)
{
    internal uint Tag => tag;

    /// <summary>The value representation; empty where the file does not say.</summary>
    internal string Representation => representation;

    internal int Offset => offset;

    internal int Length => length;

    internal List<DicomData> Items { get; } = [];

    /// <summary>Fragments of encapsulated pixels, the first being the offset table.</summary>
    internal List<(int Offset, int Length)>? Fragments { get; init; }
}

/// <summary>A data set: elements by tag, over the bytes of one file.</summary>
internal sealed class DicomData(byte[] bytes, bool big, FileErrors refuse)
{
    private readonly Dictionary<uint, DicomElement> _elements = [];

    internal byte[] Bytes => bytes;

    internal bool Big => big;

    internal FileErrors Refuse => refuse;

    /// <summary>The same set without its pixels and what lies behind them, and without sequences, whose items hold on to the whole file.</summary>
    internal DicomData WithoutPixels()
    {
        if (this[0x7FE00010] is not { } pixels) return this;
        var head = new DicomData(bytes[..pixels.Offset], big, refuse);
        foreach (var element in _elements.Values)
            if (element.Items.Count == 0 && element.Offset + element.Length <= pixels.Offset) head.Add(element);
        return head;
    }

    internal bool Add(DicomElement element) => _elements.TryAdd(element.Tag, element);

    internal DicomElement? this[uint tag] => _elements.GetValueOrDefault(tag);

    /// <summary>The first item of a sequence, of this set or none.</summary>
    internal DicomData? First(uint tag) => this[tag]?.Items.FirstOrDefault();

    internal ReadOnlySpan<byte> Value(DicomElement element) => bytes.AsSpan(element.Offset, element.Length);

    internal string Text(uint tag) => this[tag] is { } element ? Encoding.Latin1.GetString(Value(element)[..Math.Min(element.Length, 4096)]).Trim(' ', '\0') : "";

    /// <summary>A text that people wrote, as UTF-8 where the file says so, else as Latin-1; at most 256 bytes.</summary>
    internal string Words(uint tag, string characterSet)
    {
        if (this[tag] is not { } element) return "";
        var value = Value(element)[..Math.Min(element.Length, 256)];
        return (characterSet.Contains("ISO_IR 192", StringComparison.Ordinal) ? Encoding.UTF8 : Encoding.Latin1).GetString(value).Trim(' ', '\0');
    }

    /// <summary>An unsigned 16-bit number: one value, no other representation.</summary>
    internal int? UShort(uint tag, string name)
    {
        if (this[tag] is not { Length: > 0 } element) return null;
        if (element.Representation is not ("" or "US") || element.Length != 2) throw refuse.Bad(name, $"{element.Length} bytes of {element.Representation}", "one 16-bit number (US)", offset: element.Offset);
        var value = Value(element);
        return big ? BinaryPrimitives.ReadUInt16BigEndian(value) : BinaryPrimitives.ReadUInt16LittleEndian(value);
    }

    /// <summary>A 16-bit number as bits, signed or not as the pixels are.</summary>
    internal int? Short(uint tag)
    {
        if (this[tag] is not { Length: 2 } element) return null;
        var value = Value(element);
        return big ? BinaryPrimitives.ReadUInt16BigEndian(value) : BinaryPrimitives.ReadUInt16LittleEndian(value);
    }

    /// <summary>Decimal strings with backslashes between; none where the element is absent or empty.</summary>
    internal double[]? Decimals(uint tag, string name, int count)
    {
        var text = Text(tag);
        if (text.Length == 0) return null;
        var parts = text.Split('\\');
        if (parts.Length != count) throw refuse.Bad(name, text, FormattableString.Invariant($"{count} numbers"), offset: this[tag]!.Offset);
        var numbers = new double[count];
        for (var i = 0; i < count; i++)
            if (!double.TryParse(parts[i].Trim(), NumberStyles.Float, CultureInfo.InvariantCulture, out numbers[i]) || !double.IsFinite(numbers[i]))
                throw refuse.Bad(name, text, "finite decimal numbers", offset: this[tag]!.Offset);
        return numbers;
    }

    /// <summary>Decimal strings of any number, a multiple of <paramref name="each"/>; none where the element is absent or empty.</summary>
    internal double[] Numbers(uint tag, string name, int each)
    {
        if (this[tag] is not { Length: > 0 } element) return [];
        var value = Value(element).TrimEnd(" \0"u8);
        var numbers = new List<double>();
        foreach (var part in value.Split((byte)'\\'))
        {
            var text = value[part].Trim((byte)' ');
            if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) || !double.IsFinite(number))
                throw refuse.Bad(name, Encoding.Latin1.GetString(text[..Math.Min(text.Length, 20)]), "finite decimal numbers", offset: element.Offset);
            numbers.Add(number);
        }
        return numbers.Count % each == 0 ? [.. numbers] : throw refuse.Bad(name, FormattableString.Invariant($"{numbers.Count} numbers"), FormattableString.Invariant($"{each} per point"), offset: element.Offset);
    }

    internal int? Integer(uint tag, string name)
    {
        var text = Text(tag);
        if (text.Length == 0) return null;
        return int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : throw refuse.Bad(name, text, "a whole number", offset: this[tag]!.Offset);
    }
}
