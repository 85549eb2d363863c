using System;

namespace LiverSeg.Functional;

/// <summary>How a scan becomes a mask.</summary>
public sealed record PipelineOptions
{
    /// <summary>How the network is applied. Default: half-overlapping tiles, Gaussian weights.</summary>
    public PredictOptions Predict { get; init; } = new();

    /// <summary>Inside where the probability is more than this. Default 0.5.</summary>
    public double Threshold { get; init; } = 0.5;

    /// <summary>Leave out voxels at or below the model's window: air, gas and lung are never liver. Default true.</summary>
    public bool TissueOnly { get; init; } = true;

    /// <summary>Keep only the largest component: a liver is one piece. Default true.</summary>
    public bool LargestComponent { get; init; } = true;

    /// <summary>Fill holes: a liver has none. Default true.</summary>
    public bool FillHoles { get; init; } = true;
}

/// <summary>A mask and the score map that it was cut from, both on the scan's own grid.</summary>
public sealed record Segmentation(Volume<bool> Mask, Volume<Probability> Scores);

/// <summary>The stages composed: scan → window → network → threshold → tissue only → largest component → holes filled.</summary>
public static class Pipeline
{
    /// <summary>Finds the liver. Law: the same as its parts composed by hand.</summary>
    /// <param name="ct">A scan in HU, any orientation and spacing.</param>
    /// <param name="model">The trained network.</param>
    /// <param name="options">The settings.</param>
    public static Segmentation Segment(this Volume<Hu> ct, Model model, PipelineOptions options)
    {
        var image = ct.Window(model.Window);
        var scores = image.Predict(model, options.Predict);
        return new(scores.Clean(image, options), scores);
    }

    /// <inheritdoc cref="Segment(Volume{Hu}, Model, PipelineOptions)"/>
    public static Segmentation Segment(this Volume<Hu> ct, Model model) => ct.Segment(model, new());

    /// <summary>The mask of a score map: threshold, then the anatomical steps that are switched on.</summary>
    /// <param name="scores">The score map.</param>
    /// <param name="image">The windowed scan on the same grid.</param>
    /// <param name="options">The settings.</param>
    /// <exception cref="ArgumentException">The grids differ.</exception>
    public static Volume<bool> Clean(this Volume<Probability> scores, Volume<Intensity> image, PipelineOptions options) =>
        scores.Inside(image, options).Whole(options);

    /// <summary>What needs no more than a transverse slice: threshold and tissue only.</summary>
    internal static Volume<bool> Inside(this Volume<Probability> scores, Volume<Intensity> image, PipelineOptions options)
    {
        var mask = scores.Threshold(options.Threshold);
        return options.TissueOnly ? mask.Zip(image, (inside, intensity) => inside && intensity.Value > 0) : mask;
    }

    /// <summary>What needs the whole mask: largest component and holes.</summary>
    internal static Volume<bool> Whole(this Volume<bool> mask, PipelineOptions options)
    {
        if (options.LargestComponent) mask = mask.LargestComponent();
        return options.FillHoles ? mask.FillHoles() : mask;
    }
}
