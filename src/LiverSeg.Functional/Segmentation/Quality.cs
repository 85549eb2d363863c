using System;
using System.Collections.Generic;
using System.Linq;

namespace LiverSeg.Functional;

/// <summary>What a mask is doubted for, or what is worth knowing of it.</summary>
public enum QualityReason
{
    /// <summary>What was found is too small to be a liver; the mask is empty.</summary>
    NoLiver,

    /// <summary>The volume is out of the range of livers.</summary>
    Volume,

    /// <summary>The box around it is too short or too long for a liver.</summary>
    Extent,

    /// <summary>It fills its box as no liver does.</summary>
    Shape,

    /// <summary>It does not lie on the patient's right, or above lungs: the scan may be mirrored, or its slices in reverse order.</summary>
    Place,

    /// <summary>Its radiodensity is not a liver's, or a part of it is much denser than the rest.</summary>
    Density,

    /// <summary>There is a second large piece.</summary>
    Pieces,

    /// <summary>The network is less sure than of livers.</summary>
    Unsure,

    /// <summary>The guide and the model behind it disagree.</summary>
    Disagreement,

    /// <summary>The scan's values are no Hounsfield units.</summary>
    NotHounsfield,

    /// <summary>The scan ends within the liver. No doubt by itself: volume and extent are then those of a part.</summary>
    Cut,
}

/// <summary>One thing that was noticed about a mask.</summary>
/// <param name="Reason">What kind of thing.</param>
/// <param name="Text">What was found and what was expected, in words.</param>
public readonly record struct QualityFinding(QualityReason Reason, string Text)
{
    /// <summary>Whether it makes the mask doubtful; false for what is only worth knowing.</summary>
    public bool IsDoubt => Reason != QualityReason.Cut;
}

/// <summary>Whether a mask can be believed: what speaks against it, from the score map and the scan alone.</summary>
/// <remarks>
/// A mask without findings may still be wrong, and one with findings right: each names what to look at. Laws: a scan without any liver probability has the finding
/// <see cref="QualityReason.NoLiver"/>; no finding comes from voxels outside of the scan.
/// </remarks>
public sealed record Quality
{
    private readonly EquatableArray<QualityFinding> _findings;

    private Quality(IEnumerable<QualityFinding> findings) => _findings = findings.ToEquatableArray();

    /// <summary>What was noticed, doubts first.</summary>
    public IReadOnlyList<QualityFinding> Findings => _findings;

    /// <summary>Whether anything speaks against the mask.</summary>
    public bool IsDoubtful => _findings.Any(f => f.IsDoubt);

    /// <summary>Whether what was found can be a liver at all.</summary>
    public bool HasLiver => _findings.All(f => f.Reason != QualityReason.NoLiver);

    /// <summary>The volume of the largest piece above one half, before the CRF, in millilitres.</summary>
    public double VolumeMl { get; private init; }

    /// <summary>The mean probability within it, in [0.5, 1]; 0 where there is none.</summary>
    public double Certainty { get; private init; }

    /// <summary>The Dice of that piece and the liver, were all probabilities true: 2 Σ p within it / (its voxels + Σ p everywhere), in [0, 1].</summary>
    public double ExpectedDice { get; private init; }

    /// <summary>The least Dice between what the model and one of its guides call liver, in [0, 1]; 1 without a guide.</summary>
    public double Agreement { get; private init; } = 1;

    /// <summary>The Dice to expect of the mask, told from <see cref="ExpectedDice"/> and <see cref="Agreement"/>; none where no liver was found, nor without options for it.</summary>
    public DiceEstimate? PredictedDice { get; private init; }

    /// <summary>The doubts in words, each after the other; empty without any.</summary>
    public override string ToString() => string.Join("; ", _findings.Where(f => f.IsDoubt).Select(f => f.Text));

