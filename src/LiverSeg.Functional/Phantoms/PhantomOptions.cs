namespace LiverSeg.Functional;

/// <summary>A synthetic abdomen's parameters.</summary>
public sealed record PhantomOptions
{
    /// <summary>Equal seeds give equal phantoms, voxel by voxel. Default 0.</summary>
    public long Seed { get; init; }

    /// <summary>Voxel spacing. Default 1.5×1.5×3 mm.</summary>
    public Spacing Spacing { get; init; } = new(1.5, 1.5, 3);

    /// <summary>Where the scan starts and ends along the body, in mm above the liver's middle. Default −150..140: kidneys to heart.</summary>
    public (double Low, double High) Field { get; init; } = (-150, 140);

    /// <summary>Contrast phase; absent: chosen by the seed.</summary>
    public ContrastPhase? Phase { get; init; }

    /// <summary>Standard deviation of the noise in HU; absent: chosen by the seed, 6..22.</summary>
    public double? Noise { get; init; }

    /// <summary>Whether there may be lesions and cysts. Default true.</summary>
    public bool Lesions { get; init; } = true;
}
