namespace LiverSeg.Functional;

/// <summary>The native library that networks run on.</summary>
public static class Runtime
{
    /// <summary>Loads it, once a process, and says what was found and done. Every function that needs it does so by itself.</summary>
    /// <exception cref="TorchUnavailableException">It cannot be loaded; the message names the remedy.</exception>
    public static NativeStatus Load() => TorchRuntime.Ensure();

    /// <summary>Begins to load it on another thread and returns at once: for programs that first read a scan. What fails is said where it is needed.</summary>
    public static void Begin() => TorchRuntime.Begin();
}
