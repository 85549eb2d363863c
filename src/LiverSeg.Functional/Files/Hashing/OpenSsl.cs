using System;
using System.Linq;
using System.Runtime.InteropServices;

namespace LiverSeg.Functional;

/// <summary>The system's OpenSSL, which .NET on Linux asks for hashes and https and ends the process without. Files, hashes and networks need none here.</summary>
public static class OpenSsl
{
    private static readonly Lazy<string?> Found = new(Find);

    /// <summary>What was found, or what is missing without it and what to install.</summary>
    public static string Status => Found.Value ?? "not found: DICOMweb over https needs it (libssl3 on Debian and Ubuntu), nothing else does";

    internal static bool IsFound => Found.Value is not null;

    private static string? Find()
    {
        if (!OperatingSystem.IsLinux()) return "not needed on this system";
        // The names that .NET itself tries, its override first.
        var chosen = Environment.GetEnvironmentVariable("CLR_OPENSSL_VERSION_OVERRIDE") is { Length: > 0 } version ? new[] { "libssl.so." + version } : [];
        return chosen.Concat(["libssl.so.3", "libssl.so.1.1"]).FirstOrDefault(name => NativeLibrary.TryLoad(name, out _));
    }
}
