using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using SkiaSharp;

namespace LiverSeg.Functional;

/// <summary>Learning curves: what training runs came to, as plots and one page, and pictures of what the network has learned.</summary>
/// <remarks>The same histories give the same bytes.</remarks>
public static class LearningCurves
{
    /// <summary>The main path's loss over epochs.</summary>
    public static Plot Loss(IReadOnlyList<LearningRun> runs) =>
        Plots.Curves("Training loss", "epoch", "main loss", runs.Select(r => Series(r, e => e.Losses.TryGetValue("main", out var loss) ? loss : null)));

    /// <summary>Validation error (1 − Dice) over epochs; runs without validation have no curve.</summary>
    public static Plot ValidationError(IReadOnlyList<LearningRun> runs) =>
        Plots.Curves("Validation error", "epoch", "1 - Dice", runs.Select(r => Series(r, e => 1 - e.ValidationDice)).Where(s => s.Points.Count > 0));

    /// <summary>Common logarithm of each layer's gradient length over epochs, for one run.</summary>
    public static Plot LayerGradients(LearningRun run) =>
        Plots.Curves(
            $"Gradients of {run.Name}", "epoch", "log10 of the gradient length",
            run.Epochs.SelectMany(e => e.LayerNorms.Keys).Distinct().Order(StringComparer.Ordinal)
                .Select(layer => PlotSeries.Line(layer, run.Epochs
                    .Where(e => e.LayerNorms.GetValueOrDefault(layer) > 0)
                    .Select(e => new PlotPoint(e.Epoch, Math.Log10(e.LayerNorms[layer])))))) with
        { Width = 900 };

    /// <summary>A page with plots, without script or reference to anything outside.</summary>
    /// <param name="title">The heading.</param>
    /// <param name="plots">In order.</param>
    public static string Page(string title, IReadOnlyList<Plot> plots)
    {
        var page = new StringBuilder("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">");
        page.Append("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">");
        page.Append("<title>").Append(SafeText.Html(title)).Append("</title><style>body{font-family:sans-serif;max-width:60em;margin:2em auto}</style></head><body>\n");
        page.Append("<h1>").Append(SafeText.Html(title)).Append("</h1>\n");
        foreach (var plot in plots) page.Append("<p>").Append(plot.ToSvg()).Append("</p>\n");
        return page.Append("</body></html>\n").ToString();
    }

    /// <summary>
    /// The kernels of a model's first convolution as PNG (Fig. 2b): a row per feature, a column per slice; grey is 0, and each feature's
    /// largest magnitude is black or white.
    /// </summary>
    /// <exception cref="ArgumentException">The network does not begin with a convolution.</exception>
    public static ReadOnlyMemory<byte> FirstKernels(Model model) => Kernels(model, zoom: 6, gap: 4, columns: false).Png();

    /// <summary>The same: a feature is a row with its slices side by side, or a column with its slices one below the other.</summary>
    internal static SKBitmap Kernels(Model model, int zoom, int gap, bool columns)
    {
        var name = model.Weights.Keys.FirstOrDefault(k => k == "conv1/weight") ?? throw new ArgumentException("the network has no first convolution", nameof(model));
        var weight = model.Weights[name]; // (out, 1, z, y, x)
        int features = weight.Shape[0], depth = weight.Shape[2], height = weight.Shape[3], width = weight.Shape[4];
        var (across, down) = columns ? (features, depth) : (depth, features);
        var picture = Pictures.Blank(across * (width * zoom + gap) + gap, down * (height * zoom + gap) + gap, SKColors.White);
        using var canvas = new SKCanvas(picture);
        var size = depth * height * width;
        for (var f = 0; f < features; f++)
        {
            var kernel = weight.Values.Slice(f * size, size);
            var most = 1e-30f;
            foreach (var v in kernel) most = Math.Max(most, Math.Abs(v));
            for (var z = 0; z < depth; z++)
            {
                var greys = new byte[height * width];
                for (var i = 0; i < greys.Length; i++) greys[i] = (byte)Math.Clamp(Math.Round(127.5 * (1 + kernel[z * greys.Length + i] / most)), 0, 255);
                var (column, row) = columns ? (f, z) : (z, f);
                canvas.Greys(greys, width, SKRect.Create(gap + column * (width * zoom + gap), gap + row * (height * zoom + gap), width * zoom, height * zoom), smooth: false);
            }
        }
        return picture;
    }

    /// <summary>
    /// What an operation makes of an axial slice (Fig. 2c): the slice itself, then a panel per feature from its least (black) to its
    /// greatest value (white); a feature that is constant is grey.
    /// </summary>
    /// <param name="model">The network.</param>
    /// <param name="image">Windowed CT on any grid.</param>
    /// <param name="operation">Its path in words, as <see cref="LayerFolds.Operations"/> has them. Default: the first convolution.</param>
    /// <param name="height">Where the slice lies, from 0 (lowest) to 1 (highest). Default 0.5.</param>
    /// <param name="threads">0 = one per processor.</param>
    /// <param name="device">What computes. Default: the CPU.</param>
    /// <exception cref="DeviceUnavailableException">The device does not answer.</exception>
    /// <exception cref="ArgumentException">The network has no such operation, or guides; the height is not in [0, 1].</exception>
    public static ReadOnlyMemory<byte> LayerFeatures(Model model, Volume<Intensity> image, string operation = "conv1", double height = 0.5, int threads = 0, Device device = default)
    {
        var panels = FeaturePanels(model, image, operation, height, threads, pixels: 200, device);
        return Pictures.Beside(panels, Math.Min(panels.Length, 3 * (int)Math.Ceiling(Math.Sqrt(panels.Length / 9.0))), SKColors.White).Png();
    }

    /// <summary>The slice, then its features, each about so many pixels wide.</summary>
    internal static SKBitmap[] FeaturePanels(Model model, Volume<Intensity> image, string operation, double height, int threads, int pixels, Device device = default)
    {
        if (!(height is >= 0 and <= 1)) throw new ArgumentException($"height {height} is not in [0, 1]", nameof(height));
        var upright = StagedImage.Of(image, model, threads).Image;
        var slice = (int)Math.Round(height * (upright.Extent.Z - 1));
        var (part, width, depth, planes) = FeatureMaps.Slice(upright, model, operation, slice, device, threads);
        var seen = upright.Pad(part, default);
        var first = Volume.Floats(seen.Slab(slice - part.Z, 1).Voxels).ToArray();
        return [.. planes.Select(p => Panel(p, width, depth, pixels)).Prepend(Panel(first, part.Extent.X, part.Extent.Y, pixels))];
    }

    private static SKBitmap Panel(float[] values, int width, int height, int pixels)
    {
        var zoom = Math.Max(1, (int)Math.Round((double)pixels / width));
        var picture = Pictures.Blank(width * zoom, height * zoom, SKColors.Gray);
        float least = values.Min(), most = values.Max();
        if (!(most - least > 1e-12f)) return picture;
        var greys = Array.ConvertAll(values, v => (byte)Math.Round(255 * (v - least) / (most - least)));
        using var canvas = new SKCanvas(picture);
        canvas.Greys(greys, width, SKRect.Create(picture.Width, picture.Height), smooth: false);
        return picture;
    }

    private static PlotSeries Series(LearningRun run, Func<EpochRecord, double?> read) =>
        PlotSeries.Line(run.Name, run.Epochs.Where(e => read(e) is not null).Select(e => new PlotPoint(e.Epoch, read(e)!.Value)));
}
