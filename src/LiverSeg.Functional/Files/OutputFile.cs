using System.Text;

namespace LiverSeg.Functional;

/// <summary>Result files that are there whole or not at all.</summary>
public static class OutputFile
{
    /// <summary>Refuses an output that cannot be written, so that long work need not be done in vain.</summary>
    /// <exception cref="FileErrorException">There is a folder or a link of that name, or a file that may not be replaced.</exception>
    public static void Check(string path, bool overwrite) => AtomicFile.Check(path, overwrite);

    /// <summary>Writes UTF-8 text under a temporary name and renames it.</summary>
    /// <exception cref="FileErrorException">The file exists and may not be replaced, or cannot be written.</exception>
    public static void WriteText(string path, string text, bool overwrite = false) =>
        AtomicFile.Write(path, overwrite, stream => stream.Write(Encoding.UTF8.GetBytes(text)));

    /// <summary>Writes bytes under a temporary name and renames them.</summary>
    /// <exception cref="FileErrorException">The file exists and may not be replaced, or cannot be written.</exception>
    public static void WriteBytes(string path, System.ReadOnlyMemory<byte> bytes, bool overwrite = false) =>
        AtomicFile.Write(path, overwrite, stream => stream.Write(bytes.Span));
}
