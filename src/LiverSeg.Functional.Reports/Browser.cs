using System;
using System.ComponentModel;
using System.Diagnostics;
using System.IO;

namespace LiverSeg.Functional;

/// <summary>The browser of whoever sits before the screen.</summary>
public static class Browser
{
    /// <summary>Opens a page: with the program that the variable <c>BROWSER</c> names, else with the desktop's own; false where there is no screen or no browser.</summary>
    /// <param name="address">An address, or a file.</param>
    public static bool Open(string address)
    {
        if (Variable("BROWSER") is { } named) return Run(named, address);
        if (OperatingSystem.IsWindows()) return Run("rundll32", "url.dll,FileProtocolHandler", address);
        if (OperatingSystem.IsMacOS()) return Run("open", address);
        return (Variable("DISPLAY") ?? Variable("WAYLAND_DISPLAY")) is not null && Run("xdg-open", address);
    }

    /// <summary>A page in a new temporary folder, which only its owner may read, opened; gives the file, to open it by hand where there is no browser.</summary>
    /// <param name="kind">What it shows, for the folder's name.</param>
    /// <param name="page">The file's name.</param>
    /// <param name="write">Writes the page, and what belongs to it, into the folder.</param>
    internal static string Show(string kind, string page, Action<string> write)
    {
        var folder = Directory.CreateTempSubdirectory($"liverseg-{kind}-").FullName;
        write(folder);
        var path = Path.Combine(folder, page);
        Open(path);
        return path;
    }

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;

    private static bool Run(string program, params string[] words)
    {
        try
        {
            using var run = Process.Start(new ProcessStartInfo(program, words) { RedirectStandardOutput = true, RedirectStandardError = true });
            // Some stay as long as the browser does.
            return run is not null && (!run.WaitForExit(3000) || run.ExitCode == 0);
        }
        catch (Win32Exception)
        {
            return false;
        }
    }
}
