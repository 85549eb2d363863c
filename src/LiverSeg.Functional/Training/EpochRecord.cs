using System.Collections.Generic;

namespace LiverSeg.Functional;

/// <summary>One epoch of a run.</summary>
/// <param name="Epoch">From 1.</param>
/// <param name="Losses">Mean loss by name: <c>main</c> and the taps.</param>
/// <param name="Rate">Learning rate of the last step.</param>
/// <param name="EtaFactor">What the taps' η were multiplied by.</param>
/// <param name="GradientNorm">Mean length of the gradient before clipping.</param>
/// <param name="ValidationDice">Mean Dice over the validation cases, where this epoch validated.</param>
/// <param name="Seconds">Wall time of the epoch's steps.</param>
public sealed record EpochRecord(
    int Epoch, IReadOnlyDictionary<string, double> Losses, double Rate, double EtaFactor, double GradientNorm, double? ValidationDice, double Seconds)
{
    /// <summary>Steps left out because loss, gradient or weights were not finite, those of taken-back attempts included.</summary>
    public int Skipped { get; init; }

    /// <summary>Mean length of the gradient by layer (of its kernels, without biases), before clipping.</summary>
    public IReadOnlyDictionary<string, double> LayerNorms { get; init; } = new Dictionary<string, double>();
}
