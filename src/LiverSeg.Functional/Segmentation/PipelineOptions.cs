using System;

namespace LiverSeg.Functional;

/// <summary>How a scan becomes a mask.</summary>
public sealed record PipelineOptions
{
    /// <summary>How the network is applied. Default: half-overlapping tiles, Gaussian weights.</summary>
    public PredictOptions Predict { get; init; } = new();

    /// <summary>Inside where the probability is more than this, in (0, 1). Default 0.5.</summary>
    public double Threshold { get; init; } = 0.5;

    /// <summary>Whether the score map is refined by the CRF before it is cut at the threshold. Default true.</summary>
    public bool UseCrf { get; init; } = true;

    /// <summary>The CRF.</summary>
    public CrfOptions Crf { get; init; } = CrfSetting.Shipped;

    /// <summary>Leave out voxels at or below the model's window: air, gas and lung are never liver. Default true.</summary>
    public bool TissueOnly { get; init; } = true;

    /// <summary>Keep only the largest component: a liver is one piece. Default true.</summary>
    public bool LargestComponent { get; init; } = true;

    /// <summary>Fill holes: a liver has none. Default true.</summary>
    public bool FillHoles { get; init; } = true;
}
