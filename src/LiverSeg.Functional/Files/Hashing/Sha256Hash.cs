using System;
using System.Buffers.Binary;
using System.Numerics;
using System.Security.Cryptography;

namespace LiverSeg.Functional;

/// <summary>SHA-256 piece by piece: .NET's own, and a managed one where that would end the process for want of OpenSSL.</summary>
internal sealed class Sha256Hash : IDisposable
{
    private const int Block = 64;

    private readonly IncrementalHash? _native;
    private readonly uint[] _state = new uint[8];
    private readonly byte[] _rest = new byte[Block];
    private int _held;
    private ulong _length;

    internal Sha256Hash() : this(OpenSsl.IsFound)
    {
    }

    /// <param name="native">Whether .NET's own computes it.</param>
    internal Sha256Hash(bool native)
    {
        _native = native ? IncrementalHash.CreateHash(HashAlgorithmName.SHA256) : null;
        Reset();
    }

    internal static byte[] HashData(ReadOnlySpan<byte> data)
    {
        if (OpenSsl.IsFound) return SHA256.HashData(data);
        using var hash = new Sha256Hash(native: false);
        hash.AppendData(data);
        return hash.GetHashAndReset();
    }

    internal void AppendData(byte[] data, int offset, int count) => AppendData(data.AsSpan(offset, count));

    internal void AppendData(ReadOnlySpan<byte> data)
    {
        if (_native is not null)
        {
            _native.AppendData(data);
            return;
        }
        _length += (ulong)data.Length;
        if (_held > 0)
        {
            var taken = Math.Min(Block - _held, data.Length);
            data[..taken].CopyTo(_rest.AsSpan(_held));
            _held += taken;
            data = data[taken..];
            if (_held < Block) return;
            Compress(_rest);
            _held = 0;
        }
        for (; data.Length >= Block; data = data[Block..]) Compress(data[..Block]);
        data.CopyTo(_rest);
        _held = data.Length;
    }

    internal byte[] GetHashAndReset()
    {
        if (_native is not null) return _native.GetHashAndReset();
        var bits = _length * 8;
        Span<byte> end = stackalloc byte[2 * Block];
        end.Clear();
        end[0] = 0x80;
        var zeros = (Block + 56 - _held - 1) % Block;
        BinaryPrimitives.WriteUInt64BigEndian(end[(1 + zeros)..], bits);
        AppendData(end[..(1 + zeros + 8)]);
        var hash = new byte[32];
        for (var i = 0; i < 8; i++) BinaryPrimitives.WriteUInt32BigEndian(hash.AsSpan(4 * i), _state[i]);
        Reset();
        return hash;
    }

    public void Dispose() => _native?.Dispose();

    private void Reset()
    {
        Start.CopyTo(_state);
        (_held, _length) = (0, 0);
    }

    /// <summary>FIPS 180-4, 6.2.2.</summary>
    private void Compress(ReadOnlySpan<byte> block)
    {
        Span<uint> w = stackalloc uint[64];
        for (var t = 0; t < 16; t++) w[t] = BinaryPrimitives.ReadUInt32BigEndian(block[(4 * t)..]);
        for (var t = 16; t < 64; t++)
        {
            var (x, y) = (w[t - 15], w[t - 2]);
            var s0 = BitOperations.RotateRight(x, 7) ^ BitOperations.RotateRight(x, 18) ^ (x >> 3);
            var s1 = BitOperations.RotateRight(y, 17) ^ BitOperations.RotateRight(y, 19) ^ (y >> 10);
            w[t] = w[t - 16] + s0 + w[t - 7] + s1;
        }
        var s = _state;
        uint a = s[0], b = s[1], c = s[2], d = s[3], e = s[4], f = s[5], g = s[6], h = s[7];
        for (var t = 0; t < 64; t++)
        {
            var s1 = BitOperations.RotateRight(e, 6) ^ BitOperations.RotateRight(e, 11) ^ BitOperations.RotateRight(e, 25);
            var t1 = h + s1 + ((e & f) ^ (~e & g)) + Round[t] + w[t];
            var s0 = BitOperations.RotateRight(a, 2) ^ BitOperations.RotateRight(a, 13) ^ BitOperations.RotateRight(a, 22);
            var t2 = s0 + ((a & b) ^ (a & c) ^ (b & c));
            (h, g, f, e, d, c, b, a) = (g, f, e, d + t1, c, b, a, t1 + t2);
        }
        s[0] += a;
        s[1] += b;
        s[2] += c;
        s[3] += d;
        s[4] += e;
        s[5] += f;
        s[6] += g;
        s[7] += h;
    }

    /// <summary>The first 32 bits behind the point of the first eight primes' square roots.</summary>
    private static ReadOnlySpan<uint> Start =>
        [0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19];

    /// <summary>The same of the first 64 primes' cube roots.</summary>
    private static ReadOnlySpan<uint> Round =>
    [
        0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
        0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
        0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
        0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
        0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
        0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
        0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
        0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
    ];
}
