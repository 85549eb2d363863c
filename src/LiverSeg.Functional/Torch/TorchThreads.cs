using System;
using System.Linq;
using static TorchSharp.torch;

namespace LiverSeg.Functional;

/// <summary>Sets libtorch's thread count for one call and puts the old one back.</summary>
internal readonly struct TorchThreads : IDisposable
{
    private readonly int _before;

    internal TorchThreads(int threads)
    {
        _before = get_num_threads();
        set_num_threads(Parallelism.Count(threads));
    }

    public void Dispose() => set_num_threads(_before);
}
