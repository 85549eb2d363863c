using System;
using System.IO;
using System.Runtime.InteropServices;

namespace LiverSeg.Functional;

/// <summary>Writes files that are there whole or not at all.</summary>
internal static class AtomicFile
{
    /// <summary>Writes under a temporary name in the same folder, flushes to the disk, renames.</summary>
    /// <exception cref="FileErrorException">It exists and may not be replaced, is a link, or cannot be written; no half file stays.</exception>
    internal static void Write(string path, bool overwrite, Action<Stream> content)
    {
        Check(path, overwrite);
        var temporary = FormattableString.Invariant($"{path}.{Environment.ProcessId}-{Environment.CurrentManagedThreadId}.tmp");
        try
        {
            var folder = Path.GetDirectoryName(Path.GetFullPath(path));
            if (folder is not null)
            {
                Directory.CreateDirectory(folder);
                Sweep(folder, Path.GetFileName(path));
            }
            using (var file = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 16))
            {
                content(file);
                file.Flush(flushToDisk: true);
            }
            File.Move(temporary, path, overwrite);
            if (folder is not null) FlushFolder(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Refuse(path, "cannot-write", e is UnauthorizedAccessException ? "no permission" : e.Message, "a writable folder with room", "make room or choose another output", e);
        }
        finally
        {
            if (File.Exists(temporary)) File.Delete(temporary);
        }
    }

    /// <summary>Removes what killed processes left of earlier attempts at this file.</summary>
    private static void Sweep(string folder, string name)
    {
        foreach (var left in Directory.EnumerateFiles(folder, "*.tmp"))
        {
            var own = Path.GetFileName(left);
            if (!own.StartsWith(name + ".", StringComparison.Ordinal)) continue;
            var words = own[(name.Length + 1)..^4].Split('-');
            if (words.Length != 2 || !int.TryParse(words[0], out var process) || !int.TryParse(words[1], out _)) continue;
            // One that has been renamed since has no time, and its name may be in use again before it could be deleted.
            var wrote = new FileInfo(left) is { Exists: true } file ? file.LastWriteTimeUtc : DateTime.MaxValue;
            if (Runs(process, wrote)) continue;
            File.Delete(left);
        }
    }

    /// <summary>Whether the process that wrote something still runs; numbers of processes come again, hence the time.</summary>
    private static bool Runs(int process, DateTime wrote)
    {
        try
        {
            using var found = System.Diagnostics.Process.GetProcessById(process);
            return found.StartTime.ToUniversalTime() <= wrote;
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            return false;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return true; // somebody else's: leave it alone
        }
    }

    /// <summary>Refuses what may not be written before any work is done.</summary>
    internal static void Check(string path, bool overwrite)
    {
        if (path.Length == 0 || path.Contains('\0')) throw Refuse(path, "cannot-write", "no name", "a file name", "name the output");
        if (new FileInfo(path).LinkTarget is not null) throw Refuse(path, "output-is-link", "a symbolic link", "a plain file or none", "choose another output");
        if (Directory.Exists(path)) throw Refuse(path, "output-exists", "a folder of that name", "none", "choose another output");
        if (!overwrite && File.Exists(path)) throw Refuse(path, "output-exists", "a file of that name", "none", "choose another output or allow overwriting");
    }

    private static FileErrorException Refuse(string path, string code, string found, string expected, string remedy, Exception? inner = null) => new(
        new() { Kind = FileErrorKind.InputOutput, Code = code, File = path, Field = "output", Found = found, Expected = expected, Remedy = remedy }, inner);

    /// <summary>A rename lasts through a power failure only once the folder is on the disk; .NET opens no folders, so Linux is asked itself.</summary>
    private static void FlushFolder(string folder)
    {
        if (!OperatingSystem.IsLinux()) return;
        var handle = open(folder, 0);
        if (handle < 0) return; // a folder that may be written but not read: nothing more can be done
        _ = fsync(handle);
        _ = close(handle);
    }

    [DllImport("libc", CharSet = CharSet.Ansi, BestFitMapping = false)]
    private static extern int open(string path, int flags);

    [DllImport("libc")]
    private static extern int fsync(int handle);

    [DllImport("libc")]
    private static extern int close(int handle);
}
