using System;
using System.IO;
using System.Linq;
using System.Text;

namespace LiverSeg.Functional;

/// <summary>What often stands under the name of an image or a model and is none: pointers to files that were not fetched, pages of web servers, an operating system's litter.</summary>
internal static class ForeignContent
{
    /// <summary>Files that macOS and Windows leave in folders and zips, and hidden files of anybody: no images, whatever they are called.</summary>
    internal static bool IsLitter(string path) =>
        Path.GetFileName(path) is var name
        && (name.StartsWith('.') || name.Equals("Thumbs.db", StringComparison.OrdinalIgnoreCase) || name.Equals("desktop.ini", StringComparison.OrdinalIgnoreCase)
            || path.Split('/', '\\').SkipLast(1).Contains("__MACOSX"));

    /// <summary>What the first bytes say, and what to do about it; none where they may be an image's.</summary>
    internal static (string Found, string Remedy)? Of(ReadOnlySpan<byte> head, bool gzip)
    {
        // AppleDouble: the resource fork of a Mac, which zips and network drives keep as ._NAME.
        if (head.StartsWith((ReadOnlySpan<byte>)[0, 5, 0x16, 7])) return ("the ._ file of a Mac (AppleDouble), not the image itself", "name the file without ._");
        if (head.StartsWith((ReadOnlySpan<byte>)[0x89, (byte)'P', (byte)'N', (byte)'G'])) return ("a picture (PNG)", Pictures);
        if (head.StartsWith((ReadOnlySpan<byte>)[0xff, 0xd8, 0xff])) return ("a picture (JPEG)", Pictures);
        if (head.StartsWith("Rar!"u8)) return ("a RAR archive", "unpack it first");
        if (head.StartsWith((ReadOnlySpan<byte>)[(byte)'7', (byte)'z', 0xbc, 0xaf])) return ("a 7z archive", "unpack it first");
        if (gzip && head.Length > 262 && head[257..].StartsWith("ustar"u8)) return ("a packed tar archive", "unpack it first");
        var text = Encoding.Latin1.GetString(head[..Math.Min(head.Length, 256)]).Replace("\u00ef\u00bb\u00bf", "", StringComparison.Ordinal).TrimStart();
        bool Begins(params ReadOnlySpan<string> words)
        {
            foreach (var word in words)
                if (text.StartsWith(word, StringComparison.OrdinalIgnoreCase)) return true;
            return false;
        }
        if (Begins("version https://git-lfs", "version https://hawser")) return ("a Git-LFS pointer: text in place of the file", "fetch the file itself, by git lfs pull");
        if (Begins("/annex/objects/", "../.git/annex/", ".git/annex/")) return ("a git-annex pointer: text in place of the file", "fetch the file itself, by git annex get");
        if (Begins("<!doctype html", "<html", "<head", "<body")) return ("an HTML page: a server's answer in place of the file", "open it in a browser to see what it says, then download the file again");
        if (Begins("<?xml", "<error")) return ("an XML text: a server's answer in place of the file", "open it to see what it says, then download the file again");
        if (head.Length > 0 && text.Length == 0) return ("white space only", "fetch or export it again");
        return null;
    }

    private const string Pictures = "grey values of a picture are no Hounsfield units: export the volume itself, as NIfTI, MetaImage, NRRD or DICOM";
}
