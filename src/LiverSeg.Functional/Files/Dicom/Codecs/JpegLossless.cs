using System;
using System.Buffers.Binary;

namespace LiverSeg.Functional;

/// <summary>Lossless JPEG: Huffman-coded differences to a predictor (ITU-T T.81, annex H), one component, all seven predictors.</summary>
internal static class JpegLossless
{
    internal static void Decode(ReadOnlySpan<byte> bytes, int columns, int rows, int bits, Span<ushort> target, FileErrors refuse)
    {
        var markers = new JpegMarkers(bytes, refuse);
        if (markers.Next(out _) != 0xD8) throw refuse.Bad("JPEG marker", "no start of image", "FFD8");
        var tables = new Huffman?[4];
        int precision = 0, restart = 0;
        while (true)
        {
            var marker = markers.Next(out var parameters);
            switch (marker)
            {
                case 0xC3:
                    precision = JpegMarkers.Frame(parameters, columns, rows, bits, refuse);
                    break;
                case 0xC4:
                    Huffman.ReadAll(parameters, tables, refuse);
                    break;
                case 0xDD:
                    if (parameters.Length != 2) throw refuse.Bad("JPEG restart interval", parameters.Length, "2 bytes");
                    restart = BinaryPrimitives.ReadUInt16BigEndian(parameters);
                    break;
                case 0xDA:
                    if (precision == 0) throw refuse.Bad("JPEG scan", "no frame before it", "a lossless frame");
                    if (parameters.Length != 6 || parameters[0] != 1) throw refuse.Bad("JPEG scan", "other than one component", "one component");
                    var (table, predictor, shift) = (parameters[2] >> 4, parameters[3], parameters[5] & 15);
                    if (table > 3 || tables[table] is not { } huffman) throw refuse.Bad("JPEG scan", "a missing Huffman table", "its table");
                    if (predictor is < 1 or > 7 || shift >= precision) throw refuse.Bad("JPEG scan", FormattableString.Invariant($"predictor {predictor}, shift {shift}"), "predictor 1..7 and a shift below the precision");
                    Scan(bytes[markers.At..], huffman, columns, rows, precision, predictor, shift, restart, target, refuse);
                    return;
                case 0xC0 or 0xC1 or 0xC2 or >= 0xC5 and <= 0xCF and not 0xC8 and not 0xCC:
                    throw refuse.Bad("JPEG frame", FormattableString.Invariant($"marker FF{marker:X2}"), "a lossless frame (FFC3)");
                case 0xD9: throw refuse.Truncated("JPEG scan", 0, target.Length);
            }
        }
    }

    private static void Scan(ReadOnlySpan<byte> bytes, Huffman huffman, int columns, int rows, int precision, int predictor, int shift, int restart, Span<ushort> target, FileErrors refuse)
    {
        if (restart % columns != 0) throw refuse.Unsupported("JPEG restart interval", restart, FormattableString.Invariant($"whole rows of {columns}"), "convert it to an uncompressed file");
        var reader = new BitReader(bytes, refuse);
        var first = 1 << (precision - shift - 1);
        var firstRow = 0;
        for (var y = 0; y < rows; y++)
        {
            if (restart > 0 && y > 0 && y * columns % restart == 0)
            {
                reader.Restart();
                firstRow = y;
            }
            var row = target.Slice(y * columns, columns);
            var above = y > firstRow ? target.Slice((y - 1) * columns, columns) : default;
            for (var x = 0; x < columns; x++)
            {
                int prediction;
                if (y == firstRow) prediction = x == 0 ? first : row[x - 1];
                else if (x == 0) prediction = above[0];
                else
                {
                    int a = row[x - 1], b = above[x], c = above[x - 1];
                    prediction = predictor switch
                    {
                        1 => a,
                        2 => b,
                        3 => c,
                        4 => a + b - c,
                        5 => a + ((b - c) >> 1),
                        6 => b + ((a - c) >> 1),
                        _ => (a + b) >> 1,
                    };
                }
                row[x] = (ushort)(prediction + Difference(ref reader, huffman));
            }
        }
        if (shift > 0)
            foreach (ref var value in target) value <<= shift;
        reader.End();
    }

    private static int Difference(ref BitReader reader, Huffman huffman)
    {
        var size = huffman.Next(ref reader);
        if (size == 0) return 0;
        if (size == 16) return 32768;
        var value = reader.Bits(size);
        return value < 1 << (size - 1) ? value - (1 << size) + 1 : value;
    }

    /// <summary>A canonical Huffman table of 0..16 difference sizes.</summary>
    private sealed class Huffman
    {
        private readonly int[] _least = new int[17], _most = new int[17], _first = new int[17];
        private readonly byte[] _values;

        /// <summary>For the next 8 bits: size of the code and its value, 0 where the code is longer.</summary>
        private readonly ushort[] _short = new ushort[256];

