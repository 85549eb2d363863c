using System.Collections.Generic;

namespace LiverSeg.Functional;

/// <summary>How well a predicted mask agrees with the true one.</summary>
/// <remarks>
/// Never NaN or infinite: what cannot be said is absent and <see cref="Notes"/> says why. Distances are in the patient's millimetres.
/// </remarks>
public sealed record Evaluation
{
    private readonly EquatableArray<string> _notes = EquatableArray<string>.Empty;

    internal Evaluation()
    {
    }

    /// <summary>Volumetric overlap error in percent, in [0, 100].</summary>
    public double VoePercent { get; init; }

    /// <summary>Signed relative volume difference in percent: above 0 the prediction is too large. Absent when the truth alone is empty.</summary>
    public double? RvdPercent { get; init; }

    /// <summary>Average symmetric surface distance, over both surfaces thrown together.</summary>
    public Mm? AsdMm { get; init; }

    /// <summary>Root mean square symmetric surface distance, ≥ ASD.</summary>
    public Mm? RmsdMm { get; init; }

    /// <summary>Maximum symmetric surface distance (Hausdorff), ≥ RMSD.</summary>
    public Mm? MsdMm { get; init; }

    /// <summary>95th percentile of the surface distances, in the definition that the options name.</summary>
    public Mm? Hd95Mm { get; init; }

    /// <summary>Dice overlap, in [0, 1].</summary>
    public double Dice { get; init; }

    /// <summary>Jaccard overlap, in [0, 1].</summary>
    public double Jaccard { get; init; }

    /// <summary>Part of the truth that was found, in [0, 1].</summary>
    public double? Sensitivity { get; init; }

    /// <summary>Part of the prediction that is right, in [0, 1].</summary>
    public double? Precision { get; init; }

    /// <summary>Part of both surfaces that lies within the tolerance of the other, in [0, 1]; 0 when just one mask has a surface.</summary>
    public double Nsd { get; init; }

    /// <summary>The prediction's volume in millilitres.</summary>
    public double PredictionMl { get; init; }

    /// <summary>The truth's volume in millilitres.</summary>
    public double TruthMl { get; init; }

    /// <summary>Prediction minus truth in millilitres.</summary>
    public double DifferenceMl => PredictionMl - TruthMl;

    /// <summary>SLiver07 points.</summary>
    public ChallengeScore Score { get; init; }

    /// <summary>Why a value is absent or set by convention; empty for two ordinary masks.</summary>
    public IReadOnlyList<string> Notes { get => _notes; init => _notes = value.ToEquatableArray(); }
}
