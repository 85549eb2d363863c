using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;

namespace LiverSeg.Functional;

/// <summary>From a scan in files to its mask: the one path that the program, scripts and services take.</summary>
public static class ScanSegmentation
{
    /// <summary>How a scan can be worked on within a bound of memory, from its header alone.</summary>
    /// <param name="source">The scan.</param>
    /// <param name="model">The trained network.</param>
    /// <param name="options">The settings.</param>
    /// <param name="bound">The bound, and what may be done to stay below it.</param>
    /// <exception cref="MemoryBoundException">There is no way to stay below the bound.</exception>
    public static MemoryPlan Plan(VolumeSource source, Model model, PipelineOptions options, MemoryPlanOptions bound)
    {
        var plan = MemoryPlan.Of(source.Info.Grid, model, bound with { WholeOnly = bound.WholeOnly || !SlabPipeline.Suits(options) }, options.Predict.Engine);
        return plan.IsPossible ? plan : throw new MemoryBoundException(source, plan, bound);
    }

    /// <summary>Finds the liver. Law: the plan changes no voxel of the mask as long as it keeps the model's tile.</summary>
    /// <param name="source">The scan.</param>
    /// <param name="model">The trained network; τ of the options' refinement goes before its own.</param>
    /// <param name="options">The settings.</param>
    /// <param name="plan">As <see cref="Plan"/> gives it.</param>
    /// <param name="progress">Hears how far each stage is, on any thread.</param>
    /// <param name="cancel">Asks to stop between slices and tiles.</param>
    /// <exception cref="FileErrorException">The scan is cut off or malformed.</exception>
    /// <exception cref="OperationCanceledException">It was asked to stop.</exception>
    public static ScanResult Run(
        VolumeSource source, Model model, PipelineOptions options, MemoryPlan plan, Action<StageProgress>? progress = null, CancellationToken cancel = default)
    {
        Prediction.Begin(options.Refinement.FuseIn(model), options.Predict); // while the scan is read
        var warnings = new List<string>();
        options = options with { Predict = options.Predict with { Warn = warnings.Add } };
        if (plan.Tile != model.Tile)
            warnings.Add($"tiles of {plan.Tile} instead of {model.Tile} to stay below the bound of memory; the mask is not what it is with enough memory");
        model = plan.With(model);
        if (plan.Slices > 0)
        {
            using var slabs = new SlabReader(source);
            var found = source.Info.Grid.SegmentInSlabs((first, count) => slabs.Read(first, count, cancel), plan.Slices, model, options, plan.KeepSlabs, progress, cancel);
            return new(found.Mask, plan, [.. warnings, .. found.Warnings, .. Empty(found.Mask, found.Quality)], found.Quality, null);
        }
        progress?.Invoke(new("read", 0, source.Info.Grid.Extent.Z));
        var ct = source.Read(warnings.Add, cancel);
        var span = HuCheck.Span(ct);
        warnings.AddRange(HuCheck.Warnings([span]));
        var whole = ct.Segment(span, model, options, progress, cancel);
        return new(whole.Mask, plan, [.. warnings, .. Empty(whole.Mask, whole.Quality)], whole.Quality, (ct, whole.Scores));
    }

    /// <inheritdoc cref="Run(VolumeSource, Model, PipelineOptions, MemoryPlan, Action{StageProgress}?, CancellationToken)"/>
    public static ScanResult Run(VolumeSource source, Model model, PipelineOptions options) =>
        Run(source, model, options, Plan(source, model, options, new()));

    private static IEnumerable<string> Empty(Volume<bool> mask, Quality quality) => mask.Count() == 0 && quality.HasLiver ? ["no liver was found; the mask is empty"] : [];
}

/// <summary>A scan's mask, and what was noticed on the way.</summary>
public sealed record ScanResult
{
    private readonly EquatableArray<string> _warnings;
    private readonly (Volume<Hu> Ct, Volume<Probability> Scores)? _whole;

    internal ScanResult(Volume<bool> mask, MemoryPlan plan, IReadOnlyList<string> warnings, Quality quality, (Volume<Hu>, Volume<Probability>)? whole) =>
        (Mask, Plan, _warnings, Quality, _whole) = (mask, plan, warnings.ToEquatableArray(), quality, whole);

    /// <summary>The liver on the scan's own grid.</summary>
    public Volume<bool> Mask { get; }

    /// <summary>What speaks against the mask.</summary>
    public Quality Quality { get; }

    /// <summary>How it was worked on.</summary>
    public MemoryPlan Plan { get; }

    /// <summary>What is odd about the scan or the mask, in words.</summary>
    public IReadOnlyList<string> Warnings => _warnings;

    /// <summary>The scan and its fused score map before the CRF, where the whole scan was worked on at once.</summary>
    public bool TryGetWhole(out Volume<Hu> ct, out Volume<Probability> scores)
    {
        (ct, scores) = _whole ?? (new(default, ReadOnlyMemory<Hu>.Empty), new(default, ReadOnlyMemory<Probability>.Empty));
        return _whole is not null;
    }
}

/// <summary>A scan cannot be segmented within the bound of memory.</summary>
public sealed class MemoryBoundException : Exception
{
    internal MemoryBoundException(VolumeSource source, MemoryPlan plan, MemoryPlanOptions bound) : base(FormattableString.Invariant(
        $"{source.Path}: found a bound of {(bound.BoundBytes ?? 0) >> 20} MiB, expected at least {plan.MinBytes >> 20} MiB for {source.Info.Grid.Extent}")) =>
        MinBytes = plan.MinBytes;

    /// <summary>The least bound with which it can be done.</summary>
    public long MinBytes { get; }
}
