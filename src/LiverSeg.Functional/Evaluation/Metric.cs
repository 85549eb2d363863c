using System;
using System.Collections.Generic;

namespace LiverSeg.Functional;

/// <summary>One number that can be read off an evaluation: its key in files, its title in tables, its unit.</summary>
/// <param name="Key">The key in CSV and JSON, with the unit, as <c>asd_mm</c>.</param>
/// <param name="Title">The heading in tables.</param>
/// <param name="Unit">The unit, empty for a plain number.</param>
/// <param name="Decimals">Digits after the point in tables.</param>
/// <param name="HigherIsBetter">Which way is good; for a signed metric nearer to 0 is.</param>
public sealed record Metric(string Key, string Title, string Unit, int Decimals, bool HigherIsBetter)
{
    private Func<Evaluation, double?> _read = _ => null;

    /// <summary>All metrics in the order of tables: the five of SLiver07, their points, then the rest.</summary>
    public static IReadOnlyList<Metric> All { get; } = new EquatableArray<Metric>(
    [
        Of("voe_percent", "VOE", "%", 2, false, e => e.VoePercent),
        Of("rvd_percent", "RVD", "%", 2, false, e => e.RvdPercent),
        Of("asd_mm", "ASD", "mm", 2, false, e => e.AsdMm?.Value),
        Of("rmsd_mm", "RMSD", "mm", 2, false, e => e.RmsdMm?.Value),
        Of("msd_mm", "MSD", "mm", 2, false, e => e.MsdMm?.Value),
        Of("score", "Score", "", 1, true, e => e.Score.Total),
        Of("dice", "Dice", "", 4, true, e => e.Dice),
        Of("jaccard", "Jaccard", "", 4, true, e => e.Jaccard),
        Of("sensitivity", "Sensitivity", "", 4, true, e => e.Sensitivity),
        Of("precision", "Precision", "", 4, true, e => e.Precision),
        Of("hd95_mm", "HD95", "mm", 2, false, e => e.Hd95Mm?.Value),
        Of("nsd", "NSD", "", 4, true, e => e.Nsd),
        Of("prediction_ml", "Prediction", "ml", 0, true, e => e.PredictionMl),
        Of("truth_ml", "Truth", "ml", 0, true, e => e.TruthMl),
    ]);

    /// <summary>The metric of an evaluation; absent where the evaluation has none.</summary>
    public double? Of(Evaluation evaluation) => _read(evaluation);

    /// <summary>The title with its unit, as <c>ASD, mm</c>.</summary>
    public string Heading => Unit.Length == 0 ? Title : $"{Title}, {Unit}";

    /// <summary>The metric with a key of <see cref="All"/>.</summary>
    /// <exception cref="ArgumentException">No metric has the key.</exception>
    public static Metric Named(string key)
    {
        foreach (var metric in All)
            if (metric.Key == key) return metric;
        throw new ArgumentException($"no metric is called {key}", nameof(key));
    }

    private static Metric Of(string key, string title, string unit, int decimals, bool higher, Func<Evaluation, double?> read) =>
        new(key, title, unit, decimals, higher) { _read = read };
}
