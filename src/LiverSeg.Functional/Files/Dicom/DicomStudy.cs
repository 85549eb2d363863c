using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;

namespace LiverSeg.Functional;

/// <summary>The DICOM series of a folder, zip or file, whose headers were read once; any of them can be opened without reading them again.</summary>
public sealed class DicomStudy
{
    private const int MaxSlices = 100_000;

    private readonly List<(string Series, FileErrorException Why)> _pictures = [];
    private readonly List<string> _warnings = [];
    private readonly List<List<DicomSlice>> _stacks;
    private readonly FileErrors _refuse;

    private DicomStudy(string path, bool anyImage, bool masks, CancellationToken cancel)
    {
        (Path, AnyImage, _refuse) = (path, anyImage, new(path, "dicom"));
        Source = DicomSource.Of(path, _refuse);
        _stacks = Stacks(Headers(masks, cancel));
        Series = _stacks.Select(Describe).ToEquatableArray();
    }

    /// <summary>What was read.</summary>
    public string Path { get; }

    /// <summary>Its series, in the order of the numbers by which one is chosen.</summary>
    public IReadOnlyList<SeriesInfo> Series { get; }

    private bool AnyImage { get; }

    private DicomSource Source { get; }

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
        var stacks = _stacks;
        if (options.SeriesUid.Length > 0)
        {
            stacks = stacks.FindAll(s => s[0].Series == options.SeriesUid);
            if (stacks.Count == 0) throw _refuse.Unsupported("series", "none with the UID that was asked for", FormattableString.Invariant($"one of {_stacks.Count} ({Numbered(_stacks)})"), "choose one by its UID or number");
        }
        if (options.Series > stacks.Count) throw _refuse.Unsupported("series", options.Series, FormattableString.Invariant($"1 to {stacks.Count}"), "choose one of them");
        if (stacks.Count > 1 && options.Series == 0) throw Ambiguous(stacks);
        var chosen = stacks[Math.Max(0, options.Series - 1)];
        foreach (var (own, why) in _pictures)
            if (own == chosen[0].Series) throw why;
        var series = DicomSeries.Of(Source, chosen, AnyImage, _warnings, Heads, _refuse);
        _refuse.CheckSane(series.Grid);
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
            var series = "";
            try
            {
                var file = DicomFile.Parse(bytes, _refuse with { File = name });
                series = file.Data.Text(0x0020000E);
                _warnings.AddRange(file.Warnings);
                slices.AddRange(DicomSlice.Of(name, file, AnyImage, masks, _warnings));
                Heads[name] = file.Data.WithoutPixels();
                if (slices.Count > MaxSlices) throw _refuse.Unsupported("series", "more than 100000 slices", "one study", "name the folder of one series");
            }
            catch (FileErrorException e) when (!single && e.Error.Kind == FileErrorKind.Unsupported && e.Error.Field is "pixel data" or "Modality" or "PhotometricInterpretation")
            {
                (last, skipped) = (e, skipped + 1);
                // A coloured picture beside the scan does not count; within its series it is a contradiction.
                if (e.Error.Field == "PhotometricInterpretation") _pictures.Add((series, e));
            }
        }
        if (skipped > 0) _warnings.Add(FormattableString.Invariant($"{skipped} files are no CT images and do not count"));
        if (slices.Count == 0) throw last ?? _refuse.Unsupported("folder", "no DICOM image", "a CT series", "name the folder of a CT series");
        return slices;
    }

    private static List<List<DicomSlice>> Stacks(List<DicomSlice> slices)
    {
        var stacks = new List<List<DicomSlice>>();
        foreach (var slice in slices)
        {
            if (stacks.Find(s => s[0].StacksWith(slice)) is { } stack) stack.Add(slice);
            else stacks.Add([slice]);
        }
        return [.. stacks.OrderBy(s => s[0].Series, StringComparer.Ordinal).ThenByDescending(s => s.Count)];
    }

    private static SeriesInfo Describe(List<DicomSlice> stack, int index)
    {
        var (first, heights) = (stack[0], new List<double>());
        if (first.Axes is { } axes)
        {
            var normal = axes.X.Cross(axes.Y);
            heights.AddRange(stack.Where(s => s.Position is not null).Select(s => new Axis(s.Position!.Value.X, s.Position.Value.Y, s.Position.Value.Z).Dot(normal)).Order());
        }
        return new(index + 1, first.Series, stack.Count, first.Image.Columns, first.Image.Rows, new(first.Spacing?.Column ?? 0), new(first.Spacing?.Row ?? 0), new(heights.Count > 1 ? (heights[^1] - heights[0]) / (heights.Count - 1) : first.Thickness));
    }

    private static string Numbered(List<List<DicomSlice>> stacks) => string.Join(", ", stacks.Take(20).Select((s, i) => Describe(s, i).ToString()));

    private FileErrorException Ambiguous(List<List<DicomSlice>> stacks) => new(new()
    {
        Kind = FileErrorKind.Unsupported,
        Code = "ambiguous-series",
        File = _refuse.File,
        Field = "series",
        Found = FormattableString.Invariant($"{stacks.Count} ({Numbered(stacks)})"),
        Expected = "one series of one size and orientation",
        Remedy = "choose one by its number or UID",
    });
}
