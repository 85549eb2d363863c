using System;

namespace LiverSeg.Functional;

/// <summary>How a scan becomes a mask.</summary>
public sealed record PipelineOptions
{
    /// <summary>How the network is applied. Default: half-overlapping tiles, Gaussian weights.</summary>
    public PredictOptions Predict { get; init; } = new();

    /// <summary>
    /// How the network's outputs become a mask: τ of eq. 4, the threshold, the CRF. All three always count. Default: <see cref="CrfSetting.Shipped"/>;
    /// without a CRF <see cref="CrfSetting.None"/>.
    /// </summary>
    public CrfSetting Refinement { get; init; } = CrfSetting.Shipped;

    /// <summary>Leave out voxels at or below the model's window: air, gas and lung are never liver. Default true.</summary>
    public bool TissueOnly { get; init; } = true;

    /// <summary>Keep only the largest connected component: a liver is one piece. Default true.</summary>
    public bool LargestComponent { get; init; } = true;

    /// <summary>Fill holes: a liver has none. Default true.</summary>
    public bool FillHoles { get; init; } = true;

    /// <summary>
    /// Cut off what hangs on the largest component by a neck thinner than this, in millimetres, as stomach or colon do where they are as dense as liver: no liver has
    /// such a part (<see cref="Necks.CutNecks"/>). Default 10; 0: nothing. Of no account without <see cref="LargestComponent"/>.
    /// </summary>
    public double NeckMm { get; init; } = 10;

    /// <summary>
    /// Cut off parts that are by so much denser than the liver's median, in HU, as stomach and bowel are where they are filled with contrast medium
    /// (<see cref="DenseParts.CutDense"/>). Default 50; 0: nothing. Of no account without <see cref="LargestComponent"/>.
    /// </summary>
    public double DenserHu { get; init; } = 50;

    /// <summary>Leave the mask empty where what was found is too small to be a liver (<see cref="QualityReason.NoLiver"/>). Default true.</summary>
    public bool EmptyWithoutLiver { get; init; } = true;

    /// <summary>What a liver looks like: outside of these ranges the mask is doubted.</summary>
    public QualityOptions Quality { get; init; } = new();

    /// <summary>The same with what is named changed: <c>new PipelineOptions().With(fillHoles: false)</c>, in F# <c>With(fillHoles = false)</c>.</summary>
    public PipelineOptions With(
        PredictOptions? predict = null, CrfSetting? refinement = null, bool? tissueOnly = null, bool? largestComponent = null, bool? fillHoles = null,
        double? neckMm = null, double? denserHu = null, bool? emptyWithoutLiver = null, QualityOptions? quality = null) => this with
        {
            Predict = predict ?? Predict,
            Refinement = refinement ?? Refinement,
            TissueOnly = tissueOnly ?? TissueOnly,
            LargestComponent = largestComponent ?? LargestComponent,
            FillHoles = fillHoles ?? FillHoles,
            NeckMm = neckMm ?? NeckMm,
            DenserHu = denserHu ?? DenserHu,
            EmptyWithoutLiver = emptyWithoutLiver ?? EmptyWithoutLiver,
            Quality = quality ?? Quality,
        };

    /// <summary>How much denser as a part of the guide's window; absent: nothing is cut off for it.</summary>
    internal double? Denser => LargestComponent && DenserHu > 0 ? Math.Min(DenserHu / Refinement.Options.GuideWindow.Width, 1) : null;

    /// <summary>Where densities are counted so that dense parts can be cut off; absent where none are.</summary>
    internal DensityCells? CellsOf(Grid grid) => Denser is null ? null : new(grid);

    /// <summary>The same with a guide that was cut with this window.</summary>
    internal PipelineOptions GuidedBy(Window window) =>
        this with { Refinement = Refinement with { Options = Refinement.Options with { GuideWindow = window } } };
}