    /// <summary>What speaks against the mask of a score map.</summary>
    /// <param name="image">The windowed scan, axes along L, P, S.</param>
    /// <param name="scores">The fused score map on its grid.</param>
    /// <param name="guides">What the model's guides said, on the same grid.</param>
    /// <param name="model">The model that made them, for its window and its usual certainty.</param>
    /// <param name="looksLikeHu">Whether the scan's values can be Hounsfield units.</param>
    /// <param name="options">The ranges.</param>
    internal static Quality Of(Volume<Intensity> image, Volume<Probability> scores, IReadOnlyList<Volume<Probability>> guides, Model model, bool looksLikeHu, QualityOptions options)
    {
        var window = model.Window;
        var (ml, found) = (scores.Grid.VoxelVolume / 1000, scores.Threshold(0.5));
        var sizes = found.Components().Sizes;
        var pieces = sizes.OrderDescending().Take(2).ToList();
        var mask = found.LargestComponent();
        var (box, e, spacing) = (mask.BoundingBox(), mask.Extent, mask.Grid.Spacing);
        var cut = pieces.Count > 0 && (box.Z == 0 || box.Z + box.Extent.Z == e.Z);
        var volume = pieces.Count > 0 ? pieces[0] * ml : 0;
        var seen = Seen(image, scores, mask, window);
        var findings = new List<QualityFinding>();
        void Add(QualityReason reason, FormattableString text) => findings.Add(new(reason, FormattableString.Invariant(text)));
        if (!looksLikeHu) Add(QualityReason.NotHounsfield, $"the scan's values are no Hounsfield units");
        // A liver that the network does not know falls into pieces; what is none and looks like one is a single piece.
        var single = sizes.Sum() < options.SinglePiece * volume / ml;
        if (volume < options.NoLiverCutMl || (volume < options.NoLiverMl && !cut && single))
        {
            Add(QualityReason.NoLiver, $"no liver in view: the largest piece has {volume:0} ml");
            return new(findings) { VolumeMl = volume, Certainty = seen.Certainty };
        }
        if (volume > options.MaxMl || (!cut && volume < options.MinMl)) Add(QualityReason.Volume, $"{volume:0} ml, whole livers have {options.MinMl:0} to {options.MaxMl:0}");
        double x = box.Extent.X * spacing.X, y = box.Extent.Y * spacing.Y, z = box.Extent.Z * spacing.Z;
        var (least, most) = (options.MinExtentMm, options.MaxExtentMm);
        if (x > most.X || y > most.Y || z > most.Z || (!cut && (x < least.X || y < least.Y || z < least.Z)))
            Add(QualityReason.Extent, $"{x:0}×{y:0}×{z:0} mm, whole livers have {least.X:0}×{least.Y:0}×{least.Z:0} to {most.X:0}×{most.Y:0}×{most.Z:0}");
        var fill = volume * 1000 / (x * y * z);
        if (!cut && (fill < options.MinFill || fill > options.MaxFill)) Add(QualityReason.Shape, $"{100 * fill:0} % of its box, livers fill {100 * options.MinFill:0} to {100 * options.MaxFill:0}");
        if (seen.RightMm < options.MinRightMm)
            Add(QualityReason.Place, $"{Math.Abs(seen.RightMm):0} mm to the {(seen.RightMm < 0 ? "left" : "right")} of the body's middle, livers lie at least {options.MinRightMm:0} mm to its right: is the scan mirrored?");
        if ((box.Z + (box.Extent.Z - 1) / 2.0 - EnclosedAir.MeanSlice(image)) * spacing.Z is double below && below > options.MaxLungsBelowMm)
            Add(QualityReason.Place, $"the lungs' middle lies {below:0} mm below the liver's: are the slices in reverse order?");
        if (seen.MedianHu < options.MinMedian.Value || seen.MedianHu > options.MaxMedian.Value)
            Add(QualityReason.Density, $"median {seen.MedianHu:0} HU, livers have {options.MinMedian.Value:0} to {options.MaxMedian.Value:0}");
        if (new DensityCells(mask.Grid).Add(mask, image).Parts(options.DenserHu / window.Width, DenseParts.LeastMl) is { Count: > 0 } dense)
            Add(QualityReason.Density, $"{dense.Sum():0} ml over {options.DenserHu:0} HU denser than the rest: contrast medium in stomach or bowel, or lipiodol in the liver?");
        if (pieces.Count > 1 && pieces[1] > options.MaxSecondPiece * pieces[0]) Add(QualityReason.Pieces, $"a second piece of {pieces[1] * ml:0} ml");
        if (Necks.Of(mask.FillHoles(), options.NeckMm, options.MaxSecondPiece * volume) is { } hanging) Add(QualityReason.Pieces, $"a piece of {hanging.Pieces.VolumeMl():0} ml hangs on it by a thin neck");
        var sure = Math.Max(options.MinCertainty, model.UsualCertainty - options.CertaintyMargin ?? 0);
        var agreement = guides.Select(guide => Agreed(found, guide)).Append(1).Min();
        if (seen.Certainty < sure) Add(QualityReason.Unsure, $"mean probability {seen.Certainty:0.0000}, on livers at least {sure:0.0000}");
        if (agreement < options.MinAgreement) Add(QualityReason.Disagreement, $"guide and model agree by a Dice of {agreement:0.00}, on livers at least {options.MinAgreement:0.00}");
        if (cut) Add(QualityReason.Cut, $"the scan ends within the liver");
        return new(findings) { VolumeMl = volume, Certainty = seen.Certainty, ExpectedDice = seen.ExpectedDice, Agreement = agreement, PredictedDice = guides.Count > 0 ? options.Dice?.Of(seen.ExpectedDice, agreement) : null };
    }

