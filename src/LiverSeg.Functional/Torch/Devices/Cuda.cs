using System;
using System.Threading;

namespace LiverSeg.Functional;

/// <summary>The CUDA that counts: this machine's, or one that a test plays.</summary>
internal static class Cuda
{
    private static readonly CudaDriver Own = new();
    private static readonly AsyncLocal<ICuda?> Played = new();

    internal static ICuda Found => Played.Value ?? Own;

    /// <summary>For tests: another CUDA for what this call and those that it awaits or starts compute.</summary>
    internal static void Play(ICuda? other) => Played.Value = other;

    /// <summary>The CUDA that a device belongs to.</summary>
    /// <exception cref="DeviceUnavailableException">It does not answer here.</exception>
    internal static ICuda Ensure(Device device)
    {
        var cuda = Found;
        if (!cuda.IsBuiltIn)
            throw new DeviceUnavailableException(
                device, cuda.Missing, "libtorch for CUDA", "build with -p:TorchBackend=cuda-linux, or with none and LIVERSEG_LIBTORCH naming the folder of a libtorch 2.10 for CUDA");
        if (cuda.Missing.Length > 0)
            throw new DeviceUnavailableException(device, cuda.Missing, "a driver that works with it and a device that answers", "install or renew NVIDIA's driver, or set CUDA_VISIBLE_DEVICES so that a device is seen");
        if (device.CudaNumber >= cuda.Count)
            throw new DeviceUnavailableException(device, FormattableString.Invariant($"{cuda.Count} CUDA devices"), "one with that number", FormattableString.Invariant($"choose from cuda:0 to cuda:{cuda.Count - 1}"));
        return cuda;
    }
}
