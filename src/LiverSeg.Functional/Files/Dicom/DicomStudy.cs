using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;

namespace LiverSeg.Functional;

/// <summary>The DICOM series of a folder, zip or file, whose headers were read once; any of them can be opened without reading them again.</summary>
public sealed class DicomStudy
{
    private const int MaxSlices = 100_000;

    private readonly List<string> _warnings = [];
    private readonly List<(List<DicomSlice> Slices, string Pass)> _stacks;
    private readonly List<string> _masks = [];
    private readonly FileErrors _refuse;

    private DicomStudy(string path, bool anyImage, bool masks, CancellationToken cancel)
    {
        (Path, AnyImage, _refuse) = (path, anyImage, new(path, "dicom"));
        Source = DicomSource.Of(path, _refuse);
        if (Source.Broken.Count > 0) _warnings.Add(FormattableString.Invariant($"links that lead to nothing do not count: {System.IO.Path.GetFileName(Source.Broken[0])}{(Source.Broken.Count > 1 ? $" and {Source.Broken.Count - 1} more" : "")}"));
        var slices = Headers(masks, cancel);
        _stacks = slices.Count == 0 ? [] : new SliceSorting(Source, _refuse, _warnings).Stacks(slices);
        Series = _stacks.Select(Describe).ToEquatableArray();
    }

    /// <summary>What was read.</summary>
    public string Path { get; }

    /// <summary>Its series, in the order of the numbers by which one is chosen.</summary>
    public IReadOnlyList<SeriesInfo> Series { get; }

    /// <summary>The files that hold masks, where these were asked for.</summary>
    internal IReadOnlyList<string> Masks => _masks;

    internal DicomSource Source { get; }

    private bool AnyImage { get; }

    /// <summary>The elements of each file without its pixels, by the file's name.</summary>
    private Dictionary<string, DicomData> Heads { get; } = [];

    /// <summary>One series as a scan.</summary>
    /// <param name="dicom">Which; <see cref="DicomOptions.AnyImage"/> was said when the headers were read.</param>
    /// <param name="warn">Hears what was odd.</param>
    /// <exception cref="FileErrorException">Not one series of evenly stacked slices: gaps, tilt, two slices at one place, several series.</exception>
    public VolumeSource Open(DicomOptions dicom, Action<string>? warn = null) =>
        _refuse.Guard(() => new VolumeSource(Path, Choose(dicom, warn)));

    /// <summary>Reads every header.</summary>
    internal static DicomStudy Read(string path, bool anyImage, bool masks, CancellationToken cancel) => new(path, anyImage, masks, cancel);

    /// <summary>Picks the series and lays its slices in order of their places; its warnings are passed on.</summary>
    internal DicomSeries Choose(DicomOptions options, Action<string>? warn)
    {
        var chosen = Enumerable.Range(0, _stacks.Count).Where(i => options.SeriesUid.Length == 0 || Series[i].Uid == options.SeriesUid).ToArray();
        if (chosen.Length == 0) throw _refuse.Unsupported("series", "none with the UID that was asked for", FormattableString.Invariant($"one of {_stacks.Count} ({Numbered(Series)})"), "choose one by its UID or number");
        if (options.Series > chosen.Length) throw _refuse.Unsupported("series", options.Series, FormattableString.Invariant($"1 to {chosen.Length}"), "choose one of them");
        if (chosen.Length > 1 && options.Series == 0) throw Ambiguous([.. chosen.Select(i => Series[i])]);
        var slices = _stacks[chosen[Math.Max(0, options.Series - 1)]].Slices;
        if (!AnyImage && slices.TrueForAll(s => s.NoScan == "localizer"))
            throw (_refuse with { File = slices[0].Name }).Unsupported("ImageType", "LOCALIZER", "slices of a scan", "name the folder of the scan, or add --any-image (DicomOptions.AnyImage)");
        DicomSeries series;
        try
        {
            series = DicomSeries.Of(Source, slices, AnyImage, options.FillGaps, _warnings, Heads, _refuse);
            _refuse.CheckSane(series.Grid);
        }
        catch (FileErrorException)
        {
            // What does not count may be what is missing.
            foreach (var warning in _warnings.Distinct()) warn?.Invoke(warning);
            throw;
        }
        foreach (var warning in series.Warnings) warn?.Invoke(warning);
        return series;
    }

    private List<DicomSlice> Headers(bool masks, CancellationToken cancel)
    {
        var slices = new List<DicomSlice>();
        FileErrorException? last = null;
        var (skipped, single) = (0, Source.Names.Count == 1);
        foreach (var name in Source.Names)
        {
            cancel.ThrowIfCancellationRequested();
            if (Source.Read(name, single ? _ => true : head => DicomFile.Sniff(head)) is not { } bytes)
            {
                skipped++;
                continue;
            }
            try
            {
                var file = DicomFile.Parse(bytes, _refuse with { File = name });
                if (masks && file.Data.Text(0x00080060) is "SEG" or "RTSTRUCT")
                {
                    _masks.Add(name);
                    continue;
                }
                _warnings.AddRange(file.Warnings);
                slices.AddRange(DicomSlice.Of(name, file, AnyImage, _warnings));
                Heads[name] = file.Data.WithoutPixels();
                if (slices.Count > MaxSlices) throw _refuse.Unsupported("series", "more than 100000 slices", "one study", "name the folder of one series");
            }
            catch (FileErrorException e) when (!single && e.Error.Kind == FileErrorKind.Unsupported && e.Error.Field is "pixel data" or "Modality" or "PhotometricInterpretation")
            {
                (last, skipped) = (e, skipped + 1);
            }
        }
        if (skipped > 0) _warnings.Add(FormattableString.Invariant($"{skipped} files are no CT images and do not count"));
        if (slices.Count == 0 && _masks.Count == 0) throw last ?? _refuse.Unsupported("folder", "no DICOM image", "a CT series", "name the folder of a CT series");
        return slices;
    }

    private static SeriesInfo Describe((List<DicomSlice> Slices, string Pass) stack, int index)
    {
        var (first, heights) = (stack.Slices[0], new List<double>());
        if (first.Normal is { } normal)
            heights.AddRange(stack.Slices.Where(s => s.Position is not null).Select(s => new Axis(s.Position!.Value.X, s.Position.Value.Y, s.Position.Value.Z).Dot(normal)).Order());
        var step = heights.Count > 1 ? (heights[^1] - heights[0]) / (heights.Count - 1) : first.Thickness;
        return new(index + 1, first.Series, stack.Slices.Count, first.Image.Columns, first.Image.Rows, new(first.Spacing?.Column ?? 0), new(first.Spacing?.Row ?? 0), new(step)) { Pass = stack.Pass };
    }

    private static string Numbered(IReadOnlyList<SeriesInfo> series) => string.Join(", ", series.Take(20).Select(s => s.ToString()));

    private FileErrorException Ambiguous(IReadOnlyList<SeriesInfo> series) => new(new()
    {
        Kind = FileErrorKind.Unsupported,
        Code = "ambiguous-series",
        File = _refuse.File,
        Field = "series",
        Found = FormattableString.Invariant($"{series.Count} ({Numbered(series)})"),
        Expected = "one series of one size and orientation",
        Remedy = "choose one by its number or UID",
    });
}
