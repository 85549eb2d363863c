using System;
using static TorchSharp.torch;

namespace LiverSeg.Functional;

/// <summary>A CUDA device that answers.</summary>
/// <param name="Device">It as a value.</param>
/// <param name="Name">The manufacturer's.</param>
/// <param name="TotalBytes">Its memory.</param>
/// <param name="FreeBytes">What of it was free when this process first asked; afterwards libtorch keeps what it has taken. 0 where the device would not tell.</param>
/// <param name="Version">The newest CUDA that the driver knows, as <c>12.8</c>.</param>
public sealed record CudaDevice(Device Device, string Name, long TotalBytes, long FreeBytes, string Version)
{
    /// <summary>One line for the eye.</summary>
    public override string ToString() =>
        FormattableString.Invariant($"{Device} ({Name}, {FreeBytes >> 20} of {TotalBytes >> 20} MiB free, CUDA {Version})");
}

/// <summary>CUDA as a process finds it.</summary>
internal interface ICuda
{
    /// <summary>Whether the libtorch that is loaded here is one for CUDA; found out without loading it.</summary>
    bool IsBuiltIn { get; }

    /// <summary>Why nothing can be computed on CUDA; empty where something can. Asked where CUDA is built in, it makes libtorch ready.</summary>
    string Missing { get; }

    /// <summary>How many devices there are.</summary>
    int Count { get; }

    /// <summary>A device, by its number below <see cref="Count"/>.</summary>
    CudaDevice Describe(int number);

    /// <summary>A tensor of these numbers in a device's memory.</summary>
    Tensor Place(float[] values, long[] shape, int number);
}
