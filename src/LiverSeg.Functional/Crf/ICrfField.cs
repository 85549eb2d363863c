using System;
using System.Threading;

namespace LiverSeg.Functional;

/// <summary>Messages among the voxels of one field, both kernels together.</summary>
internal interface ICrfField
{
    /// <summary>Takes over the densities of the next field.</summary>
    void Prepare(ReadOnlySpan<float> guide);

    /// <summary>result = Σ_m μ_m k̃_m · values.</summary>
    void Message(ReadOnlySpan<float> values, Span<float> result);

    /// <summary>All mean field updates of two labels: q ← 1 / (1 + exp(−logit − message)), where the message is that of 2q − 1.</summary>
    /// <param name="q">The probabilities of the rarer label, overwritten.</param>
    /// <param name="logit">log(q / (1 − q)), overwritten.</param>
    /// <param name="message">Room for as many numbers.</param>
    /// <param name="scratch">Room for as many numbers.</param>
    /// <param name="cancel">Asks to stop between updates.</param>
    void Iterate(float[] q, float[] logit, float[] message, float[] scratch, CancellationToken cancel);
}
