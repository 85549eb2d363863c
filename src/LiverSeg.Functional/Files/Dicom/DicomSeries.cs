using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using System.Threading;
using System.Threading.Tasks;

namespace LiverSeg.Functional;

/// <summary>A series of DICOM files as one volume, or a refusal that says why it is none.</summary>
internal sealed record DicomSeries(DicomSource Source, Grid Grid, EquatableArray<DicomSlice> Slices, EquatableArray<string> Warnings, FileErrors Refuse)
{
    private const double MaxDriftMm = 0.1, MaxGapMm = 0.05, RoundingMm = 0.005;

    /// <summary>Reads every header, picks the series and lays its slices in order of their places.</summary>
    internal static DicomSeries Open(string path, DicomOptions options, bool masks = false, CancellationToken cancel = default)
    {
        var refuse = new FileErrors(path, "dicom");
        var source = DicomSource.Of(path, refuse);
        var warnings = new List<string>();
        var pictures = new List<(string Series, FileErrorException Why)>();
        var slices = Headers(source, options, masks, refuse, warnings, pictures, cancel);
        var stacks = Stacks(slices);
        if (options.SeriesUid.Length > 0)
        {
            var wanted = stacks.FindAll(s => s[0].Series == options.SeriesUid);
            if (wanted.Count == 0) throw refuse.Unsupported("series", "none with the UID that was asked for", FormattableString.Invariant($"one of {stacks.Count} ({Numbered(stacks)})"), "choose one by its UID or number");
            stacks = wanted;
        }
        if (options.Series > stacks.Count) throw refuse.Unsupported("series", options.Series, FormattableString.Invariant($"1 to {stacks.Count}"), "choose one of them");
        if (stacks.Count > 1 && options.Series == 0) throw Ambiguous(stacks, refuse);
        foreach (var (own, why) in pictures)
            if (own == stacks[Math.Max(0, options.Series - 1)][0].Series) throw why;
        var stack = Distinct(stacks[Math.Max(0, options.Series - 1)], refuse, warnings);
        var grid = Place(ref stack, options, refuse, warnings);
        return new(source, grid, stack.ToEquatableArray(), warnings.Distinct().ToEquatableArray(), refuse);
    }

