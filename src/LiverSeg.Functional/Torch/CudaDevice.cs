using System;

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
