using System;
using System.Linq;

namespace LiverSeg.Functional;

/// <summary>One metric over many cases.</summary>
/// <remarks>Only cases that have the metric count, and how many have not is part of the value. Law: min ≤ median ≤ max, low ≤ mean ≤ high.</remarks>
/// <param name="Scored">How many cases have the metric, ≥ 1.</param>
/// <param name="Failed">How many cases have not.</param>
/// <param name="Mean">The mean of those that have.</param>
/// <param name="StandardDeviation">The sample standard deviation (divided by n − 1); 0 for one case.</param>
/// <param name="Median">The median.</param>
/// <param name="Min">The least.</param>
/// <param name="Max">The greatest.</param>
/// <param name="Low">Lower end of the 95 % bootstrap interval of the mean.</param>
/// <param name="High">Upper end of the 95 % bootstrap interval of the mean.</param>
public readonly record struct MetricSummary(
    int Scored, int Failed, double Mean, double StandardDeviation, double Median, double Min, double Max, double Low, double High)
{
    private const int Resamples = 2000;

    /// <summary>The summary of values, absent ones counted as failed; absent when all are.</summary>
    /// <param name="values">One per case.</param>
    /// <param name="seed">Seed of the bootstrap (percentile method, 2000 resamples): the same seed gives the same interval.</param>
    public static MetricSummary? Of(ReadOnlySpan<double?> values, long seed)
    {
        var present = values.ToArray().Where(v => v is not null).Select(v => v!.Value).ToArray();
        if (present.Length == 0) return null;
        var mean = present.Sum() / present.Length;
        var squares = present.Sum(v => (v - mean) * (v - mean));
        var sd = present.Length > 1 ? Math.Sqrt(squares / (present.Length - 1)) : 0;
        var random = new CounterRandom(seed, present.Length);
        var means = new double[Resamples];
        for (var i = 0; i < means.Length; i++)
        {
            var sum = 0.0;
            for (var j = 0; j < present.Length; j++) sum += present[random.NextInt(present.Length)];
            means[i] = sum / present.Length;
        }
        double low = Quantiles.Percentile(means, 2.5), high = Quantiles.Percentile(means, 97.5);
        return new(
            present.Length, values.Length - present.Length, mean, sd, Quantiles.Percentile([.. present], 50), present.Min(), present.Max(),
            Math.Min(low, mean), Math.Max(high, mean));
    }
}
