using System;
using System.Buffers.Binary;
using System.IO;
using System.IO.Compression;

namespace LiverSeg.Functional;

/// <summary>A colour of 8 bits per channel.</summary>
internal readonly record struct Rgb(byte R, byte G, byte B)
{
    internal static readonly Rgb White = new(255, 255, 255), Black = new(0, 0, 0), Grey = new(120, 120, 120), Pale = new(225, 225, 225);

    internal Rgb Mix(Rgb other, double part) => new(Blend(R, other.R, part), Blend(G, other.G, part), Blend(B, other.B, part));

    internal string Hex => FormattableString.Invariant($"#{R:x2}{G:x2}{B:x2}");

    private static byte Blend(byte a, byte b, double part) => (byte)Math.Clamp(Math.Round(a + (b - a) * part), 0, 255);
}

/// <summary>Pixels that are being painted, and their PNG. Used inside one function, frozen by <see cref="Png"/>.</summary>
internal sealed class Canvas
{
    private readonly byte[] _pixels;

    internal Canvas(int width, int height, Rgb paper)
    {
        (Width, Height, _pixels) = (width, height, new byte[width * height * 3]);
        for (var i = 0; i < _pixels.Length; i += 3) (_pixels[i], _pixels[i + 1], _pixels[i + 2]) = (paper.R, paper.G, paper.B);
    }

    internal int Width { get; }

    internal int Height { get; }

    internal Rgb this[int x, int y]
    {
        get => new(_pixels[(y * Width + x) * 3], _pixels[(y * Width + x) * 3 + 1], _pixels[(y * Width + x) * 3 + 2]);
        set
        {
            if ((uint)x >= (uint)Width || (uint)y >= (uint)Height) return;
            var i = (y * Width + x) * 3;
            (_pixels[i], _pixels[i + 1], _pixels[i + 2]) = (value.R, value.G, value.B);
        }
    }

    internal void Fill(double x, double y, double width, double height, Rgb colour)
    {
        for (var j = (int)Math.Round(y); j < Math.Round(y + height); j++)
            for (var i = (int)Math.Round(x); i < Math.Round(x + width); i++)
                this[i, j] = colour;
    }

    /// <summary>A straight line with soft edges; a point is a line of no length.</summary>
    internal void Line(double x1, double y1, double x2, double y2, double width, Rgb colour)
    {
        double dx = x2 - x1, dy = y2 - y1, length = dx * dx + dy * dy, half = width / 2;
        for (var j = (int)Math.Floor(Math.Min(y1, y2) - half - 1); j <= Math.Max(y1, y2) + half + 1; j++)
            for (var i = (int)Math.Floor(Math.Min(x1, x2) - half - 1); i <= Math.Max(x1, x2) + half + 1; i++)
            {
                if ((uint)i >= (uint)Width || (uint)j >= (uint)Height) continue;
                double px = i + 0.5 - x1, py = j + 0.5 - y1;
                var along = length == 0 ? 0 : Math.Clamp((px * dx + py * dy) / length, 0, 1);
                double ex = px - along * dx, ey = py - along * dy;
                var cover = Math.Clamp(half + 0.5 - Math.Sqrt(ex * ex + ey * ey), 0, 1);
                if (cover > 0) this[i, j] = this[i, j].Mix(colour, cover);
            }
    }

    /// <summary>Text in the built-in letters, 6 × 8 pixels a letter times <paramref name="scale"/>.</summary>
    internal void Text(double x, double y, string text, Rgb colour, int scale = 1)
    {
        int left = (int)Math.Round(x), top = (int)Math.Round(y);
        foreach (var letter in text)
        {
            for (var row = 0; row < 7; row++)
                for (var column = 0; column < 5; column++)
                    if (Letters.Ink(letter, column, row)) Fill(left + column * scale, top + row * scale, scale, scale, colour);
            left += 6 * scale;
        }
    }

    /// <summary>Another canvas laid on this one.</summary>
    internal void Paste(Canvas other, int x, int y)
    {
        for (var j = 0; j < other.Height; j++)
            for (var i = 0; i < other.Width; i++)
                this[x + i, y + j] = other[i, j];
    }

    /// <summary>A copy of red, green and blue of each pixel.</summary>
    internal byte[] Pixels() => [.. _pixels];

    /// <summary>The pixels as PNG (ISO/IEC 15948): 8-bit RGB, one filter type a row, no dates, no text chunks.</summary>
    internal byte[] Png()
    {
        using var file = new MemoryStream();
        file.Write([137, 80, 78, 71, 13, 10, 26, 10]);
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, Width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), Height);
        (header[8], header[9]) = (8, 2);
        Chunk(file, "IHDR"u8, header);
        using (var packed = new MemoryStream())
        {
            using (var zlib = new ZLibStream(packed, CompressionLevel.Optimal, leaveOpen: true))
            {
                var row = new byte[Width * 3 + 1];
                for (var y = 0; y < Height; y++)
                {
                    // Up filter: rows of slices resemble each other
                    row[0] = (byte)(y == 0 ? 0 : 2);
                    for (var i = 0; i < Width * 3; i++)
                        row[i + 1] = (byte)(_pixels[y * Width * 3 + i] - (y == 0 ? 0 : _pixels[(y - 1) * Width * 3 + i]));
                    zlib.Write(row);
                }
            }
            Chunk(file, "IDAT"u8, packed.ToArray());
        }
        Chunk(file, "IEND"u8, []);
        return file.ToArray();
    }

    private static void Chunk(Stream file, ReadOnlySpan<byte> type, ReadOnlySpan<byte> data)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
        file.Write(number);
        file.Write(type);
        file.Write(data);
        BinaryPrimitives.WriteUInt32BigEndian(number, Crc(Crc(uint.MaxValue, type), data) ^ uint.MaxValue);
        file.Write(number);
    }

    private static uint Crc(uint crc, ReadOnlySpan<byte> bytes)
    {
        foreach (var b in bytes)
        {
            crc ^= b;
            for (var k = 0; k < 8; k++) crc = (crc & 1) != 0 ? crc >> 1 ^ 0xEDB88320 : crc >> 1;
        }
        return crc;
    }
}
