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
    /// <summary>The lowest slice's elements, without its pixels.</summary>
    internal required DicomData First { get; init; }

    private const double MaxDriftMm = 0.1, MaxGapMm = 0.05, RoundingMm = 0.005;

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

    /// <summary>The volume of a stack of slices, laid in order of their places.</summary>
    internal static DicomSeries Of(
        DicomSource source, List<DicomSlice> slices, bool anyImage, IReadOnlyList<string> said, IReadOnlyDictionary<string, DicomData> heads, FileErrors refuse)
    {
        var warnings = said.ToList();
        var stack = Distinct(slices, refuse, warnings);
        var grid = Place(ref stack, anyImage, refuse, warnings);
        return new(source, grid, stack.ToEquatableArray(), warnings.Distinct().ToEquatableArray(), refuse) { First = heads[stack[0].Name] };
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

    private static Grid Place(ref List<DicomSlice> stack, bool anyImage, FileErrors refuse, List<string> warnings)
    {
        var first = stack[0];
        var image = first.Image;
        if (stack.Any(s => s.Position is null) || first.Axes is not { } axes || first.Spacing is not { } spacing)
        {
            if (!anyImage)
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
        var step = anyImage && !Regular(sorted, Height, normal, refuse, quiet: true, out _) ? Fallback(warnings) : Step(sorted, Height, normal, refuse, warnings);
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
