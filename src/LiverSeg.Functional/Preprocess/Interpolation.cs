namespace LiverSeg.Functional;

/// <summary>How a value between voxel centres is found.</summary>
public enum Interpolation
{
    /// <summary>The value of the nearest voxel.</summary>
    Nearest,

    /// <summary>Linear between the nearest voxel centres along each axis.</summary>
    Linear,
}
