using System;
using System.Collections.Generic;
using System.IO;
using System.IO.Compression;
using System.Linq;

namespace LiverSeg.Functional;

/// <summary>Where the files of a series come from: one file, a folder or a zip; a name is for messages only.</summary>
/// <param name="Path">What was named.</param>
/// <param name="Names">The files.</param>
/// <param name="Read">A file's bytes by its name, in one opening; none where the test of its first bytes says no.</param>
internal sealed record DicomSource(string Path, EquatableArray<string> Names, DicomSource.Reader Read)
{
    /// <summary>Gives a file's bytes if its first ones pass the test.</summary>
    internal delegate byte[]? Reader(string name, Func<byte[], bool> wanted);

    /// <summary>Bytes by which a DICOM file is known.</summary>
    private const int Head = 132;

    private const int MaxFiles = 100_000, MaxDepth = 16;
    private const long MaxBytes = 1L << 31;

    internal static DicomSource Of(string path, FileErrors refuse)
    {
        if (File.Exists(path)) return IsZip(path) ? Zip(path, refuse) : new(path, EquatableArray.Of([path]), (name, wanted) => OfFile(name, wanted, refuse));
        var (names, broken) = (new List<string>(), new List<string>());
        Walk(path, 0, [], names, broken);
        if (names.Count > MaxFiles) throw refuse.Unsupported("folder", "more than 100000 files", "one study", "name the folder of one series");
        return new(path, names.Order(StringComparer.Ordinal).ToEquatableArray(), (name, wanted) => OfFile(name, wanted, refuse with { File = name })) { Broken = broken.ToEquatableArray() };
    }

    /// <summary>Links that lead nowhere.</summary>
    internal EquatableArray<string> Broken { get; init; } = EquatableArray<string>.Empty;

    /// <summary>Files of a folder and of those in it; links are followed, and a folder that was seen is not entered again.</summary>
    private static void Walk(string folder, int depth, HashSet<string> seen, List<string> names, List<string> broken)
    {
        var info = new DirectoryInfo(folder);
        if (depth > MaxDepth || !seen.Add((info.ResolveLinkTarget(returnFinalTarget: true) ?? info).FullName)) return;
        var options = new EnumerationOptions { AttributesToSkip = FileAttributes.Device, IgnoreInaccessible = false };
        foreach (var entry in Directory.EnumerateFileSystemEntries(folder, "*", options))
        {
            if (names.Count > MaxFiles) return;
            if (Directory.Exists(entry)) Walk(entry, depth + 1, seen, names, broken);
            else if (new FileInfo(entry).LinkTarget is null || FileSize.Leads(entry)) names.Add(entry);
            else broken.Add(entry);
        }
    }

    internal static bool IsZip(string path)
    {
        if (FileSize.Of(path) < 22) return false;
        Span<byte> head = stackalloc byte[4];
        using var file = File.OpenRead(path);
        return file.ReadAtLeast(head, 4, false) == 4 && head.SequenceEqual("PK\u0003\u0004"u8);
    }

    /// <summary>All bytes of a file.</summary>
    internal byte[] Bytes(string name) => Read(name, _ => true)!;

    private static byte[]? OfFile(string name, Func<byte[], bool> wanted, FileErrors refuse)
    {
        if (FileSize.Of(name) > MaxBytes - 64) throw refuse.Unsupported("file", FormattableString.Invariant($"{FileSize.Of(name)} bytes"), "at most 2 GiB", "split it into single frames");
        using var file = new FileStream(name, FileMode.Open, FileAccess.Read, FileShare.Read, 1);
        var length = (int)Math.Min(file.Length, MaxBytes);
        var head = new byte[Math.Min(length, Head)];
        file.ReadExactly(head);
        if (!wanted(head)) return null;
        var bytes = new byte[length];
        head.CopyTo(bytes, 0);
        file.ReadExactly(bytes.AsSpan(head.Length));
        return bytes;
    }

    private static DicomSource Zip(string path, FileErrors refuse)
    {
        try
        {
            var archive = new ZipArchive(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read), ZipArchiveMode.Read);
            var entries = archive.Entries.Where(e => e.Length > 0).Take(MaxFiles + 1).ToList();
            if (entries.Count > MaxFiles || entries.Sum(e => e.Length) > 16L << 30) throw refuse.Unsupported("zip", "too many files or bytes", "one study", "pack one series");
            var byName = new Dictionary<string, ZipArchiveEntry>(StringComparer.Ordinal);
            foreach (var entry in entries)
                if (!byName.TryAdd(entry.FullName, entry)) throw refuse.Bad("zip", "one name twice", "each name once");
            return new(path, byName.Keys.Order(StringComparer.Ordinal).ToEquatableArray(), (name, wanted) => { lock (archive) return Unzip(byName[name], refuse) is var bytes && wanted(bytes) ? bytes : null; });
        }
        catch (Exception e) when (e is InvalidDataException or NotSupportedException or OverflowException or ArgumentException)
        {
            throw refuse.Bad("zip", "a damaged directory", "a whole zip file");
        }
    }

    /// <summary>Entry names never become paths; lengths and check sums are held against the directory.</summary>
    private static byte[] Unzip(ZipArchiveEntry entry, FileErrors refuse)
    {
        if (entry.Length > MaxBytes - 64 || entry.Length / Limits.Ratio > entry.CompressedLength || (entry.Length > 64 << 20 && entry.Length / 50 > entry.CompressedLength)) throw refuse.Bad("zip", FormattableString.Invariant($"{entry.Length} bytes out of {entry.CompressedLength}"), FormattableString.Invariant($"at most {Limits.Ratio} : 1, and 50 : 1 beyond 64 MiB"));
        try
        {
            var bytes = new byte[entry.Length];
            using var stream = entry.Open();
            var got = stream.ReadAtLeast(bytes, bytes.Length, false);
            if (got < bytes.Length || stream.ReadByte() >= 0) throw refuse.Truncated("zip entry", got, bytes.Length);
            return Crc(bytes) == entry.Crc32 ? bytes : throw refuse.Bad("zip entry", "another check sum", "the directory's");
        }
        catch (InvalidDataException)
        {
            throw refuse.Bad("zip entry", "a damaged stream", "a whole deflate stream");
        }
    }

    private static readonly uint[] Table = [.. Enumerable.Range(0, 256).Select(n => Enumerable.Range(0, 8).Aggregate((uint)n, (c, _) => (c & 1) != 0 ? 0xEDB88320 ^ (c >> 1) : c >> 1))];

    private static uint Crc(byte[] bytes)
    {
        var crc = uint.MaxValue;
        foreach (var b in bytes) crc = Table[(crc ^ b) & 255] ^ (crc >> 8);
        return ~crc;
    }
}
