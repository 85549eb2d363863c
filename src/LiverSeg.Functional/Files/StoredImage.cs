namespace LiverSeg.Functional;

/// <summary>A header and where its voxels lie.</summary>
/// <param name="Info">The header.</param>
/// <param name="DataFile">The file with the voxels.</param>
/// <param name="Offset">Where they start: before unpacking, but see <see cref="Skip"/>; −1 = they end the file.</param>
/// <param name="PackedBytes">Bytes of the packed voxels; 0 = to the end of the file.</param>
internal sealed record StoredImage(VolumeInfo Info, string DataFile, long Offset, long PackedBytes = 0)
{
    /// <summary>All files with voxels, in order, the same number of bytes of them in each; mostly one.</summary>
    internal EquatableArray<string> Parts { get; init; } = EquatableArray.Of([DataFile]);

    /// <summary>Unpacked bytes before the first voxel; −1 = the voxels end the unpacked stream.</summary>
    internal long Skip { get; init; }

    /// <summary>Which slices are wanted: the first and how many; all where absent.</summary>
    internal (int First, int Count)? Slab { get; init; }

    /// <summary>Where the wanted voxels lie in the patient.</summary>
    internal Grid Wanted => Slab is { } slab ? Info.Grid.At(new(0, 0, slab.First, Info.Grid.Extent with { Z = slab.Count })) : Info.Grid;

    /// <summary>The index of the first wanted voxel.</summary>
    internal long From => Slab is { } slab ? (long)slab.First * Info.Grid.Extent.X * Info.Grid.Extent.Y : 0;
}
