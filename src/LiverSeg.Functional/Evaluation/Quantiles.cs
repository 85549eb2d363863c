using System;

namespace LiverSeg.Functional;

/// <summary>Percentiles of numbers.</summary>
internal static class Quantiles
{
    /// <summary>The p-th percentile, linear between neighbours (Hyndman and Fan's type 7, as in numpy and R). Reorders its argument.</summary>
    internal static double Percentile(double[] values, double percent)
    {
        var place = percent / 100 * (values.Length - 1);
        var low = (int)Math.Floor(place);
        var value = Select(values, low);
        if (low + 1 >= values.Length || place == low) return value;
        var next = values[low + 1];
        foreach (var v in values.AsSpan(low + 1)) next = Math.Min(next, v);
        return value + (place - low) * (next - value);
    }

    /// <summary>The smallest value that has, with all smaller ones, p % of the weight.</summary>
    internal static double WeightedPercentile(ReadOnlySpan<double> values, ReadOnlySpan<double> weights, double percent)
    {
        double[] keys = values.ToArray(), parts = weights.ToArray();
        Array.Sort(keys, parts);
        var total = 0.0;
        foreach (var w in parts) total += w;
        var sum = 0.0;
        for (var i = 0; i < keys.Length; i++)
            if ((sum += parts[i]) >= percent / 100 * total && parts[i] > 0) return keys[i];
        return keys[^1];
    }

    /// <summary>The k-th smallest; afterwards no later value is smaller.</summary>
    internal static double Select(Span<double> values, int k)
    {
        int low = 0, high = values.Length - 1;
        while (low < high)
        {
            // median of three, then Hoare's partition: equal values spread to both sides
            double a = values[low], b = values[(low + high) >>> 1], c = values[high];
            var pivot = Math.Max(Math.Min(a, b), Math.Min(Math.Max(a, b), c));
            int i = low, j = high;
            while (i <= j)
            {
                while (values[i] < pivot) i++;
                while (values[j] > pivot) j--;
                if (i > j) break;
                (values[i], values[j]) = (values[j], values[i]);
                i++;
                j--;
            }
            if (k <= j) high = j;
            else if (k >= i) low = i;
            else return values[k];
        }
        return values[k];
    }
}
