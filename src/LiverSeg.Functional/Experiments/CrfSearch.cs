using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;

namespace LiverSeg.Functional;

/// <summary>Which values are tried, and what makes one better.</summary>
public sealed record CrfSearchOptions
{
    /// <summary>Where the coordinate search starts, and what is not searched (iterations, unit, normalization, ...).</summary>
    public CrfOptions Start { get; init; } = new();

    /// <summary>Thresholds, as <see cref="CrfSetting.Threshold"/>. Default 0.5, 0.6, 0.7, 0.8.</summary>
    public IReadOnlyList<double> Threshold { get; init; } = new EquatableArray<double>([0.5, 0.6, 0.7, 0.8]);

    /// <summary>Weights τ of each branch; those of all branches sum to 1 at most. Default 0, 0.1, 0.2, 0.3.</summary>
    public IReadOnlyList<double> Tau { get; init; } = new EquatableArray<double>([0, 0.1, 0.2, 0.3]);

    /// <summary>Values of μ₁. Default 1, 3, 5, 10.</summary>
    public IReadOnlyList<double> Mu1 { get; init; } = new EquatableArray<double>([1, 3, 5, 10]);

    /// <summary>Values of θα. Default 5, 10, 20, 40, 80.</summary>
    public IReadOnlyList<double> ThetaAlpha { get; init; } = new EquatableArray<double>([5, 10, 20, 40, 80]);

    /// <summary>Values of θβ in HU. Default 5, 10, 20, 30.</summary>
    public IReadOnlyList<double> ThetaBeta { get; init; } = new EquatableArray<double>([5, 10, 20, 30]);

    /// <summary>Values of μ₂. Default 1, 3, 5.</summary>
    public IReadOnlyList<double> Mu2 { get; init; } = new EquatableArray<double>([1, 3, 5]);

    /// <summary>Values of θγ. Default 1, 3, 5.</summary>
    public IReadOnlyList<double> ThetaGamma { get; init; } = new EquatableArray<double>([1, 3, 5]);

    /// <summary>Passes over all parameters of the coordinate search, which ends earlier when nothing improves. Default 2.</summary>
    public int Rounds { get; init; } = 2;

    /// <summary>What is compared, averaged over cases. Default: Dice.</summary>
    public Metric Goal { get; init; } = Metric.Named("dice");

    /// <summary>From refined scores to the mask that is judged. Default: threshold ½, tissue only, largest component, holes filled.</summary>
    public PipelineOptions Clean { get; init; } = new();
}

/// <summary>What the search settled on.</summary>
/// <param name="Best">The best setting, the first of equals.</param>
/// <param name="Value">The goal's mean over the cases.</param>
/// <param name="Settings">How many settings were compared.</param>
public sealed record CrfChoice(CrfSetting Best, double Value, int Settings);

/// <summary>A patient's cases with the setting that was chosen on all other patients.</summary>
/// <param name="Patient">Who was held out.</param>
/// <param name="Choice">What was chosen without this patient.</param>
/// <param name="Value">The goal's mean over this patient's cases with that choice.</param>
public sealed record CrfHeldOut(string Patient, CrfChoice Choice, double Value);

/// <summary>Looks for weights τ, μ and lengths θ that serve a set of cases.</summary>
/// <remarks>
/// Each (setting, case) is tried once and kept in a <see cref="CrfTrials"/>, so that an interrupted search goes on where it was and a nested one costs
/// little more than a plain one. Cases follow each other; the threads are used inside of each. Deterministic.
/// </remarks>
public static class CrfSearch
{
    /// <summary>One parameter after the other, each set to its best value, until a pass changes nothing.</summary>
    /// <param name="cases">One at least.</param>
    /// <param name="options">The values.</param>
    /// <param name="trials">What is known already; grows.</param>
    /// <param name="progress">Hears the best so far after each setting that was compared.</param>
    /// <param name="cancel">Asks to stop between slices; the trials that are done stay.</param>
    /// <exception cref="OperationCanceledException">It was asked to stop.</exception>
    /// <exception cref="ArgumentException">There are no cases, or cases disagree about the branches.</exception>
    public static CrfChoice Coordinate(
        IReadOnlyList<CrfCase> cases, CrfSearchOptions options, CrfTrials trials, Action<CrfChoice>? progress = null, CancellationToken cancel = default)
    {
        var best = First(cases, options);
        var value = Mean(cases, best, options, trials, cancel);
        var compared = 1;
        for (var round = 0; round < options.Rounds; round++)
        {
            var before = best;
            for (var axis = 0; axis < Axes(cases, options).Count; axis++)
                foreach (var next in Axes(cases, options)[axis](best))
                {
                    if (next == best) continue;
                    compared++;
                    var found = Mean(cases, next, options, trials, cancel);
                    if (Better(found, value, options)) (best, value) = (next, found);
                    progress?.Invoke(new(best, value, compared));
                }
            if (best == before) break;
        }
        return new(best, value, compared);
    }

