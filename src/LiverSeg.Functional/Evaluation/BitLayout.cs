using System;
using System.Numerics;
using System.Runtime.Intrinsics;

namespace LiverSeg.Functional;

/// <summary>The part of an image that two masks need, as rows of bits: 64 voxels per word, one voxel of margin on every side.</summary>
/// <remarks>
/// A row holds one spare word on the left, so that voxel x is bit x + 64 and x − 1 exists; and one word on the right, so that
/// the 64 voxels round any voxel can be read without a test. Rows y and z run from −1 to the box's extent.
/// </remarks>
internal readonly record struct BitLayout(Region Box, Extent Image)
{
    internal int Nx => Box.Extent.X;
    internal int Ny => Box.Extent.Y;
    internal int Nz => Box.Extent.Z;
    internal int Words => (Nx + 63) / 64 + 2;
    internal int Row(int y, int z) => ((z + 1) * (Ny + 2) + y + 1) * Words;
    internal long Length => (long)(Nz + 2) * (Ny + 2) * Words;

    internal ulong[] Allocate() => Length <= Array.MaxLength ? new ulong[Length] : throw new ArgumentException($"{Box} is too large to compare");

    /// <summary>One mask's slice z as bits; the margin is what lies there: background, or the outside of the image.</summary>
    internal void Pack(ReadOnlySpan<byte> mask, int z, bool outsideIsObject, Span<ulong> bits)
    {
        var slice = bits.Slice(Row(-1, z), (Ny + 2) * Words);
        var imageZ = Box.Z + z;
        if (outsideIsObject && (imageZ < 0 || imageZ >= Image.Z)) slice.Fill(ulong.MaxValue);
        if (z < 0 || z >= Nz) return;
        for (var y = -1; y <= Ny; y++)
        {
            var row = slice.Slice((y + 1) * Words, Words);
            var imageY = Box.Y + y;
            if (imageY < 0 || imageY >= Image.Y)
            {
                if (outsideIsObject) row.Fill(ulong.MaxValue);
                continue;
            }
            if (y >= 0 && y < Ny) PackRow(mask.Slice((imageZ * Image.Y + imageY) * Image.X + Box.X, Nx), row[1..]);
            if (!outsideIsObject) continue;
            if (Box.X == 0) row[0] |= 1UL << 63;
            if (Box.X + Nx == Image.X) row[1 + Nx / 64] |= 1UL << (Nx % 64);
        }
    }

    private static void PackRow(ReadOnlySpan<byte> row, Span<ulong> bits)
    {
        var word = 0;
        for (; row.Length >= 64; row = row[64..])
            bits[word++] = ~Vector512.Equals(Vector512.Create(row), Vector512<byte>.Zero).ExtractMostSignificantBits();
        for (var x = 0; x < row.Length; x++)
            if (row[x] != 0) bits[word] |= 1UL << x;
    }

    /// <summary>The border voxels of slice z: in the mask, and not all neighbours are.</summary>
    internal void Rim(ReadOnlySpan<ulong> mask, int z, Border border, Span<ulong> rim)
    {
        for (var y = 0; y < Ny; y++)
        {
            var to = rim.Slice(Row(y, z), Words);
            var row = mask.Slice(Row(y, z), Words);
            if (!row.ContainsAnyExcept(0UL)) continue;
            ReadOnlySpan<ulong> up = mask.Slice(Row(y - 1, z), Words), down = mask.Slice(Row(y + 1, z), Words);
            ReadOnlySpan<ulong> below = mask.Slice(Row(y, z - 1), Words), above = mask.Slice(Row(y, z + 1), Words);
            ReadOnlySpan<ulong> c1 = mask.Slice(Row(y - 1, z - 1), Words), c2 = mask.Slice(Row(y + 1, z - 1), Words);
            ReadOnlySpan<ulong> c3 = mask.Slice(Row(y - 1, z + 1), Words), c4 = mask.Slice(Row(y + 1, z + 1), Words);
            for (var w = 1; w <= (Nx + 63) / 64; w++)
            {
                if (row[w] == 0) continue;
                var all = Three(row, w);
                all &= border switch
                {
                    Border.Faces => up[w] & down[w] & below[w] & above[w],
                    Border.FacesAndEdges => Three(up, w) & Three(down, w) & Three(below, w) & Three(above, w) & c1[w] & c2[w] & c3[w] & c4[w],
                    _ => Three(up, w) & Three(down, w) & Three(below, w) & Three(above, w) & Three(c1, w) & Three(c2, w) & Three(c3, w) & Three(c4, w),
                };
                to[w] = row[w] & ~all & Inner(w);
            }
        }
    }

    /// <summary>The bits of word w that belong to voxels of the box.</summary>
    internal ulong Inner(int w) => Nx >= w * 64 ? ulong.MaxValue : (1UL << (Nx % 64)) - 1;

    /// <summary>Whether a voxel and both its neighbours along x are set.</summary>
    private static ulong Three(ReadOnlySpan<ulong> row, int w) =>
        row[w] & (row[w] << 1 | row[w - 1] >> 63) & (row[w] >> 1 | row[w + 1] << 63);

    /// <summary>How many voxels of slice z are set in the first, the second and both.</summary>
    internal (long First, long Second, long Both) Count(ReadOnlySpan<ulong> first, ReadOnlySpan<ulong> second, int z)
    {
        long a = 0, b = 0, both = 0;
        for (var y = 0; y < Ny; y++)
        {
            ReadOnlySpan<ulong> p = first.Slice(Row(y, z), Words), q = second.Slice(Row(y, z), Words);
            for (var w = 1; w <= (Nx + 63) / 64; w++)
            {
                var inner = Inner(w);
                a += BitOperations.PopCount(p[w] & inner);
                b += BitOperations.PopCount(q[w] & inner);
                both += BitOperations.PopCount(p[w] & q[w] & inner);
            }
        }
        return (a, b, both);
    }

    /// <summary>How many voxels of slice z are set.</summary>
    internal int CountSlice(ReadOnlySpan<ulong> rim, int z)
    {
        var count = 0;
        foreach (var word in rim.Slice(Row(0, z), Ny * Words)) count += BitOperations.PopCount(word);
        return count;
    }
}

/// <summary>A voxel whose nearest surface voxel lies further off than the near search looks.</summary>
/// <param name="Index">Its place in the list of distances.</param>
/// <param name="X">Index along x in the box.</param>
/// <param name="Y">Index along y in the box.</param>
/// <param name="Z">Index along z in the box.</param>
internal readonly record struct FarVoxel(int Index, int X, int Y, int Z);
