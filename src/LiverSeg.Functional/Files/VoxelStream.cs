using System;
using System.IO;

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
