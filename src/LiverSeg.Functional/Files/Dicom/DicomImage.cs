using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Linq;
using System.Security.Cryptography;

namespace LiverSeg.Functional;

/// <summary>How to read DICOM series.</summary>
public sealed record DicomOptions
{
    /// <summary>Which series of a folder or zip, from 1 on in the order that the refusal of an ambiguous folder lists; 0 = the only one.</summary>
    public int Series { get; init; }

    /// <summary>The UID of the series that is wanted; empty = any.</summary>
    public string SeriesUid { get; init; } = "";

    /// <summary>
    /// Also images that are not CT or lack a place in the patient. A spacing that is written in the files counts; where none is, voxels are taken 1 mm apart, with
    /// a warning. Default: refused.
    /// </summary>
    public bool AnyImage { get; init; }

    /// <summary>
    /// Slices that are missing from an uneven series are made by linear interpolation between their neighbours, and a warning says which. Default: refused.
    /// </summary>
    public bool FillGaps { get; init; }
}

/// <summary>What one DICOM file says about its pixels.</summary>
internal sealed record DicomImage(int Columns, int Rows, int Frames, int BitsAllocated, int BitsStored, bool Signed, (int Low, int High)? Padding, PixelCoding Coding)
{
    /// <summary>Reads the image module; every rule that does not need the pixels themselves.</summary>
    /// <param name="file">The file.</param>
    /// <param name="palette">Whether pixels may be numbers of colours, as those of a label map.</param>
    internal static DicomImage Of(DicomFile file, bool palette = false)
    {
        var (data, refuse) = (file.Data, file.Data.Refuse);
        int Must(uint tag, string name) => data.UShort(tag, name) ?? throw refuse.Bad(name, "nothing", "this element");
        if (data[0x7FE00010] is not { } pixels) throw refuse.Unsupported("pixel data", "none", "an image", "name a folder of CT images");
        var photometric = data.Text(0x00280004);
        var samples = data.UShort(0x00280002, "SamplesPerPixel") ?? 1;
        if (samples != 1 || !(photometric is "MONOCHROME1" or "MONOCHROME2" || palette && photometric == "PALETTE COLOR")) throw refuse.Unsupported("PhotometricInterpretation", photometric, "one grey value per pixel", "convert it to MONOCHROME2");
        int rows = Must(0x00280010, "Rows"), columns = Must(0x00280011, "Columns");
        if (rows == 0 || columns == 0) throw refuse.Bad("Rows", FormattableString.Invariant($"{columns}×{rows}"), "at least one");
        var frames = data.Integer(0x00280008, "NumberOfFrames") ?? 1;
        if (frames < 1 || (long)frames * rows * columns > Limits.Voxels) throw refuse.Bad("NumberOfFrames", frames, "at least 1, and no more than one volume can hold");
        int allocated = Must(0x00280100, "BitsAllocated"), stored = Must(0x00280101, "BitsStored"), high = Must(0x00280102, "HighBit");
        if (allocated is not (8 or 16) && !(allocated == 1 && file.Coding == PixelCoding.Native)) throw refuse.Unsupported("BitsAllocated", allocated, "8 or 16", "convert it to 16 bits");
        if (stored < 1 || stored > allocated || high != stored - 1) throw refuse.Bad("BitsStored", FormattableString.Invariant($"{allocated}/{stored}/{high} (allocated/stored/high)"), "stored at most allocated, high = stored − 1");
        var signed = (data.UShort(0x00280103, "PixelRepresentation") ?? 0) switch { 0 => false, 1 => true, var other => throw refuse.Bad("PixelRepresentation", other, "0 or 1") };
        var encapsulated = pixels.Fragments is not null;
        if (encapsulated != (file.Coding != PixelCoding.Native)) throw refuse.Bad("pixel data", encapsulated ? "fragments" : "plain pixels", "what the transfer syntax says");
        var bytes = ((long)rows * columns * frames * allocated + 7) / 8;
        if (!encapsulated && pixels.Length < bytes) throw refuse.Truncated("pixel data", pixels.Length, bytes);
        if (!encapsulated && pixels.Length > bytes + 1) throw refuse.Bad("pixel data", FormattableString.Invariant($"{pixels.Length} bytes"), FormattableString.Invariant($"{bytes}"), offset: pixels.Offset);
        return new(columns, rows, frames, allocated, stored, signed, Pad(data, signed), file.Coding);
    }

    /// <summary>Stored numbers that stand for no measurement, which in CT is air; what they mean elsewhere nobody says.</summary>
    private static (int Low, int High)? Pad(DicomData data, bool signed)
    {
        if (data.Text(0x00080060) != "CT" || data.Short(0x00280120) is not { } value) return null;
        int As(int bits) => signed ? (short)bits : bits;
        var (first, last) = (As(value), As(data.Short(0x00280121) ?? value));
        return (Math.Min(first, last), Math.Max(first, last));
    }

    /// <summary>One frame in Hounsfield units: sign from the stored bits, padding to air, then slope and intercept in double.</summary>
    internal void Frame(DicomFile file, int frame, double slope, double intercept, Span<float> target)
    {
        var raw = new ushort[target.Length];
        Raw(file, frame, raw);
        var (unused, mask) = (32 - BitsStored, Mask);
        for (var i = 0; i < raw.Length; i++)
        {
            var value = Signed ? raw[i] << unused >> unused : raw[i] & mask;
            target[i] = Padding is { } padding && value >= padding.Low && value <= padding.High ? -1024f : (float)(value * slope + intercept);
        }
    }

    /// <summary>One frame as stored, for images whose numbers are labels.</summary>
    internal void Stored(DicomFile file, int frame, ushort[] target)
    {
        Raw(file, frame, target);
        for (var i = 0; i < target.Length; i++) target[i] = (ushort)(target[i] & Mask);
    }

