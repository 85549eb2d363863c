using System;

namespace LiverSeg.Functional;

/// <summary>How far a stage of a long work is.</summary>
/// <param name="Stage">As <c>read</c>, <c>predict</c>, <c>refine</c>.</param>
/// <param name="Done">Parts done, from 0 on.</param>
/// <param name="Total">Parts in all.</param>
public readonly record struct StageProgress(string Stage, int Done, int Total)
{
    /// <summary>A stage's own (done, total) told as progress.</summary>
    internal static Action<int, int>? Of(string stage, Action<StageProgress>? progress) =>
        progress is null ? null : (done, total) => progress(new(stage, done, total));
}

/// <summary>Puts the listener of a whole work into the options of a stage.</summary>
internal static class StageListeners
{
    internal static PredictOptions Heard(this PredictOptions options, Action<StageProgress>? progress) =>
        progress is null ? options : options with { Progress = options.Progress + StageProgress.Of("predict", progress) };
}
