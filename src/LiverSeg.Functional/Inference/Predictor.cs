using System;
using System.Linq;
using System.Threading;

namespace LiverSeg.Functional;

/// <summary>Applies models to volumes.</summary>
public static class Predictor
{
    /// <summary>
    /// The fused liver probability (eq. 4) on the image's own grid: oriented and resampled to the model's spacing, cut into
    /// tiles, blended, and brought back.
    /// </summary>
    /// <remarks>Deterministic; within [0, 1]; memory is bounded by the tile and one score map.</remarks>
    /// <param name="image">The windowed scan.</param>
    /// <param name="model">The trained network.</param>
    /// <param name="options">The settings.</param>
    /// <param name="cancel">Asks to stop between two operations of a tile.</param>
    /// <exception cref="DeviceUnavailableException">The options' device does not answer.</exception>
    /// <exception cref="ArgumentException">The options ask for direct convolution and for an engine.</exception>
    /// <exception cref="OperationCanceledException">It was asked to stop; nothing is left in memory.</exception>
    public static Volume<Probability> Predict(this Volume<Intensity> image, Model model, PredictOptions options, CancellationToken cancel = default) =>
        Prediction.Run(StagedImage.Of(image, model, options.Threads), model, options, image.Grid, cancel: cancel).Fused.Onto(image.Grid, options.Threads);

    /// <inheritdoc cref="Predict(Volume{Intensity}, Model, PredictOptions, CancellationToken)"/>
    public static Volume<Probability> Predict(this Volume<Intensity> image, Model model) => image.Predict(model, new());

    /// <summary>The device memory that applying a model to its largest tile takes, in bytes: an upper estimate from its shapes, CUDA's own context included.</summary>
    /// <param name="model">The model; the most that it or one of its guides takes.</param>
    public static long DeviceBytes(this Model model) => DeviceMemory.Predicting(model);

    /// <summary>
    /// Whether libtorch is loaded to apply a model on the CPU: for kernels other than 3×3×3, where branches are fused, and on processors without fused multiply-add. The shipped
    /// default needs none, and none does with a <see cref="PredictOptions.Engine"/>. Training always does, as do CUDA devices, <see cref="PredictAll"/> and <see cref="PredictOptions.DirectConvolution"/>.
    /// </summary>
    /// <param name="model">The model, its guides with it.</param>
    public static bool NeedsLibtorch(this Model model) => model.Guides.Append(model).Any(m => !Prediction.IsManaged(m));

    /// <summary>Main and branch probabilities beside the fused one, each on the image's own grid.</summary>
    /// <inheritdoc cref="Predict(Volume{Intensity}, Model, PredictOptions, CancellationToken)"/>
    public static Prediction PredictAll(this Volume<Intensity> image, Model model, PredictOptions options, CancellationToken cancel = default)
    {
        var all = Prediction.Run(StagedImage.Of(image, model, options.Threads), model, options, image.Grid, branches: true, cancel);
        Volume<Probability> Back(Volume<Probability> v) => v.Onto(image.Grid, options.Threads);
        return new(Back(all.Fused), Back(all.Main), all.Branches.Select(b => (b.Tap, Back(b.Scores))).ToEquatableArray());
    }
}
