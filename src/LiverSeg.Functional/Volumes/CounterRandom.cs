using System;

namespace LiverSeg.Functional;

/// <summary>
/// Random numbers without state that could get lost: the n-th number of a key is a pure function of both, so a resumed
/// run needs only integers. The mixer is SplitMix64's finaliser (Steele, Lea, Flood, OOPSLA 2014).
/// </summary>
internal struct CounterRandom
{
    private readonly ulong _key;
    private ulong _counter;

    /// <summary>The stream that belongs to a key such as (seed, epoch, step, case, purpose).</summary>
    internal CounterRandom(params ReadOnlySpan<long> key)
    {
        _key = 0x9E3779B97F4A7C15;
        foreach (var part in key) _key = Mix(_key ^ Mix(unchecked((ulong)part) + 0x9E3779B97F4A7C15)) + 0xD1B54A32D192ED03;
    }

    internal ulong NextBits() => Mix(_key + ++_counter * 0x9E3779B97F4A7C15);

    /// <summary>Uniform in [0, 1).</summary>
    internal double NextDouble() => (NextBits() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Uniform in [low, high).</summary>
    internal double Next(double low, double high) => low + (high - low) * NextDouble();

    /// <summary>Uniform in 0 .. count − 1.</summary>
    internal int NextInt(int count) => (int)Math.BigMul(NextBits(), (ulong)count, out _);

    /// <summary>Normal with mean 0 and standard deviation 1 (Box and Muller).</summary>
    internal double NextNormal() => Math.Sqrt(-2 * Math.Log(1 - NextDouble())) * Math.Cos(2 * Math.PI * NextDouble());

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
