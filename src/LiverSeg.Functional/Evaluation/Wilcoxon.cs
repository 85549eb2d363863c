using System;
using System.Collections.Generic;
using System.Linq;

namespace LiverSeg.Functional;

/// <summary>Whether two systems differ on the same cases: Wilcoxon's signed-rank test, two-sided.</summary>
/// <remarks>
/// Pairs without a difference are left out; tied differences share their mean rank. Up to 50 pairs the p-value is exact (all sign
/// patterns of the ranks, ties included); above it is the normal approximation with correction for ties and continuity.
/// </remarks>
/// <param name="Pairs">Pairs with a difference.</param>
/// <param name="Statistic">The smaller of the rank sums of both signs.</param>
/// <param name="P">The probability of so uneven ranks if the systems were alike, in (0, 1].</param>
/// <param name="Exact">Whether <paramref name="P"/> is exact.</param>
public readonly record struct Wilcoxon(int Pairs, double Statistic, double P, bool Exact)
{
    private const int MaxExact = 50;

    /// <summary>The test on differences of pairs.</summary>
    public static Wilcoxon Of(IEnumerable<double> differences)
    {
        var sorted = differences.Where(d => d != 0).OrderBy(Math.Abs).ToArray();
        // twice the rank is a whole number also for ties
        var ranks = new int[sorted.Length];
        var ties = 0.0;
        for (int i = 0, j; i < sorted.Length; i = j)
        {
            for (j = i + 1; j < sorted.Length && Math.Abs(sorted[j]) == Math.Abs(sorted[i]);) j++;
            for (var k = i; k < j; k++) ranks[k] = i + j + 1;
            double t = j - i;
            ties += t * t * t - t;
        }
        long total = ranks.Sum(r => (long)r), positive = 0;
        for (var i = 0; i < sorted.Length; i++)
            if (sorted[i] > 0) positive += ranks[i];
        var least = Math.Min(positive, total - positive);
        var exact = sorted.Length <= MaxExact;
        return new(sorted.Length, least / 2.0, sorted.Length == 0 ? 1 : exact ? ExactP(ranks, least) : NormalP(sorted.Length, least / 2.0, ties), exact);
    }

    /// <summary>The test on a metric of the cases that both systems have it for, paired by name.</summary>
    /// <exception cref="ArgumentException">A name occurs twice in one table.</exception>
    public static Wilcoxon Compare(ResultTable first, ResultTable second, Metric metric)
    {
        var others = second.Cases.ToDictionary(c => c.Name, c => c.Value(metric), StringComparer.Ordinal);
        _ = first.Cases.ToDictionary(c => c.Name, StringComparer.Ordinal);
        return Of(
            from c in first.Cases
            let a = c.Value(metric)
            let b = others.GetValueOrDefault(c.Name)
            where a is not null && b is not null
            select a.Value - b.Value);
    }

    /// <summary>How many of all sign patterns are at least as uneven: counted by rank sum.</summary>
    private static double ExactP(int[] ranks, long least)
    {
        var ways = new double[ranks.Sum() + 1];
        ways[0] = 1;
        var reach = 0;
        foreach (var rank in ranks)
        {
            for (var s = reach; s >= 0; s--) ways[s + rank] += ways[s];
            reach += rank;
        }
        var tail = 0.0;
        for (var s = 0; s <= least; s++) tail += ways[s];
        return Math.Min(1, 2 * tail / Math.Pow(2, ranks.Length));
    }

    private static double NormalP(double n, double least, double ties)
    {
        var mean = n * (n + 1) / 4;
        var sd = Math.Sqrt(n * (n + 1) * (2 * n + 1) / 24 - ties / 48);
        return Math.Min(1, UpperTail((mean - least - 0.5) / sd) * 2);
    }

    /// <summary>P(Z &gt; z): a continued fraction far out, a series near 0.</summary>
    private static double UpperTail(double z)
    {
        if (z < 0) return 1 - UpperTail(-z);
        var density = Math.Exp(-z * z / 2) / Math.Sqrt(2 * Math.PI);
        if (z > 3)
        {
            var fraction = z;
            for (var k = 60; k >= 1; k--) fraction = z + k / fraction;
            return density / fraction;
        }
        double term = z, sum = z;
        for (var k = 1; k < 60; k++) sum += term *= z * z / (2 * k + 1);
        return 0.5 - density * sum;
    }
}
