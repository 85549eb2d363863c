using System;

namespace LiverSeg.Functional;

/// <summary>Which voxels a voxel is connected to.</summary>
public enum CrfRange
{
    /// <summary>All voxels of its transverse slice, as in the paper; the slices are independent of each other.</summary>
    TransverseSlice,

    /// <summary>All voxels of the volume.</summary>
    Volume,
}

/// <summary>The unit of the lengths θα and θγ.</summary>
public enum CrfUnit
{
    /// <summary>Voxels along each axis, as in the usual implementations.</summary>
    Voxel,

    /// <summary>Millimetres, by the grid's spacing: the same tissue whatever the pixel size.</summary>
    Millimetre,
}

/// <summary>How each kernel K is scaled, with D = diag(K·1), self term included.</summary>
public enum CrfNormalization
{
    /// <summary>D^−½ K D^−½: the usual default; a weight μ then is about the most that a kernel can add to a logit.</summary>
    Symmetric,

    /// <summary>K D^−1: each voxel sends a total of about μ.</summary>
    Before,

    /// <summary>D^−1 K: each voxel receives a weighted mean, so exactly μ at most.</summary>
    After,

    /// <summary>K as it stands in the energy: μ counts each voxel of the neighbourhood, so useful weights are smaller by its size.</summary>
    None,
}

/// <summary>
/// The fully connected conditional random field of Dou et al. 2016, eq. 5 (after Krähenbühl and Koltun 2011):
/// E(y) = Σᵢ −log P(yᵢ) + Σ_{i&lt;j} [yᵢ ≠ yⱼ] φᵢⱼ with
/// φᵢⱼ = μ₁ exp(−|sᵢ−sⱼ|²/2θα² − (Iᵢ−Iⱼ)²/2θβ²) + μ₂ exp(−|sᵢ−sⱼ|²/2θγ²), each kernel scaled as <see cref="Normalization"/> says.
/// </summary>
/// <remarks>The paper prints no values of μ and θ: the defaults are those of a public CT liver set-up of the same method.</remarks>
public sealed record CrfOptions
{
    /// <summary>μ₁, weight of the appearance kernel: near voxels of like density share a label. ≥ 0. Default 10.</summary>
    public double Mu1 { get; init; } = 10;

    /// <summary>μ₂, weight of the smoothness kernel: near voxels share a label. ≥ 0. Default 3.</summary>
    public double Mu2 { get; init; } = 3;

    /// <summary>θα, reach of the appearance kernel in <see cref="Unit"/>s. &gt; 0. Default 60.</summary>
    public double ThetaAlpha { get; init; } = 60;

    /// <summary>θβ, how unlike two densities may be, always in HU. &gt; 0. Default 20 HU.</summary>
    public double ThetaBeta { get; init; } = 20;

    /// <summary>θγ, reach of the smoothness kernel in <see cref="Unit"/>s. &gt; 0. Default 3.</summary>
    public double ThetaGamma { get; init; } = 3;

    /// <summary>Mean field updates, all voxels at once. ≥ 0; with 0 the scores come back as they are. Default 10.</summary>
    public int Iterations { get; init; } = 10;

    /// <summary>Unit of θα and θγ. Default: voxels.</summary>
    public CrfUnit Unit { get; init; } = CrfUnit.Voxel;

    /// <summary>The window that an <see cref="Intensity"/> guide was cut with, so that θβ stays in HU; not used for a guide in HU.
    /// Default <see cref="Window.Liver"/>. A window 0..1 makes θβ a share of the guide's range.</summary>
    public Window GuideWindow { get; init; } = Window.Liver;

    /// <summary>Scale of the kernels. Default: symmetric.</summary>
    public CrfNormalization Normalization { get; init; } = CrfNormalization.Symmetric;

    /// <summary>Whether a voxel's own probability is part of the message that it receives, as in the usual implementations. Default true.</summary>
    public bool SelfTerm { get; init; } = true;

    /// <summary>Transverse slices or the whole volume. Default: slices, whichever axis of the file points to the head.</summary>
    public CrfRange Reach { get; init; } = CrfRange.TransverseSlice;

