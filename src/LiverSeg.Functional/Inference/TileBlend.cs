namespace LiverSeg.Functional;

/// <summary>How overlapping tiles blend, along each axis.</summary>
public enum TileBlend
{
    /// <summary>A bell with a standard deviation of an eighth of the tile.</summary>
    Gaussian,

    /// <summary>
    /// No blending: each voxel comes from one tile in which the network sees all that it would see in the whole image; tiles overlap by just that.
    /// A network without normalisation gives what it gives on the whole image at once, whatever the tile.
    /// </summary>
    Valid,
}
