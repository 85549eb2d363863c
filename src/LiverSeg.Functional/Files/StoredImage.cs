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

    /// <summary>Numbers that are stored for each voxel; more than 1 where a file holds layers or channels.</summary>
    internal int Channels { get; init; } = 1;

    /// <summary>Which of them is wanted, from 0 on.</summary>
    internal int Channel { get; init; }

    /// <summary>Whether the channels of a voxel lie side by side; else a whole volume follows another.</summary>
    internal bool Interleaved { get; init; }

    /// <summary>What its labels are called, as the header says.</summary>
    internal EquatableArray<LabelName> Labels { get; init; } = EquatableArray<LabelName>.Empty;

    /// <summary>Numbers that lie side by side for a voxel.</summary>
    internal int Stride => Interleaved ? Channels : 1;

    /// <summary>Voxels of all volumes that follow each other.</summary>
    internal long Voxels => Info.Grid.Extent.Count * (Channels / Stride);

    /// <summary>Bytes of all stored numbers.</summary>
    internal long Bytes => checked(Info.Bytes * Channels);

    /// <summary>Which slices are wanted: the first and how many; all where absent.</summary>
    internal (int First, int Count)? Slab { get; init; }

    /// <summary>Where the wanted voxels lie in the patient.</summary>
    internal Grid Wanted => Slab is { } slab ? Info.Grid.At(new(0, 0, slab.First, Info.Grid.Extent with { Z = slab.Count })) : Info.Grid;

    /// <summary>The index of the first wanted voxel.</summary>
    internal long From => (Interleaved ? 0 : Channel * Info.Grid.Extent.Count) + (Slab is { } slab ? (long)slab.First * Info.Grid.Extent.X * Info.Grid.Extent.Y : 0);
}
