using System;
using System.Globalization;
using System.Linq;
using System.Net;
using System.Text;

namespace LiverSeg.Functional;

/// <summary>Makes text from outside harmless in the format that it goes into.</summary>
internal static class SafeText
{
    /// <summary>One printable line: control, format (bidirectional, zero-width) and broken characters become �.</summary>
    internal static string Printable(string text)
    {
        var line = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
            line.Append(Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator
                or UnicodeCategory.ParagraphSeparator or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned
                ? "\uFFFD" : rune.ToString());
        return line.ToString();
    }

    internal static string Html(string text) => WebUtility.HtmlEncode(Printable(text));

    internal static string Cell(string text) => Csv.SafeCell(Printable(text));

    internal static string Markdown(string text) => string.Concat(Printable(text).Select(c => "\\`*_{}[]<>|#!~&".Contains(c) ? "\\" + c : c.ToString()));

    /// <summary>With so many decimals; a dash for what is absent.</summary>
    internal static string Fixed(double? value, int decimals) =>
        value is { } v ? (Math.Round(v, decimals) + 0.0).ToString("F" + decimals, CultureInfo.InvariantCulture) : "–";

    /// <summary>All digits, for files that programs read; nothing for what is absent.</summary>
    internal static string Full(double? value) => value?.ToString("R", CultureInfo.InvariantCulture) ?? "";
}
