using System;
using System.Linq;
using System.Runtime.InteropServices;
using System.Threading;

namespace LiverSeg.Functional;

/// <summary>A scan in files that was opened once: what its header says, and ways to its voxels. No file stays open.</summary>
/// <remarks>The header, or the list of a DICOM series' slices, is read and checked by <see cref="VolumeFile.Open(string)"/> and never again.</remarks>
public sealed class VolumeSource
{
    private readonly DicomSeries? _series;
    private readonly StoredImage? _image;
    private readonly FileErrors _refuse;

    internal VolumeSource(string path, DicomSeries series) => (Path, Info, _series, _refuse) = (path, series.Info, series, series.Refuse);

    internal VolumeSource(string path, StoredImage image, FileErrors refuse) => (Path, Info, _image, _refuse) = (path, image.Info, image, refuse);

    /// <summary>What was opened.</summary>
    public string Path { get; }

    /// <summary>What the header says.</summary>
    public VolumeInfo Info { get; }

    /// <summary>Whether it is a DICOM series, which a segmentation can refer to.</summary>
    public bool IsDicom => _series is not null;

    /// <summary>The file, where its voxels must be unpacked in their order.</summary>
    internal StoredImage? Packed => _image?.Info.Packing is Packing.Gzip or Packing.Zlib or Packing.Bzip2 ? _image : null;

    internal FileErrors Refuse => _refuse;

    /// <summary>The series, where it is one.</summary>
    internal DicomSeries? Series => _series;

    /// <summary>The whole scan in HU: stored · slope + intercept.</summary>
    /// <param name="warn">Hears what is odd about the voxels.</param>
    /// <param name="cancel">Asks to stop between slices.</param>
    /// <exception cref="FileErrorException">Cut off or malformed.</exception>
    /// <exception cref="OperationCanceledException">It was asked to stop.</exception>
    public Volume<Hu> Read(Action<string>? warn = null, CancellationToken cancel = default) => Read<Hu>(warn, cancel);

    /// <summary>Some of its slices, so that a volume larger than the memory can be worked on piece by piece.</summary>
    /// <remarks>
    /// Plain files and DICOM series are read only where the slices lie; packed ones are unpacked to their end and checked, but take no more room
    /// than the slices. Law: the slab of the whole scan.
    /// </remarks>
    /// <param name="first">The first slice, from 0 on.</param>
    /// <param name="count">How many slices, at least 1.</param>
    /// <param name="warn">Hears what is odd about the voxels.</param>
    /// <param name="cancel">Asks to stop between slices.</param>
    /// <exception cref="ArgumentOutOfRangeException">The slices lie outside.</exception>
    /// <exception cref="FileErrorException">Cut off or malformed.</exception>
    /// <exception cref="OperationCanceledException">It was asked to stop.</exception>
    public Volume<Hu> Slab(int first, int count, Action<string>? warn = null, CancellationToken cancel = default)
    {
        var extent = Info.Grid.Extent;
        if (first < 0 || count < 1 || count > extent.Z - first)
            throw new ArgumentOutOfRangeException(nameof(first), FormattableString.Invariant($"slices {first} .. {(long)first + count - 1} lie outside of {extent}"));
        var slab = _series is { } series ? new VolumeSource(Path, series.Slab(first, count)) : new VolumeSource(Path, _image! with { Slab = (first, count) }, _refuse);
        return slab.Read<Hu>(warn, cancel);
    }

    /// <summary>One channel of a map; the only one there is where none is named.</summary>
    internal VolumeSource OfChannel(int? channel)
    {
        var channels = _image?.Channels ?? 1;
        if (channel is null && channels > 1) throw _refuse.Unsupported("channels", channels, "one map", "choose a channel from 0 on with --channel; of two the liver is mostly 1");
        if (channel is not null && (channel < 0 || channel >= channels)) throw _refuse.Bad("channels", channels, FormattableString.Invariant($"channel {channel}, counted from 0 on"), "choose a channel that is there");
        return channels == 1 ? this : new(Path, _image! with { Channel = channel!.Value }, _refuse);
    }

    internal Volume<T> Read<T>(Action<string>? warn, CancellationToken cancel) where T : unmanaged, IEquatable<T> =>
        _series is { } series
            ? _refuse.Guard(() => new Volume<T>(series.Grid, series.Floats<T>(cancel)))
            : new(_image!.Wanted, VoxelReader.ReadFloats<T>(_image, _refuse, warn, cancel));

    /// <summary>One label of it as a mask.</summary>
    /// <param name="label">Which voxels are inside.</param>
    /// <param name="warn">Hears which label was taken where there are several, and of one that no voxel has.</param>
    /// <param name="cancel">Asks to stop between slices.</param>
    /// <exception cref="FileErrorException">Cut off or malformed; no mask, or not without a label, or without that label.</exception>
    /// <exception cref="OperationCanceledException">It was asked to stop.</exception>
    public Volume<bool> ReadMask(MaskLabel label, Action<string>? warn = null, CancellationToken cancel = default)
    {
        if (_series is { } series)
        {
            var numbers = Read<Hu>(null, cancel);
            var choice = new MaskChoice(series.Info, EquatableArray<LabelName>.Empty, _refuse);
            return new(numbers.Grid, choice.Read(label, warn, (wanted, found) =>
            {
                var inside = new bool[numbers.Extent.Count];
                found.Sort(MemoryMarshal.Cast<Hu, float>(numbers.Voxels), wanted, inside);
                return inside;
            }));
        }
        var names = _image!.Labels.Count > 0 ? _image.Labels : LabelName.OfDataset(Path);
        var image = _image.Channels > 1 ? _image with { Channel = MaskChoice.Layer(_image.Channels, label, names, warn, _refuse) } : _image;
        if (image.Channels > 1) names = names.Where(n => n.Layer == image.Channel).ToEquatableArray();
        return new(image.Wanted, new MaskChoice(image.Info, names, _refuse).Read(label, warn, (wanted, found) => VoxelReader.ReadMask(image, _refuse, wanted, found, cancel)));
    }

    /// <summary>As <c>ct.nii.gz: NIfTI-1, 512×512×129 @ 0.57×0.57×1.6 mm LPS</c>.</summary>
    public override string ToString() => $"{System.IO.Path.GetFileName(System.IO.Path.TrimEndingDirectorySeparator(Path))}: {Info.Format}, {Info.Grid}";
}

/// <summary>Reads a scan slab by slab; a packed file is unpacked once for all slabs that follow one another, not once for each.</summary>
/// <remarks>Law: each is <see cref="VolumeSource.Slab"/>. For one thread at a time.</remarks>
internal sealed class SlabReader(VolumeSource source) : IDisposable
{
    private VoxelStream? _stream;

    internal Volume<Hu> Read(int first, int count, CancellationToken cancel)
    {
        if (source.Packed is not { Parts.Count: 1, Channels: 1 } image) return source.Slab(first, count, cancel: cancel);
        var slab = image with { Slab = (first, count) };
        return source.Refuse.Guard(() =>
        {
            if (_stream is null || _stream.Next > slab.From)
            {
                _stream?.Dispose();
                _stream = new(image, image.Parts[0], image.Voxels, source.Refuse);
            }
            return new Volume<Hu>(slab.Wanted, VoxelReader.ReadFloats<Hu>(slab, source.Refuse, cancel: cancel, kept: _stream));
        });
    }

    public void Dispose() => _stream?.Dispose();
}
