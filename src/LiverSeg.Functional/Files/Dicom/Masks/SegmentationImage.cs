using System;
using System.Collections.Generic;
using System.Linq;

namespace LiverSeg.Functional;

/// <summary>A DICOM segmentation (PS3.3, A.51 and C.8.20) of anybody: sparse frames in any order, of any number of segments that may overlap.</summary>
/// <remarks>BINARY: bits packed across frames. FRACTIONAL: from half of MaximumFractionalValue on a voxel counts. LABELMAP: a voxel holds its segment's number.</remarks>
internal sealed class SegmentationImage : DicomMask
{
    private const int MaxSegments = 65535;

    private readonly DicomFile _file;
    private readonly DicomImage _image;
    private readonly string _kind;
    private readonly int _threshold;
    private readonly List<SegmentFrame> _frames;
    private readonly List<string> _doubts = [];
    private readonly Lazy<SegmentationInfo> _info;
    private readonly Lazy<(Grid? Grid, FileErrorException? Trouble)> _own;

    internal SegmentationImage(DicomFile file) : base(file.Data.Refuse)
    {
        (_file, _kind) = (file, file.Data.Text(0x00620001));
        if (file.Data.Text(0x00080016) == "1.2.840.10008.5.1.4.1.1.66.7") _kind = "LABELMAP";
        if (_kind is not ("BINARY" or "FRACTIONAL" or "LABELMAP")) throw Refuse.Unsupported("SegmentationType", _kind.Length > 0 ? _kind : "none", "BINARY, FRACTIONAL or LABELMAP", "export it as BINARY");
        _image = DicomImage.Of(file, palette: _kind == "LABELMAP");
        if (_image.BitsAllocated == 1 && _kind != "BINARY") throw Refuse.Bad("BitsAllocated", 1, $"8 or 16 for {_kind}");
        _threshold = _kind == "FRACTIONAL" ? (Maximum() + 1) / 2 : 1;
        _frames = SegmentFrame.Of(file, _image, _kind == "LABELMAP");
        _own = new(Own);
        _info = new(Describe);
    }

    internal override SegmentationInfo Info => _info.Value;

    protected override bool TakesTheOnly => true;

    protected override bool IsLabelMap => _kind == "LABELMAP";

    private int Maximum() => _file.Data.UShort(0x0062000E, "MaximumFractionalValue") switch
    {
        null => throw Refuse.Bad("MaximumFractionalValue", "nothing", "this element of a FRACTIONAL segmentation"),
        0 => throw Refuse.Bad("MaximumFractionalValue", 0, "at least 1"),
        { } maximum => maximum,
    };

    protected override Volume<bool> Fill(IReadOnlyList<int> numbers, Grid? lattice, Action<string>? warn)
    {
        var grid = lattice ?? _own.Value.Grid ?? throw _own.Value.Trouble!;
        if (lattice is null)
            foreach (var doubt in _doubts) warn?.Invoke($"{Refuse.File}: {doubt}");
        if (_kind == "FRACTIONAL") warn?.Invoke(FormattableString.Invariant($"{Refuse.File}: a FRACTIONAL segmentation; voxels from {_threshold} of {Maximum()} on count"));
        var target = Room(grid);
        var (pixels, outside) = (new ushort[_image.Columns * _image.Rows], 0L);
        // Where a place has a frame already, another must say the same.
        var seen = new Dictionary<(int Segment, (int, int, int) Start), int>();
        foreach (var frame in _frames)
        {
            if (!IsLabelMap && !numbers.Contains(frame.Segment)) continue;
            _image.Stored(_file, frame.Index, pixels);
            var isEmpty = pixels.AsSpan().IndexOfAnyExcept((ushort)0) < 0;
            if (SegmentLattice.StepsOn(grid, frame, _image) is not { } step)
            {
                if (isEmpty) continue;
                throw Elsewhere(grid, frame);
            }
            if (!seen.TryAdd((frame.Segment, step.Start), frame.Index)) Compare(seen[(frame.Segment, step.Start)], frame.Index, pixels);
            if (isEmpty) continue;
            for (var r = 0; r < _image.Rows; r++)
                for (var c = 0; c < _image.Columns; c++)
                {
                    if (!Inside(pixels[r * _image.Columns + c], numbers)) continue;
                    var (x, y, z) = step.At(c, r);
                    if (grid.Extent.Contains(x, y, z)) target[((long)z * grid.Extent.Y + y) * grid.Extent.X + x] = true;
                    else outside++;
                }
        }
        if (outside > 0) throw Refuse.Bad("frames", FormattableString.Invariant($"{outside} voxels outside of {grid}"), "a segmentation of that image", "name the series that it was drawn on");
        return new(grid, target);
    }