        private readonly FileErrors _refuse;

        private Huffman(ReadOnlySpan<byte> counts, byte[] values, FileErrors refuse)
        {
            (_values, _refuse) = (values, refuse);
            int code = 0, index = 0;
            for (var length = 1; length <= 16; length++)
            {
                (_least[length], _first[length]) = (code, index);
                if (code + counts[length - 1] > 1 << length) throw refuse.Bad("JPEG Huffman table", "more codes than fit", "a prefix code");
                for (var k = 0; k < counts[length - 1]; k++, code++, index++)
                {
                    if (length > 8) continue;
                    var from = code << (8 - length);
                    _short.AsSpan(from, 1 << (8 - length)).Fill((ushort)(length << 8 | values[index]));
                }
                _most[length] = counts[length - 1] > 0 ? code - 1 : -1;
                code <<= 1;
            }
        }

        internal static void ReadAll(ReadOnlySpan<byte> parameters, Huffman?[] tables, FileErrors refuse)
        {
            while (parameters.Length > 0)
            {
                if (parameters.Length < 17) throw refuse.Bad("JPEG Huffman table", FormattableString.Invariant($"{parameters.Length} bytes"), "17 and its values");
                int id = parameters[0] & 15, count = 0;
                foreach (var n in parameters.Slice(1, 16)) count += n;
                if (id > 3 || count is 0 or > 256 || count > parameters.Length - 17) throw refuse.Bad("JPEG Huffman table", FormattableString.Invariant($"{count} values"), "as many as follow");
                var values = parameters.Slice(17, count).ToArray();
                foreach (var value in values)
                    if (value > 16) throw refuse.Bad("JPEG Huffman table", value, "difference sizes of 0..16");
                tables[id] = new(parameters.Slice(1, 16), values, refuse);
                parameters = parameters[(17 + count)..];
            }
        }

        internal int Next(ref BitReader reader)
        {
            var entry = _short[reader.Peek(8)];
            if (entry != 0)
            {
                reader.Skip(entry >> 8);
                return entry & 255;
            }
            var bits = reader.Peek(16);
            for (var length = 1; length <= 16; length++)
            {
                var code = bits >> (16 - length);
                if (_most[length] < 0 || code > _most[length] || code < _least[length]) continue;
                reader.Skip(length);
                return _values[_first[length] + code - _least[length]];
            }
            throw _refuse.Bad("JPEG scan", "bits of no code", "a code of the Huffman table");
        }
    }

    /// <summary>Bits of a scan: FF00 is a plain FF, another marker ends it.</summary>
    private ref struct BitReader(ReadOnlySpan<byte> bytes, FileErrors refuse)
    {
        private readonly ReadOnlySpan<byte> _bytes = bytes;
        private ulong _bits;
        private int _count, _at, _beyond;

        private void Fill()
        {
            while (_count <= 48)
            {
                byte next = 0;
                if (_at < _bytes.Length && !(_bytes[_at] == 0xFF && (_at + 1 >= _bytes.Length || _bytes[_at + 1] != 0)))
                {
                    next = _bytes[_at];
                    _at += next == 0xFF ? 2 : 1;
                }
                else _beyond += 8; // zeros that are there only to look ahead
                _bits = _bits << 8 | next;
                _count += 8;
            }
        }

        internal int Peek(int count)
        {
            if (_count < count) Fill();
            return (int)(_bits >> (_count - count)) & ((1 << count) - 1);
        }

        internal void Skip(int count)
        {
            _count -= count;
            if (_count < _beyond) throw refuse.Truncated("JPEG scan", _bytes.Length, _bytes.Length + 1);
        }

        internal int Bits(int count)
        {
            var value = Peek(count);
            Skip(count);
            return value;
        }

        internal void Restart()
        {
            if (_at + 2 > _bytes.Length || _bytes[_at] != 0xFF || _bytes[_at + 1] is not (>= 0xD0 and <= 0xD7)) throw refuse.Bad("JPEG scan", "no restart marker", "one at its interval");
            (_bits, _count, _beyond, _at) = (0, 0, 0, _at + 2);
        }

        /// <summary>After the last pixel comes the end of the image.</summary>
        internal readonly void End()
        {
            var rest = _bytes[Math.Min(_at, _bytes.Length)..];
            if (_count - _beyond >= 8 || !rest.StartsWith((ReadOnlySpan<byte>)[0xFF])) throw refuse.Bad("JPEG scan", "more data or no end after the last pixel", "the end of the image (FFD9)");
            var i = 0;
            while (i < rest.Length && rest[i] == 0xFF) i++;
            if (i >= rest.Length || rest[i] != 0xD9) throw refuse.Truncated("JPEG end of image", _bytes.Length, _bytes.Length + 2);
        }
    }
}