    /// <summary>A hash of a frame's pixels as they lie in the file: equal ones are the same picture, others may still be it in another coding.</summary>
    internal EquatableArray<byte> Hash(DicomFile file, int frame)
    {
        var pixels = file.Data[0x7FE00010]!;
        if (Coding != PixelCoding.Native)
        {
            using var hash = new Sha256Hash();
            hash.AppendData(BitConverter.GetBytes(frame));
            foreach (var (offset, length) in pixels.Fragments!.Skip(1)) hash.AppendData(file.Data.Bytes, offset, length);
            return EquatableArray.Of<byte>(hash.GetHashAndReset());
        }
        var bits = (long)Columns * Rows * BitsAllocated;
        var (first, end) = (bits * frame / 8, (bits * (frame + 1) + 7) / 8);
        return EquatableArray.Of<byte>(Sha256Hash.HashData(file.Data.Bytes.AsSpan(pixels.Offset + (int)first, (int)(end - first))));
    }

    private int Mask => (1 << BitsStored) - 1;

    private void Raw(DicomFile file, int frame, ushort[] target)
    {
        var data = file.Data;
        var pixels = data[0x7FE00010]!;
        if (BitsAllocated == 1)
        {
            var first = (long)frame * target.Length;
            for (var i = 0; i < target.Length; i++)
            {
                var bit = first + i;
                var eight = data.Bytes[pixels.Offset + (bit >> 3)];
                if (eight == 0 && (bit & 7) == 0 && i + 8 <= target.Length)
                {
                    // Most of a mask is empty.
                    target.AsSpan(i, 8).Clear();
                    i += 7;
                }
                else target[i] = (ushort)(eight >> (int)(bit & 7) & 1);
            }
            return;
        }
        if (Coding == PixelCoding.Native)
        {
            var each = BitsAllocated / 8;
            var bytes = data.Bytes.AsSpan(pixels.Offset + frame * target.Length * each, target.Length * each);
            for (var i = 0; i < target.Length; i++)
                target[i] = each == 1 ? bytes[i] : data.Big ? BinaryPrimitives.ReadUInt16BigEndian(bytes[(2 * i)..]) : BinaryPrimitives.ReadUInt16LittleEndian(bytes[(2 * i)..]);
            return;
        }
        var packed = Packed(data, pixels.Fragments!, frame);
        if (packed.Length == 0) throw data.Refuse.Bad("pixel data", "an empty frame", "its pixels");
        if (target.Length / 65536 > packed.Length) throw data.Refuse.Bad("pixel data", FormattableString.Invariant($"{packed.Length} bytes"), "enough for a frame");
        switch (Coding)
        {
            case PixelCoding.Rle: Rle.Decode(packed, BitsAllocated / 8, target, data.Refuse); break;
            case PixelCoding.JpegLossless: JpegLossless.Decode(packed, Columns, Rows, BitsAllocated, target, data.Refuse); break;
            case PixelCoding.Jpeg2000: Jpeg2000.Decode(packed, Columns, Rows, BitsAllocated, target, data.Refuse); break;
            default: JpegLs.Decode(packed, Columns, Rows, BitsAllocated, target, data.Refuse); break;
        }
    }

    /// <summary>Whether the values were changed by what packed them: as the file says, or by the wavelet of its first frame.</summary>
    internal bool IsLossy(DicomFile file) =>
        file.Data.Text(0x00282110) == "01"
        || (Coding == PixelCoding.Jpeg2000 && !Jpeg2000.IsReversible(Packed(file.Data, file.Data[0x7FE00010]!.Fragments!, 0), file.Data.Refuse));

    private bool Starts(ReadOnlySpan<byte> fragment) => Coding == PixelCoding.Jpeg2000
        ? fragment.StartsWith(Jpeg2000.Start) || fragment.StartsWith(Jpeg2000.FileStart)
        : fragment.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8]);

    /// <summary>The fragments of a frame, joined: all of them for one frame, one each, or by where an image starts.</summary>
    private ReadOnlySpan<byte> Packed(DicomData data, List<(int Offset, int Length)> fragments, int frame)
    {
        if (fragments.Count < 2) throw data.Refuse.Bad("pixel data", "no fragment", "one per frame");
        var parts = fragments.Skip(1).ToList();
        if (Frames > 1 && parts.Count != Frames)
        {
            if (Coding == PixelCoding.Rle) throw data.Refuse.Bad("pixel data", FormattableString.Invariant($"{parts.Count} fragments"), FormattableString.Invariant($"{Frames}, one per frame"));
            // JPEG streams tell themselves where they start; an offset table may be empty or wrong.
            var starts = Enumerable.Range(0, parts.Count).Where(i => Starts(data.Bytes.AsSpan(parts[i].Offset, parts[i].Length))).ToList();
            if (starts.Count != Frames || starts[0] != 0) throw data.Refuse.Bad("pixel data", FormattableString.Invariant($"{starts.Count} images in {parts.Count} fragments"), FormattableString.Invariant($"{Frames}"));
            parts = parts[starts[frame]..(frame + 1 < Frames ? starts[frame + 1] : parts.Count)];
        }
        else if (Frames > 1) parts = [parts[frame]];
        if (parts.Count == 1) return data.Bytes.AsSpan(parts[0].Offset, parts[0].Length);
        var joined = new byte[parts.Sum(p => (long)p.Length)];
        var at = 0;
        foreach (var (offset, length) in parts)
        {
            data.Bytes.AsSpan(offset, length).CopyTo(joined.AsSpan(at));
            at += length;
        }
        return joined;
    }
}
