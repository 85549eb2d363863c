using System;

namespace LiverSeg.Functional;

/// <summary>A mask and the score map that the network made, before any CRF, both on the scan's own grid.</summary>
public sealed record Segmentation(Volume<bool> Mask, Volume<Probability> Scores);

/// <summary>The stages composed: scan → window → network → CRF → threshold → tissue only → largest component → holes filled.</summary>
public static class Pipeline
{
    /// <summary>Finds the liver. Law: the same as its parts composed by hand.</summary>
    /// <param name="ct">A scan in HU, any orientation and spacing.</param>
    /// <param name="model">The trained network.</param>
    /// <param name="options">The settings.</param>
    public static Segmentation Segment(this Volume<Hu> ct, Model model, PipelineOptions options)
    {
        TorchRuntime.Begin();
        var image = ct.Window(model.Window);
        var scores = image.Predict(model, options.Predict);
        return new(scores.Clean(image, options with { Crf = options.Crf with { GuideWindow = model.Window } }), scores);
    }

    /// <inheritdoc cref="Segment(Volume{Hu}, Model, PipelineOptions)"/>
    public static Segmentation Segment(this Volume<Hu> ct, Model model) => ct.Segment(model, new());

    /// <summary>The mask of a score map: refined by the CRF, cut at the threshold, then the anatomical steps that are switched on.</summary>
    /// <param name="scores">The score map.</param>
    /// <param name="image">The windowed scan on the same grid.</param>
    /// <param name="options">The settings.</param>
    /// <exception cref="ArgumentException">The grids differ.</exception>
    public static Volume<bool> Clean(this Volume<Probability> scores, Volume<Intensity> image, PipelineOptions options) =>
        scores.Inside(image, options).Whole(options);

    /// <summary>What needs no more than a transverse slice: threshold and tissue only.</summary>
    internal static Volume<bool> Inside(this Volume<Probability> scores, Volume<Intensity> image, PipelineOptions options)
    {
        var mask = options.UseCrf ? scores.Refined(image, options).Threshold(0.5) : scores.Threshold(options.Threshold);
        return options.TissueOnly ? mask.Zip(image, (inside, intensity) => inside && intensity.Value > 0) : mask;
    }

    /// <summary>What needs the whole mask: largest component and holes.</summary>
    internal static Volume<bool> Whole(this Volume<bool> mask, PipelineOptions options)
    {
        if (options.LargestComponent) mask = mask.LargestComponent();
        return options.FillHoles ? mask.FillHoles() : mask;
    }

    /// <summary>
    /// The score map after the CRF. The threshold counts before it: odds are divided by the threshold's own, so that a voxel just at the
    /// threshold is an even bet that the CRF decides; the result is cut at one half.
    /// </summary>
    /// <inheritdoc cref="Clean"/>
    public static Volume<Probability> Refined(this Volume<Probability> scores, Volume<Intensity> image, PipelineOptions options) =>
        scores.Upright(image, (p, i) => p.EvenAt(options.Threshold).Refine(i, options.Crf));

    /// <summary>The same with every pair of voxels summed: slow, <see cref="Crf.ExactLimit"/> voxels a slice at most.</summary>
    /// <inheritdoc cref="Clean"/>
    public static Volume<Probability> RefinedExactly(this Volume<Probability> scores, Volume<Intensity> image, PipelineOptions options) =>
        scores.Upright(image, (p, i) => p.EvenAt(options.Threshold).Exact(i, options.Crf));

    /// <summary>Sums run in one order whatever the file's: turned and mirrored scans give the same to the last bit.</summary>
    private static Volume<Probability> Upright(this Volume<Probability> scores, Volume<Intensity> image, Func<Volume<Probability>, Volume<Intensity>, Volume<Probability>> work)
    {
        scores.Grid.MustCoincide(image.Grid, nameof(image));
        return work(scores.ToCanonical(), image.ToCanonical()).Like(scores.Grid);
    }

    /// <summary>p → p(1 − t) / (p(1 − t) + (1 − p)t), which takes t to one half, 0 to 0 and 1 to 1.</summary>
    private static Volume<Probability> EvenAt(this Volume<Probability> scores, double threshold)
    {
        if (!(threshold > 0 && threshold < 1)) throw new ArgumentException(FormattableString.Invariant($"threshold {threshold}; a number in (0, 1) is needed"), nameof(threshold));
        if (threshold == 0.5) return scores;
        var odds = (float)(threshold / (1 - threshold));
        return scores.Map(p => new Probability(p.Value / (p.Value + (1 - p.Value) * odds)));
    }
}
