using System;
using System.Threading;

namespace LiverSeg.Functional;

/// <summary>A mask and the score map that the network made, before any CRF, both on the scan's own grid, and what speaks against the mask.</summary>
public sealed record Segmentation(Volume<bool> Mask, Volume<Probability> Scores, Quality Quality);

/// <summary>The stages composed: scan → window → network (again through a wider window where the liver is brighter than all that the model learned from) → CRF → threshold → tissue only → dense parts cut → largest component → holes filled → necks cut; nothing where there is no liver.</summary>
public static class Pipeline
{
    /// <summary>Finds the liver. Law: the same as its parts composed by hand.</summary>
    /// <param name="ct">A scan in HU, any orientation and spacing.</param>
    /// <param name="model">The trained network; τ of the options' refinement goes before its own.</param>
    /// <param name="options">The settings.</param>
    /// <param name="progress">Hears how far each stage is, on any thread.</param>
    /// <param name="cancel">Asks to stop between tiles and slices.</param>
    /// <exception cref="OperationCanceledException">It was asked to stop.</exception>
    public static Segmentation Segment(this Volume<Hu> ct, Model model, PipelineOptions options, Action<StageProgress>? progress = null, CancellationToken cancel = default)
    {
        Prediction.Begin(options.Refinement.FuseIn(model), options.Predict);
        return ct.Segment(HuCheck.Span(ct), model, options, progress, cancel);
    }

    /// <summary>The same where the scan's values have been looked at before.</summary>
    internal static Segmentation Segment(this Volume<Hu> ct, (float Low, float High, long Odd) span, Model model, PipelineOptions options, Action<StageProgress>? progress, CancellationToken cancel)
    {
        model = options.Refinement.FuseIn(model);
        var image = ct.Window(model.Window);
        var (predict, threads) = (options.Predict.Heard(progress), options.Predict.Threads);
        var staged = StagedImage.Of(image, model, threads);
        var (guides, fused) = BrightLiver.Look(staged, window => StagedImage.Of(ct.Window(window), model, threads), model, predict, ct.Grid, cancel);
        var quality = Quality.Of(staged.Image, fused, guides, model, HuCheck.LooksLikeHu([span]), options.Quality);
        (staged, guides) = (null!, EquatableArray<Volume<Probability>>.Empty);
        FreedMemory.GiveBack();
        var scores = fused.Onto(ct.Grid, threads);
        return new(Empties(quality, options) ? new(ct.Grid, Volume.Allocate<bool>(ct.Grid)) : scores.Clean(image, options.GuidedBy(model.Window), progress, cancel), scores, quality);
    }

    /// <summary>Whether the mask is left empty because there is no liver.</summary>
    internal static bool Empties(Quality quality, PipelineOptions options) => options.EmptyWithoutLiver && !quality.HasLiver;

    /// <inheritdoc cref="Segment(Volume{Hu}, Model, PipelineOptions, Action{StageProgress}?, CancellationToken)"/>
    public static Segmentation Segment(this Volume<Hu> ct, Model model) => ct.Segment(model, new());

    /// <summary>The mask of a score map that was made before: what <see cref="Segment(Volume{Hu}, Model, PipelineOptions, Action{StageProgress}?, CancellationToken)"/> does after the network.</summary>
    /// <param name="ct">The scan in HU.</param>
    /// <param name="scores">The fused score map on its grid.</param>
    /// <param name="model">The network that made it: its window is the CRF's guide.</param>
    /// <param name="options">The settings.</param>
    /// <param name="progress">Hears how far each stage is, on any thread.</param>
    /// <param name="cancel">Asks to stop between slices.</param>
    /// <exception cref="ArgumentException">The grids differ.</exception>
    public static Volume<bool> MaskOf(this Volume<Hu> ct, Volume<Probability> scores, Model model, PipelineOptions options, Action<StageProgress>? progress = null, CancellationToken cancel = default) =>
        scores.Clean(ct.Window(model.Window), options.GuidedBy(model.Window), progress, cancel);

    /// <summary>The mask of a score map: refined by the CRF, cut at the threshold, then the anatomical steps that are switched on.</summary>
    /// <param name="scores">The score map.</param>
    /// <param name="image">The windowed scan on the same grid.</param>
    /// <param name="options">The settings.</param>
    /// <param name="progress">Hears how far each stage is, on any thread.</param>
    /// <param name="cancel">Asks to stop between slices.</param>
    /// <exception cref="ArgumentException">The grids differ.</exception>
    public static Volume<bool> Clean(this Volume<Probability> scores, Volume<Intensity> image, PipelineOptions options, Action<StageProgress>? progress = null, CancellationToken cancel = default)
    {
        var mask = scores.ThresholdSlices(image, options, StageProgress.Of("refine", progress), cancel);
        return mask.CleanUp(options.CellsOf(mask.Grid)?.Add(mask, image), options);
    }

