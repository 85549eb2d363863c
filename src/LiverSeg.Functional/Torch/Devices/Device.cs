using System;
using System.Globalization;

namespace LiverSeg.Functional;

/// <summary>What networks are computed on: the processor, or a CUDA device by its number.</summary>
/// <remarks>
/// <c>default</c> is the CPU. As text <c>cpu</c>, <c>cuda</c> (the same as <c>cuda:0</c>) or <c>cuda:N</c>; law: <c>Parse(device.ToString())</c> is the device. The value
/// says nothing of this machine, <see cref="Devices.Ensure"/> does. Models, checkpoints and prepared cases are plain numbers and hold for every device.
/// </remarks>
public readonly record struct Device
{
    /// <summary>libtorch counts devices in eight bits.</summary>
    private const int MaxNumber = 127;

    private readonly int _place; // a CUDA device's number + 1, 0 = the CPU

    private Device(int place) => _place = place;

    /// <summary>The processor.</summary>
    public static Device Cpu => default;

    /// <summary>A CUDA device.</summary>
    /// <param name="number">From 0 to 127, as CUDA counts those that <c>CUDA_VISIBLE_DEVICES</c> leaves. Default: the first.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number is not from 0 to 127.</exception>
    public static Device Cuda(int number = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(number);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(number, MaxNumber);
        return new(number + 1);
    }

    /// <summary>Whether it is the processor.</summary>
    public bool IsCpu => _place == 0;

    /// <summary>The number of a CUDA device; absent for the processor.</summary>
    public int? CudaNumber => IsCpu ? null : _place - 1;

    /// <summary>The device of a text: <c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>, in small letters.</summary>
    /// <exception cref="ArgumentException">It is none of these.</exception>
    public static Device Parse(string text) =>
        TryParse(text, out var device) ? device : throw new ArgumentException($"device '{text}'; cpu, cuda or cuda:N is needed, N from 0 to {MaxNumber}", nameof(text));

    /// <summary>The same, or false.</summary>
    public static bool TryParse(string text, out Device device)
    {
        const string numbered = "cuda:";
        device = text == "cuda" ? Cuda() : Cpu;
        if (text is "cpu" or "cuda") return true;
        if (!text.StartsWith(numbered, StringComparison.Ordinal)
            || !int.TryParse(text.AsSpan(numbered.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number > MaxNumber) return false;
        device = Cuda(number);
        return true;
    }

    /// <summary><c>cpu</c> or <c>cuda:N</c>.</summary>
    public override string ToString() => CudaNumber is { } number ? FormattableString.Invariant($"cuda:{number}") : "cpu";
}

/// <summary>A device that was asked for does not answer here; the message says what was found, what is expected, and a remedy.</summary>
public sealed class DeviceUnavailableException : Exception
{
    internal DeviceUnavailableException(Device device, string found, string expected, string remedy)
        : base($"device {device}: found {found}, expected {expected}; {remedy}, or compute on the CPU") => Device = device;

    /// <summary>What was asked for.</summary>
    public Device Device { get; }
}
