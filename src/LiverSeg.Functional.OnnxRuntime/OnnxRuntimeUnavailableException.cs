using System;
using System.Runtime.InteropServices;

namespace LiverSeg.Functional;

/// <summary>ONNX Runtime's native library cannot be loaded on this machine; the message names the remedy.</summary>
public sealed class OnnxRuntimeUnavailableException : Exception
{
    internal OnnxRuntimeUnavailableException(Exception inner) : base(
        $"ONNX Runtime: found no native library that loads for {RuntimeInformation.RuntimeIdentifier} ({(inner.InnerException ?? inner).Message}), expected the one that the package Microsoft.ML.OnnxRuntime 1.31 brings "
        + "for linux-x64, linux-arm64, osx-arm64, win-x64 or win-arm64; publish for one of these, or leave the engine out: networks of 3×3×3 kernels need neither it nor libtorch", inner)
    {
    }
}
