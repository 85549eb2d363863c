using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;

namespace LiverSeg.Functional;

/// <summary>A windowed scan as a model wants it, axes along L, P, S at the model's spacing, and as each of its guides wants it.</summary>
internal sealed record StagedImage(Volume<Intensity> Image, EquatableArray<StagedImage> ForGuides)
{
    /// <summary>An image prepared for a model and its guides.</summary>
    internal static StagedImage Of(Volume<Intensity> image, Model model, int threads)
    {
        var upright = image.ToCanonical();
        return new(
            model.Spacing is { } spacing ? upright.ToSpacing(spacing, threads) : upright,
            model.Guides.Select(guide => Of(upright, guide, threads)).ToEquatableArray());
    }

    /// <summary>What the guides say, each on the image's own grid.</summary>
    internal EquatableArray<Volume<Probability>> Ask(Model model, PredictOptions options, Grid asked, CancellationToken cancel) =>
        model.Guides.Select((guide, i) => Prediction.Run(ForGuides[i], guide, options, asked, cancel: cancel).Fused.Onto(Image.Grid, options.Threads)).ToEquatableArray();

    /// <summary>The box of the voxels where some guide says more than the gate, with a margin of <see cref="GateMarginMm"/>; empty where none does.</summary>
    internal static Region Gate(IReadOnlyList<Volume<Probability>> guides, double gate)
    {
        var grid = guides[0].Grid;
        var open = guides[0].Threshold(gate);
        foreach (var guide in guides.Skip(1)) open = open.Zip(guide, (before, p) => before || p.Value > gate);
        if (open.Count() == 0) return default;
        int Margin(double spacing) => (int)Math.Ceiling(GateMarginMm / spacing);
        return open.BoundingBox().Grow(new(Margin(grid.Spacing.X), Margin(grid.Spacing.Y), Margin(grid.Spacing.Z)), grid.Extent);
    }

    /// <summary>Whether a guide says more than the gate anywhere in a region, which may reach outside.</summary>
    internal static bool Opens(Volume<Probability> guide, Region region, double gate)
    {
        var (e, size, least) = (guide.Extent, region.Extent, (float)gate);
        int x0 = Math.Max(0, region.X), x1 = Math.Min(e.X, region.X + size.X);
        for (var z = Math.Max(0, region.Z); z < Math.Min(e.Z, region.Z + size.Z); z++)
            for (var y = Math.Max(0, region.Y); y < Math.Min(e.Y, region.Y + size.Y); y++)
                foreach (var p in guide.Voxels.Slice((z * e.Y + y) * e.X + x0, x1 - x0))
                    if (p.Value > least) return true;
        return false;
    }

    /// <summary>What the network sees around the voxels that it is asked about.</summary>
    internal const double GateMarginMm = 24;
}
