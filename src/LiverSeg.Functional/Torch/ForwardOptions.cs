using System;
using System.Threading;
using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace LiverSeg.Functional;

/// <summary>How a pass is computed.</summary>
internal sealed record ForwardOptions
{
    /// <summary>All convolutions by libtorch, voxel by voxel; otherwise large kernels go by Fourier blocks where that is cheaper, and small ones that are learned by Winograd's products.</summary>
    internal bool Direct { get; init; }

    /// <summary>Spectra of kernels that several passes share; none = computed anew. For weights that stay.</summary>
    internal KernelSpectra? Spectra { get; init; }

    /// <summary>Which taps' heads are computed. Default: all.</summary>
    internal Func<string, bool> Wanted { get; init; } = _ => true;

    /// <summary>Is shown what each operation makes, by its path, before what follows may dispose of it.</summary>
    internal Action<string, Tensor>? Watch { get; init; }

    /// <summary>For what is computed without libtorch; 0 = one per processor.</summary>
    internal int Threads { get; init; }

    /// <summary>Asks to stop between operations.</summary>
    internal CancellationToken Cancel { get; init; }
}
