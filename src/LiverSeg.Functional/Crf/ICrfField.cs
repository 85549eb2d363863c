using System;

namespace LiverSeg.Functional;

/// <summary>Messages among all voxels of one field, both kernels together.</summary>
internal interface ICrfField
{
    /// <summary>Takes over the densities of the next field.</summary>
    void Prepare(ReadOnlySpan<float> guide);

    /// <summary>result = Σ_m μ_m k̃_m · values.</summary>
    void Message(ReadOnlySpan<float> values, Span<float> result);
}

/// <summary>How finely the bilateral grid samples and how far its blur reaches, in nodes a θ and in θ; chosen by measurement.</summary>
internal readonly record struct GridSampling(double Space, double Density, double Reach)
{
    internal static GridSampling Default { get; } = new(3, 4, 3.5);
}
