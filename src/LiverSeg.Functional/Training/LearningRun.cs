using System.Collections.Generic;

namespace LiverSeg.Functional;

/// <summary>One training run by name, as its history tells it.</summary>
/// <param name="Name">The name in legends.</param>
/// <param name="Epochs">In order.</param>
public sealed record LearningRun(string Name, IReadOnlyList<EpochRecord> Epochs)
{
    /// <summary>The first epoch whose validation error 1 − Dice is at most <paramref name="error"/>; absent when none is.</summary>
    public int? EpochsTo(double error)
    {
        foreach (var e in Epochs)
            if (e.ValidationDice is { } dice && 1 - dice <= error) return e.Epoch;
        return null;
    }
}
