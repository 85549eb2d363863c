using System;

namespace LiverSeg.Functional;

/// <summary>A number that changes while training goes on, as a pure function of the epoch: nothing to save, nothing to drift.</summary>
public abstract record Schedule
{
    private protected Schedule() { }

    /// <summary>The value at an epoch (0-based, fractions allowed) of a run of <paramref name="epochs"/>.</summary>
    public abstract double At(double epoch, int epochs);

    /// <summary>The same course from another first (and highest) value.</summary>
    public Schedule From(double start) => this switch
    {
        Staircase s => s with { Start = start },
        Poly p => p with { Start = start },
        Cosine c => c with { Start = start },
        Constant => new Constant(start),
        _ => throw new ArgumentException($"unknown schedule {this}"),
    };

    /// <summary><c>Start · Factor^⌊epoch / Every⌋</c>: the paper's staircases.</summary>
    /// <param name="Start">The value of the first epochs.</param>
    /// <param name="Factor">What each step multiplies by.</param>
    /// <param name="Every">Epochs a step, ≥ 1.</param>
    public sealed record Staircase(double Start, double Factor, int Every) : Schedule
    {
        /// <inheritdoc/>
        public override double At(double epoch, int epochs) => Start * Math.Pow(Factor, Math.Floor(epoch / Every));
    }

    /// <summary><c>Start · (1 − epoch / epochs)^Power</c>.</summary>
    /// <param name="Start">The value at the beginning.</param>
    /// <param name="Power">0.9 is usual.</param>
    public sealed record Poly(double Start, double Power = 0.9) : Schedule
    {
        /// <inheritdoc/>
        public override double At(double epoch, int epochs) => Start * Math.Pow(Math.Max(0, 1 - epoch / epochs), Power);
    }

    /// <summary>A linear rise over the first <c>Warmup</c> epochs, then half a cosine down to <c>End</c>.</summary>
    /// <param name="Start">The highest value.</param>
    /// <param name="End">The value at the end.</param>
    /// <param name="Warmup">Epochs of the rise.</param>
    public sealed record Cosine(double Start, double End = 0, double Warmup = 0) : Schedule
    {
        /// <inheritdoc/>
        public override double At(double epoch, int epochs) =>
            epoch < Warmup
                ? Start * (epoch + 1) / (Warmup + 1)
                : End + (Start - End) * 0.5 * (1 + Math.Cos(Math.PI * Math.Min(1, (epoch - Warmup) / Math.Max(1e-9, epochs - Warmup))));
    }

    /// <summary>The same value throughout.</summary>
    /// <param name="Value">The value.</param>
    public sealed record Constant(double Value) : Schedule
    {
        /// <inheritdoc/>
        public override double At(double epoch, int epochs) => Value;
    }
}
