using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;

namespace LiverSeg.Functional;

/// <summary>Files that a header names: only plain files in the header's own folder and below, wherever links lead.</summary>
internal static class DetachedData
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>A line of a text header: UTF-8, or Latin-1 as older programs write names with accents.</summary>
    internal static string Text(byte[] head, int start, int count)
    {
        try
        {
            return Strict.GetString(head, start, count);
        }
        catch (DecoderFallbackException)
        {
            return Encoding.Latin1.GetString(head, start, count);
        }
    }

    private const int MostLinks = 40;

    internal static string Beside(string header, string name, string field, FileErrors refuse)
    {
        FileErrorException Outside() => refuse.Bad(field, name, "a file in the header's own folder or below", "put the data file beside the header and name it without a path");
        if (name.Length is 0 or > 1024 || name.Split('/').Any(part => part.Length > 255) || name.Any(char.IsControl)) throw Outside();
        var folder = Path.GetDirectoryName(Path.GetFullPath(header))!;
        if (Inside(folder, name) is not { } path) throw Outside();
        if (Path.GetFullPath(header) == path) throw refuse.Bad(field, "the header itself", "the data file", "name the data file, or LOCAL for a .mha");
        if (Directory.Exists(path) && !File.Exists(path)) throw refuse.Bad(field, "a folder", "a plain file in the header's own folder or below", "name the data file itself");
        var info = new FileInfo(path);
        if (info.Exists && Resolved(path) is var real && (real is null || !Within(Resolved(folder), real)))
            throw refuse.Bad(field, "a link that leads out of the folder", "a plain file in the header's own folder or below", "put the data file itself beside the header");
        if (info.Exists && (info.Attributes & FileAttributes.Device) != 0) throw refuse.Bad(field, "a device", "a plain file in the header's own folder or below", "put the data file itself beside the header");
        if (info.Exists) return path;
        // What is no file name anywhere is no missing file either.
        if (name.Any(c => c is ':' or '~' or '$' or '|')) throw Outside();
        throw refuse.InputOutput(field, "no such file beside the header", "the data file", "keep header and data file together");
    }

    /// <summary>Whether a file of this very name is there, so that nothing in the name is a pattern.</summary>
    internal static bool Exists(string header, string name) =>
        name.Length is > 0 and <= 1024 && !name.Any(char.IsControl) && Inside(Path.GetDirectoryName(Path.GetFullPath(header))!, name) is { } path && File.Exists(path);

    /// <summary>
    /// The full path of a name that leads nowhere outside of the folder by its words. Where no such file is: with backslashes parting folders, as on
    /// Windows, or with accents composed or apart from their letters, as files of a Mac have them.
    /// </summary>
    private static string? Inside(string folder, string name)
    {
        string Full(string text) => Path.GetFullPath(Path.Combine(folder, text));
        var slashed = name.Replace('\\', '/');
        var path = new[] { name, slashed, Normal(name, NormalizationForm.FormC), Normal(name, NormalizationForm.FormD) }.Select(Full).FirstOrDefault(File.Exists) ?? Full(slashed);
        return Within(folder, path) ? path : null;
    }

    /// <summary>The same text in another form of Unicode; as it is where it is none.</summary>
    private static string Normal(string name, NormalizationForm form)
    {
        try
        {
            return name.Normalize(form);
        }
        catch (ArgumentException)
        {
            return name;
        }
    }

    private static bool Within(string? folder, string path) =>
        folder is not null && path.StartsWith(Path.TrimEndingDirectorySeparator(folder) + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    /// <summary>The path without links, those of its folders followed too; none where they go in a circle.</summary>
    private static string? Resolved(string path)
    {
        var links = 0;
        var (at, rest) = (Path.GetPathRoot(path)!, new Stack<string>(Parts(path)));
        while (rest.TryPop(out var part))
        {
            var next = Path.Combine(at, part);
            if (new FileInfo(next).LinkTarget is not { } target)
            {
                at = next;
                continue;
            }
            if (++links > MostLinks) return null;
            var full = Path.GetFullPath(Path.Combine(at, target));
            at = Path.GetPathRoot(full)!;
            foreach (var word in Parts(full)) rest.Push(word);
        }
        return at;
    }

    /// <summary>Below the root, the last first, as they are pushed.</summary>
    private static IEnumerable<string> Parts(string path) =>
        path[Path.GetPathRoot(path)!.Length..].Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries).Reverse();
}

/// <summary>One data file per slice, as a list or as a numbered pattern.</summary>
internal readonly record struct SliceFiles(string Header, string Field, FileErrors Refuse)
{
    private const int Most = 100_000;

    /// <summary>One name a line.</summary>
    internal EquatableArray<string> List(string lines)
    {
        var names = lines.Split('\n').Select(l => l.Trim()).Where(l => l.Length > 0).Take(Most).ToArray();
        if (names.Length == 0) throw Refuse.Bad(Field, "an empty list", "one data file a line");
        var files = new List<string>(names.Length);
        foreach (var name in names) files.Add(DetachedData.Beside(Header, name, Field, Refuse));
        return files.ToEquatableArray();
    }

    /// <summary><c>name%03d.raw first last step [rank]</c>: our own reading of <c>%0Nd</c>, never a format function.</summary>
    internal EquatableArray<string> Pattern(string text, out int? rank)
    {
        var words = text.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
        FileErrorException Wrong(FileErrors refuse, string field) => refuse.Bad(field, text, "name%03d.raw first last step");
        var numbers = new int[Math.Max(0, words.Length - 1)];
        for (var i = 0; i < numbers.Length; i++)
            if (!int.TryParse(words[i + 1], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out numbers[i])) throw Wrong(Refuse, Field);
        if (numbers.Length is < 3 or > 4 || !Split(words[0], out var before, out var width, out var after)) throw Wrong(Refuse, Field);
        var (first, last, step) = (numbers[0], numbers[1], numbers[2]);
        rank = numbers.Length == 4 ? numbers[3] : null;
        if (step == 0 || first < 0 || last < 0 || (step > 0 ? last < first : last > first)) throw Refuse.Bad(Field, text, "a step from the first number to the last");
        var count = Math.Abs((long)last - first) / Math.Abs((long)step) + 1;
        if (count > Most) throw Refuse.Bad(Field, FormattableString.Invariant($"{count} files"), FormattableString.Invariant($"at most {Most}"));
        var files = new List<string>();
        for (var i = 0; i < count; i++)
            files.Add(DetachedData.Beside(Header, before + (first + i * step).ToString(CultureInfo.InvariantCulture).PadLeft(width, '0') + after, Field, Refuse));
        return files.ToEquatableArray();
    }

    private static bool Split(string pattern, out string before, out int width, out string after)
    {
        (before, after, width) = ("", "", 0);
        var percent = pattern.IndexOf('%');
        if (percent < 0) return false;
        var at = percent + 1;
        while (at < pattern.Length && char.IsAsciiDigit(pattern[at]) && at < percent + 4) width = 10 * width + (pattern[at++] - '0');
        if (at >= pattern.Length || pattern[at] != 'd' || width > 20) return false;
        (before, after) = (pattern[..percent], pattern[(at + 1)..]);
        return !after.Contains('%');
    }
}
