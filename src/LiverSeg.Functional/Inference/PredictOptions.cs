using System;

namespace LiverSeg.Functional;

/// <summary>How a model is applied to a volume.</summary>
public sealed record PredictOptions
{
    /// <summary>Share of a tile that the next one covers again, in [0, 0.9]; of no account with <see cref="TileBlend.Valid"/>. Tiles of guided models are no larger than it makes them. Default 0.5.</summary>
    public double TileOverlap { get; init; } = 0.5;

    /// <summary>How tiles blend. Default: Gaussian.</summary>
    public TileBlend Weighting { get; init; } = TileBlend.Gaussian;

    /// <summary>
    /// What computes. Default: the CPU. A CUDA device sums in another order, so that probabilities differ by rounding; asked for are algorithms that give equal bytes on
    /// the same device each time. Where its memory does not suffice, smaller tiles are taken if they leave the result as it is (<see cref="TileBlend.Valid"/>, a network
    /// without normalisation), else the CPU computes all of it anew; <see cref="Warn"/> hears of it.
    /// </summary>
    public Device Device { get; init; }

    /// <summary>
    /// What computes networks instead of the library itself, on <see cref="Device"/>: with the package <c>LiverSeg.Functional.OnnxRuntime</c> its <c>OnnxRuntimeEngine</c>, which needs
    /// no libtorch. Absent: the library, which needs libtorch for some networks (<see cref="Predictor.NeedsLibtorch"/>).
    /// </summary>
    public IEngine? Engine { get; init; }

    /// <summary>Threads; 0 = one per processor. Equal counts give equal bytes.</summary>
    public int Threads { get; init; }

    /// <summary>Convolves all kernels voxel by voxel with libtorch, never by Fourier transforms or Winograd's products (which differ by rounding, below 1e-5). Not together with an <see cref="Engine"/>. Default false.</summary>
    public bool DirectConvolution { get; init; }

    /// <summary>
    /// The voxels of the image that are asked about; all others get probability 0. The network still sees what lies around: one without
    /// normalisation says the same there as in the whole image when tiles are <see cref="TileBlend.Valid"/>. Absent: all.
    /// </summary>
    public Region? Region { get; init; }

    /// <summary>Hears in words of a device whose memory did not suffice, and what was done about it. A <see cref="ScanResult"/> has it among its warnings instead.</summary>
    public Action<string>? Warn { get; init; }

    /// <summary>Hears (tiles done, tiles in all): before the first tile and after each.</summary>
    public Action<int, int>? Progress { get; init; }
}
