using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.InteropServices;
using System.Threading;

namespace LiverSeg.Functional;

public static partial class Crf
{
    /// <summary>The same for any number of labels: one score map per label in, one out, in the same order.</summary>
    /// <remarks>
    /// Every two labels are equally unlike (Potts). The scores of a voxel need not sum to 1, their ratios count; the results do.
    /// With the two maps 1 − P and P the second result is that of <see cref="Refine(Volume{Probability}, Volume{Hu}, CrfOptions, Action{int, int}?, CancellationToken)"/>.
    /// </remarks>
    /// <param name="scores">One map per label, two at least.</param>
    /// <param name="guide">The scan in HU on the same grid.</param>
    /// <param name="options">Weights, lengths, iterations.</param>
    /// <param name="cancel">Asks to stop between two updates of a slice.</param>
    /// <exception cref="ArgumentException">As for Refine, and for fewer than two labels.</exception>
    public static IReadOnlyList<Volume<Probability>> RefineLabels(IReadOnlyList<Volume<Probability>> scores, Volume<Hu> guide, CrfOptions options, CancellationToken cancel = default) =>
        RefineLabels(scores, guide, 1, options, cancel);

    /// <param name="scores">One map per label, two at least.</param>
    /// <param name="guide">The windowed scan on the same grid; <see cref="CrfOptions.GuideWindow"/> says how many HU it spans.</param>
    /// <param name="options">Weights, lengths, iterations.</param>
    /// <param name="cancel">Asks to stop between two updates of a slice.</param>
    /// <inheritdoc cref="RefineLabels(IReadOnlyList{Volume{Probability}}, Volume{Hu}, CrfOptions, CancellationToken)"/>
    public static IReadOnlyList<Volume<Probability>> RefineLabels(IReadOnlyList<Volume<Probability>> scores, Volume<Intensity> guide, CrfOptions options, CancellationToken cancel = default) =>
        RefineLabels(scores, guide, options.GuideWindow.Width, options, cancel);

    private static EquatableArray<Volume<Probability>> RefineLabels<T>(IReadOnlyList<Volume<Probability>> scores, Volume<T> guide, double huPerUnit, CrfOptions options, CancellationToken cancel)
        where T : unmanaged, IEquatable<T>
    {
        var labels = scores.Count;
        if (labels < 2) throw new ArgumentException($"{labels} score maps; one per label and at least two are needed", nameof(scores));
        foreach (var map in scores) Check(map, guide, options);
        if (options.Iterations == 0 || guide.Extent.Count == 0) return scores.ToEquatableArray();
        var planes = CrfPlanes.Of(guide.Grid, options.Reach);
        var n = (int)planes.Extent.Count;
        var results = scores.Select(_ => Volume.Allocate<Probability>(guide.Grid)).ToArray();
        Each(planes, options, null, cancel,
            () => (Field: Field(planes, huPerUnit, options, GridSampling.Default), Guide: new float[n], Q: new float[labels * n], Unary: new float[labels * n], Message: new float[labels * n]),
            (i, own) =>
            {
                planes.Gather(Volume.Floats(guide.Voxels), i, own.Guide);
                own.Field.Prepare(own.Guide);
                for (var l = 0; l < labels; l++) planes.Gather(Volume.Floats(scores[l].Voxels), i, own.Q.AsSpan(l * n, n));
                MeanField.General(own.Field, own.Q, own.Unary, own.Message, labels, options, cancel);
                for (var l = 0; l < labels; l++) planes.Scatter(own.Q.AsSpan(l * n, n), i, MemoryMarshal.Cast<Probability, float>(results[l].AsSpan()));
            });
        return results.Select(r => new Volume<Probability>(guide.Grid, r)).ToEquatableArray();
    }
}