    private bool Inside(int pixel, IReadOnlyList<int> numbers) => IsLabelMap ? pixel != 0 && numbers.Contains(pixel) : pixel >= _threshold;

    private void Compare(int frame, int other, ushort[] pixels)
    {
        var before = new ushort[pixels.Length];
        _image.Stored(_file, frame, before);
        if (!before.AsSpan().SequenceEqual(pixels)) throw Refuse.Bad("frames", FormattableString.Invariant($"frames {frame + 1} and {other + 1} of one segment at one place, with other pixels"), "one frame for each segment and place");
    }

    private FileErrorException Elsewhere(Grid grid, SegmentFrame frame)
    {
        var at = grid.ToIndex(frame.Place);
        return Refuse.Unsupported("frames", FormattableString.Invariant($"frame {frame.Index + 1} at voxel ({at.X:0.##}, {at.Y:0.##}, {at.Z:0.##}), {frame.Column}×{frame.Row} mm"), FormattableString.Invariant($"frames on the voxels of {grid}"), "name the series that it was drawn on, or convert it without --reference");
    }

    /// <summary>Frames that stand unevenly have no grid of their own, but may lie on that of an image.</summary>
    private (Grid?, FileErrorException?) Own()
    {
        try
        {
            return (SegmentLattice.Of(_frames, _image, Refuse, _doubts), null);
        }
        catch (FileErrorException trouble)
        {
            return (null, trouble);
        }
    }

    private SegmentationInfo Describe()
    {
        var data = _file.Data;
        var items = data[0x00620002]?.Items ?? [];
        if (items.Count is 0 or > MaxSegments) throw Refuse.Bad("SegmentSequence", FormattableString.Invariant($"{items.Count} segments"), "at least one");
        var (voxels, parts) = Count();
        var (grid, segments, characterSet) = (_own.Value.Grid, new List<SegmentInfo>(), data.Text(0x00080005));
        foreach (var item in items)
        {
            if (item.UShort(0x00620004, "SegmentNumber") is not { } number) throw Refuse.Bad("SegmentNumber", "nothing", "a number");
            if (number == 0) continue; // the background of a label map
            if (segments.Exists(s => s.Number == number)) throw Refuse.Bad("SegmentNumber", FormattableString.Invariant($"{number} twice"), "each number once");
            var type = item.First(0x0062000F);
            var code = type?.Text(0x00080100) is { } value && (type.Text(0x00080102), value) is ("SCT", "10200004") or ("SRT", "T-62000") or ("SNM3", "T-62000") or ("99SDM", "T-62000");
            segments.Add(new(number, item.Words(0x00620005, characterSet), parts.GetValueOrDefault(number), grid is { } own ? voxels.GetValueOrDefault(number) * own.VoxelVolume / 1000 : null) { HasLiverCode = code, PartName = "frames" });
        }
        if (voxels.Keys.FirstOrDefault(n => !segments.Exists(s => s.Number == n)) is var unknown and not 0) throw Refuse.Bad("ReferencedSegmentNumber", unknown, "a segment of SegmentSequence");
        return new($"DICOM SEG, {_kind}", grid, DicomReferences.Of(data)) { Segments = segments };
    }

    /// <summary>How many voxels each segment has, and in how many frames.</summary>
    private (Dictionary<int, long> Voxels, Dictionary<int, int> Parts) Count()
    {
        var (voxels, parts, pixels) = (new Dictionary<int, long>(), new Dictionary<int, int>(), new ushort[_image.Columns * _image.Rows]);
        void Add(int segment, long count)
        {
            voxels[segment] = voxels.GetValueOrDefault(segment) + count;
            if (count > 0) parts[segment] = parts.GetValueOrDefault(segment) + 1;
        }
        foreach (var frame in _frames)
        {
            _image.Stored(_file, frame.Index, pixels);
            if (!IsLabelMap)
            {
                var inside = pixels.Length - pixels.AsSpan().Count((ushort)0);
                if (_threshold > 1) inside = pixels.Count(p => p >= _threshold);
                Add(frame.Segment, inside);
                continue;
            }
            var counts = new int[65536];
            foreach (var p in pixels) counts[p]++;
            for (var label = 1; label < counts.Length; label++)
                if (counts[label] > 0 && label != Background) Add(label, counts[label]);
        }
        return (voxels, parts);
    }

    /// <summary>The number that a label map writes where there is nothing, beside 0.</summary>
    private int Background => _file.Data.Short(0x00280120) ?? 0;
}
