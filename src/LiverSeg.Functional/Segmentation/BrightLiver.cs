using System;
using System.Threading;

namespace LiverSeg.Functional;

/// <summary>A liver brighter than all that a model learned from, as low voltage or much contrast medium make it: it is looked at once more with less contrast.</summary>
/// <remarks>
/// Contrast is changed about <see cref="Pivot"/>, a liver without contrast medium, by a wider window: the liver's median comes to the usual one (<see cref="Model.UsualHu"/>),
/// but to no less than half the contrast.
/// </remarks>
internal static class BrightLiver
{
    /// <summary>HU that stay where they are.</summary>
    private const double Pivot = 50;

    /// <summary>The least contrast, and the one from which on a second look is not worth its time.</summary>
    private const double Least = 0.5, Enough = 0.9;

    /// <summary>The window for the second look; absent where none is needed, or where nothing is known of what is usual.</summary>
    /// <param name="model">The model.</param>
    /// <param name="image">The scan through the model's window.</param>
    /// <param name="found">What the first look says, on the same grid.</param>
    internal static Window? WiderWindow(Model model, Volume<Intensity> image, Volume<Probability> found)
    {
        if (model.UsualHu is not { } usual || Quality.MedianWithin(found.Threshold(0.5), image, model.Window) is not { } median) return null;
        if (median <= Math.Max(usual.Brightest.Value, Pivot)) return null;
        var contrast = Math.Max((usual.Median.Value - Pivot) / (median - Pivot), Least);
        if (contrast >= Enough) return null;
        var (low, high) = (model.Window.Low.Value, model.Window.High.Value);
        return new(new((float)(Pivot + (low - Pivot) / contrast)), new((float)(Pivot + (high - Pivot) / contrast)));
    }

    /// <summary>What a model says of a staged scan, once more through a wider window where its liver asks for it.</summary>
    /// <param name="staged">The scan through the model's window.</param>
    /// <param name="through">Stages it through another window.</param>
    /// <param name="model">The model.</param>
    /// <param name="options">The settings.</param>
    /// <param name="asked">The grid of the scan.</param>
    /// <param name="cancel">Asks to stop between tiles.</param>
    internal static (EquatableArray<Volume<Probability>> Guides, Volume<Probability> Fused) Look(
        StagedImage staged, Func<Window, StagedImage> through, Model model, PredictOptions options, Grid asked, CancellationToken cancel)
    {
        var (guides, alone) = First(staged);
        var image = staged.Image;
        if (WiderWindow(model, image, alone ?? guides[0]) is { } window)
        {
            (guides, alone, image) = (EquatableArray<Volume<Probability>>.Empty, null, null!); // their memory goes back
            FreedMemory.GiveBack();
            var again = through(window);
            FreedMemory.GiveBack();
            ((guides, alone), image) = (First(again), again.Image);
        }
        FreedMemory.GiveBack();
        return (guides, alone ?? Prediction.Run(image, guides, model, options, asked, cancel: cancel).Fused);

        // The guides' word; a model without any has its own.
        (EquatableArray<Volume<Probability>>, Volume<Probability>?) First(StagedImage look)
        {
            var said = look.Ask(model, options, asked, cancel);
            return (said, said.Count > 0 ? null : Prediction.Run(look.Image, said, model, options, asked, cancel: cancel).Fused);
        }
    }
}
