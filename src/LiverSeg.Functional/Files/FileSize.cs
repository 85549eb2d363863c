using System.IO;

namespace LiverSeg.Functional;

/// <summary>How long files are; of a symbolic link, as data folders are full of, the file that it leads to.</summary>
internal static class FileSize
{
    internal static long Of(string path) => Of(new FileInfo(path));

    internal static long Of(FileInfo file) => file.LinkTarget is null || file.ResolveLinkTarget(returnFinalTarget: true) is not FileInfo target ? file.Length : target.Length;
}
