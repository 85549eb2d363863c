using System;
using System.IO;

namespace LiverSeg.Functional;

/// <summary>How long files are; of a symbolic link, as data folders are full of, the file that it leads to.</summary>
internal static class FileSize
{
    internal static long Of(string path) => Of(new FileInfo(path));

    internal static long Of(FileInfo file)
    {
        if (file.LinkTarget is null) return file.Length;
        // The system follows links also where a folder on the way is one.
        using var target = File.OpenHandle(file.FullName);
        try
        {
            return RandomAccess.GetLength(target);
        }
        catch (NotSupportedException)
        {
            return 0; // a device, which holds no file
        }
    }

    /// <summary>Whether a link leads to a file that is there; one that may not be read counts as there.</summary>
    internal static bool Leads(string link)
    {
        try
        {
            using var target = File.OpenHandle(link);
            return true;
        }
        catch (UnauthorizedAccessException)
        {
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
