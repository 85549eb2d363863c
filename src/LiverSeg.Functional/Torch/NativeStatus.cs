using System;

namespace LiverSeg.Functional;

/// <summary>What was found and done about the native library, for <c>doctor</c>.</summary>
/// <param name="Action">What was done.</param>
/// <param name="Library">The library that was loaded.</param>
/// <param name="TorchFolder">Where libtorch lies.</param>
public sealed record NativeStatus(string Action, string Library, string TorchFolder);

/// <summary>libtorch cannot be loaded on this machine; the message names the remedy.</summary>
public sealed class TorchUnavailableException(string message, Exception? inner = null) : Exception(message, inner);
