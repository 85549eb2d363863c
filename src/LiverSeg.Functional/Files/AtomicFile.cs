using System;
using System.IO;

namespace LiverSeg.Functional;

/// <summary>Writes files that are there whole or not at all.</summary>
internal static class AtomicFile
{
    /// <summary>Writes under a temporary name in the same folder, flushes to the disk, renames.</summary>
    /// <exception cref="VolumeFileException">It exists and may not be replaced, is a link, or cannot be written; no half file stays.</exception>
    internal static void Write(string path, bool overwrite, Action<Stream> content)
    {
        VolumeFileException Refuse(string code, string found, string expected, string remedy, Exception? inner = null) => new(
            new() { Kind = ReadErrorKind.InputOutput, Code = code, File = path, Field = "output", Found = found, Expected = expected, Remedy = remedy }, inner);
        if (new FileInfo(path).LinkTarget is not null) throw Refuse("output-is-link", "a symbolic link", "a plain file or none", "choose another output");
        if (!overwrite && File.Exists(path)) throw Refuse("output-exists", "a file of that name", "none", "choose another output or allow overwriting");
        var temporary = FormattableString.Invariant($"{path}.{Environment.ProcessId}-{Environment.CurrentManagedThreadId}.tmp");
        try
        {
            if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder) Directory.CreateDirectory(folder);
            using (var file = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 16))
            {
                content(file);
                file.Flush(flushToDisk: true);
            }
            File.Move(temporary, path, overwrite);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Refuse("cannot-write", e is UnauthorizedAccessException ? "no permission" : e.Message, "a writable folder with room", "make room or choose another output", e);
        }
        finally
        {
            if (File.Exists(temporary)) File.Delete(temporary);
        }
    }
}
