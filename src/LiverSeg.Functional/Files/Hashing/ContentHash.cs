using System;
using System.IO;
using System.Security.Cryptography;
using System.Text;

namespace LiverSeg.Functional;

/// <summary>What a volume's files say, whatever they are called and wherever they lie.</summary>
public static class ContentHash
{
    /// <summary>SHA-256 (FIPS 180-4) as 64 lower-case hexadecimal digits, on systems without OpenSSL too.</summary>
    public static string Sha256(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(Sha256Hash.HashData(bytes));

    /// <summary>All bytes of all files that a read of this path reads: of a header's data files and of a folder's slices too.</summary>
    /// <exception cref="FileErrorException">One of them cannot be read.</exception>
    internal static void AppendVolume(this Sha256Hash hash, string path)
    {
        var files = VolumeFormat.Sources(path);
        hash.AppendData(BitConverter.GetBytes(files.Count));
        var buffer = new byte[1 << 20];
        foreach (var file in files)
            new FileErrors(file, "file").Guard(() =>
            {
                using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read, 0);
                // The ending may decide the format; the length keeps one file from running into the next.
                hash.AppendData(Encoding.UTF8.GetBytes(Path.GetExtension(file) + "\n"));
                hash.AppendData(BitConverter.GetBytes(stream.Length));
                for (int got; (got = stream.Read(buffer)) > 0;) hash.AppendData(buffer, 0, got);
                return true;
            });
    }
}
