namespace LiverSeg.Functional;

/// <summary>What a liver looks like, for <see cref="Quality"/>: outside of these ranges a mask is doubted.</summary>
/// <remarks>
/// Volume, extent and fill are the range of 143 whole livers of about 135 patients (LiTS, 3D-IRCADb-01, BTCV and others) with a fifth of the end added on
/// both sides; the others were set on labelled scans, scans without a liver and parts of scans (docs/results/doubt.md).
/// </remarks>
public sealed record QualityOptions
{
    /// <summary>A whole liver has at least so many millilitres. Default 700 (least seen: 871).</summary>
    public double MinMl { get; init; } = 700;

    /// <summary>A liver has at most so many millilitres. Default 3800 (largest seen: 3143).</summary>
    public double MaxMl { get; init; } = 3800;

    /// <summary>A whole liver's box is at least so long along left-right, front-back and foot-head, in millimetres. Default 130×100×100 (least seen: 161×124×125).</summary>
    public Spacing MinExtentMm { get; init; } = new(130, 100, 100);

    /// <summary>A liver's box is at most so long, in millimetres. Default 365×285×290 (largest seen: 304×237×240).</summary>
    public Spacing MaxExtentMm { get; init; } = new(365, 285, 290);

    /// <summary>A whole liver fills at least this part of its box. Default 0.125 (least seen: 0.155).</summary>
    public double MinFill { get; init; } = 0.125;

    /// <summary>A liver fills at most this part of its box. Default 0.41 (largest seen: 0.342). Of no account where the scan cuts the liver.</summary>
    public double MaxFill { get; init; } = 0.41;

    /// <summary>How far the liver's centre lies to the patient's right of the body's, at least, in millimetres. Default 20 (46 to 80 seen).</summary>
    public double MinRightMm { get; init; } = 20;

    /// <summary>Least median of the liver's radiodensity. Default 15 HU: fatty livers without contrast are darker than healthy ones (40 to 70).</summary>
    public Hu MinMedian { get; init; } = new(15);

    /// <summary>Greatest median of the liver's radiodensity. Default 190 HU.</summary>
    public Hu MaxMedian { get; init; } = new(190);

    /// <summary>Least mean probability inside of the mask, whatever the model. Default 0.96 (0.971 to 0.987 seen on livers).</summary>
    public double MinCertainty { get; init; } = 0.96;

    /// <summary>How much less the mean probability may be than the model's <see cref="Model.UsualCertainty"/>, where it has one. Default 0.006 (docs/results/crossval.md).</summary>
    public double CertaintyMargin { get; init; } = 0.006;

    /// <summary>How far the lungs' middle may lie below the liver's, in millimetres: a scan with its slices in reverse order has them there. Default 10 (20 to 146 above it seen, 2 below it in a slab of the dome).</summary>
    public double MaxLungsBelowMm { get; init; } = 10;

    /// <summary>Least Dice between what the guide found and what the model made of it. Default 0.9.</summary>
    public double MinAgreement { get; init; } = 0.9;

    /// <summary>A part of 5 ml and more that is by so much denser than the liver's median, in HU; more than 0. Default 50: in none of 13 outlined livers there is one (docs/results/dense.md).</summary>
    public double DenserHu { get; init; } = 50;

    /// <summary>Largest share of a second piece beside the largest. Default 0.05.</summary>
    public double MaxSecondPiece { get; init; } = 0.05;

    /// <summary>A piece as large as that hangs on the liver by a neck where the neck is thinner than this, in millimetres; more than 0. Default 10: no liver of 145 has such a part of 5 ml.</summary>
    public double NeckMm { get; init; } = 10;

    /// <summary>A single piece of less than this, not cut by the scan's end, is no liver: the mask is emptied. In millilitres, default 250.</summary>
    public double NoLiverMl { get; init; } = 250;

    /// <summary>A piece is single where all pieces together have less than this times its volume. Default 1.3.</summary>
    public double SinglePiece { get; init; } = 1.3;

    /// <summary>Less than this is no liver even at the scan's end or in pieces, in millilitres. Default 25.</summary>
    public double NoLiverCutMl { get; init; } = 25;

    /// <summary>How the Dice of a model behind a guide is told beforehand; absent: not at all. Default: <see cref="DicePrediction.Shipped"/>.</summary>
    public DicePrediction? Dice { get; init; } = DicePrediction.Shipped;

    /// <summary>The same with what is named changed: <c>new QualityOptions().With(minMl: 300)</c>, in F# <c>With(minMl = 300.)</c>.</summary>
    public QualityOptions With(
        double? minMl = null, double? maxMl = null, Spacing? minExtentMm = null, Spacing? maxExtentMm = null, double? minFill = null, double? maxFill = null, double? minRightMm = null, Hu? minMedian = null, Hu? maxMedian = null, double? minCertainty = null, double? certaintyMargin = null, double? maxLungsBelowMm = null, double? minAgreement = null, double? denserHu = null, double? maxSecondPiece = null, double? neckMm = null, double? noLiverMl = null, double? singlePiece = null, double? noLiverCutMl = null, DicePrediction? dice = null) => this with
        {
            MinMl = minMl ?? MinMl,
            MaxMl = maxMl ?? MaxMl,
            MinExtentMm = minExtentMm ?? MinExtentMm,
            MaxExtentMm = maxExtentMm ?? MaxExtentMm,
            MinFill = minFill ?? MinFill,
            MaxFill = maxFill ?? MaxFill,
            MinRightMm = minRightMm ?? MinRightMm,
            MinMedian = minMedian ?? MinMedian,
            MaxMedian = maxMedian ?? MaxMedian,
            MinCertainty = minCertainty ?? MinCertainty,
            CertaintyMargin = certaintyMargin ?? CertaintyMargin,
            MaxLungsBelowMm = maxLungsBelowMm ?? MaxLungsBelowMm,
            MinAgreement = minAgreement ?? MinAgreement,
            DenserHu = denserHu ?? DenserHu,
            MaxSecondPiece = maxSecondPiece ?? MaxSecondPiece,
            NeckMm = neckMm ?? NeckMm,
            NoLiverMl = noLiverMl ?? NoLiverMl,
            SinglePiece = singlePiece ?? SinglePiece,
            NoLiverCutMl = noLiverCutMl ?? NoLiverCutMl,
            Dice = dice ?? Dice,
        };
}
