using System;
using System.Collections.Generic;

namespace LiverSeg.Functional;

/// <summary>What an epoch has come to so far, so that a run stopped within it goes on to the same log.</summary>
internal sealed class EpochSums
{
    /// <summary>Steps done in this epoch.</summary>
    public int Steps { get; set; }

    /// <summary>Shares of the mean losses.</summary>
    public SortedDictionary<string, double> Losses { get; init; } = new(StringComparer.Ordinal);

    /// <summary>Share of the mean gradient norm.</summary>
    public double Norm { get; set; }

    /// <summary>Shares of the mean gradient norms by layer.</summary>
    public SortedDictionary<string, double> LayerNorms { get; init; } = new(StringComparer.Ordinal);

    /// <summary>Steps left out because they were not finite.</summary>
    public int Skipped { get; set; }

    /// <summary>Wall time so far.</summary>
    public double Seconds { get; set; }

    internal EpochSums Copy() => new()
    {
        Steps = Steps,
        Losses = new(Losses, StringComparer.Ordinal),
        LayerNorms = new(LayerNorms, StringComparer.Ordinal),
        Norm = Norm,
        Skipped = Skipped,
        Seconds = Seconds,
    };
}
