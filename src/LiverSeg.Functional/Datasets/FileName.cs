using System.Globalization;
using System.Linq;
using System.Text;

namespace LiverSeg.Functional;

/// <summary>Names of files made from names of cases, patients and scans.</summary>
public static class FileName
{
    /// <summary>File systems allow 255; endings need room too.</summary>
    private const int MaxBytes = 160;

    /// <summary>
    /// The name in letters and digits of any script, dot, dash and underscore: every other character becomes an underscore, leading dots go, and 160
    /// bytes of UTF-8 are kept.
    /// </summary>
    /// <remarks>Law: idempotent; it can lead out of no folder. Two names can become one: whoever writes many files checks that before the first.</remarks>
    public static string Safe(string name)
    {
        var safe = new StringBuilder();
        var bytes = 0;
        foreach (var rune in name.EnumerateRunes().SkipWhile(r => r.Value == '.'))
        {
            var kept = Rune.IsLetterOrDigit(rune) || Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark || rune.Value is '.' or '-' ? rune : new Rune('_');
            if ((bytes += kept.Utf8SequenceLength) > MaxBytes) break;
            safe.Append(kept);
        }
        return safe.ToString();
    }
}