    /// <summary>What a folder, zip or file holds, in the order of the numbers by which a series is chosen.</summary>
    internal static EquatableArray<SeriesInfo> List(string path)
    {
        var refuse = new FileErrors(path, "dicom");
        return Stacks(Headers(DicomSource.Of(path, refuse), new(), masks: true, refuse, [], [], default)).Select((s, i) => Describe(s, i)).ToEquatableArray();
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

    internal VolumeInfo Info
    {
        get
        {
            var first = Slices[0];
            var type = (first.Image.BitsAllocated, first.Image.Signed) switch { (8, false) => StoredType.UInt8, (8, true) => StoredType.Int8, (_, true) => StoredType.Int16, _ => StoredType.UInt16 };
            return new("DICOM", Grid, type, false, first.Slope, first.Intercept, first.Image.Coding == PixelCoding.Native ? Packing.Raw : Packing.Frames) { Warnings = Warnings };
        }
    }

    /// <summary>Some of its slices.</summary>
    internal DicomSeries Slab(int first, int count) => this with
    {
        Grid = Grid.At(new(0, 0, first, Grid.Extent with { Z = count })),
        Slices = Slices.Skip(first).Take(count).ToEquatableArray(),
    };

    /// <summary>All voxels; files are read again one by one, so that only the volume itself stays in memory.</summary>
    internal T[] Floats<T>(CancellationToken cancel) where T : unmanaged
    {
        var target = Volume.Allocate<T>(Grid);
        var area = Grid.Extent.X * Grid.Extent.Y;
        var byFile = Slices.Select((slice, z) => (slice, z)).GroupBy(p => p.slice.Name).Select(g => g.ToArray()).ToArray();
        void Frames((DicomSlice slice, int z)[] group, bool alone)
        {
            var file = DicomFile.Parse(Source.Bytes(group[0].slice.Name), Refuse with { File = group[0].slice.Name });
            void One((DicomSlice slice, int z) p) =>
                p.slice.Image.Frame(file, p.slice.Frame, p.slice.Slope, p.slice.Intercept, MemoryMarshal.Cast<T, float>(target.AsSpan(p.z * area, area)));
            if (alone) Parallel.ForEach(group, Parallelism.Of(0, cancel), One);
            else foreach (var p in group) One(p);
        }
        try
        {
            if (byFile.Length == 1) Frames(byFile[0], alone: true);
            else Parallel.ForEach(byFile, Parallelism.Of(0, cancel), group => Frames(group, alone: false));
        }
        catch (AggregateException e) when (e.InnerExceptions.OfType<FileErrorException>().OrderBy(x => x.Error.File, StringComparer.Ordinal).FirstOrDefault() is { } first)
        {
            throw first;
        }
        return target;
    }

    private static List<DicomSlice> Headers(DicomSource source, DicomOptions options, bool masks, FileErrors refuse, List<string> warnings, List<(string Series, FileErrorException Why)> pictures, CancellationToken cancel)
    {
        var slices = new List<DicomSlice>();
        FileErrorException? last = null;
        var skipped = 0;
        foreach (var name in source.Names)
        {
            cancel.ThrowIfCancellationRequested();
            var bytes = source.Bytes(name);
            var single = source.Names.Count == 1;
            if (!single && !DicomFile.Sniff(bytes))
            {
                skipped++;
                continue;
            }
            var series = "";
            try
            {
                var file = DicomFile.Parse(bytes, refuse with { File = name });
                series = file.Data.Text(0x0020000E);
                warnings.AddRange(file.Warnings);
                slices.AddRange(DicomSlice.Of(name, file, options.AnyImage, masks, warnings));
                if (slices.Count > 100_000) throw refuse.Unsupported("series", "more than 100000 slices", "one study", "name the folder of one series");
            }
            catch (FileErrorException e) when (!single && e.Error.Kind == FileErrorKind.Unsupported && e.Error.Field is "pixel data" or "Modality" or "PhotometricInterpretation")
            {
                (last, skipped) = (e, skipped + 1);
                // A coloured picture beside the scan does not count; within its series it is a contradiction.
                if (e.Error.Field == "PhotometricInterpretation") pictures.Add((series, e));
            }
        }
        if (skipped > 0) warnings.Add(FormattableString.Invariant($"{skipped} files are no CT images and do not count"));
        if (slices.Count == 0) throw last ?? refuse.Unsupported("folder", "no DICOM image", "a CT series", "name the folder of a CT series");
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

    private static FileErrorException Ambiguous(List<List<DicomSlice>> stacks, FileErrors refuse)
    {
        return new(new()
        {
            Kind = FileErrorKind.Unsupported,
            Code = "ambiguous-series",
            File = refuse.File,
            Field = "series",
            Found = FormattableString.Invariant($"{stacks.Count} ({Numbered(stacks)})"),
            Expected = "one series of one size and orientation",
            Remedy = "choose one by its number or UID",
        });
    }

    /// <summary>The same file twice counts once; the same instance with other content is a contradiction.</summary>
    private static List<DicomSlice> Distinct(List<DicomSlice> stack, FileErrors refuse, List<string> warnings)
    {
        var kept = new List<DicomSlice>();
        var seen = new Dictionary<(string, int), DicomSlice>();
        foreach (var slice in stack)
        {
            if (slice.Instance.Length == 0 || seen.TryAdd((slice.Instance, slice.Frame), slice)) kept.Add(slice);
            else if (seen[(slice.Instance, slice.Frame)].Hash.Equals(slice.Hash)) warnings.Add("the same instance lies there twice and counts once");
            else throw (refuse with { File = slice.Name }).Bad("SOPInstanceUID", "one instance with two contents", "each instance once", "keep the right one of both files");
        }
        return kept;
    }

    private static Grid Place(ref List<DicomSlice> stack, DicomOptions options, FileErrors refuse, List<string> warnings)
    {
        var first = stack[0];
        var image = first.Image;
        if (stack.Any(s => s.Position is null) || first.Axes is not { } axes || first.Spacing is not { } spacing)
        {
            if (!options.AnyImage)
            {
                var field = first.Spacing is null ? "PixelSpacing" : first.Axes is null ? "ImageOrientationPatient" : "ImagePositionPatient";
                throw (refuse with { File = stack.Find(s => s.Position is null)?.Name ?? first.Name }).Bad(field, "nothing", "this element in every slice", "export the series with its geometry");
            }
            warnings.Add("the slices have no place in the patient: voxels are taken 1 mm apart");
            return Grid.Of(new(image.Columns, image.Rows, stack.Count), LiverSeg.Functional.Spacing.Isotropic(1));
        }
        var x = axes.X.Times(1 / axes.X.Length);
        var normal = x.Cross(axes.Y);
        normal = normal.Times(1 / normal.Length);
        var y = normal.Cross(x);
        double Height(DicomSlice s) => s.Position!.Value.X * normal.L + s.Position.Value.Y * normal.P + s.Position.Value.Z * normal.S;
        var sorted = stack.OrderBy(Height).ThenBy(s => s.Frame).ToList();
        var step = options.AnyImage && !Regular(sorted, Height, normal, refuse, quiet: true, out _) ? Fallback(warnings) : Step(sorted, Height, normal, refuse, warnings);
        stack = sorted;
        return new(new(image.Columns, image.Rows, sorted.Count), new(spacing.Column, spacing.Row, step), sorted[0].Position!.Value, new(x, y, normal));
    }

    private static double Fallback(List<string> warnings)
    {
        warnings.Add("the slices do not form a stack: they are taken 1 mm apart");
        return 1;
    }

    private static double Step(List<DicomSlice> sorted, Func<DicomSlice, double> height, Axis normal, FileErrors refuse, List<string> warnings)
    {
        if (sorted.Count > 1)
        {
            Regular(sorted, height, normal, refuse, quiet: false, out var step);
            return step;
        }
        var thickness = sorted[0].Thickness;
        if (!(thickness > 0)) throw refuse.Bad("SliceThickness", thickness, "a positive number, since there is one slice only", "name the folder of the whole series");
        warnings.Add("one slice only: its thickness is taken as the spacing");
        return thickness;
    }

    /// <summary>Even steps along the normal and no drift across it.</summary>
    private static bool Regular(List<DicomSlice> sorted, Func<DicomSlice, double> height, Axis normal, FileErrors refuse, bool quiet, out double step)
    {
        var gaps = sorted.Zip(sorted.Skip(1), (a, b) => height(b) - height(a)).ToArray();
        step = gaps.Length == 0 ? Math.Max(sorted[0].Thickness, 0) : (height(sorted[^1]) - height(sorted[0])) / gaps.Length;
        if (gaps.Length == 0) return step > 0;
        var median = gaps.Order().ElementAt(gaps.Length / 2);
        var tolerance = Math.Min(0.01 * median, MaxGapMm) + RoundingMm;
        for (var i = 0; i < gaps.Length; i++)
        {
            var (a, b) = (sorted[i], sorted[i + 1]);
            FileErrorException Bad(string found, string expected) => (refuse with { File = b.Name }).Bad("ImagePositionPatient", found, expected, "export the whole series, or resample it first");
            var (p, q) = (a.Position!.Value, b.Position!.Value);
            var move = new Axis(q.X - p.X, q.Y - p.Y, q.Z - p.Z);
            var across = move.Dot(move) - gaps[i] * gaps[i];
            var drift = Math.Sqrt(Math.Max(0, across));
            var error = gaps[i] < 1e-3 ? Bad("two slices at one place", "one slice at each place")
                : Math.Abs(gaps[i] - median) > tolerance ? Bad(FormattableString.Invariant($"a step of {gaps[i]:R} mm"), FormattableString.Invariant($"{median:R} mm as between the others; slices are missing or uneven"))
                : drift > MaxDriftMm ? Bad(FormattableString.Invariant($"a sideways step of {drift:R} mm"), FormattableString.Invariant($"at most {MaxDriftMm} mm; the gantry was tilted"))
                : null;
            if (error is null) continue;
            return quiet ? false : throw error;
        }
        return true;
    }
}