    /// <summary>Dice of what both call liver.</summary>
    private static double Agreed(Volume<bool> found, Volume<Probability> guide) => MaskOverlap.Of(found.Voxels, guide.Threshold(0.5).Voxels).Dice;

    /// <summary>The mean score within a mask; 0 for an empty one.</summary>
    internal static double CertaintyWithin(Volume<bool> mask, Volume<Probability> scores)
    {
        var m = mask.Voxels;
        var p = scores.Voxels;
        var (sum, count) = (0.0, 0L);
        for (var i = 0; i < m.Length; i++)
            if (m[i]) (sum, count) = (sum + p[i].Value, count + 1);
        return count == 0 ? 0 : sum / count;
    }

    /// <summary>The median within a mask in HU, in steps of a 1024th of the window; absent for an empty mask.</summary>
    internal static double? MedianWithin(Volume<bool> mask, Volume<Intensity> image, Window window)
    {
        const int Bins = 1024;
        var histogram = new long[Bins + 1];
        var m = mask.Voxels;
        var voxels = image.Voxels;
        var any = false;
        for (var i = 0; i < m.Length; i++)
        {
            if (!m[i]) continue;
            histogram[(int)(voxels[i].Value * Bins)]++;
            any = true;
        }
        return any ? window.Low.Value + (double)DensityCells.MedianLevel(histogram) / Bins * window.Width : null;
    }

    private readonly record struct Sight(double Certainty, double ExpectedDice, double MedianHu, double RightMm);

    /// <summary>What lies within the mask, and how far it lies to the right of the middle of all tissue.</summary>
    private static Sight Seen(Volume<Intensity> image, Volume<Probability> scores, Volume<bool> mask, Window window)
    {
        // Above about −80 HU with the usual window: no air, no lung, little fat.
        const float Tissue = 0.2f;
        var e = mask.Extent;
        double all = 0, inside = 0, body = 0;
        long count = 0, tissue = 0;
        var voxels = image.Voxels;
        var p = scores.Voxels;
        var m = mask.Voxels;
        for (int z = 0, i = 0; z < e.Z; z++)
            for (var y = 0; y < e.Y; y++)
                for (var x = 0; x < e.X; x++, i++)
                {
                    if (voxels[i].Value > Tissue) (tissue, body) = (tissue + 1, body + x);
                    all += p[i].Value;
                    if (!m[i]) continue;
                    (count, inside) = (count + 1, inside + x);
                }
        if (MedianWithin(mask, image, window) is not { } median) return default;
        // x runs to the patient's left.
        var right = tissue == 0 ? 0 : (body / tissue - inside / count) * mask.Grid.Spacing.X;
        var certainty = CertaintyWithin(mask, scores);
        return new(certainty, 2 * certainty * count / (count + all), median, right);
    }
}
