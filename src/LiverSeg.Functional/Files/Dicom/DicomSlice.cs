using System;
using System.Collections.Generic;
using System.Linq;

namespace LiverSeg.Functional;

/// <summary>One frame of one file, without its pixels.</summary>
internal sealed record DicomSlice(
    string Name, int Frame, DicomImage Image, string Series, string Instance, Point? Position, (Axis X, Axis Y)? Axes,
    (double Row, double Column)? Spacing, double Thickness, double Slope, double Intercept, EquatableArray<byte> Hash)
{
    /// <summary>From slice to slice as the file says it; 0 where it does not.</summary>
    internal double SpacingBetween { get; init; }

    /// <summary>Its number in the series; 0 where there is none.</summary>
    internal int Number { get; init; }

    /// <summary>Why it is hardly a slice of a scan: <c>localizer</c>, <c>capture</c>; empty for what may be one.</summary>
    internal string NoScan { get; init; } = "";

    /// <summary>Its transfer syntax, as far as that changes the bytes of the pixels.</summary>
    internal (PixelCoding Coding, bool Big) Bytes { get; init; }

    /// <summary>What tells the passes of a series apart, in the order of <see cref="PassNames"/>.</summary>
    internal EquatableArray<string> Passes { get; init; } = EquatableArray<string>.Empty;

    /// <summary>Where it is made of this slice and the one above: that one, and how much of it.</summary>
    internal (DicomSlice Upper, double Part)? Blend { get; init; }

    private static readonly (string Name, uint Tag)[] PassTags =
    [
        ("AcquisitionNumber", 0x00200012), ("TemporalPositionIdentifier", 0x00200100), ("EchoNumbers", 0x00180086), ("NominalPercentageOfCardiacPhase", 0x00209241),
        ("TriggerTime", 0x00181060), ("ImageType", 0x00080008), ("ConvolutionKernel", 0x00181210),
    ];

    /// <summary>The elements by which passes are told apart, the most telling first.</summary>
    internal static IReadOnlyList<string> PassNames { get; } = [.. PassTags.Select(t => t.Name)];

    /// <summary>All frames of a file; the functional groups of a multi-frame file win over the data set.</summary>
    internal static List<DicomSlice> Of(string name, DicomFile file, bool anyImage, List<string> warnings)
    {
        var (data, refuse) = (file.Data, file.Data.Refuse);
        var modality = data.Text(0x00080060);
        if (modality != "CT" && !anyImage)
        {
            throw refuse.Unsupported("Modality", modality.Length is > 0 and < 17 ? modality : "none", "CT", modality switch
            {
                "SEG" or "RTSTRUCT" => "it holds masks, no scan: name the scan that it was drawn on; convert, evaluate and stats read masks",
                _ => "name a CT series, or add --any-image (DicomOptions.AnyImage) if it is one all the same",
            });
        }
        var image = DicomImage.Of(file);
        if (image.IsLossy(file)) warnings.Add("the images were compressed with loss: values and edges are not quite those of the scanner");
        if (data.Text(0x00280004) == "MONOCHROME1") warnings.Add("MONOCHROME1 inverts the display only; the values count as they are");
        if (data.Decimals(0x00181120, "GantryDetectorTilt", 1) is { } tilt && Math.Abs(tilt[0]) > 0.01) warnings.Add("a gantry tilt is given; the slices' places count");
        if (modality == "CT" && data.Text(0x00281054) is not ("" or "HU")) warnings.Add("RescaleType is not HU: the values are taken as Hounsfield units all the same");
        var (shared, frames) = (data.First(0x52009229), data[0x52009230]?.Items);
        if (frames is not null && frames.Count != image.Frames) throw refuse.Bad("PerFrameFunctionalGroups", FormattableString.Invariant($"{frames.Count} items"), FormattableString.Invariant($"{image.Frames}, one per frame"));
        var passes = PassTags.Select(t => data.Text(t.Tag)).ToEquatableArray();
        var slices = new List<DicomSlice>(image.Frames);
        for (var f = 0; f < image.Frames; f++)
        {
            var own = frames?[f];
            DicomData Group(uint tag, uint element) =>
                own?.First(tag) is { } mine && mine[element] is not null ? mine : shared?.First(tag) is { } common && common[element] is not null ? common : data;
            var position = Group(0x00209113, 0x00200032).Decimals(0x00200032, "ImagePositionPatient", 3);
            var axes = Group(0x00209116, 0x00200037).Decimals(0x00200037, "ImageOrientationPatient", 6);
            var spacing = Group(0x00289110, 0x00280030).Decimals(0x00280030, "PixelSpacing", 2);
            if (spacing is null && data[0x00280030] is not null) throw refuse.Bad("PixelSpacing", "nothing", "two numbers");
            if (spacing is not null && !(spacing[0] > 0 && spacing[1] > 0)) throw refuse.Bad("PixelSpacing", FormattableString.Invariant($"{spacing[0]}, {spacing[1]}"), "positive millimetres");
            if (axes is not null && !Right(axes)) throw refuse.Bad("ImageOrientationPatient", string.Join(", ", axes.Select(a => FormattableString.Invariant($"{a}"))), "two unit directions at a right angle");
            var thickness = Group(0x00289110, 0x00180050).Decimals(0x00180050, "SliceThickness", 1)?[0] ?? 0;
            var scale = Group(0x00289145, 0x00281053);
            var slope = scale.Decimals(0x00281053, "RescaleSlope", 1)?[0] ?? 1;
            var intercept = Group(0x00289145, 0x00281052).Decimals(0x00281052, "RescaleIntercept", 1)?[0] ?? 0;
            if (slope == 0) throw refuse.Bad("RescaleSlope", slope, "a number other than 0");
            slices.Add(new(
                name, f, image, data.Text(0x0020000E), data.Text(0x00080018),
                position is null ? null : new Point(position[0], position[1], position[2]),
                axes is null ? null : (new Axis(axes[0], axes[1], axes[2]), new Axis(axes[3], axes[4], axes[5])),
                spacing is null ? null : (spacing[0], spacing[1]), thickness, slope, intercept, image.Hash(file, f))
            {
                SpacingBetween = Loose(Group(0x00289110, 0x00180088), 0x00180088),
                Number = (int)Loose(data, 0x00200013),
                NoScan = Kind(data, position is not null && axes is not null),
                Bytes = (file.Coding, data.Big),
                Passes = passes,
            });
        }
        return slices;
    }

    /// <summary>The direction from slice to slice.</summary>
    internal Axis? Normal => Axes is { } axes && axes.X.Cross(axes.Y) is var n ? n.Times(1 / n.Length) : null;

    /// <summary>A number that helps where it is good and is passed over where it is not; 0 then.</summary>
    private static double Loose(DicomData data, uint tag) =>
        double.TryParse(data.Text(tag), System.Globalization.NumberStyles.Float, System.Globalization.CultureInfo.InvariantCulture, out var number) && Math.Abs(number) < 1e9 ? number : 0;

    /// <summary>ImageType (PS3.3, C.8.2.1.1.1) and the class of captures say what is no slice; a derived image with a place may be one.</summary>
    private static string Kind(DicomData data, bool placed)
    {
        var types = data.Text(0x00080008).Split('\\').Select(t => t.Trim()).ToArray();
        if (types.Any(t => t is "LOCALIZER" or "SCOUT" or "TOPOGRAM")) return "localizer";
        var instanceClass = data.Text(0x00080016);
        var capture = instanceClass == "1.2.840.10008.5.1.4.1.1.7" || instanceClass.StartsWith("1.2.840.10008.5.1.4.1.1.7.", StringComparison.Ordinal)
            || types.Any(t => t.Replace("_", "").Replace(" ", "") is "SCREENSAVE" or "SCREENSHOT" or "SCREENCAPTURE");
        return capture || (types.Length > 1 && types[1] == "SECONDARY" && !placed) ? "capture" : "";
    }

    private static bool Right(double[] a)
    {
        Axis x = new(a[0], a[1], a[2]), y = new(a[3], a[4], a[5]);
        return Math.Abs(x.Length - 1) < 1e-3 && Math.Abs(y.Length - 1) < 1e-3 && Math.Abs(x.Dot(y)) < 1e-3;
    }

    /// <summary>Slices of one stack agree in series, size, axes and spacing.</summary>
    internal bool StacksWith(DicomSlice other) =>
        Series == other.Series && Image.Columns == other.Image.Columns && Image.Rows == other.Image.Rows && Close(Axes, other.Axes) && Close(Spacing, other.Spacing);

    private static bool Close((Axis X, Axis Y)? a, (Axis X, Axis Y)? b) =>
        a is { } p && b is { } q ? p.X.Dot(q.X) > 1 - 1e-5 && p.Y.Dot(q.Y) > 1 - 1e-5 : a is null && b is null;

    private static bool Close((double Row, double Column)? a, (double Row, double Column)? b) =>
        a is { } p && b is { } q ? Math.Abs(p.Row - q.Row) <= 1e-4 * p.Row && Math.Abs(p.Column - q.Column) <= 1e-4 * p.Column : a is null && b is null;
}
