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

    /// <summary>One scan: 365 contexts of regular mode and two of run mode.</summary>
    private ref struct Scan
    {
        private static ReadOnlySpan<byte> RunSizes => [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 9, 10, 11, 12, 13, 14, 15];

        private readonly ReadOnlySpan<byte> _bytes;
        private readonly FileErrors _refuse;
        private readonly int _maximum, _near, _t1, _t2, _t3, _reset, _range, _limit, _wide;
        private readonly int[] _a = new int[367], _b = new int[365], _c = new int[365], _n = new int[367], _negative = new int[2];
        private ulong _bits;
        private int _count, _at, _run, _beyond;
        private bool _stuffed;

        internal Scan(ReadOnlySpan<byte> bytes, int maximum, int near, int t1, int t2, int t3, int reset, FileErrors refuse)
        {
            _bytes = bytes;
            (_maximum, _near, _t1, _t2, _t3, _reset, _refuse) = (maximum, near, t1, t2, t3, reset, refuse);
            _range = (maximum + 2 * near) / (2 * near + 1) + 1;
            _wide = BitOperations.Log2((uint)(_range - 1)) + 1;
            var bpp = Math.Max(2, BitOperations.Log2((uint)maximum) + 1);
            _limit = 2 * (bpp + Math.Max(8, bpp));
            _a.AsSpan().Fill(Math.Max(2, (_range + 32) / 64));
            _n.AsSpan().Fill(1);
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
            for (var x = 1; x <= columns; x++)
            {
                int a = row[x - 1], b = above[x], c = above[x - 1], d = above[x + 1];
                int q1 = Quantize(d - b), q2 = Quantize(b - c), q3 = Quantize(c - a);
                if (q1 == 0 && q2 == 0 && q3 == 0) x = Run(above, row, x, columns);
                else row[x] = Regular(a, b, c, 81 * q1 + 9 * q2 + q3);
            }
        }

        private readonly int Quantize(int d) =>
            d <= -_t3 ? -4 : d <= -_t2 ? -3 : d <= -_t1 ? -2 : d < -_near ? -1 : d <= _near ? 0 : d < _t1 ? 1 : d < _t2 ? 2 : d < _t3 ? 3 : 4;

        private int Regular(int a, int b, int c, int context)
        {
            var sign = context < 0 ? -1 : 1;
            var q = context * sign;
            var predicted = c >= Math.Max(a, b) ? Math.Min(a, b) : c <= Math.Min(a, b) ? Math.Max(a, b) : a + b - c;
            predicted = Math.Clamp(predicted + sign * _c[q], 0, _maximum);
            var k = 0;
            while (_n[q] << k < _a[q] && k < 24) k++;
            var mapped = Golomb(k, _limit);
            var error = (mapped & 1) == 0 ? mapped >> 1 : -((mapped + 1) >> 1);
            if (k == 0 && _near == 0 && 2 * _b[q] <= -_n[q]) error = -error - 1;
            Update(q, error);
            return Reconstruct(predicted, sign * error * (2 * _near + 1));
        }

        private readonly void Update(int q, int error)
        {
            _b[q] += error * (2 * _near + 1);
            _a[q] += Math.Abs(error);
            if (_n[q] == _reset)
            {
                _a[q] >>= 1;
                _b[q] = _b[q] >= 0 ? _b[q] >> 1 : -((1 - _b[q]) >> 1);
                _n[q] >>= 1;
            }
            _n[q]++;
            if (_b[q] <= -_n[q])
            {
                _b[q] = Math.Max(_b[q] + _n[q], 1 - _n[q]);
                if (_c[q] > -128) _c[q]--;
            }
            else if (_b[q] > 0)
            {
                _b[q] = Math.Min(_b[q] - _n[q], 0);
                if (_c[q] < 127) _c[q]++;
            }
        }

        private readonly int Reconstruct(int predicted, int error)
        {
            var value = predicted + error;
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
            var q = 365 + type;
            var predicted = type == 1 ? a : b;
            var sign = type == 0 && a > b ? -1 : 1;
            var sum = type == 1 ? _a[q] + (_n[q] >> 1) : _a[q];
            var k = 0;
            while (_n[q] << k < sum && k < 24) k++;
            var mapped = Golomb(k, _limit - RunSizes[_run] - 1);
            // T.87, A.7.2.2 backwards: the map bit says on which side the error lies.
            var temp = mapped + type;
            var map = temp & 1;
            var magnitude = (temp + map) / 2;
            var error = (k != 0 || 2 * _negative[type] >= _n[q]) == (map == 1) ? -magnitude : magnitude;
            if (error < 0) _negative[type]++;
            _a[q] += (mapped + 1 - type) >> 1;
            if (_n[q] == _reset)
            {
                _a[q] >>= 1;
                _n[q] >>= 1;
                _negative[type] >>= 1;
            }
            _n[q]++;
            return Reconstruct(predicted, sign * error * (2 * _near + 1));
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

        private int Bits(int count)
        {
            while (_count < count) Fill();
            _count -= count;
            if (_count < _beyond) throw _refuse.Truncated("JPEG-LS scan", _bytes.Length, _bytes.Length + 1);
            return (int)(_bits >> _count) & (int)((1L << count) - 1);
        }

        /// <summary>After FF only seven bits follow in the next byte; FF and a high bit is a marker.</summary>
        private void Fill()
        {
            byte next = 0;
            var width = _stuffed ? 7 : 8;
            if (_at < _bytes.Length && !(_bytes[_at] == 0xFF && (_at + 1 >= _bytes.Length || _bytes[_at + 1] >= 0x80))) next = _bytes[_at++];
            else
            {
                _beyond += width;
                if (_beyond > 64) throw _refuse.Truncated("JPEG-LS scan", _bytes.Length, _bytes.Length + 1);
            }
            _stuffed = next == 0xFF;
            _bits = _bits << width | next;
            _count += width;
        }

        private readonly void End()
        {
            var rest = _bytes[Math.Min(_at, _bytes.Length)..];
            var i = 0;
            while (i < rest.Length && rest[i] != 0xFF) i++; // at most a byte of padding bits
            if (i > 1) throw _refuse.Bad("JPEG-LS scan", FormattableString.Invariant($"{i} bytes after the last pixel"), "the end of the image (FFD9)");
            while (i < rest.Length && rest[i] == 0xFF) i++;
            if (i >= rest.Length || rest[i] != 0xD9) throw _refuse.Truncated("JPEG-LS end of image", _bytes.Length, _bytes.Length + 2);
        }
    }
}
