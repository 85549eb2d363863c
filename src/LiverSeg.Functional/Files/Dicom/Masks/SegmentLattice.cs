using System;
using System.Collections.Generic;
using System.Linq;

namespace LiverSeg.Functional;

/// <summary>One frame of a segmentation: whose it is and where it lies.</summary>
/// <param name="Index">Its number in the file, from 0 on.</param>
/// <param name="Segment">The segment's number; 0 in a label map, whose pixels say it.</param>
/// <param name="Place">The centre of its first pixel.</param>
/// <param name="X">Where its columns go.</param>
/// <param name="Y">Where its rows go.</param>
/// <param name="Row">From row to row, in mm.</param>
/// <param name="Column">From column to column, in mm.</param>
/// <param name="Between">From slice to slice as the file says it, in mm; 0 where it does not.</param>
/// <param name="Thickness">SliceThickness; 0 where the file does not say it.</param>
internal readonly record struct SegmentFrame(int Index, int Segment, Point Place, Axis X, Axis Y, double Row, double Column, double Between, double Thickness)
{
    /// <summary>The frames of a segmentation; functional groups of a frame win over those that all share, and these over the data set.</summary>
    internal static List<SegmentFrame> Of(DicomFile file, DicomImage image, bool labelMap)
    {
        var (data, refuse, list) = (file.Data, file.Data.Refuse, new List<SegmentFrame>(image.Frames));
        var (shared, frames) = (data.First(0x52009229), data[0x52009230]?.Items);
        if (frames is not null && frames.Count != image.Frames) throw refuse.Bad("PerFrameFunctionalGroups", FormattableString.Invariant($"{frames.Count} items"), FormattableString.Invariant($"{image.Frames}, one per frame"));
        for (var f = 0; f < image.Frames; f++)
        {
            var own = frames?[f];
            DicomData? Group(uint tag, uint element) =>
                own?.First(tag) is { } mine && mine[element] is not null ? mine : shared?.First(tag) is { } common && common[element] is not null ? common : data[element] is not null ? data : null;
            double[] Must(uint tag, uint element, string name, int count) => Group(tag, element)?.Decimals(element, name, count) ?? throw refuse.Bad(name, "nothing", FormattableString.Invariant($"this element for frame {f + 1}"), "export the segmentation with the places of its frames");
            var place = Must(0x00209113, 0x00200032, "ImagePositionPatient", 3);
            var axes = Must(0x00209116, 0x00200037, "ImageOrientationPatient", 6);
            var spacing = Must(0x00289110, 0x00280030, "PixelSpacing", 2);
            if (!(spacing[0] > 0 && spacing[1] > 0)) throw refuse.Bad("PixelSpacing", FormattableString.Invariant($"{spacing[0]}, {spacing[1]}"), "positive millimetres");
            Axis x = new(axes[0], axes[1], axes[2]), y = new(axes[3], axes[4], axes[5]);
            if (!(Math.Abs(x.Length - 1) < 1e-3 && Math.Abs(y.Length - 1) < 1e-3 && Math.Abs(x.Dot(y)) < 1e-3)) throw refuse.Bad("ImageOrientationPatient", string.Join(", ", axes.Select(a => FormattableString.Invariant($"{a}"))), "two unit directions at a right angle");
            var segment = Group(0x0062000A, 0x0062000B)?.UShort(0x0062000B, "ReferencedSegmentNumber");
            if (segment is null && !labelMap) throw refuse.Bad("ReferencedSegmentNumber", "nothing", FormattableString.Invariant($"the segment of frame {f + 1}"));
            double Length(uint element, string name) => Group(0x00289110, element)?.Decimals(element, name, 1)?[0] ?? 0;
            list.Add(new(f, labelMap ? 0 : segment!.Value, new(place[0], place[1], place[2]), x, y, spacing[0], spacing[1], Length(0x00180088, "SpacingBetweenSlices"), Length(0x00180050, "SliceThickness")));
        }
        return list;
    }
}

