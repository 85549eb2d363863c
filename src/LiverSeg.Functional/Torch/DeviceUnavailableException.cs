using System;

namespace LiverSeg.Functional;

/// <summary>A device that was asked for does not answer here; the message says what was found, what is expected, and a remedy.</summary>
public sealed class DeviceUnavailableException : Exception
{
    internal DeviceUnavailableException(Device device, string found, string expected, string remedy)
        : base($"device {device}: found {found}, expected {expected}; {remedy}, or compute on the CPU") => Device = device;

    /// <summary>What was asked for.</summary>
    public Device Device { get; }
}
