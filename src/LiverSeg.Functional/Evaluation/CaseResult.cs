using System;

namespace LiverSeg.Functional;

/// <summary>What became of one case: its evaluation, or why there is none.</summary>
/// <remarks>A case that failed stays in its table and is counted; it is never dropped.</remarks>
public sealed record CaseResult
{
    private readonly Evaluation? _evaluation;

    private CaseResult(string name, Evaluation? evaluation, string failure) => (Name, _evaluation, Failure) = (name, evaluation, failure);

    /// <summary>The case's name, as tables show it.</summary>
    public string Name { get; }

    /// <summary>Why the case has no evaluation; empty when it has one.</summary>
    public string Failure { get; }

    /// <summary>Whether the case has an evaluation.</summary>
    public bool Scored => _evaluation is not null;

    /// <summary>The evaluation.</summary>
    /// <exception cref="InvalidOperationException">The case failed; the message says why.</exception>
    public Evaluation Evaluation => _evaluation ?? throw new InvalidOperationException($"{Name} has no evaluation: {Failure}");

    /// <summary>A metric of the case; absent when the case failed or the metric has no value.</summary>
    public double? Value(Metric metric) => _evaluation is { } e ? metric.Of(e) : null;

    /// <summary>A case that was evaluated.</summary>
    public static CaseResult Of(string name, Evaluation evaluation) => new(name, evaluation, "");

    /// <summary>The case of a predicted and a true mask in files; one that cannot be read or compared has failed, and says why.</summary>
    /// <param name="name">The case's name.</param>
    /// <param name="prediction">The file of the mask to judge.</param>
    /// <param name="truth">The file of the reference on the same lattice.</param>
    /// <param name="options">The definitions of the metrics.</param>
    /// <param name="warn">Hears what is odd about the files.</param>
    /// <param name="label">Which label is the liver, in both files; one that holds a single value may be a plain mask.</param>
    public static CaseResult OfFiles(string name, string prediction, string truth, MetricsOptions options, Action<string>? warn = null, MaskLabel label = default) =>
        OfFiles(name, (prediction, label.OrBinary), (truth, label.OrBinary), options, warn);

    internal static CaseResult OfFiles(string name, (string Path, MaskLabel Label) prediction, (string Path, MaskLabel Label) truth, MetricsOptions options, Action<string>? warn)
    {
        try
        {
            return Of(name, Metrics.OfFiles(prediction, truth, options, warn));
        }
        catch (Exception e) when (e is FileErrorException or ArgumentException)
        {
            return Failed(name, e.Message);
        }
    }

    /// <summary>A case that could not be evaluated.</summary>
    /// <exception cref="ArgumentException">No reason is given.</exception>
    public static CaseResult Failed(string name, string reason) =>
        reason.Length > 0 ? new(name, null, reason) : throw new ArgumentException("a failed case needs a reason", nameof(reason));
}
