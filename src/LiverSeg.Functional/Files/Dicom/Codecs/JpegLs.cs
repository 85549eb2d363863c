using System;
using System.Buffers.Binary;
using System.Numerics;

namespace LiverSeg.Functional;

/// <summary>JPEG-LS, lossless and near-lossless, one component (ITU-T T.87).</summary>
internal static class JpegLs
{
    internal static void Decode(ReadOnlySpan<byte> bytes, int columns, int rows, int bits, Span<ushort> target, FileErrors refuse)
    {
        var markers = new JpegMarkers(bytes, refuse);
        if (markers.Next(out _) != 0xD8) throw refuse.Bad("JPEG marker", "no start of image", "FFD8");
        var precision = 0;
        int maximum = 0, t1 = 0, t2 = 0, t3 = 0, reset = 0;
        while (true)
        {
            var marker = markers.Next(out var parameters);
            switch (marker)
            {
                case 0xF7:
                    precision = JpegMarkers.Frame(parameters, columns, rows, bits, refuse);
                    break;
                case 0xF8:
                    if (parameters.Length < 1 || parameters[0] != 1) throw refuse.Unsupported("JPEG-LS parameters", parameters.Length < 1 ? "none" : parameters[0], "thresholds (1)", "convert it to an uncompressed file");
                    if (parameters.Length != 11) throw refuse.Bad("JPEG-LS parameters", parameters.Length, "11 bytes");
                    int Part(ReadOnlySpan<byte> p, int i) => BinaryPrimitives.ReadUInt16BigEndian(p[(1 + 2 * i)..]);
                    (maximum, t1, t2, t3, reset) = (Part(parameters, 0), Part(parameters, 1), Part(parameters, 2), Part(parameters, 3), Part(parameters, 4));
                    break;
                case 0xDA:
                    if (precision == 0) throw refuse.Bad("JPEG-LS scan", "no frame before it", "a JPEG-LS frame");
                    if (parameters.Length != 6 || parameters[0] != 1) throw refuse.Bad("JPEG-LS scan", "other than one component", "one component");
                    if (parameters[2] != 0 || parameters[4] != 0 || (parameters[5] & 15) != 0) throw refuse.Unsupported("JPEG-LS scan", "a mapping table, interleaving or shift", "none", "convert it to an uncompressed file");
                    var near = parameters[3];
                    if (maximum == 0) maximum = (1 << precision) - 1;
                    if (maximum >= 1 << precision || near > Math.Min(255, maximum / 2)) throw refuse.Bad("JPEG-LS scan", FormattableString.Invariant($"maximum {maximum}, near {near}"), "a maximum within the precision and a near of at most half of it");
                    Defaults(maximum, near, ref t1, ref t2, ref t3, ref reset, refuse);
                    new Scan(bytes[markers.At..], maximum, near, t1, t2, t3, reset, refuse).Read(columns, rows, target);
                    return;
                case 0xDD: throw refuse.Unsupported("JPEG-LS restart interval", "one", "none", "convert it to an uncompressed file");
                case >= 0xC0 and <= 0xCF and not 0xC4 and not 0xC8 and not 0xCC: throw refuse.Bad("JPEG frame", FormattableString.Invariant($"marker FF{marker:X2}"), "a JPEG-LS frame (FFF7)");
                case 0xD9: throw refuse.Truncated("JPEG-LS scan", 0, target.Length);
            }
        }
    }

