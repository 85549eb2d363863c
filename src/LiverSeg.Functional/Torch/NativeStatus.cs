using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Threading;
using TorchSharp;

namespace LiverSeg.Functional;

/// <summary>What was found and done about the native library, for <c>doctor</c>.</summary>
/// <param name="Action">What was done.</param>
/// <param name="Library">The library that was loaded.</param>
/// <param name="TorchFolder">Where libtorch lies.</param>
public sealed record NativeStatus(string Action, string Library, string TorchFolder);

/// <summary>libtorch cannot be loaded on this machine; the message names the remedy.</summary>
public sealed class TorchUnavailableException(string message, Exception? inner = null) : Exception(message, inner);
