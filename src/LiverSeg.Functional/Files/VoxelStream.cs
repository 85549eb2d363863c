using System;
using System.IO;
using System.Threading;

namespace LiverSeg.Functional;

/// <summary>An open file of voxels, unpacked from the first one on.</summary>
internal sealed class VoxelStream : IDisposable
{
    private readonly FileStream _file;
    private readonly CompressedStream? _source;

    /// <param name="image">The header.</param>
    /// <param name="part">The file.</param>
    /// <param name="voxels">How many it holds.</param>
    /// <param name="refuse">Makes the errors.</param>
    internal VoxelStream(StoredImage image, string part, long voxels, FileErrors refuse)
    {
        _file = new(part, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16);
        try
        {
            Unpacked = Decompression.Open(image, _file, voxels * image.Info.Size * image.Stride, refuse, out _source);
        }
        catch
        {
            _file.Dispose();
            throw;
        }
    }

    internal Stream Unpacked { get; }

    /// <summary>There where the end must be checked.</summary>
    internal CompressedStream? Source => _source;

    /// <summary>The voxel that comes next.</summary>
    internal long Next { get; set; }

    public void Dispose()
    {
        Unpacked.Dispose();
        _file.Dispose();
    }
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
