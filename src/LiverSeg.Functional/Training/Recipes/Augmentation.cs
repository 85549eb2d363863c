namespace LiverSeg.Functional;

/// <summary>How crops are changed before the network sees them. All ranges are symmetric; 0 switches a change off.</summary>
public sealed record Augmentation
{
    /// <summary>In-plane rotation by a random multiple of 90° (the paper). Default: off.</summary>
    public bool QuarterTurns { get; init; }

    /// <summary>In-plane rotation by up to this many degrees.</summary>
    public double RotationDegrees { get; init; }

    /// <summary>Tilt about the other two axes by up to this many degrees.</summary>
    public double TiltDegrees { get; init; }

    /// <summary>Scale by a factor in [1 / (1 + s), 1 + s], independently along each axis.</summary>
    public double Scale { get; init; }

    /// <summary>Smooth random displacement with this standard deviation in voxels.</summary>
    public double ElasticVoxels { get; init; }

    /// <summary>Contrast about the middle by a factor in [1 / (1 + c), 1 + c].</summary>
    public double Contrast { get; init; }

    /// <summary>Brightness by up to this part of the window.</summary>
    public double Brightness { get; init; }

    /// <summary>White noise with a standard deviation of up to this part of the window.</summary>
    public double Noise { get; init; }

    /// <summary>What guides say, displaced against the image with this standard deviation in voxels.</summary>
    public double GuideElasticVoxels { get; init; }

    /// <summary>Chance in [0, 1] that a guide says nothing (0 everywhere), so that the image is learned from too.</summary>
    public double GuideLoss { get; init; }

    /// <summary>No change at all.</summary>
    public static Augmentation None { get; } = new();

    /// <summary>The paper's: in-plane rotation by 90°, 180°, 270°.</summary>
    public static Augmentation Paper { get; } = new() { QuarterTurns = true };

    /// <summary>What an upright patient in another scanner may look like; never mirrored, since the liver is on the right.</summary>
    public static Augmentation Practical { get; } = new()
    {
        RotationDegrees = 12,
        TiltDegrees = 6,
        Scale = 0.2,
        ElasticVoxels = 1.5,
        Contrast = 0.25,
        Brightness = 0.08,
        Noise = 0.06,
        GuideElasticVoxels = 2,
        GuideLoss = 0.25,
    };
}