    /// <summary>T.87, C.2.4.1.1: the thresholds that a stream leaves out.</summary>
    private static void Defaults(int maximum, int near, ref int t1, ref int t2, ref int t3, ref int reset, FileErrors refuse)
    {
        int Clamp(int value, int low) => value > maximum || value < low ? low : value;
        int d1, d2, d3;
        if (maximum >= 128)
        {
            var factor = (Math.Min(maximum, 4095) + 128) / 256;
            d1 = Clamp(factor * 1 + 2 + 3 * near, near + 1);
            d2 = Clamp(factor * 4 + 3 + 5 * near, d1);
            d3 = Clamp(factor * 17 + 4 + 7 * near, d2);
        }
        else
        {
            var factor = 256 / (maximum + 1);
            d1 = Clamp(Math.Max(2, 3 / factor + 3 * near), near + 1);
            d2 = Clamp(Math.Max(3, 7 / factor + 5 * near), d1);
            d3 = Clamp(Math.Max(4, 21 / factor + 7 * near), d2);
        }
        if (t1 == 0) t1 = d1;
        if (t2 == 0) t2 = d2;
        if (t3 == 0) t3 = d3;
        if (reset == 0) reset = 64;
        if (t1 <= near || t2 < t1 || t3 < t2 || t3 > maximum || reset < 3 || reset > Math.Max(255, maximum))
            throw refuse.Bad("JPEG-LS parameters", FormattableString.Invariant($"thresholds {t1}, {t2}, {t3}, reset {reset}"), "rising thresholds within the range");
    }

    /// <summary>What a context has learned (T.87, A.2.1): sum of the errors' sizes, bias, correction of the prediction, and how many errors it saw.</summary>
    private struct Context
    {
        internal int Sizes, Bias, Correction, Seen;
    }

