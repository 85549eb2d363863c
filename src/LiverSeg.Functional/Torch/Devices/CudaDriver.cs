using System;
using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Text;
using TorchSharp;
using static TorchSharp.torch;

namespace LiverSeg.Functional;

/// <summary>This machine's CUDA: the driver is asked for devices and memory, libtorch makes the tensors.</summary>
/// <remarks>TorchSharp can tell neither names nor memory, and the driver answers before libtorch is loaded.</remarks>
internal sealed class CudaDriver : ICuda
{
    private readonly Lazy<bool> _builtIn = new(() => TorchRuntime.CudaFolder() is not null);
    private readonly Lazy<(string Missing, int Count, string Version)> _found;
    private readonly ConcurrentDictionary<int, CudaDevice> _devices = new();

    internal CudaDriver() => _found = new(() =>
    {
        if (!IsBuiltIn) return ("no libtorch for CUDA beside the program", 0, "");
        var found = Find();
        return found.Missing.Length == 0 && Prepare() is { Length: > 0 } reason ? (reason, 0, "") : found;
    });

    public bool IsBuiltIn => _builtIn.Value;

    public string Missing => _found.Value.Missing;

    public int Count => _found.Value.Count;

    public CudaDevice Describe(int number) => _devices.GetOrAdd(number, Ask);

    public Tensor Place(float[] values, long[] shape, int number) => tensor(values, shape, device: new torch.Device(DeviceType.CUDA, number));

    /// <summary>libtorch's side: whether it works with the driver, and sums that are the same each time. Gives the reason where it does not.</summary>
    private static string Prepare()
    {
        try
        {
            var status = TorchRuntime.Ensure();
            if (!cuda.is_available()) return "a driver that this libtorch's CUDA does not work with";
            backends.cudnn.allow_tf32 = false; // else products lose 13 of 23 bits
            return TorchContext.AskForDeterministicCudnn(status) ? "" : "a libtorch that cannot be asked for deterministic algorithms";
        }
        catch (TorchUnavailableException e)
        {
            return e.Message;
        }
    }

    private static (string Missing, int Count, string Version) Find()
    {
        try
        {
            if (Init(0) is not 0 and var code) return (FormattableString.Invariant($"a CUDA driver that does not start (its error {code})"), 0, "");
            if (GetCount(out var count) != 0 || count == 0) return ("a CUDA driver that sees no device", 0, "");
            _ = GetVersion(out var version);
            return ("", count, FormattableString.Invariant($"{version / 1000}.{version % 1000 / 10}"));
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            return ("no CUDA driver (libcuda.so.1)", 0, "");
        }
    }

    private CudaDevice Ask(int number)
    {
        var name = new byte[256];
        nuint total = 0, free = 0;
        if (GetDevice(out var device, number) == 0)
        {
            _ = GetName(name, name.Length, device);
            _ = GetTotal(out total, device);
            // Free memory is told within a context only; libtorch takes this one up again.
            if (Retain(out var context, device) == 0)
            {
                if (Push(context) == 0)
                {
                    if (GetFree(out free, out _) != 0) free = 0;
                    _ = Pop(out _);
                }
                _ = Release(device);
            }
        }
        var text = Encoding.UTF8.GetString(name, 0, Math.Max(0, Array.IndexOf(name, (byte)0)));
        return new(Device.Cuda(number), text, (long)total, (long)free, _found.Value.Version);
    }

    private const string Driver = "libcuda.so.1";

    [DllImport(Driver, EntryPoint = "cuInit")]
    private static extern int Init(uint flags);

    [DllImport(Driver, EntryPoint = "cuDriverGetVersion")]
    private static extern int GetVersion(out int version);

    [DllImport(Driver, EntryPoint = "cuDeviceGetCount")]
    private static extern int GetCount(out int count);

    [DllImport(Driver, EntryPoint = "cuDeviceGet")]
    private static extern int GetDevice(out int device, int number);

    [DllImport(Driver, EntryPoint = "cuDeviceGetName")]
    private static extern int GetName([Out] byte[] name, int length, int device);

    [DllImport(Driver, EntryPoint = "cuDeviceTotalMem_v2")]
    private static extern int GetTotal(out nuint bytes, int device);

    [DllImport(Driver, EntryPoint = "cuDevicePrimaryCtxRetain")]
    private static extern int Retain(out nint context, int device);

    [DllImport(Driver, EntryPoint = "cuDevicePrimaryCtxRelease_v2")]
    private static extern int Release(int device);

    [DllImport(Driver, EntryPoint = "cuCtxPushCurrent_v2")]
    private static extern int Push(nint context);

    [DllImport(Driver, EntryPoint = "cuCtxPopCurrent_v2")]
    private static extern int Pop(out nint context);

    [DllImport(Driver, EntryPoint = "cuMemGetInfo_v2")]
    private static extern int GetFree(out nuint free, out nuint total);
}
