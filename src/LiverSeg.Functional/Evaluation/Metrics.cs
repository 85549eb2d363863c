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
