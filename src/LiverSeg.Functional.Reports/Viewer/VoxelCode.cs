using System;
using System.IO;
using System.IO.Compression;

namespace LiverSeg.Functional;

/// <summary>How a page holds voxels: as text that every browser unpacks by itself.</summary>
internal static class VoxelCode
{
    /// <summary>Whole HU, each as its difference from what its neighbours let expect (the median edge detector of JPEG-LS): low bytes, then high bytes.</summary>
    /// <remarks>Differences near 0 become small bytes, which deflate packs to about 60 % of the plain numbers.</remarks>
    internal static byte[] Predicted(short[] voxels, (int X, int Y, int Z) size)
    {
        var code = new byte[voxels.Length * 2];
        for (int z = 0, i = 0; z < size.Z; z++)
            for (var y = 0; y < size.Y; y++)
                for (var x = 0; x < size.X; x++, i++)
                {
                    var expected = (x, y) switch
                    {
                        (0, 0) => 0,
                        (_, 0) => voxels[i - 1],
                        (0, _) => voxels[i - size.X],
                        _ => Median(voxels[i - 1], voxels[i - size.X], voxels[i - size.X - 1]),
                    };
                    var difference = unchecked((short)(voxels[i] - expected));
                    var folded = (ushort)(difference << 1 ^ difference >> 15); // 0, −1, 1, −2, ... become 0, 1, 2, 3, ...
                    (code[i], code[voxels.Length + i]) = ((byte)folded, (byte)(folded >> 8));
                }
        return code;
    }

    private static int Median(int west, int north, int corner) =>
        corner >= Math.Max(west, north) ? Math.Min(west, north) : corner <= Math.Min(west, north) ? Math.Max(west, north) : west + north - corner;

    /// <summary>As base64 of a zlib stream (RFC 1950).</summary>
    internal static string Text(ReadOnlySpan<byte> bytes)
    {
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Optimal, leaveOpen: true)) zlib.Write(bytes);
        return Convert.ToBase64String(packed.GetBuffer(), 0, (int)packed.Length);
    }
}
