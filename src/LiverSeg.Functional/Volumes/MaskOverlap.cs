using System;

namespace LiverSeg.Functional;

/// <summary>How many voxels two masks have, each and in common.</summary>
/// <remarks>
/// Both empty count as equal: Dice, Jaccard, sensitivity and precision are 1, errors 0. <c>default</c> is that of two empty masks.
/// Laws: Dice = 2J / (1 + J); swapping the masks keeps Dice and Jaccard and swaps sensitivity with precision.
/// </remarks>
/// <param name="Prediction">Voxels of the prediction.</param>
/// <param name="Truth">Voxels of the truth.</param>
/// <param name="Both">Voxels of both.</param>
public readonly record struct MaskOverlap(long Prediction, long Truth, long Both)
{
    /// <summary>Of two masks of equal length, voxel by voxel.</summary>
    internal static MaskOverlap Of(ReadOnlySpan<bool> prediction, ReadOnlySpan<bool> truth)
    {
        long a = 0, b = 0, both = 0;
        for (var i = 0; i < prediction.Length; i++)
            (a, b, both) = (a + (prediction[i] ? 1 : 0), b + (truth[i] ? 1 : 0), both + (prediction[i] && truth[i] ? 1 : 0));
        return new(a, b, both);
    }

    /// <summary>Voxels of at least one.</summary>
    public long Either => Prediction + Truth - Both;

    /// <summary>2|A∩B| / (|A| + |B|), in [0, 1].</summary>
    public double Dice => Either == 0 ? 1 : 2.0 * Both / (Prediction + Truth);

    /// <summary>|A∩B| / |A∪B|, in [0, 1].</summary>
    public double Jaccard => Either == 0 ? 1 : (double)Both / Either;

    /// <summary>Volumetric overlap error: 100 (1 − |A∩B| / |A∪B|) %, in [0, 100].</summary>
    public double VoePercent => Either == 0 ? 0 : 100 * (1 - (double)Both / Either);

    /// <summary>Signed relative volume difference: 100 (|A| − |B|) / |B| %, ≥ −100; absent when the truth alone is empty.</summary>
    public double? RvdPercent => Truth > 0 ? 100.0 * (Prediction - Truth) / Truth : Prediction == 0 ? 0 : null;

    /// <summary>The part of the truth that was found, |A∩B| / |B|, in [0, 1]; absent when the truth alone is empty.</summary>
    public double? Sensitivity => Truth > 0 ? (double)Both / Truth : Prediction == 0 ? 1 : null;

    /// <summary>The part of the prediction that is right, |A∩B| / |A|, in [0, 1]; absent when the prediction alone is empty.</summary>
    public double? Precision => Prediction > 0 ? (double)Both / Prediction : Truth == 0 ? 1 : null;
}
