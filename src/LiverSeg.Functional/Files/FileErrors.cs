using System;
using System.IO;

namespace LiverSeg.Functional;

/// <summary>Makes the errors of one reader and one file.</summary>
/// <param name="File">The file that is read.</param>
/// <param name="Format">The format that it claims to be.</param>
internal readonly record struct FileErrors(string File, string Format)
{
    internal FileErrorException Bad(string field, object found, string expected, string remedy = "the file is damaged or was written wrongly: export or fetch it again", long? offset = null) =>
        Make(FileErrorKind.BadFile, "bad-" + Format, field, found, expected, remedy, offset);

    internal FileErrorException Truncated(string field, long found, long expected) =>
        Make(FileErrorKind.BadFile, "truncated", field, FormattableString.Invariant($"{found} bytes"), FormattableString.Invariant($"{expected} bytes"), "the file was cut off: fetch it again");

    internal FileErrorException Unsupported(string field, object found, string expected, string remedy) =>
        Make(FileErrorKind.Unsupported, "unsupported-" + Format, field, found, expected, remedy);

    /// <summary>A valid file that is no mask, or not without a word on which label is meant; what was found may be a list.</summary>
    internal FileErrorException NoMask(string code, string found, string expected, string remedy) => Make(FileErrorKind.BadFile, code, "voxels", found, expected, remedy, most: 600);

    /// <summary>A sound file that lies on another lattice than what it belongs to; grids are long.</summary>
    internal FileErrorException OtherGrid(string found, string expected, string remedy) => Make(FileErrorKind.BadFile, "other-grid", "grid", found, expected, remedy, most: 300);

    internal FileErrorException InputOutput(string field, object found, string expected, string remedy, Exception? inner = null) =>
        Make(FileErrorKind.InputOutput, "cannot-read", field, found, expected, remedy, inner: inner);

    /// <summary>Trouble of the file system becomes our one exception.</summary>
    internal T Guard<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (InvalidDataException)
        {
            throw Bad("packed stream", "damaged data", "a whole stream");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw InputOutput("file", "no access", "a readable file", "check the path and its permissions", e);
        }
    }

    /// <summary>No scanner makes such grids, and what follows would drown in rounding.</summary>
    internal void CheckSane(Grid grid)
    {
        foreach (var step in (ReadOnlySpan<double>)[grid.Spacing.X, grid.Spacing.Y, grid.Spacing.Z])
            if (!(step is >= 1e-6 and <= 1e6)) throw Bad("spacing", grid.Spacing, "between 1e-6 and 1e6 mm");
        foreach (var place in (ReadOnlySpan<double>)[grid.Origin.X, grid.Origin.Y, grid.Origin.Z])
            if (!(Math.Abs(place) <= 1e9)) throw Bad("origin", grid.Origin, "within 1e9 mm of the scanner's");
    }

    /// <summary>A refusal with a code of its own, about files that are there and sound.</summary>
    internal FileErrorException Make(string code, string field, object found, string expected, string remedy, Exception? inner = null) =>
        Make(FileErrorKind.InputOutput, code, field, found, expected, remedy, inner: inner);

    private FileErrorException Make(FileErrorKind kind, string code, string field, object found, string expected, string remedy, long? offset = null, Exception? inner = null, int most = 80)
    {
        var text = FormattableString.Invariant($"{found}");
        return new(
            new()
            {
                Kind = kind,
                Code = code,
                File = File,
                Field = field,
                Offset = offset,
                Found = text.Length switch { 0 => "nothing", var length when length > most => text[..most] + "..", _ => text },
                Expected = expected,
                Remedy = remedy,
            },
            inner);
    }
}

/// <summary>Bounds that no header may pass, whatever it claims.</summary>
internal static class Limits
{
    /// <summary>Voxels of a volume: what one array can hold.</summary>
    internal const long Voxels = 0x7FFFFFC7;

    /// <summary>deflate cannot do better than about 1,032 : 1.</summary>
    internal const long Ratio = 1100;

    /// <summary>Unpacked bytes from which on a ratio beyond <see cref="SuspiciousRatio"/> is a decompression bomb rather than a volume.</summary>
    internal const long Suspicious = 512L << 20, SuspiciousRatio = 500;

    /// <summary>Bytes of a text header.</summary>
    internal const int TextHeader = 1 << 20;
}
