using System;
using System.Collections.Generic;
using System.Linq;

namespace LiverSeg.Functional;

/// <summary>A DICOM structure set (PS3.3, A.19 and C.8.8.6): regions as contours in the patient, which become masks on the image that they were drawn on.</summary>
/// <remarks>Contours of one plane are joined by the even-odd rule, so that one inside another is a hole. A plane goes to the nearest slice.</remarks>
internal sealed class StructureSet : DicomMask
{
    /// <summary>How far the points of a contour may lie from its plane, and planes from each other that count as one, in slices.</summary>
    private const double Flat = 0.1, OnePlane = 1e-3;

    /// <summary>How far a contour may reach beyond the image, in voxels: to the faces of its outermost voxels.</summary>
    private const double Reach = 0.5, Rounding = 1e-6;

    private readonly DicomData _data;
    private readonly Lazy<SegmentationInfo> _info;

    internal StructureSet(DicomFile file) : base(file.Data.Refuse) => (_data, _info) = (file.Data, new(Describe));

    internal override SegmentationInfo Info => _info.Value;

    /// <summary>The only region of a structure set is often the body.</summary>
    protected override bool TakesTheOnly => false;

    protected override Volume<bool> Fill(IReadOnlyList<int> numbers, Grid? lattice, Action<string>? warn)
    {
        if (lattice is not { } grid) throw Refuse.Unsupported("contours", "no image", "the series that they were drawn on, whose voxels they fill", "name it: convert -i FILE --reference SERIES -o MASK");
        var (target, planes, ignored) = (Room(grid), new List<(double Z, (double X, double Y)[] Polygon)>(), 0);
        foreach (var contour in numbers.SelectMany(Contours))
        {
            var kind = contour.Text(0x30060042);
            var points = contour.Numbers(0x30060050, "ContourData", each: 3);
            if (kind is not ("CLOSED_PLANAR" or "CLOSEDPLANAR_XOR" or "") || points.Length < 9) ignored++;
            else planes.Add(Plane(points, grid));
        }
        if (ignored > 0) warn?.Invoke(FormattableString.Invariant($"{Refuse.File}: {ignored} contours are points or open lines and enclose nothing"));
        var area = grid.Extent.X * grid.Extent.Y;
        var (used, crowded) = (new List<int>(), 0);
        foreach (var slice in planes.OrderBy(p => p.Z).GroupBy(p => (int)Math.Clamp(Math.Floor(p.Z + 0.5), 0, grid.Extent.Z - 1)))
        {
            // Planes drawn closer than slices: the nearest one is the slice's, since two would cancel out.
            var nearest = slice.MinBy(p => Math.Abs(p.Z - slice.Key)).Z;
            if (slice.Any(p => Math.Abs(p.Z - nearest) > OnePlane)) crowded++;
            PolygonFill.Fill(slice.Where(p => Math.Abs(p.Z - nearest) <= OnePlane).Select(p => p.Polygon), grid.Extent.X, target.AsSpan(slice.Key * area, area));
            used.Add(slice.Key);
        }
        if (crowded > 0) warn?.Invoke(FormattableString.Invariant($"{Refuse.File}: in {crowded} slices contours lie in several planes; the plane nearest to the slice counts"));
        var between = used.Count == 0 ? 0 : used[^1] - used[0] + 1 - used.Count;
        if (between > 0) warn?.Invoke(FormattableString.Invariant($"{Refuse.File}: {between} slices between contours have none and stay empty"));
        return new(grid, target);
    }

    /// <summary>A contour in voxel indices; it must lie in a slice's plane and inside of the image.</summary>
    private (double Z, (double X, double Y)[] Polygon) Plane(double[] points, Grid grid)
    {
        var polygon = new (double X, double Y)[points.Length / 3];
        double low = double.PositiveInfinity, high = double.NegativeInfinity;
        for (var i = 0; i < polygon.Length; i++)
        {
            var at = grid.ToIndex(new(points[3 * i], points[3 * i + 1], points[3 * i + 2]));
            polygon[i] = (at.X, at.Y);
            (low, high) = (Math.Min(low, at.Z), Math.Max(high, at.Z));
            if (!(Within(at.X, grid.Extent.X) && Within(at.Y, grid.Extent.Y) && Within(at.Z, grid.Extent.Z)))
                throw Refuse.Unsupported("ContourData", FormattableString.Invariant($"a point at voxel ({at.X:0.#}, {at.Y:0.#}, {at.Z:0.#})"), FormattableString.Invariant($"points inside of {grid.Extent}"), "name the series that it was drawn on");
        }
        if (high - low > Flat) throw Refuse.Unsupported("ContourData", FormattableString.Invariant($"a contour from slice {low:0.##} to {high:0.##}"), "contours in the planes of the slices", "name the series that it was drawn on");
        return ((low + high) / 2, polygon);
    }

    private static bool Within(double at, int length) => at >= -Reach - Rounding && at <= length - 1 + Reach + Rounding;

    private SegmentationInfo Describe()
    {
        var (segments, characterSet) = (new List<SegmentInfo>(), _data.Text(0x00080005));
        foreach (var roi in _data[0x30060020]?.Items ?? [])
        {
            if (roi.Integer(0x30060022, "ROINumber") is not { } number) throw Refuse.Bad("ROINumber", "nothing", "a number");
            if (segments.Exists(s => s.Number == number)) throw Refuse.Bad("ROINumber", FormattableString.Invariant($"{number} twice"), "each number once");
            segments.Add(new(number, roi.Words(0x30060026, characterSet), Contours(number).Count(), null) { PartName = "contours" });
        }
        if (segments.Count == 0) throw Refuse.Bad("StructureSetROISequence", "no region", "at least one");
        return new("DICOM RTSTRUCT", null, DicomReferences.Of(_data)) { Segments = segments };
    }

    private IEnumerable<DicomData> Contours(int number) =>
        (_data[0x30060039]?.Items ?? []).Where(i => i.Integer(0x30060084, "ReferencedROINumber") == number).SelectMany(i => i[0x30060040]?.Items ?? []);
}
