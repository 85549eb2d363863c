using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;

namespace LiverSeg.Functional;

/// <summary>Files that a header names: only plain files in the header's own folder.</summary>
internal static class DetachedData
{
    internal static string Beside(string header, string name, string field, FileErrors refuse)
    {
        if (name.Length is 0 or > 255 || name.Any(c => c is '/' or '\\' or ':' or '~' or '$' or '|' || char.IsControl(c)) || name is "." or "..")
            throw refuse.Bad(field, name, "a file name in the header's own folder", "put the data file beside the header and name it without a path");
        var path = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(header))!, name);
        var info = new FileInfo(path);
        if (info.LinkTarget is not null || (info.Exists && (info.Attributes & (FileAttributes.Device | FileAttributes.Directory)) != 0))
            throw refuse.Bad(field, "a link or device", "a plain file in the header's own folder", "put the data file itself beside the header");
        if (Path.GetFullPath(header) == path) throw refuse.Bad(field, "the header itself", "the data file", "name the data file, or LOCAL for a .mha");
        return info.Exists ? path : throw refuse.InputOutput(field, "no such file beside the header", "the data file", "keep header and data file together");
    }
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
