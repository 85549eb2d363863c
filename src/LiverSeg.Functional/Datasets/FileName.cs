using System.Linq;

namespace LiverSeg.Functional;

/// <summary>Names of files made from names of cases, patients and scans.</summary>
public static class FileName
{
    private const int MaxLength = 80;

    /// <summary>
    /// The name in letters, digits, dot, dash and underscore: every other character becomes an underscore, leading dots go, and 80 characters are kept.
    /// </summary>
    /// <remarks>Law: idempotent; it can lead out of no folder. Two names can become one: whoever writes many files checks that before the first.</remarks>
    public static string Safe(string name)
    {
        var safe = string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' ? c : '_'));
        return (safe.Length > MaxLength ? safe[..MaxLength] : safe).TrimStart('.');
    }
}
