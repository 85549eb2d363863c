namespace LiverSeg.Functional;

/// <summary>What was counted and measured once on two masks; every metric is a reading of it.</summary>
public sealed record MaskComparison
{
    internal MaskComparison(Grid grid, MaskOverlap overlap, SurfaceDistances surfaces) => (Grid, Overlap, Surfaces) = (grid, overlap, surfaces);

    /// <summary>The truth's grid, in whose spacing all is measured.</summary>
    public Grid Grid { get; }

    /// <summary>Voxel counts.</summary>
    public MaskOverlap Overlap { get; }

    /// <summary>Distances of both borders, both ways.</summary>
    public SurfaceDistances Surfaces { get; }

    /// <summary>All metrics, with a note for each that is absent or set by convention.</summary>
    /// <param name="options">Which 95th percentile, which tolerance, what a missing surface means.</param>
    public Evaluation Read(MetricsOptions options)
    {
        var (same, notes) = (Overlap.Prediction == Overlap.Both && Overlap.Truth == Overlap.Both, Notes());
        // equal masks are at distance 0 also where no border is left to measure
        Mm? Length(Mm? measured) => measured ?? (same ? default(Mm) : options.MissingSurface == MissingSurface.Diagonal ? Diagonal : null);
        Mm? asd = Length(Surfaces.Mean), rmsd = Length(Surfaces.RootMeanSquare), msd = Length(Surfaces.Maximum);
        var litres = Grid.VoxelVolume / 1000;
        return new()
        {
            VoePercent = Overlap.VoePercent,
            RvdPercent = Overlap.RvdPercent,
            AsdMm = asd,
            RmsdMm = rmsd,
            MsdMm = msd,
            Hd95Mm = Length(Surfaces.Percentile(95, options.Hd95)),
            Dice = Overlap.Dice,
            Jaccard = Overlap.Jaccard,
            Sensitivity = Overlap.Sensitivity,
            Precision = Overlap.Precision,
            Nsd = Surfaces.SurfaceDice(options.ToleranceMm) ?? (same ? 1 : 0),
            PredictionMl = Overlap.Prediction * litres,
            TruthMl = Overlap.Truth * litres,
            Score = ChallengeScore.Of(Overlap.VoePercent, Overlap.RvdPercent, asd, rmsd, msd),
            Notes = notes.ToEquatableArray(),
        };
        string[] Notes() => (Overlap.Prediction, Overlap.Truth, Surfaces.Exist) switch
        {
            (0, 0, _) => ["both masks are empty: they count as equal, all errors are 0"],
            (_, 0, _) => ["the truth is empty: rvd and sensitivity are undefined and score 0 points", Missing()],
            (0, _, _) => ["the prediction is empty: precision is undefined", Missing()],
            (_, _, false) when Overlap.Either == Overlap.Both => ["both masks fill the image and have no border: distances are 0"],
            (_, _, false) => ["a mask fills the image and has no border while the outside counts as object", Missing()],
            _ => [],
        };
        string Missing() => options.MissingSurface == MissingSurface.Diagonal
            ? "there is no pair of surfaces: distances are the diagonal of the image"
            : "there is no pair of surfaces: distances are absent and score 0 points";
    }

    private Mm Diagonal => new(Grid.ToWorld(0, 0, 0).DistanceTo(Grid.ToWorld(Grid.Extent.X, Grid.Extent.Y, Grid.Extent.Z)));
}
