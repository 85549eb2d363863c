using System.Collections.Generic;
using System.Linq;
using System.Threading;

namespace LiverSeg.Functional;

/// <summary>What is usual on the scans that a model learned from: the measure for those that it has not seen.</summary>
public static class LearnedScans
{
    /// <summary>More scans would take the network longer and tell little more.</summary>
    private const int Most = 8;

    /// <summary>
    /// <see cref="Model.UsualCertainty"/>: the median of <see cref="Quality.Certainty"/> over cases with a liver, eight at most, spread evenly over the list; absent where the model finds no liver in any. Law: what it says of one case is the
    /// certainty that the pipeline tells of its scan, unless that liver is so bright that it is looked at again.
    /// </summary>
    /// <param name="model">The trained network.</param>
    /// <param name="cases">What it learned from, prepared for it.</param>
    /// <param name="options">How it is applied.</param>
    /// <param name="cancel">Asks to stop between tiles.</param>
    /// <exception cref="System.OperationCanceledException">It was asked to stop.</exception>
    public static double? Certainty(Model model, IReadOnlyList<TrainingCase> cases, PredictOptions? options = null, CancellationToken cancel = default) => Median(Some(Livers(cases))
        .Select(c => Prediction.Run(c.Image, c.Guides, model, options ?? new(), c.Image.Grid, cancel: cancel).Fused)
        .Select(scores => Quality.CertaintyWithin(scores.Threshold(0.5).LargestComponent(), scores))
        .Where(certainty => certainty > 0));

    /// <summary><see cref="Model.UsualHu"/> of all cases with a liver; absent where there is none.</summary>
    /// <param name="model">The model that the cases were prepared for: its window counts.</param>
    /// <param name="cases">What it learned from.</param>
    public static UsualHu? Hu(Model model, IReadOnlyList<TrainingCase> cases)
    {
        var medians = Livers(cases).Select(c => Quality.MedianWithin(c.Truth, c.Image, model.Window) ?? 0).ToList();
        return Median(medians) is { } median ? new(new((float)median), new((float)medians.Max())) : null;
    }

    private static List<TrainingCase> Livers(IReadOnlyList<TrainingCase> cases) => cases.Where(c => c.LiverVoxels.Count > 0).ToList();

    private static IEnumerable<TrainingCase> Some(List<TrainingCase> livers) =>
        livers.Count <= Most ? livers : Enumerable.Range(0, Most).Select(i => livers[i * livers.Count / Most]);

    private static double? Median(IEnumerable<double> values)
    {
        var found = values.Order().ToList();
        return found.Count == 0 ? null : (found[(found.Count - 1) / 2] + found[found.Count / 2]) / 2;
    }
}
