using System;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace LiverSeg.Functional;

/// <summary>Where the tensors of a computation lie: the one place that decides a tensor's device. All others are made from these and lie where they do.</summary>
internal sealed class Placement
{
    private readonly Func<float[], long[], Tensor> _make;

    private Placement(Device device, Func<float[], long[], Tensor> make) => (Device, _make) = (device, make);

    /// <summary>Asks nothing of this machine; libtorch must be loaded before a tensor is made.</summary>
    internal static Placement Cpu { get; } = new(Device.Cpu, (values, shape) => tensor(values, shape, device: CPU));

    internal Device Device { get; }

    /// <summary>Loads libtorch and makes sure of the device.</summary>
    /// <exception cref="TorchUnavailableException">libtorch cannot be loaded.</exception>
    /// <exception cref="DeviceUnavailableException">The device does not answer.</exception>
    internal static Placement On(Device device)
    {
        if (device.CudaNumber is not { } number)
        {
            TorchRuntime.Ensure();
            return Cpu;
        }
        var cuda = Cuda.Ensure(device);
        TorchRuntime.Ensure();
        return new(device, (values, shape) => cuda.Place(values, shape, number));
    }

    internal Tensor Tensor(float[] values, params long[] shape) => _make(values, shape);

    /// <summary>Whether libtorch failed because a device's memory is used up. Memory of the processor is another matter: there nothing helps.</summary>
    internal static bool IsExhausted(Device device, ExternalException failure) =>
        !device.IsCpu
        && (failure.Message.Contains("out of memory", StringComparison.OrdinalIgnoreCase) || failure.Message.Contains("ALLOC_FAILED", StringComparison.Ordinal));
}