    /// <summary>Probabilities are first drawn into [this, 1 − this], so that no score is beyond revision. In [1e−7, 0.1]. Default 1e−5.</summary>
    public double MinProbability { get; init; } = 1e-5;

    /// <summary>How far probabilities may end beside the plain sums because voxels without doubt are skipped, in [0, 0.01];
    /// 0 works on every voxel. Default 0.001; see <see cref="Crf"/> for the bound.</summary>
    public double Tolerance { get; init; } = 1e-3;

    /// <summary>Threads; 0 = one per processor. Results do not depend on it.</summary>
    public int Threads { get; init; }

    /// <summary>What the shipped model was tuned with: lengths in mm, so that it serves any pixel size.</summary>
    public static CrfOptions Shipped { get; } = new() { Unit = CrfUnit.Millimetre, Mu1 = 5, ThetaAlpha = 20, ThetaBeta = 20, Mu2 = 1, ThetaGamma = 2, Iterations = 5 };

    /// <summary>The same with what is named changed: <c>CrfOptions.Shipped.With(iterations: 10)</c>, in F# <c>With(iterations = 10)</c>.</summary>
    public CrfOptions With(
        double? mu1 = null, double? mu2 = null, double? thetaAlpha = null, double? thetaBeta = null, double? thetaGamma = null, int? iterations = null,
        CrfUnit? unit = null, Window? guideWindow = null, CrfNormalization? normalization = null, bool? selfTerm = null, CrfRange? reach = null,
        double? minProbability = null, double? tolerance = null, int? threads = null) => this with
        {
            Mu1 = mu1 ?? Mu1,
            Mu2 = mu2 ?? Mu2,
            ThetaAlpha = thetaAlpha ?? ThetaAlpha,
            ThetaBeta = thetaBeta ?? ThetaBeta,
            ThetaGamma = thetaGamma ?? ThetaGamma,
            Iterations = iterations ?? Iterations,
            Unit = unit ?? Unit,
            GuideWindow = guideWindow ?? GuideWindow,
            Normalization = normalization ?? Normalization,
            SelfTerm = selfTerm ?? SelfTerm,
            Reach = reach ?? Reach,
            MinProbability = minProbability ?? MinProbability,
            Tolerance = tolerance ?? Tolerance,
            Threads = threads ?? Threads,
        };

    /// <summary>Throws unless every number is in its range.</summary>
    internal void Check()
    {
        static void Refuse(string name, object found, string expected) =>
            throw new ArgumentException(FormattableString.Invariant($"CrfOptions.{name} is {found}; {expected} is needed"), "options");
        static void Length(string name, double found)
        {
            if (!(found > 0) || !double.IsFinite(found)) Refuse(name, found, "a finite number above 0");
        }
        static void Weight(string name, double found)
        {
            if (!(found >= 0) || !double.IsFinite(found)) Refuse(name, found, "a finite number, 0 or more,");
        }
        Weight(nameof(Mu1), Mu1);
        Weight(nameof(Mu2), Mu2);
        Length(nameof(ThetaAlpha), ThetaAlpha);
        Length(nameof(ThetaBeta), ThetaBeta);
        Length(nameof(ThetaGamma), ThetaGamma);
        if (Iterations < 0) Refuse(nameof(Iterations), Iterations, "0 or more");
        if (Threads < 0) Refuse(nameof(Threads), Threads, "0 or more");
        if (!(MinProbability >= 1e-7 && MinProbability <= 0.1)) Refuse(nameof(MinProbability), MinProbability, "a number in [1e-7, 0.1]");
        if (!(Tolerance >= 0 && Tolerance <= 0.01)) Refuse(nameof(Tolerance), Tolerance, "a number in [0, 0.01]");
        if (!(GuideWindow.Width > 0) || !float.IsFinite(GuideWindow.Width)) Refuse(nameof(GuideWindow), GuideWindow, "Low < High");
        if (!Enum.IsDefined(Unit)) Refuse(nameof(Unit), Unit, "Voxel or Millimetre");
        if (!Enum.IsDefined(Normalization)) Refuse(nameof(Normalization), Normalization, "Symmetric, Before, After or None");
        if (!Enum.IsDefined(Reach)) Refuse(nameof(Reach), Reach, "TransverseSlice or Volume");
    }
}
