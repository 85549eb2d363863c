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

    /// <summary>A measure of the case; absent when the case failed or the measure has no value.</summary>
    public double? Value(Measure measure) => _evaluation is { } e ? measure.Of(e) : null;

    /// <summary>A case that was evaluated.</summary>
    public static CaseResult Of(string name, Evaluation evaluation) => new(name, evaluation, "");

    /// <summary>A case that could not be evaluated.</summary>
    /// <exception cref="ArgumentException">No reason is given.</exception>
    public static CaseResult Failed(string name, string reason) =>
        reason.Length > 0 ? new(name, null, reason) : throw new ArgumentException("a failed case needs a reason", nameof(reason));
}