/// <summary>How the pixels of a frame walk over the voxels of a grid.</summary>
internal readonly record struct FrameSteps((int X, int Y, int Z) Start, (int X, int Y, int Z) Column, (int X, int Y, int Z) Row)
{
    internal (int X, int Y, int Z) At(int c, int r) => (Start.X + c * Column.X + r * Row.X, Start.Y + c * Column.Y + r * Row.Y, Start.Z + c * Column.Z + r * Row.Z);
}

/// <summary>Where the sparse frames of a segmentation lie: on the lattice of their own steps, or on that of an image.</summary>
internal static class SegmentLattice
{
    private const int MaxSlices = 100_000;

    /// <summary>How far a corner of a frame may lie from the middle of its voxel, in voxels.</summary>
    private const double MaxOff = 0.25;

    /// <summary>The steps of a frame on a grid, whatever axis of it they follow; none where the frame does not lie on its voxels.</summary>
    internal static FrameSteps? StepsOn(Grid grid, SegmentFrame frame, DicomImage image)
    {
        Point At(double c, double r) => grid.ToIndex(new(
            frame.Place.X + c * frame.Column * frame.X.L + r * frame.Row * frame.Y.L,
            frame.Place.Y + c * frame.Column * frame.X.P + r * frame.Row * frame.Y.P,
            frame.Place.Z + c * frame.Column * frame.X.S + r * frame.Row * frame.Y.S));
        static (int, int, int)? Round(Point p) => Math.Max(Math.Abs(p.X), Math.Max(Math.Abs(p.Y), Math.Abs(p.Z))) < 1e6 ? ((int)Math.Round(p.X), (int)Math.Round(p.Y), (int)Math.Round(p.Z)) : null;
        Point zero = At(0, 0), right = At(1, 0), down = At(0, 1);
        if (Round(zero) is not { } start || Round(new(right.X - zero.X, right.Y - zero.Y, right.Z - zero.Z)) is not { } column || Round(new(down.X - zero.X, down.Y - zero.Y, down.Z - zero.Z)) is not { } row) return null;
        var steps = new FrameSteps(start, column, row);
        static bool One((int X, int Y, int Z) s) => Math.Abs(s.X) + Math.Abs(s.Y) + Math.Abs(s.Z) == 1;
        if (!One(steps.Column) || !One(steps.Row)) return null;
        foreach (var (c, r) in new[] { (0, 0), (image.Columns - 1, 0), (0, image.Rows - 1), (image.Columns - 1, image.Rows - 1) })
        {
            var (found, meant) = (At(c, r), steps.At(c, r));
            if (!(Math.Abs(found.X - meant.X) <= MaxOff && Math.Abs(found.Y - meant.Y) <= MaxOff && Math.Abs(found.Z - meant.Z) <= MaxOff)) return null;
        }
        return steps;
    }

