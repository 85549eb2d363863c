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

/// <summary>Loads libtorch before its first use, also where the system's libstdc++ is too old for TorchSharp's native library.</summary>
internal static class TorchRuntime
{
    private static readonly Lazy<NativeStatus> Loaded = new(Load);

    /// <summary>Loads the native library once; afterwards <c>torch</c> may be touched.</summary>
    /// <exception cref="TorchUnavailableException">It cannot be loaded; the message names the remedy.</exception>
    internal static NativeStatus Ensure() => Loaded.Value;

    /// <summary>Begins to load beside other work; what fails is said by <see cref="Ensure"/>.</summary>
    internal static void Begin() => ThreadPool.QueueUserWorkItem(static _ =>
    {
        try
        {
            Ensure();
            torch.InitializeDeviceType(DeviceType.CPU);
        }
        catch (Exception)
        {
            // Ensure throws the same again where the library is needed.
        }
    });

    private static NativeStatus Load()
    {
        if (!OperatingSystem.IsLinux()) return new("loaded by TorchSharp itself", "", "");
        // libtorch then lays its large blocks on bounds of 2 MiB: older versions of glibc otherwise leave gaps that add up to more than the
        // blocks themselves when Fourier blocks come and go (2.4 GiB instead of 1.3 were seen).
        AskFor("THP_MEM_ALLOC_ENABLE", "1");
        if (CudaFolder() is not null) AskFor("CUBLAS_WORKSPACE_CONFIG", ":4096:8"); // cuBLAS gives equal sums each time only so
        var folders = Folders();
        var library = folders.Select(f => Path.Combine(f, "libLibTorchSharp.so")).FirstOrDefault(File.Exists);
        var torchFolder = TorchFolder(folders);
        if (library is null || torchFolder is null)
            throw new TorchUnavailableException(
                $"{(library is null ? "libLibTorchSharp.so" : "libtorch_cpu.so")} was not found; add the package "
                + $"{(library is null ? "TorchSharp 0.107.0" : "libtorch-cpu-linux-x64 2.10.0")} to the program (or set LIVERSEG_LIBTORCH to the folder that holds libtorch); only to segment, the engine of LiverSeg.Functional.OnnxRuntime needs neither");
        if (torchFolder == Chosen() && Own().FirstOrDefault(f => IsAnother(f, torchFolder)) is { } own)
            throw new TorchUnavailableException(
                $"LIVERSEG_LIBTORCH names the libtorch in {torchFolder}, the program holds another in {own}, and TorchSharp loads that too, which ends a process; build the program without one (-p:TorchBackend=none), or leave the variable out");
        if (Path.GetDirectoryName(library) == torchFolder && TryLoad(library, out var reason))
            return new("loaded as it is", library, torchFolder);
        var original = File.ReadAllBytes(library);
        var newEnough = !TooOld();
        var folder = CacheFolder(original, torchFolder, newEnough);
        var copy = Path.Combine(folder, "libLibTorchSharp.so");
        try
        {
            Directory.CreateDirectory(folder);
            foreach (var file in Directory.EnumerateFiles(torchFolder, "*.so*").Where(f => Path.GetFileName(f) != "libLibTorchSharp.so")) Link(file, folder);
            if (!File.Exists(copy)) Place(newEnough ? original : LibstdcxxPatch.Apply(original), copy);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new TorchUnavailableException($"the cache folder {folder} cannot be written to ({e.Message}); set XDG_CACHE_HOME to a folder that can", e);
        }
        // From its own folder first, so that it finds what lies beside that one: Python's packages keep CUDA's libraries there. The copy then finds it loaded.
        _ = TryLoad(Path.Combine(torchFolder, "libtorch.so"), out _);
        if (!TryLoad(copy, out reason)) throw new TorchUnavailableException($"libtorch in {torchFolder} does not load: {reason}");
        return new(newEnough ? "loaded beside links to libtorch" : $"adapted to this system's older libstdc++ (no {LibstdcxxPatch.Version}) and loaded", copy, torchFolder);
    }

    /// <summary>The folder of the libtorch that is loaded here, if that is one for CUDA; nothing is loaded to find out. Linux only.</summary>
    internal static string? CudaFolder() =>
        OperatingSystem.IsLinux() && TorchFolder(Folders()) is { } folder && File.Exists(Path.Combine(folder, "libtorch_cuda.so")) ? folder : null;

    /// <summary>Whether two folders hold a libtorch each, and not one under two names; package caches link files.</summary>
    internal static bool IsAnother(string folder, string chosen)
    {
        static FileInfo Of(string folder)
        {
            var file = new FileInfo(Path.Combine(folder, "libtorch_cpu.so"));
            return file.Exists && file.ResolveLinkTarget(returnFinalTarget: true) is FileInfo target ? target : file;
        }
        var (one, other) = (Of(folder), Of(chosen));
        return one.Exists && one.FullName != other.FullName && (one.Length, one.LastWriteTimeUtc) != (other.Length, other.LastWriteTimeUtc);
    }

    private static List<string> Folders() => SearchFolders().Distinct().Where(Directory.Exists).ToList();

    private static string? TorchFolder(List<string> folders) => folders.FirstOrDefault(f => File.Exists(Path.Combine(f, "libtorch_cpu.so")));

    /// <summary>Sets what native libraries read when they are loaded. What the user has set stays.</summary>
    private static void AskFor(string name, string value)
    {
        try
        {
            _ = SetEnvironment(name, value, 0);
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            // Another C library: its own ways.
        }
    }

