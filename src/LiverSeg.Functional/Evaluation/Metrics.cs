using System;

namespace LiverSeg.Functional;

/// <summary>Compares a predicted mask with the true one: overlap, surface distances, SLiver07 points.</summary>
public static class Metrics
{
    /// <summary>All metrics of a prediction against the truth, in the SLiver07 definitions.</summary>
    /// <inheritdoc cref="Evaluate(Volume{bool}, Volume{bool}, MetricsOptions)"/>
    public static Evaluation Evaluate(this Volume<bool> prediction, Volume<bool> truth) => prediction.Evaluate(truth, MetricsOptions.SLiver07);

    /// <summary>All metrics of a prediction against the truth.</summary>
    /// <remarks>
    /// Laws: a mask against itself has Dice 1 and distance 0; overlap and distances are symmetric; ASD ≤ RMSD ≤ MSD; spacing × k makes
    /// distances k times as long and keeps the overlap; mirroring or turning both masks changes nothing.
    /// </remarks>
    /// <exception cref="ArgumentException">The grids differ; the message quotes both.</exception>
    public static Evaluation Evaluate(this Volume<bool> prediction, Volume<bool> truth, MetricsOptions options) =>
        prediction.Compare(truth, options).Read(options);

    /// <summary>All metrics of a mask in a file against the true one in another, on one grid as <see cref="Lattice.Pair"/> brings them.</summary>
    /// <param name="prediction">The file of the mask to judge.</param>
    /// <param name="truth">The file of the reference, on the same lattice.</param>
    /// <param name="options">The definitions of the metrics.</param>
    /// <param name="warn">Hears what is odd about the files, and what was done to bring both masks onto one grid.</param>
    /// <param name="label">Which label is the liver, in both files; one that holds a single value may be a plain mask.</param>
    /// <exception cref="FileErrorException">A file cannot be read as a mask, or the prediction lies on another lattice.</exception>
    public static Evaluation OfFiles(string prediction, string truth, MetricsOptions options, Action<string>? warn = null, MaskLabel label = default) =>
        OfFiles((prediction, label.OrBinary), (truth, label.OrBinary), options, warn);

    internal static Evaluation OfFiles((string Path, MaskLabel Label) prediction, (string Path, MaskLabel Label) truth, MetricsOptions options, Action<string>? warn)
    {
        var (p, t) = Lattice.ReadPair(prediction, truth, warn);
        return p.Evaluate(t, options);
    }

    /// <summary>Counts and measures once what all readings need: voxels of each and both, and the distances of both borders.</summary>
    /// <param name="prediction">The mask to judge.</param>
    /// <param name="truth">The mask to judge by; its spacing is used.</param>
    /// <param name="options">Border, outside and threads matter here.</param>
    /// <exception cref="ArgumentException">The grids differ; the message quotes both.</exception>
    public static MaskComparison Compare(this Volume<bool> prediction, Volume<bool> truth, MetricsOptions options)
    {
        truth.Grid.EnsureSameGeometry(prediction.Grid, nameof(prediction));
        var surfaces = MaskSurfaces.Of(prediction, truth, options);
        return new(truth.Grid, surfaces.Overlap, surfaces.Distances());
    }
}
