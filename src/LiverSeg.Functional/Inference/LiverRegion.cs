using System;
using System.Linq;

namespace LiverSeg.Functional;

/// <summary>How the liver's box is searched for.</summary>
public sealed record RegionOptions
{
    /// <summary>Inside where the finder's probability is more than this, in (0, 1); low, so that little is overlooked. Default 0.2.</summary>
    public double Threshold { get; init; } = 0.2;

    /// <summary>Added on every side, in millimetres. Default 25.</summary>
    public double MarginMm { get; init; } = 25;

    /// <summary>Pieces smaller than this are specks, in millilitres. Default 1.</summary>
    public double SpeckMl { get; init; } = 1;

    /// <summary>A liver smaller than this is a doubt, in millilitres. Default 300.</summary>
    public double MinMl { get; init; } = 300;

    /// <summary>A second piece larger than this share of the largest is a doubt. Default 0.1.</summary>
    public double SecondPiece { get; init; } = 0.1;

    /// <summary>What computes, as <see cref="PredictOptions.Device"/>; where its memory does not suffice, the CPU does without a word. Default: the CPU.</summary>
    public Device Device { get; init; }

    /// <summary>What computes networks instead of the library itself, as <see cref="PredictOptions.Engine"/>.</summary>
    public IEngine? Engine { get; init; }

    /// <summary>Threads; 0 = one per processor. The result does not depend on them.</summary>
    public int Threads { get; init; }
}

/// <summary>Where the liver is.</summary>
/// <param name="Region">A box of the scan's voxels; the whole scan when in doubt.</param>
/// <param name="Doubt">Why the whole scan was taken, in words; empty when a box was found.</param>
public sealed record FoundRegion(Region Region, string Doubt);

/// <summary>Finds the liver's box by a cheap pass with a coarse model, so that a costly network need look only there (<see cref="PredictOptions.Region"/>).</summary>
public static class LiverRegion
{
    /// <summary>The box, or the whole scan with the reason when in doubt.</summary>
    /// <remarks>
    /// In doubt: nothing or too little was found, there are several large pieces, or what was found touches a side of the scan. Its upper and lower end may be
    /// touched: scans often end within the liver, and the box ends there too.
    /// </remarks>
    /// <param name="ct">A scan in HU, any orientation and spacing.</param>
    /// <param name="finder">A cheap model, as the shipped one.</param>
    /// <param name="options">The settings.</param>
    public static FoundRegion Find(this Volume<Hu> ct, Model finder, RegionOptions options)
    {
        var small = StagedImage.Of(ct.Window(finder.Window), finder, options.Threads);
        var scores = Prediction.Run(small, finder, new() { Device = options.Device, Engine = options.Engine, Threads = options.Threads }, small.Image.Grid).Fused;
        return Boxed(scores, ct.Grid, options);
    }

    /// <inheritdoc cref="Find(Volume{Hu}, Model, RegionOptions)"/>
    public static FoundRegion Find(this Volume<Hu> ct, Model finder) => ct.Find(finder, new());

    /// <summary>The box in a grid from scores on an upright coarser one.</summary>
    internal static FoundRegion Boxed(Volume<Probability> scores, Grid grid, RegionOptions options)
    {
        var whole = Region.Whole(grid.Extent);
        var mask = scores.Threshold(options.Threshold).RemoveSmall(options.SpeckMl);
        var sizes = mask.Components().Sizes.OrderDescending().Select(n => n * mask.Grid.VoxelVolume / 1000).ToList();
        if (sizes.Count == 0) return new(whole, "no liver was found");
        if (sizes[0] < options.MinMl) return new(whole, FormattableString.Invariant($"only {sizes[0]:0} ml were found"));
        if (sizes.Count > 1 && sizes[1] > options.SecondPiece * sizes[0])
            return new(whole, FormattableString.Invariant($"pieces of {sizes[0]:0} and {sizes[1]:0} ml were found"));
        var (box, e) = (mask.BoundingBox(), mask.Extent);
        if (box.X == 0 || box.Y == 0 || box.X + box.Extent.X == e.X || box.Y + box.Extent.Y == e.Y) return new(whole, "what was found touches a side of the scan");
        var found = grid.Covering(box, mask.Grid);
        int Voxels(double spacing) => (int)Math.Ceiling(options.MarginMm / spacing);
        return new(found.Grow(new(Voxels(grid.Spacing.X), Voxels(grid.Spacing.Y), Voxels(grid.Spacing.Z)), grid.Extent), "");
    }
}
