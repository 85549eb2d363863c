using System;
using System.Collections.Generic;
using System.Linq;

namespace LiverSeg.Functional;

/// <summary>How many voxels a convolution sees along each axis; odd, so that "same" padding is symmetric.</summary>
/// <remarks><c>default</c> is the empty kernel, which no layer accepts.</remarks>
public readonly record struct Kernel(int X, int Y, int Z)
{
    /// <summary>The same size along each axis.</summary>
    public static Kernel Cube(int size) => new(size, size, size);

    /// <summary>As <c>9×9×7</c>.</summary>
    public override string ToString() => FormattableString.Invariant($"{X}×{Y}×{Z}");
}

/// <summary>What follows a convolution, voxel by voxel.</summary>
public enum Activation
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>max(x, 0).</summary>
    Relu,

    /// <summary>x for x ≥ 0, else x / 100.</summary>
    LeakyRelu,
}

/// <summary>How the features of a convolution are scaled before the activation.</summary>
public enum Normalization
{
    /// <summary>Not at all (the paper).</summary>
    None,

    /// <summary>Each feature of each volume to mean 0 and variance 1, then a learned scale and shift.</summary>
    Instance,
}

/// <summary>A network, or a part of one, as a value: what it computes, not the numbers that it learned.</summary>
/// <remarks>
/// A layer takes x (channels × z × y × x) to a main output and a list of named side outputs. Convolutions keep the extent.
/// Laws: <c>Seq</c> is associative and <c>Seq []</c> neutral; a <c>Tap</c> changes neither main output nor shape; value equality.
/// </remarks>
public abstract record Layer
{
    private protected Layer() { }

    /// <summary>Says how many channels flow in: the word that a network begins with when it sees more than the image.</summary>
    /// <remarks>Passes x on unchanged. Law: a network without it takes one channel, as one that begins with <c>Input(1)</c>.</remarks>
    /// <param name="Channels">≥ 1: the image and what is known of it beside.</param>
    public sealed record Input(int Channels) : Layer;

    /// <summary>A 3-D convolution with "same" padding and a bias, then normalisation and activation.</summary>
    /// <param name="Features">Output channels, ≥ 1.</param>
    /// <param name="Kernel">Odd sizes.</param>
    public sealed record Conv(int Features, Kernel Kernel) : Layer
    {
        /// <summary>Default: ReLU.</summary>
        public Activation Activation { get; init; } = Activation.Relu;

        /// <summary>Default: none, as in the paper.</summary>
        public Normalization Normalization { get; init; } = Normalization.None;
    }

    /// <summary>The maximum over cubes of <c>Factor</c> voxels per side, which do not overlap.</summary>
    /// <param name="Factor">≥ 2; divides the extent.</param>
    public sealed record Pool(int Factor) : Layer;

    /// <summary>A 3×3×3 transposed convolution that makes the extent exactly <c>Factor</c> times as large.</summary>
    /// <remarks>Stride = Factor, padding 1, output padding Factor − 1: the gradient of a strided "same" convolution.</remarks>
    /// <param name="Features">Output channels, ≥ 1.</param>
    /// <param name="Factor">2 or 3.</param>
    public sealed record Up(int Features, int Factor) : Layer
    {
        /// <summary>Default: none (the paper names none after a deconvolution).</summary>
        public Activation Activation { get; init; } = Activation.None;
    }

    /// <summary>One logit per class from each voxel's features: a 1×1×1 convolution with a bias.</summary>
    /// <param name="Classes">≥ 1.</param>
    public sealed record Score(int Classes) : Layer;

    /// <summary>Trilinear enlargement; nothing is learned.</summary>
    /// <param name="Factor">≥ 2.</param>
    public sealed record Resize(int Factor) : Layer;

    /// <summary>One layer after the other; their side outputs in the same order.</summary>
    public sealed record Seq : Layer
    {
        private readonly EquatableArray<Layer> _layers;

        /// <summary>The layers in order; nested sequences are flattened, which makes <c>Seq</c> associative by value.</summary>
        public Seq(params IEnumerable<Layer> layers) => _layers = layers.SelectMany(l => l is Seq s ? s._layers : (IEnumerable<Layer>)[l]).ToEquatableArray();

        /// <summary>The layers in order.</summary>
        public IReadOnlyList<Layer> Layers => _layers;
    }

    /// <summary>Passes x on unchanged and emits what the head makes of it as a side output: deep supervision as a word.</summary>
    /// <param name="Name">Unique in a network; letters, digits, '-' and '_'.</param>
    /// <param name="Head">Ends with one logit per class at the network's full extent.</param>
    public sealed record Tap(string Name, Layer Head) : Layer;

    /// <summary>x beside what the inner layer makes of it (channels of x first): a skip connection.</summary>
    /// <param name="Inner">Keeps the extent.</param>
    public sealed record Skip(Layer Inner) : Layer;
}

/// <summary>Channels and extent of what flows between layers.</summary>
public readonly record struct Shape(int Channels, Extent Extent)
{
    /// <summary>As <c>8 @ 160×160×72</c>.</summary>
    public override string ToString() => FormattableString.Invariant($"{Channels} @ {Extent}");
}
