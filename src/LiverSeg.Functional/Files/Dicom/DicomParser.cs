using System;
using System.Buffers.Binary;
using System.Collections.Generic;

namespace LiverSeg.Functional;

/// <summary>Bytes to a tree of data sets, with a stack of its own: nesting in a file cannot overflow ours.</summary>
internal ref struct DicomParser(byte[] bytes, bool big, FileErrors refuse)
{
    private const int MaxDepth = 64, MaxElements = 1_000_000;
    private const uint Item = 0xFFFEE000, ItemEnd = 0xFFFEE00D, SequenceEnd = 0xFFFEE0DD, Undefined = 0xFFFFFFFF;

    private int _elements;

    /// <summary>What is being read: a data set (Data) or a sequence (Sequence); its end, −1 where a delimiter ends it.</summary>
    private readonly record struct Level(DicomData? Data, DicomElement? Sequence, int End, bool Explicit, bool Big);

    /// <summary>Sequences that an image, a segmentation or a structure set needs and that an implicit file does not mark as such.</summary>
    private static bool IsKnownSequence(uint tag) =>
        tag is 0x52009229 or 0x52009230 or 0x00209113 or 0x00209116 or 0x00289110 or 0x00289145 or 0x00209111
            or 0x00081115 or 0x0008114A or 0x00620002 or 0x0062000A or 0x0062000F
            or 0x30060010 or 0x30060012 or 0x30060014 or 0x30060016 or 0x30060020 or 0x30060039 or 0x30060040;

    /// <summary>Reads from a place to the end of the bytes, or while the group is <paramref name="onlyGroup"/>.</summary>
    internal DicomData Read(int start, bool isExplicit, int onlyGroup, out int end)
    {
        var root = new DicomData(bytes, big, refuse);
        var levels = new Stack<Level>();
        levels.Push(new(root, null, bytes.Length, isExplicit, big));
        var at = start;
        var pixels = false;
        while (true)
        {
            var level = levels.Peek();
            if (at == level.End)
            {
                levels.Pop();
                if (levels.Count == 0) break;
                continue;
            }
            var bound = Bound(levels);
            if (levels.Count == 1 && pixels && bytes.AsSpan(at).IndexOfAnyExcept((byte)0) < 0) break; // zeros that fill up a block
            if (at + 8 > bound) throw refuse.Bad("element", FormattableString.Invariant($"{bound - at} bytes"), "a whole element", "the file was cut off or is damaged: fetch it again", at);
            var tag = (uint)Short(at) << 16 | Short(at + 2);
            if (onlyGroup >= 0 && tag >> 16 != onlyGroup && levels.Count == 1) break;
            if (++_elements > MaxElements) throw refuse.Bad("elements", "more than a million", "fewer", offset: at);
            if (level.Sequence is { } sequence)
            {
                at = NextItem(levels, level, sequence, tag, at, bound);
                continue;
            }
            if (tag == ItemEnd && level.End < 0)
            {
                levels.Pop();
                at += 8;
                continue;
            }
            if (tag >> 16 == 0xFFFE) throw refuse.Bad("element", FormattableString.Invariant($"delimiter {tag:X8}"), "an element", offset: at);
            at = Element(levels, level, tag, at, bound);
            if (tag == 0x7FE00010 && levels.Count == 1) pixels = true;
        }
        end = at;
        return root;
    }

    private int NextItem(Stack<Level> levels, Level level, DicomElement sequence, uint tag, int at, int bound)
    {
        var length = Int(at + 4);
        if (tag == SequenceEnd && level.End < 0)
        {
            levels.Pop();
            return at + 8;
        }
        if (tag != Item) throw refuse.Bad("sequence", FormattableString.Invariant($"tag {tag:X8}"), "an item", offset: at);
        Deeper(levels, at);
        var item = new DicomData(bytes, level.Big, refuse);
        sequence.Items.Add(item);
        levels.Push(new(item, null, length == Undefined ? -1 : End(at + 8, length, bound, at), level.Explicit, level.Big));
        return at + 8;
    }

    private int Element(Stack<Level> levels, Level level, uint tag, int at, int bound)
    {
        var (representation, length, value) = ("", 0u, at + 8);
        if (level.Explicit)
        {
            var (first, second) = (bytes[at + 4], bytes[at + 5]);
            representation = string.Create(2, (first, second), (span, pair) => (span[0], span[1]) = ((char)pair.first, (char)pair.second));
            if (representation is "OB" or "OD" or "OF" or "OL" or "OV" or "OW" or "SQ" or "SV" or "UC" or "UN" or "UR" or "UT" or "UV")
            {
                if (at + 12 > bound) throw refuse.Bad("element", FormattableString.Invariant($"{bound - at} bytes"), "a whole element", offset: at);
                (length, value) = (Int(at + 8), at + 12);
            }
            else if (representation is "AE" or "AS" or "AT" or "CS" or "DA" or "DS" or "DT" or "FL" or "FD" or "IS" or "LO" or "LT" or "PN" or "SH" or "SL" or "SS" or "ST" or "TM" or "UI" or "UL" or "US")
                length = Short(at + 6);
            else throw refuse.Bad("value representation", FormattableString.Invariant($"bytes {first:X2} {second:X2} of element {tag:X8}"), "one of DICOM's", offset: at + 4);
        }
        else length = Int(at + 4);
        if (tag == 0x7FE00010 && length == Undefined && levels.Count == 1)
        {
            level.Data!.Add(new(tag, representation, value, 0) { Fragments = Fragments(value, out var after) });
            return after;
        }
        var nested = representation == "SQ" || length == Undefined || (!level.Explicit && IsKnownSequence(tag));
        if (length == Undefined && representation is not ("SQ" or "UN" or "")) throw refuse.Bad("length", "undefined", "a length for this representation", offset: at);
        var end = length == Undefined ? -1 : End(value, length, bound, at);
        var element = new DicomElement(tag, representation, value, end < 0 ? 0 : (int)length);
        if (!level.Data!.Add(element)) throw refuse.Bad("element", FormattableString.Invariant($"{tag:X8} twice"), "once", offset: at);
        if (!nested) return end;
        Deeper(levels, at);
        // A sequence of unknown representation is implicit little-endian (PS3.5, 6.2.2).
        var unknown = representation == "UN";
        levels.Push(new(null, element, end, level.Explicit && !unknown, level.Big && !unknown));
        return value;
    }

    private List<(int Offset, int Length)> Fragments(int at, out int after)
    {
        var fragments = new List<(int, int)>();
        while (true)
        {
            if (at + 8 > bytes.Length) throw refuse.Truncated("pixel fragments", bytes.Length, (long)at + 8);
            var (tag, length) = ((uint)Short(at) << 16 | Short(at + 2), Int(at + 4));
            at += 8;
            if (tag == SequenceEnd) break;
            if (tag != Item) throw refuse.Bad("pixel fragments", FormattableString.Invariant($"tag {tag:X8}"), "an item", offset: at - 8);
            if (length == Undefined || length > bytes.Length - at) throw refuse.Truncated("pixel fragment", bytes.Length - at, length);
            if (++_elements > MaxElements) throw refuse.Bad("pixel fragments", "more than a million", "fewer", offset: at);
            fragments.Add((at, (int)length));
            at += (int)length;
        }
        after = at;
        return fragments;
    }

    private readonly void Deeper(Stack<Level> levels, int at)
    {
        // Two levels a nesting: the sequence and its item.
        if (levels.Count >= 2 * MaxDepth) throw refuse.Bad("sequence", "more than 63 nested sequences", "at most 63", offset: at);
    }

    private readonly int End(int value, uint length, int bound, int at) =>
        length <= bound - value ? value + (int)length : throw (bound == bytes.Length ? refuse.Truncated("element value", bound - value, length) : refuse.Bad("length", length, FormattableString.Invariant($"at most {bound - value}"), offset: at));

    private static int Bound(Stack<Level> levels)
    {
        foreach (var level in levels)
            if (level.End >= 0) return level.End;
        return 0;
    }

    private readonly ushort Short(int at) => big ? BinaryPrimitives.ReadUInt16BigEndian(bytes.AsSpan(at)) : BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(at));

    private readonly uint Int(int at) => big ? BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(at)) : BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at));
}
