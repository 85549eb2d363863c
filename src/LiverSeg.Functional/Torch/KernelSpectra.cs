using System;
using System.Collections.Generic;
using static TorchSharp.torch;

namespace LiverSeg.Functional;

/// <summary>Spectra of kernels, computed once for each cut. Holds native memory until it is disposed; for weights that do not change meanwhile.</summary>
internal sealed class KernelSpectra : IDisposable
{
    private readonly Dictionary<(IntPtr Weight, FourierConvolution.Blocks), Tensor> _known = [];

    /// <summary>The spectra of a layer's kernels, made if they are not known.</summary>
    internal Tensor Of(Tensor weight, FourierConvolution.Blocks blocks, Func<Tensor> make)
    {
        var key = (weight.Handle, blocks);
        if (_known.TryGetValue(key, out var spectra)) return spectra;
        return _known[key] = make().DetachFromDisposeScope();
    }

    public void Dispose()
    {
        foreach (var spectra in _known.Values) spectra.Dispose();
    }
}
