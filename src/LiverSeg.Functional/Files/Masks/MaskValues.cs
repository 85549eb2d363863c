using System;
using System.Collections.Generic;
using System.Linq;

namespace LiverSeg.Functional;

/// <summary>Which values a mask's file holds, and how often; 0 and NaN do not count.</summary>
internal sealed class MaskValues
{
    /// <summary>Numbers that are whole but for the rounding of a 32-bit scale.</summary>
    private const float Rounding = 1e-5f;

    /// <summary>Values that are kept apart; a scan taken for a mask has more, and nobody reads them.</summary>
    private const int Most = 4096;

    private readonly Dictionary<float, long> _counts = [];
    private float _lowest = float.PositiveInfinity, _highest = float.NegativeInfinity;
    private long _soft;

    /// <summary>Whole numbers and how many voxels have them, from low to high.</summary>
    internal IReadOnlyList<(float Value, long Voxels)> Whole => [.. _counts.Select(c => (c.Key, c.Value)).OrderBy(c => c.Key)];

    /// <summary>How many different whole numbers there are; from a bound on only that there are many.</summary>
    internal int Count => _counts.Count;

    /// <summary>How many voxels are no whole numbers, the lowest and the highest of them.</summary>
    internal (long Voxels, float Lowest, float Highest) Soft => (_soft, _lowest, _highest);

    internal bool Has(float value) => _counts.ContainsKey(value);

    /// <summary>Counts bytes, and says which of them are inside: all but 0, or the wanted ones.</summary>
    internal void Sort(ReadOnlySpan<byte> bytes, bool signed, HashSet<float>? wanted, Span<bool> inside)
    {
        var first = bytes.IndexOfAnyExcept((byte)0);
        if (first < 0)
        {
            inside.Clear();
            return;
        }
        float Value(int b) => signed ? (sbyte)b : b;
        var only = bytes[first];
        if (bytes.IndexOfAnyExcept((byte)0, only) < 0) Add(Value(only), bytes.Length - bytes.Count((byte)0));
        else
        {
            Span<int> counts = stackalloc int[256];
            counts.Clear();
            foreach (var b in bytes) counts[b]++;
            for (var b = 1; b < 256; b++) Add(Value(b), counts[b]);
        }
        if (wanted is null)
        {
            for (var i = 0; i < inside.Length; i++) inside[i] = bytes[i] != 0;
            return;
        }
        Span<bool> wants = stackalloc bool[256];
        for (var b = 0; b < 256; b++) wants[b] = wanted.Contains(Value(b));
        for (var i = 0; i < inside.Length; i++) inside[i] = wants[bytes[i]];
    }

    /// <summary>Counts numbers, and says which of them are inside: all but 0 and NaN, or the wanted ones.</summary>
    internal void Sort(ReadOnlySpan<float> numbers, HashSet<float>? wanted, Span<bool> inside)
    {
        var (last, run, counts) = (0f, 0L, false);
        for (var i = 0; i < inside.Length; i++)
        {
            var number = numbers[i];
            if (number == 0 || float.IsNaN(number))
            {
                inside[i] = false;
                continue;
            }
            if (number != last)
            {
                Add(last, run);
                (last, run, counts) = (number, 0, wanted is null || IsWhole(number, out var whole) && wanted.Contains(whole));
            }
            run++;
            inside[i] = counts;
        }
        Add(last, run);
    }

    private static bool IsWhole(float number, out float whole)
    {
        whole = MathF.Round(number);
        return whole != 0 && Math.Abs(number - whole) <= Rounding * Math.Abs(whole);
    }

    private void Add(float number, long voxels)
    {
        if (voxels == 0) return;
        if (!IsWhole(number, out var whole)) (_soft, _lowest, _highest) = (_soft + voxels, Math.Min(_lowest, number), Math.Max(_highest, number));
        else if (_counts.Count < Most || _counts.ContainsKey(whole)) _counts[whole] = _counts.GetValueOrDefault(whole) + voxels;
    }
}