    /// <summary>The mask that a setting makes of score maps: fused (eq. 4), refined, cut, cleaned.</summary>
    /// <param name="setting">The setting.</param>
    /// <param name="scores">What a network said.</param>
    /// <param name="guide">The scan in HU on the same grid.</param>
    /// <param name="clean">The anatomical steps; its own refinement does not count.</param>
    /// <param name="cancel">Asks to stop between slices.</param>
    public static Volume<bool> Apply(this CrfSetting setting, Prediction scores, Volume<Hu> guide, PipelineOptions clean, CancellationToken cancel = default) =>
        setting.Fuse(scores).Clean(guide.Window(setting.Options.GuideWindow), clean with { Refinement = setting }, cancel: cancel);

    /// <summary>What needs no more than a transverse slice: threshold and tissue only.</summary>
    internal static Volume<bool> ThresholdSlices(this Volume<Probability> scores, Volume<Intensity> image, PipelineOptions options, Action<int, int>? progress, CancellationToken cancel)
    {
        var setting = options.Refinement;
        var mask = setting.Refines ? scores.Refined(image, setting, progress, cancel).Threshold(0.5) : scores.Threshold(setting.Threshold);
        return options.TissueOnly ? mask.Zip(image, (inside, intensity) => inside && intensity.Value > 0) : mask;
    }

    /// <summary>What needs the whole mask: dense parts, largest component, holes and necks.</summary>
    internal static Volume<bool> CleanUp(this Volume<bool> mask, DensityCells? cells, PipelineOptions options)
    {
        if (cells is not null && options.Denser is { } by) mask = cells.CutFrom(mask, by, DenseParts.LeastMl);
        if (options.LargestComponent) mask = mask.LargestComponent();
        if (options.FillHoles) mask = mask.FillHoles();
        return options.LargestComponent && options.NeckMm > 0 ? mask.CutNecks(options.NeckMm) : mask;
    }

    /// <summary>The score map after the CRF, whose even bet is the setting's threshold: cut it at one half.</summary>
    /// <param name="scores">The score map.</param>
    /// <param name="image">The windowed scan on the same grid.</param>
    /// <param name="setting">The CRF and its threshold; τ has been spent on the score map.</param>
    /// <param name="progress">Hears (slices done, slices in all) after each, on any thread.</param>
    /// <param name="cancel">Asks to stop between slices.</param>
    /// <exception cref="ArgumentException">The grids differ.</exception>
    public static Volume<Probability> Refined(this Volume<Probability> scores, Volume<Intensity> image, CrfSetting setting, Action<int, int>? progress = null, CancellationToken cancel = default) =>
        scores.InCanonical(image, (p, i) => p.ShiftOdds(setting.Threshold).Refine(i, setting.Options, progress, cancel));

    /// <summary>The same with every pair of voxels summed: slow, <see cref="Crf.ExactLimit"/> voxels per slice at most.</summary>
    /// <param name="scores">The score map.</param>
    /// <param name="image">The windowed scan on the same grid.</param>
    /// <param name="setting">The CRF and its threshold.</param>
    public static Volume<Probability> RefinedExactly(this Volume<Probability> scores, Volume<Intensity> image, CrfSetting setting) =>
        scores.InCanonical(image, (p, i) => p.ShiftOdds(setting.Threshold).Exact(i, setting.Options));

    /// <summary>Sums run in one order whatever the file's: turned and mirrored scans give the same to the last bit.</summary>
    private static Volume<Probability> InCanonical(this Volume<Probability> scores, Volume<Intensity> image, Func<Volume<Probability>, Volume<Intensity>, Volume<Probability>> work)
    {
        scores.Grid.EnsureSameGeometry(image.Grid, nameof(image));
        return work(scores.ToCanonical(), image.ToCanonical()).MatchOrientation(scores.Grid);
    }

    /// <summary>p → p(1 − t) / (p(1 − t) + (1 − p)t), which takes t to one half, 0 to 0 and 1 to 1.</summary>
    private static Volume<Probability> ShiftOdds(this Volume<Probability> scores, double threshold)
    {
        if (!(threshold > 0 && threshold < 1)) throw new ArgumentException(FormattableString.Invariant($"threshold {threshold}; a number in (0, 1) is needed"), nameof(threshold));
        if (threshold == 0.5) return scores;
        var odds = (float)(threshold / (1 - threshold));
        return scores.Map(p => new Probability(p.Value / (p.Value + (1 - p.Value) * odds)));
    }
}