    /// <summary>The grid of the frames' own places: from the lowest to the highest of any segment, absent ones between as empty slices.</summary>
    internal static Grid Of(List<SegmentFrame> frames, DicomImage image, FileErrors refuse, List<string> doubts)
    {
        var first = frames[0];
        var x = first.X.Times(1 / first.X.Length);
        var normal = x.Cross(first.Y);
        normal = normal.Times(1 / normal.Length);
        FileErrorException Uneven(string field, string found, string expected) => refuse.Unsupported(field, found, expected, "lay it on the series that it was drawn on: convert --reference SERIES");
        double Height(Point p) => p.X * normal.L + p.Y * normal.P + p.Z * normal.S;
        foreach (var frame in frames)
        {
            if (frame.X.Dot(first.X) < 1 - 1e-5 || frame.Y.Dot(first.Y) < 1 - 1e-5) throw Uneven("ImageOrientationPatient", FormattableString.Invariant($"frame {frame.Index + 1} with other directions than the first"), "frames of one direction");
            if (Math.Abs(frame.Row - first.Row) > 1e-4 * first.Row || Math.Abs(frame.Column - first.Column) > 1e-4 * first.Column) throw Uneven("PixelSpacing", FormattableString.Invariant($"frame {frame.Index + 1} with another spacing than the first"), "frames of one spacing");
            var up = Height(frame.Place) - Height(first.Place);
            var aside = new Axis(frame.Place.X - first.Place.X - up * normal.L, frame.Place.Y - first.Place.Y - up * normal.P, frame.Place.Z - first.Place.Z - up * normal.S).Length;
            if (aside > MaxOff * Math.Min(first.Row, first.Column)) throw Uneven("ImagePositionPatient", FormattableString.Invariant($"frame {frame.Index + 1} lies {aside:0.###} mm beside the first"), "frames above each other");
        }
        var sorted = frames.OrderBy(f => Height(f.Place)).ToList();
        var (low, heights) = (sorted[0], new List<double>());
        foreach (var frame in sorted)
            if (heights.Count == 0 || Height(frame.Place) - heights[^1] > 1e-3) heights.Add(Height(frame.Place));
        var (step, slices) = Step(heights, first, refuse, doubts);
        if (slices > MaxSlices || (long)slices * image.Columns * image.Rows > Limits.Voxels) throw Uneven("ImagePositionPatient", FormattableString.Invariant($"frames over {slices} slices of {step:R} mm"), FormattableString.Invariant($"at most {MaxSlices} slices"));
        var grid = new Grid(new(image.Columns, image.Rows, (int)slices), new(first.Column, first.Row, step), low.Place, new(x, normal.Cross(x), normal));
        refuse.CheckSane(grid);
        return grid;
    }

    /// <summary>The slice step of which all gaps are whole multiples: as the file says it, else the least gap or a whole part of it.</summary>
    private static (double Step, double Slices) Step(List<double> heights, SegmentFrame first, FileErrors refuse, List<string> doubts)
    {
        if (heights.Count == 1)
        {
            var own = first.Between > 0 ? first.Between : first.Thickness;
            if (!(own > 0)) throw refuse.Bad("SpacingBetweenSlices", "nothing", "a slice step, since all frames lie at one place", "lay it on the series that it was drawn on: convert --reference SERIES");
            doubts.Add(FormattableString.Invariant($"frames at one place only: {(first.Between > 0 ? "SpacingBetweenSlices" : "SliceThickness")} is taken as the slice step, {own} mm"));
            return (own, 1);
        }
        var gaps = heights.Zip(heights.Skip(1), (a, b) => b - a).ToArray();
        var least = gaps.Min();
        foreach (var (step, off) in new[] { (first.Between, 0.1), (least, 0.1), (least / 2, 0.02), (least / 3, 0.02), (least / 4, 0.02), (first.Thickness, 0.02) })
        {
            if (!(step > 1e-3) || gaps.Any(g => Math.Abs(g / step - Math.Round(g / step)) > off || g / step > MaxSlices)) continue;
            var counts = gaps.Select(g => Math.Round(g / step)).ToArray();
            if (counts.Min() < 1) continue;
            if (step == first.Between && counts.Length > 1 && counts.Min() > 1)
                doubts.Add(FormattableString.Invariant($"frames are {counts.Min()} or more steps of SpacingBetweenSlices ({step} mm) apart; the slices between are taken as empty"));
            // Over all gaps, so that the rounding of one does not add up.
            var mean = (heights[^1] - heights[0]) / counts.Sum();
            return (Math.Abs(mean - step) < 1e-6 * step ? step : mean, counts.Sum() + 1);
        }
        throw refuse.Unsupported("ImagePositionPatient", FormattableString.Invariant($"frames {least:0.####} mm apart and more"), "gaps that are whole multiples of a slice step", "lay it on the series that it was drawn on: convert --reference SERIES");
    }
}
