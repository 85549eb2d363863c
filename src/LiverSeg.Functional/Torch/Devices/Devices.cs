using System;
using System.Collections.Generic;
using System.Linq;

namespace LiverSeg.Functional;

/// <summary>Which devices networks can be computed on here. The CPU always can; where the program holds no libtorch for CUDA, nothing is loaded to say so.</summary>
public static class Devices
{
    /// <summary>The CUDA devices that answer, by number; empty where none does.</summary>
    public static IReadOnlyList<CudaDevice> List() => Enumerable.Range(0, Cuda.Found.Count).Select(Cuda.Found.Describe).ToEquatableArray();

    /// <summary>Why no CUDA device answers, in words; empty where one does.</summary>
    public static string WhyNoCuda() => Cuda.Found.Missing;

    /// <summary>Makes sure that a device answers. What computes does so itself; this says it before the work begins.</summary>
    /// <exception cref="DeviceUnavailableException">It does not.</exception>
    public static void Ensure(Device device)
    {
        if (!device.IsCpu) Cuda.Ensure(device);
    }

    /// <summary>What <c>--device auto</c> takes: the first CUDA device with that much free memory, else the CPU.</summary>
    /// <param name="bytes">The memory that is needed, as <see cref="Predictor.DeviceBytes"/> and <see cref="Training.DeviceBytes"/> estimate it.</param>
    public static DeviceChoice Choose(long bytes)
    {
        var cuda = Cuda.Found;
        if (!cuda.IsBuiltIn) return new(Device.Cpu, "");
        if (cuda.Missing.Length > 0) return new(Device.Cpu, cuda.Missing);
        var free = new List<string>();
        for (var number = 0; number < cuda.Count; number++)
        {
            var device = cuda.Describe(number);
            if (device.FreeBytes >= bytes) return new(device.Device, device.ToString());
            free.Add(device.ToString());
        }
        return new(Device.Cpu, FormattableString.Invariant($"about {bytes >> 20} MiB of device memory are needed, found {string.Join(", ", free)}"));
    }
}

/// <summary>A device, and why it was chosen.</summary>
/// <param name="Device">The device.</param>
/// <param name="Reason">In words; empty where there was no choice, because the program holds no libtorch for CUDA.</param>
public sealed record DeviceChoice(Device Device, string Reason);