    /// <summary>Every combination of all values.</summary>
    /// <inheritdoc cref="Coordinate"/>
    public static CrfChoice Grid(
        IReadOnlyList<CrfCase> cases, CrfSearchOptions options, CrfTrials trials, Action<CrfChoice>? progress = null, CancellationToken cancel = default)
    {
        IEnumerable<CrfSetting> all = [First(cases, options)];
        foreach (var axis in Axes(cases, options)) all = all.SelectMany(axis);
        CrfChoice? best = null;
        var compared = 0;
        foreach (var setting in all.Distinct())
        {
            compared++;
            var value = Mean(cases, setting, options, trials, cancel);
            if (best is null || Better(value, best.Value, options)) best = new(setting, value, 0);
            progress?.Invoke(best with { Settings = compared });
        }
        return best! with { Settings = compared };
    }

    /// <summary>For each patient a coordinate search on the cases of all others: the honest value of a tuned CRF.</summary>
    /// <exception cref="ArgumentException">There are fewer than two patients.</exception>
    /// <inheritdoc cref="Coordinate"/>
    public static IReadOnlyList<CrfHeldOut> Nested(
        IReadOnlyList<CrfCase> cases, CrfSearchOptions options, CrfTrials trials, Action<CrfChoice>? progress = null, CancellationToken cancel = default)
    {
        var patients = cases.Select(c => c.Patient).Distinct().ToList();
        if (patients.Count < 2) throw new ArgumentException($"{patients.Count} patients; two at least are needed to hold one out", nameof(cases));
        return patients.Select(patient =>
        {
            var choice = Coordinate(cases.Where(c => c.Patient != patient).ToList(), options, trials, progress, cancel);
            return new CrfHeldOut(patient, choice, Mean(cases.Where(c => c.Patient == patient).ToList(), choice.Best, options, trials, cancel));
        }).ToEquatableArray();
    }

    /// <summary>The goal's value of a case with a setting: scores fused (eq. 4), refined, cut at the threshold, cleaned, compared.</summary>
    public static double Value(CrfCase @case, CrfSetting setting, CrfSearchOptions options, CancellationToken cancel = default)
    {
        var mask = setting.Apply(@case.Scores, @case.Guide, options.Clean, cancel);
        if (options.Goal.Key != "dice") return options.Goal.Of(mask.Evaluate(@case.Truth)) is { } v ? v : options.Goal.HigherIsBetter ? 0 : double.MaxValue;
        // Dice alone needs no surfaces.
        double all = mask.Count() + @case.Truth.Count();
        return all == 0 ? 1 : 2 * mask.And(@case.Truth).Count() / all;
    }

    private static double Mean(IReadOnlyList<CrfCase> cases, CrfSetting setting, CrfSearchOptions options, CrfTrials trials, CancellationToken cancel) =>
        cases.Average(c => trials.Get(setting, c.Name, () => Value(c, setting, options, cancel)));

    private static bool Better(double value, double than, CrfSearchOptions options) => options.Goal.HigherIsBetter ? value > than : value < than;

    private static CrfSetting First(IReadOnlyList<CrfCase> cases, CrfSearchOptions options)
    {
        if (cases.Count == 0) throw new ArgumentException("no cases; one at least is needed", nameof(cases));
        if (cases.Select(c => c.Name).Distinct().Count() < cases.Count) throw new ArgumentException("two cases have one name; each needs its own", nameof(cases));
        var taps = Taps(cases[0]);
        foreach (var c in cases)
            if (!Taps(c).SequenceEqual(taps)) throw new ArgumentException($"{c.Name} has the branches {string.Join(", ", Taps(c))}, {cases[0].Name} {string.Join(", ", taps)}", nameof(cases));
        return CrfSetting.Of(taps.Select(t => new TapWeight(t, 0)), options.Start);
    }

    private static IEnumerable<string> Taps(CrfCase @case) => @case.Scores.Branches.Select(b => b.Tap);

    /// <summary>One function a parameter: from a setting to it with each value.</summary>
    private static List<Func<CrfSetting, IEnumerable<CrfSetting>>> Axes(IReadOnlyList<CrfCase> cases, CrfSearchOptions options)
    {
        Func<CrfSetting, IEnumerable<CrfSetting>> Over(IReadOnlyList<double> values, Func<CrfOptions, double, CrfOptions> with) =>
            setting => values.Select(v => setting with { Options = with(setting.Options, v) });
        return
        [
            .. Taps(cases[0]).Select((_, i) => (Func<CrfSetting, IEnumerable<CrfSetting>>)(setting => options.Tau.Select(t => setting.WithTau(i, t)).Where(s => s.IsProper))),
            setting => options.Threshold.Select(t => setting with { Threshold = t }),
            Over(options.Mu1, (o, v) => o with { Mu1 = v }),
            Over(options.ThetaAlpha, (o, v) => o with { ThetaAlpha = v }),
            Over(options.ThetaBeta, (o, v) => o with { ThetaBeta = v }),
            Over(options.Mu2, (o, v) => o with { Mu2 = v }),
            Over(options.ThetaGamma, (o, v) => o with { ThetaGamma = v }),
        ];
    }
}
