using System.Collections.Generic;
using System.Linq;
using System.Threading;

namespace LiverSeg.Functional;

/// <summary>How sure a model is of the livers that it learned from: the measure for those that it has not seen.</summary>
public static class UsualCertainty
{
    /// <summary>More scans would take longer and tell little more.</summary>
    private const int Scans = 8;

    /// <summary>
    /// The median of <see cref="Quality.Certainty"/> over cases with a liver, eight of them at most, spread evenly over the list; absent where the model finds no liver in
    /// any. Law: what it says of one case is the certainty that the pipeline tells of its scan.
    /// </summary>
    /// <param name="model">The trained network.</param>
    /// <param name="cases">What it learned from, prepared for it.</param>
    /// <param name="options">How it is applied.</param>
    /// <param name="cancel">Asks to stop between tiles.</param>
    /// <exception cref="System.OperationCanceledException">It was asked to stop.</exception>
    public static double? Measure(Model model, IReadOnlyList<TrainingCase> cases, PredictOptions? options = null, CancellationToken cancel = default)
    {
        var livers = cases.Where(c => c.LiverVoxels.Count > 0).ToList();
        var chosen = livers.Count <= Scans ? livers : Enumerable.Range(0, Scans).Select(i => livers[i * livers.Count / Scans]);
        var found = chosen
            .Select(c => Prediction.Run(c.Image, c.Guides, model, options ?? new(), c.Image.Grid, cancel: cancel).Fused)
            .Select(scores => Quality.CertaintyWithin(scores.Threshold(0.5).LargestComponent(), scores))
            .Where(certainty => certainty > 0).Order().ToList();
        return found.Count == 0 ? null : (found[(found.Count - 1) / 2] + found[found.Count / 2]) / 2;
    }
}
