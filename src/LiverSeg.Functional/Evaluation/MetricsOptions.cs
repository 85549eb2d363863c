namespace LiverSeg.Functional;

/// <summary>Which voxels of a mask are its border: those with a neighbour, of so many, that is not in the mask.</summary>
public enum Border
{
    /// <summary>The 6 neighbours across a face.</summary>
    Faces = 6,

    /// <summary>The 18 neighbours across a face or an edge: a ball of radius 1 in the program that scored SLiver07.</summary>
    FacesAndEdges = 18,

    /// <summary>All 26 neighbours.</summary>
    All = 26,
}

/// <summary>What is thought to lie beyond the edge of the image when borders are looked for.</summary>
public enum Outside
{
    /// <summary>More of the object: a mask that the image cuts off has no border there (SLiver07).</summary>
    Object,

    /// <summary>Background: a mask that the image cuts off has a border there (most Python packages).</summary>
    Background,
}

/// <summary>What a percentile of surface distances is; the definitions differ by millimetres on real masks.</summary>
public enum PercentileDefinition
{
    /// <summary>The percentile of the distances of both surfaces thrown together, interpolated linearly.</summary>
    Pooled,

    /// <summary>The larger of both surfaces' own percentiles, interpolated linearly.</summary>
    MaxDirected,

    /// <summary>
    /// The larger of both surfaces' own percentiles of area: the smallest distance within which p % of the area lies.
    /// A border voxel's area is the length of the vector of its bare faces (per axis: number of bare faces × face area).
    /// </summary>
    AreaWeighted,
}

/// <summary>What a surface distance is when just one of two masks has a surface.</summary>
public enum MissingSurface
{
    /// <summary>No value, with the reason in the notes; tables count the case as failed.</summary>
    Absent,

    /// <summary>The diagonal of the image, as the worst that can be: keeps such a case in every mean.</summary>
    Diagonal,
}

/// <summary>How masks are compared; the defaults are those of the SLiver07 challenge (Heimann 2009).</summary>
/// <remarks>Results do not depend on <see cref="Threads"/> to the last bit.</remarks>
public sealed record MetricsOptions
{
    /// <summary>Official SLiver07: 18-neighbour border, the outside counts as object, both surfaces pooled.</summary>
    public static MetricsOptions SLiver07 { get; } = new();

    /// <summary>Which voxels are border voxels; default 18 neighbours.</summary>
    public Border Border { get; init; } = Border.FacesAndEdges;

    /// <summary>What lies beyond the image; default more of the object.</summary>
    public Outside Outside { get; init; } = Outside.Object;

    /// <summary>Which 95th percentile <see cref="Evaluation.Hd95Mm"/> is; default pooled.</summary>
    public PercentileDefinition Hd95 { get; init; } = PercentileDefinition.Pooled;

    /// <summary>How far a surface may be off and still count as right in <see cref="Evaluation.Nsd"/>, in millimetres, ≥ 0; default 3.</summary>
    public double ToleranceMm { get; init; } = 3;

    /// <summary>What a distance is when one mask has no surface; default no value.</summary>
    public MissingSurface MissingSurface { get; init; } = MissingSurface.Absent;

    /// <summary>How many threads; 0 (default) is one per processor.</summary>
    public int Threads { get; init; }
}
