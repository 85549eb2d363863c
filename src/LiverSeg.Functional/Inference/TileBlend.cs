using System;
using System.Collections.Generic;
using System.Linq;

namespace LiverSeg.Functional;

/// <summary>How overlapping tiles blend, along each axis.</summary>
public enum TileWeight
{
    /// <summary>All voxels of a tile count the same.</summary>
    Uniform,

    /// <summary>A bell with a standard deviation of an eighth of the tile.</summary>
    Gaussian,

    /// <summary>Half a period of a raised cosine.</summary>
    Hann,

    /// <summary>
    /// No blending: each voxel comes from one tile in which the network sees all that it would see in the whole image; tiles overlap by just that.
    /// A network without normalisation gives what it gives on the whole image at once, whatever the tile.
    /// </summary>
    Valid,
}
