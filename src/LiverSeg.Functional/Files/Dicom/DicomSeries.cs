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
        Span<float> Plane(int z) => MemoryMarshal.Cast<T, float>(target.AsSpan(z * area, area));
        DicomFile Parse(DicomSlice slice) => DicomFile.Parse(Source.Bytes(slice.Name), Refuse with { File = slice.Name });
        var byFile = Slices.Select((slice, z) => (slice, z)).Where(p => p.slice.Blend is null).GroupBy(p => p.slice.Name).Select(g => g.ToArray()).ToArray();
        void Frames((DicomSlice slice, int z)[] group, bool alone)
        {
            var file = Parse(group[0].slice);
            void One((DicomSlice slice, int z) p) => p.slice.Image.Frame(file, p.slice.Frame, p.slice.Slope, p.slice.Intercept, Plane(p.z));
            if (alone) Parallel.ForEach(group, Parallelism.Of(0, cancel), One);
            else foreach (var p in group) One(p);
        }
        // A made slice reads both of its neighbours itself, so that any slab of a series has the same voxels.
        void Made((DicomSlice slice, int z) p)
        {
            var (lower, (upper, part)) = (p.slice, p.slice.Blend!.Value);
            var above = new float[area];
            lower.Image.Frame(Parse(lower), lower.Frame, lower.Slope, lower.Intercept, Plane(p.z));
            upper.Image.Frame(Parse(upper), upper.Frame, upper.Slope, upper.Intercept, above);
            var plane = Plane(p.z);
            for (var i = 0; i < area; i++) plane[i] = (float)(plane[i] + part * (above[i] - (double)plane[i]));
        }
        try
        {
            if (byFile.Length == 1) Frames(byFile[0], alone: true);
            else Parallel.ForEach(byFile, Parallelism.Of(0, cancel), group => Frames(group, alone: false));
            Parallel.ForEach(Slices.Select((slice, z) => (slice, z)).Where(p => p.slice.Blend is not null), Parallelism.Of(0, cancel), Made);
        }
        catch (AggregateException e) when (e.InnerExceptions.OfType<FileErrorException>().OrderBy(x => x.Error.File, StringComparer.Ordinal).FirstOrDefault() is { } first)
        {
            throw first;
        }
        return target;
    }

    /// <summary>The volume of a stack of slices, laid in order of their places.</summary>
    internal static DicomSeries Of(
        DicomSource source, List<DicomSlice> slices, bool anyImage, bool fillGaps, IReadOnlyList<string> said, IReadOnlyDictionary<string, DicomData> heads, FileErrors refuse)
    {
        var warnings = said.ToList();
        var seen = new HashSet<(string, int)>();
        foreach (var slice in slices)
            if (slice.Instance.Length > 0 && !seen.Add((slice.Instance, slice.Frame)))
                throw (refuse with { File = slice.Name }).Bad("SOPInstanceUID", "one instance with two contents", "each instance once", "keep the right one of both files");
        var (grid, stack) = SliceLattice.Place(slices, anyImage, fillGaps, refuse, warnings);
        return new(source, grid, stack.ToEquatableArray(), warnings.Distinct().ToEquatableArray(), refuse) { First = heads[stack[0].Name] };
    }
}
