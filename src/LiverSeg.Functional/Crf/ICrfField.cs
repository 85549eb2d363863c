using System;

namespace LiverSeg.Functional;

/// <summary>Messages among the voxels of one field, both kernels together.</summary>
internal interface ICrfField
{
    /// <summary>Takes over the densities of the next field.</summary>
    void Prepare(ReadOnlySpan<float> guide);

    /// <summary>result = Σ_m μ_m k̃_m · values.</summary>
    void Message(ReadOnlySpan<float> values, Span<float> result);

    /// <summary>What all voxels receive when each is 1.</summary>
    void Total(Span<float> result);

    /// <summary>The message of values of which most are one and the same, the least: only what rises above it is summed.</summary>
    /// <param name="values">None is less than <paramref name="floor"/>.</param>
    /// <param name="floor">The value of most.</param>
    /// <param name="total">What <see cref="Total"/> gave.</param>
    /// <param name="result">The message, to within a hundredth of the tolerance times the total.</param>
    void Raised(ReadOnlySpan<float> values, float floor, ReadOnlySpan<float> total, Span<float> result);

    /// <summary>
    /// Chooses the rows that are worked on from here to the next Prepare: all other voxels cannot rise above the tolerance
    /// in any later iteration, whatever the rest does. They count as 0 from here on.
    /// </summary>
    /// <param name="q">Probabilities after the first iteration.</param>
    /// <param name="unary">Logits of the scores less <paramref name="total"/>.</param>
    /// <param name="total">Messages that all voxels receive when each is 1.</param>
    /// <param name="scratch">Room for as many numbers.</param>
    RowSpans Focus(ReadOnlySpan<float> q, ReadOnlySpan<float> unary, ReadOnlySpan<float> total, Span<float> scratch);
}