    /// <summary>One scan: 365 contexts of regular mode and two of run mode.</summary>
    /// <remarks>The row's loop keeps the bits in registers; what happens once in many pixels (runs, long codes, the stream's end) goes through the fields.</remarks>
    private ref struct Scan
    {
        private static ReadOnlySpan<byte> RunSizes => [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 9, 10, 11, 12, 13, 14, 15];

        private readonly ReadOnlySpan<byte> _bytes;
        private readonly FileErrors _refuse;
        private readonly int _maximum, _near, _t3, _reset, _range, _limit, _wide;
        private readonly sbyte[] _steps;
        private readonly Context[] _contexts = new Context[367];
        private readonly int[] _negative = new int[2];

        /// <summary>Bits that were read ahead, the next one highest, zeros behind the last.</summary>
        private ulong _bits;
        private int _count, _at, _run, _beyond;
        private bool _stuffed;

        internal Scan(ReadOnlySpan<byte> bytes, int maximum, int near, int t1, int t2, int t3, int reset, FileErrors refuse)
        {
            _bytes = bytes;
            (_maximum, _near, _t3, _reset, _refuse) = (maximum, near, t3, reset, refuse);
            _range = (maximum + 2 * near) / (2 * near + 1) + 1;
            _wide = BitOperations.Log2((uint)(_range - 1)) + 1;
            var bpp = Math.Max(2, BitOperations.Log2((uint)maximum) + 1);
            _limit = 2 * (bpp + Math.Max(8, bpp));
            Array.Fill(_contexts, new() { Sizes = Math.Max(2, (_range + 32) / 64), Seen = 1 });
            _steps = new sbyte[2 * t3 + 1];
            for (var d = -t3; d <= t3; d++)
                _steps[d + t3] = (sbyte)(d <= -t3 ? -4 : d <= -t2 ? -3 : d <= -t1 ? -2 : d < -near ? -1 : d <= near ? 0 : d < t1 ? 1 : d < t2 ? 2 : d < t3 ? 3 : 4);
        }

        internal void Read(int columns, int rows, Span<ushort> target)
        {
            // Rows with one pixel more on either side: Ra and Rc before the first, Rd after the last.
            var (above, row) = (new int[columns + 2], new int[columns + 2]);
            for (var y = 0; y < rows; y++)
            {
                row[0] = above[1];
                above[columns + 1] = above[columns];
                Row(above, row, columns);
                for (var x = 0; x < columns; x++) target[y * columns + x] = (ushort)row[x + 1];
                // The pixel left of a row is what stood above it before.
                (above, row) = (row, above);
            }
            End();
        }

        private void Row(int[] above, int[] row, int columns)
        {
            var (contexts, steps, t3, maximum, longest) = (_contexts, _steps, _t3, _maximum, _limit - _wide - 1);
            var (scale, lossless) = (2 * _near + 1, _near == 0);
            var (bits, count) = (_bits, _count);
            for (var x = 1; x <= columns; x++)
            {
                int a = row[x - 1], b = above[x], c = above[x - 1], d = above[x + 1];
                int Step(int difference) => steps[Math.Min(Math.Max(difference, -t3), t3) + t3];
                var signed = 81 * Step(d - b) + 9 * Step(b - c) + Step(c - a);
                if (signed == 0)
                {
                    (_bits, _count) = (bits, count);
                    x = Run(above, row, x, columns);
                    (bits, count) = (_bits, _count);
                    continue;
                }
                var sign = signed >> 31; // 0 or all ones: (v ^ sign) - sign is v or -v
                ref var context = ref contexts[(signed ^ sign) - sign];
                var predicted = Math.Max(Math.Min(a, b), Math.Min(Math.Max(a, b), a + b - c));
                predicted = Math.Min(Math.Max(predicted + ((context.Correction ^ sign) - sign), 0), maximum);
                var k = Width(context.Sizes, context.Seen);
                if (count < 32)
                {
                    (_bits, _count) = (bits, count);
                    Fill();
                    (bits, count) = (_bits, _count);
                }
                var zeros = BitOperations.LeadingZeroCount(bits);
                int mapped;
                if (zeros < longest && zeros + 1 + k <= count && _beyond == 0)
                {
                    bits <<= zeros + 1;
                    mapped = (zeros << k) + (int)(bits >> 1 >> (63 - k));
                    bits <<= k;
                    count -= zeros + 1 + k;
                }
                else
                {
                    (_bits, _count) = (bits, count);
                    mapped = Golomb(k, _limit);
                    (bits, count) = (_bits, _count);
                }
                var error = (mapped >> 1) ^ -(mapped & 1);
                if (k == 0 && lossless && 2 * context.Bias <= -context.Seen) error = ~error;
                Update(ref context, error, scale);
                var value = predicted + ((error * scale ^ sign) - sign);
                row[x] = (uint)value <= (uint)maximum ? value : Wrapped(value);
            }
            (_bits, _count) = (bits, count);
        }

        /// <summary>The least k with seen · 2^k ≥ sizes, at most 24.</summary>
        private static int Width(int sizes, int seen)
        {
            var k = Math.Max(0, BitOperations.LeadingZeroCount((uint)seen) - BitOperations.LeadingZeroCount((uint)sizes));
            return Math.Min(24, (long)seen << k < sizes ? k + 1 : k);
        }

        private readonly void Update(ref Context context, int error, int scale)
        {
            var bias = context.Bias + error * scale;
            var seen = context.Seen;
            context.Sizes += (error ^ (error >> 31)) - (error >> 31);
            if (seen == _reset)
            {
                context.Sizes >>= 1;
                bias = bias >= 0 ? bias >> 1 : -((1 - bias) >> 1);
                seen >>= 1;
            }
            seen++;
            if (bias <= -seen)
            {
                bias = Math.Max(bias + seen, 1 - seen);
                if (context.Correction > -128) context.Correction--;
            }
            else if (bias > 0)
            {
                bias = Math.Min(bias - seen, 0);
                if (context.Correction < 127) context.Correction++;
            }
            (context.Bias, context.Seen) = (bias, seen);
        }

        /// <summary>A value out of the range comes back at its other end.</summary>
        private readonly int Wrapped(int value)
        {
            var span = _range * (2 * _near + 1);
            if (value < -_near) value += span;
            else if (value > _maximum + _near) value -= span;
            return Math.Clamp(value, 0, _maximum);
        }

        /// <summary>Run mode; gives the last pixel done.</summary>
        private int Run(int[] above, int[] row, int x, int columns)
        {
            var same = row[x - 1];
            while (Bit())
            {
                var block = 1 << RunSizes[_run];
                var fill = Math.Min(block, columns - x + 1);
                row.AsSpan(x, fill).Fill(same);
                x += fill;
                if (fill == block && _run < 31) _run++;
                if (x > columns) return columns;
            }
            var rest = RunSizes[_run] > 0 ? Bits(RunSizes[_run]) : 0;
            if (rest > columns - x) throw _refuse.Bad("JPEG-LS scan", "a run past the end of a row", "a run within it");
            row.AsSpan(x, rest).Fill(same);
            x += rest;
            row[x] = Interruption(row[x - 1], above[x]);
            if (_run > 0) _run--;
            return x;
        }

        private int Interruption(int a, int b)
        {
            var type = Math.Abs(a - b) <= _near ? 1 : 0;
            ref var context = ref _contexts[365 + type];
            var predicted = type == 1 ? a : b;
            var sign = type == 0 && a > b ? -1 : 1;
            var k = Width(type == 1 ? context.Sizes + (context.Seen >> 1) : context.Sizes, context.Seen);
            var mapped = Golomb(k, _limit - RunSizes[_run] - 1);
            // T.87, A.7.2.2 backwards: the map bit says on which side the error lies.
            var temp = mapped + type;
            var map = temp & 1;
            var magnitude = (temp + map) / 2;
            var error = (k != 0 || 2 * _negative[type] >= context.Seen) == (map == 1) ? -magnitude : magnitude;
            if (error < 0) _negative[type]++;
            context.Sizes += (mapped + 1 - type) >> 1;
            if (context.Seen == _reset)
            {
                context.Sizes >>= 1;
                context.Seen >>= 1;
                _negative[type] >>= 1;
            }
            context.Seen++;
            return Wrapped(predicted + sign * error * (2 * _near + 1));
        }

        private int Golomb(int k, int limit)
        {
            var zeros = 0;
            while (!Bit())
                if (++zeros > limit) throw _refuse.Bad("JPEG-LS scan", "a code longer than its limit", "a code of the stream");
            if (zeros < limit - _wide - 1) return (zeros << k) + (k > 0 ? Bits(k) : 0);
            return Bits(_wide) + 1;
        }

        private bool Bit() => Bits(1) != 0;

        /// <summary>The next bits, 1 to 31.</summary>
        private int Bits(int count)
        {
            if (_count < count) Fill();
            var value = (int)(_bits >> (64 - count));
            _bits <<= count;
            _count -= count;
            if (_count < _beyond) throw _refuse.Truncated("JPEG-LS scan", _bytes.Length, _bytes.Length + 1);
            return value;
        }

        /// <summary>At least 57 bits at hand, zeros after the last byte. After FF only seven bits follow in the next byte; FF and a high bit is a marker.</summary>
        private void Fill()
        {
            if (!_stuffed && _at + 8 <= _bytes.Length)
            {
                var next = BinaryPrimitives.ReadUInt64BigEndian(_bytes[_at..]);
                var holds255 = (~next - 0x0101010101010101) & next & 0x8080808080808080;
                if (holds255 == 0)
                {
                    var whole = (64 - _count) / 8;
                    if (whole == 0) return;
                    var unused = 64 - 8 * whole;
                    _bits |= next >> unused << unused >> _count;
                    (_at, _count) = (_at + whole, _count + 8 * whole);
                    return;
                }
            }
            while (_count <= 56)
            {
                byte next = 0;
                var width = _stuffed ? 7 : 8;
                if (_at < _bytes.Length && !(_bytes[_at] == 0xFF && (_at + 1 >= _bytes.Length || _bytes[_at + 1] >= 0x80))) next = _bytes[_at++];
                else _beyond += width;
                _stuffed = next == 0xFF;
                _bits |= (ulong)next << (64 - width) >> _count;
                _count += width;
            }
        }

        private readonly void End()
        {
            var rest = _bytes[Math.Min(_at, _bytes.Length)..];
            var i = 0;
            while (i < rest.Length && rest[i] != 0xFF) i++;
            var left = i + (_count - _beyond) / 8; // at most a byte of padding bits
            if (left > 1) throw _refuse.Bad("JPEG-LS scan", FormattableString.Invariant($"{left} bytes after the last pixel"), "the end of the image (FFD9)");
            while (i < rest.Length && rest[i] == 0xFF) i++;
            if (i >= rest.Length || rest[i] != 0xD9) throw _refuse.Truncated("JPEG-LS end of image", _bytes.Length, _bytes.Length + 2);
        }
    }
}
