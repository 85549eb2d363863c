using System;

namespace LiverSeg.Functional;

/// <summary>What kind of trouble a file gave; each has its own exit code on the command line.</summary>
public enum FileErrorKind
{
    /// <summary>The file is not what it claims to be (exit code 3).</summary>
    BadFile,

    /// <summary>The file is valid, but of a kind that this library does not read (exit code 4).</summary>
    Unsupported,

    /// <summary>The file cannot be reached, read or written (exit code 5).</summary>
    InputOutput,

    /// <summary>A hash does not match its content (exit code 8).</summary>
    Integrity,
}

/// <summary>Why a file was refused: where, what was found, what was expected, and what to do about it.</summary>
/// <remarks>Prints as <c>code: file: field: found .., expected ..; remedy</c>, one line without control characters.</remarks>
public sealed record FileError
{
    /// <summary>No error.</summary>
    public static FileError None { get; } = new();

    /// <summary>What kind of trouble.</summary>
    public FileErrorKind Kind { get; init; }

    /// <summary>A word that scripts can rely on, as <c>truncated</c>.</summary>
    public string Code { get; init; } = "";

    /// <summary>The file.</summary>
    public string File { get; init; } = "";

    /// <summary>The header field or part of the file.</summary>
    public string Field { get; init; } = "";

    /// <summary>Where in the file, in bytes; absent where that means nothing.</summary>
    public long? Offset { get; init; }

    /// <summary>What was found.</summary>
    public string Found { get; init; } = "";

    /// <summary>What was expected.</summary>
    public string Expected { get; init; } = "";

    /// <summary>What to do about it.</summary>
    public string Remedy { get; init; } = "";

    /// <summary>As one line.</summary>
    public override string ToString()
    {
        var field = Offset is { } offset ? FormattableString.Invariant($"{Field} at byte {offset}") : Field;
        return string.Create(null, $"{Code}: {File}: {field}: found {Found}, expected {Expected}; {Remedy}").ReplaceControls();
    }
}

/// <summary>A file was refused; the only exception that leaves a reader or writer.</summary>
public sealed class FileErrorException(FileError error, Exception? inner = null) : Exception(error.ToString(), inner)
{
    /// <summary>Why.</summary>
    public FileError Error => error;
}

/// <summary>Text from files is never trusted on a terminal.</summary>
internal static class Printable
{
    /// <summary>Control and direction-changing characters become '?'.</summary>
    internal static string ReplaceControls(this string text) =>
        string.Create(text.Length, text, (span, source) =>
        {
            for (var i = 0; i < span.Length; i++)
                span[i] = char.IsControl(source[i]) || source[i] is >= '\u202A' and <= '\u202E' or >= '\u2066' and <= '\u2069' ? '?' : source[i];
        });
}