    /// <summary>The C library's own: .NET's is not seen by native code.</summary>
    [DllImport("libc", EntryPoint = "setenv", BestFitMapping = false, ThrowOnUnmappableChar = true)]
    private static extern int SetEnvironment([MarshalAs(UnmanagedType.LPUTF8Str)] string name, [MarshalAs(UnmanagedType.LPUTF8Str)] string value, int overwrite);

    private static string? Chosen() => Environment.GetEnvironmentVariable("LIVERSEG_LIBTORCH") is { Length: > 0 } chosen ? Path.GetFullPath(chosen).TrimEnd(Path.DirectorySeparatorChar) : null;

    private static string AssemblyFolder() => Path.GetDirectoryName(typeof(torch).Assembly.Location) is { Length: > 0 } home ? home : AppContext.BaseDirectory;

    /// <summary>Where .NET, and so TorchSharp, looks for native libraries by name.</summary>
    private static IEnumerable<string> Own() =>
        ((string?)AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(f => f.TrimEnd(Path.DirectorySeparatorChar)).Append(AssemblyFolder());

    private static IEnumerable<string> SearchFolders()
    {
        var native = Path.Combine("runtimes", RuntimeInformation.RuntimeIdentifier, "native");
        var portable = Path.Combine("runtimes", OperatingSystem.IsLinux() ? "linux-x64" : RuntimeInformation.RuntimeIdentifier, "native");
        if (Chosen() is { } chosen) yield return chosen;
        var assembly = AssemblyFolder();
        foreach (var root in new[] { assembly, AppContext.BaseDirectory })
            foreach (var below in new[] { native, portable, "" })
                yield return Path.GetFullPath(Path.Combine(root, below)).TrimEnd(Path.DirectorySeparatorChar);
        foreach (var folder in Own()) yield return folder;
        // A package cache, as in scripts: <cache>/torchsharp/<version>/lib/<framework>/TorchSharp.dll
        var package = Path.GetFullPath(Path.Combine(assembly, "..", ".."));
        yield return Path.Combine(package, portable);
        var cache = Path.GetFullPath(Path.Combine(package, "..", ".."));
        if (!Directory.Exists(cache)) yield break;
        foreach (var name in new[] { "libtorch-cuda-*-linux-x64*", "libtorch-cpu-linux-x64" })
            foreach (var torch in Directory.EnumerateDirectories(cache, name).Order())
                foreach (var version in Directory.EnumerateDirectories(torch).OrderDescending())
                    yield return Path.Combine(version, portable);
    }

    /// <summary>Whether the system's libstdc++ lacks the version that TorchSharp's library asks for.</summary>
    private static bool TooOld()
    {
        // The version string stands in the library's own version table, whatever tool built it.
        if (!NativeLibrary.TryLoad("libstdc++.so.6", out var handle)) return true;
        NativeLibrary.Free(handle);
        var path = File.ReadLines("/proc/self/maps").Select(l => l[(l.IndexOf('/') + 1)..]).FirstOrDefault(l => l.Contains("libstdc++.so.6", StringComparison.Ordinal));
        path = path is null ? DefaultLibstdcpp() : "/" + path;
        return path is null || File.ReadAllBytes(path).AsSpan().IndexOf(Encoding.ASCII.GetBytes(LibstdcxxPatch.Version + "\0")) < 0;
    }

    private static string? DefaultLibstdcpp() =>
        new[] { "/usr/lib/x86_64-linux-gnu", "/usr/lib64", "/usr/lib", "/lib64" }.Select(f => Path.Combine(f, "libstdc++.so.6")).FirstOrDefault(File.Exists);

    private static string CacheFolder(byte[] original, string torchFolder, bool asItIs)
    {
        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile); // nothing where that folder does not exist
        var root = Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } xdg ? xdg : home.Length > 0 ? Path.Combine(home, ".cache") : OfThisProcess();
        var place = Sha256Hash.HashData(Encoding.UTF8.GetBytes(torchFolder + asItIs));
        return Path.Combine(root, "liverseg", $"{Convert.ToHexStringLower(Sha256Hash.HashData(original))[..32]}-{Convert.ToHexStringLower(place)[..8]}");
    }

    /// <summary>Without a home: a folder that no one else can write to, gone when the program ends.</summary>
    private static string OfThisProcess()
    {
        var folder = Directory.CreateTempSubdirectory("liverseg-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        return folder;
    }

    /// <summary>Under a temporary name first: two programs may start at once.</summary>
    private static void Place(byte[] content, string target)
    {
        var temporary = $"{target}.{Environment.ProcessId}.tmp";
        using (var file = File.Create(temporary))
        {
            file.Write(content);
            file.Flush(flushToDisk: true);
        }
        File.Move(temporary, target, overwrite: true);
    }

    private static void Link(string target, string folder)
    {
        var link = Path.Combine(folder, Path.GetFileName(target));
        if (File.Exists(link)) return;
        try
        {
            if (new FileInfo(link).LinkTarget is not null) File.Delete(link);
            File.CreateSymbolicLink(link, target);
        }
        catch (IOException) when (File.Exists(link)) { /* another program was faster */ }
    }

    private static bool TryLoad(string path, out string reason)
    {
        try
        {
            NativeLibrary.Load(path);
            reason = "";
            return true;
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
        {
            reason = e.Message;
            return false;
        }
    }
}
