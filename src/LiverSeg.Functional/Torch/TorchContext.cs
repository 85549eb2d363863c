using System.IO;
using System.Runtime.InteropServices;

namespace LiverSeg.Functional;

/// <summary>Settings of libtorch that TorchSharp has no word for, by the names under which libtorch exports them (Linux x64).</summary>
internal static class TorchContext
{
    private const string Global = "_ZN2at13globalContextEv", SetCudnn = "_ZN2at7Context21setDeterministicCuDNNEb", GetCudnn = "_ZNK2at7Context18deterministicCuDNNEv";

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate nint Context();

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate void Setter(nint context, byte on);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate byte Getter(nint context);

    /// <summary>cuDNN then takes only algorithms that give equal sums each time. Says whether libtorch took the setting.</summary>
    /// <param name="loaded">The library that was loaded.</param>
    /// <param name="on">Whether that is wanted; a test puts it back.</param>
    internal static bool AskForDeterministicCudnn(NativeStatus loaded, bool on = true)
    {
        // libtorch lies, or is linked, beside TorchSharp's library; loading it once more gives the one that is there.
        var path = Path.Combine(Path.GetDirectoryName(loaded.Library) ?? "", "libtorch_cpu.so");
        if (!NativeLibrary.TryLoad(path, out var libtorch)
            || !NativeLibrary.TryGetExport(libtorch, Global, out var global)
            || !NativeLibrary.TryGetExport(libtorch, SetCudnn, out var set)
            || !NativeLibrary.TryGetExport(libtorch, GetCudnn, out var get)) return false;
        var context = Marshal.GetDelegateForFunctionPointer<Context>(global)();
        Marshal.GetDelegateForFunctionPointer<Setter>(set)(context, on ? (byte)1 : (byte)0);
        return Marshal.GetDelegateForFunctionPointer<Getter>(get)(context) == (on ? 1 : 0);
    }
}
