using System;
using System.Collections.Generic;
using System.Linq;

namespace LiverSeg.Functional;

/// <summary>How many voxels of each score are liver and how many are not: all that calibration asks of a case, a few kilobytes whatever the scan.</summary>
/// <remarks>
/// Scores are counted by their logit, ln(p / (1 − p)), in 2048 steps from −16 to 16, so that any temperature can be tried afterwards; a probability is taken as its
/// step's middle, within 0.002 of itself. Law: the counts of two cases together are the sum of theirs.
/// </remarks>
public sealed record ScoreCounts
{
    private const int PerLogit = 64, Steps = 2 * 16 * PerLogit;
    private const double Most = 16;
    private readonly EquatableArray<long> _liver, _other;

    private ScoreCounts(IEnumerable<long> liver, IEnumerable<long> other) => (_liver, _other) = (liver.ToEquatableArray(), other.ToEquatableArray());

    /// <summary>No voxel.</summary>
    public static ScoreCounts None { get; } = new(new long[Steps], new long[Steps]);

    /// <summary>The voxels of a case whose score is not next to nothing.</summary>
    /// <param name="scores">What was said of each voxel.</param>
    /// <param name="truth">What it is.</param>
    /// <param name="least">Voxels with less are left out, in [0, 1): almost all of them lie far from any liver, and would make every error look small. Default 0.001.</param>
    /// <exception cref="ArgumentException">The grids differ, or <paramref name="least"/> is outside.</exception>
    public static ScoreCounts Of(Volume<Probability> scores, Volume<bool> truth, double least = 1e-3)
    {
        scores.Grid.EnsureSameGeometry(truth.Grid, nameof(truth));
        if (!(least is >= 0 and < 1)) throw new ArgumentException(FormattableString.Invariant($"least score {least}; a number in [0, 1) is needed"), nameof(least));
        var (liver, other, floor) = (new long[Steps], new long[Steps], (float)least);
        var p = Volume.Floats(scores.Voxels);
        var inside = truth.Voxels;
        for (var i = 0; i < p.Length; i++)
            if (p[i] >= floor) (inside[i] ? liver : other)[Step(p[i])]++;
        return new(liver, other);
    }

    private static int Step(double p) => Math.Clamp((int)((Math.Log(p / (1 - p)) + Most) * PerLogit), 0, Steps - 1);

    /// <summary>How many voxels were counted.</summary>
    public long Voxels => _liver.Sum() + _other.Sum();

    /// <summary>Both cases together.</summary>
    public ScoreCounts Plus(ScoreCounts other) => new(_liver.Zip(other._liver, (a, b) => a + b), _other.Zip(other._other, (a, b) => a + b));

    /// <summary>A reliability diagram: of the voxels with about the same probability, which share is liver. Intervals without a voxel are left out.</summary>
    /// <param name="temperature">The logits are divided by it before, see <see cref="Temperature.Tempered"/>; greater than 0. Default 1.</param>
    /// <param name="bins">Intervals of equal width in [0, 1]. Default 15.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is not positive.</exception>
    public IReadOnlyList<ReliabilityBin> Reliability(double temperature = 1, int bins = 15)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(temperature);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bins);
        var (liver, all, sum) = (new long[bins], new long[bins], new double[bins]);
        for (var s = 0; s < Steps; s++)
        {
            var p = 1 / (1 + Math.Exp(-Logit(s) / temperature));
            var (b, n) = (Math.Min(bins - 1, (int)(p * bins)), _liver[s] + _other[s]);
            liver[b] += _liver[s];
            all[b] += n;
            sum[b] += p * n;
        }
        return Enumerable.Range(0, bins).Where(b => all[b] > 0)
            .Select(b => new ReliabilityBin((double)b / bins, (b + 1.0) / bins, all[b], sum[b] / all[b], (double)liver[b] / all[b])).ToEquatableArray();
    }

    /// <summary>The expected calibration error: |mean probability − share of liver| over the intervals of <see cref="Reliability"/>, weighted by their voxels; in [0, 1], 0 without a voxel.</summary>
    /// <param name="temperature">As there.</param>
    /// <param name="bins">As there.</param>
    public double CalibrationError(double temperature = 1, int bins = 15) =>
        Reliability(temperature, bins).Sum(b => b.Voxels * Math.Abs(b.MeanProbability - b.LiverShare)) / Math.Max(1, Voxels);

    /// <summary>The mean of −ln p over liver and −ln (1 − p) over other voxels: what a fitted temperature makes least; 0 without a voxel.</summary>
    /// <param name="temperature">The logits are divided by it before; greater than 0. Default 1.</param>
    public double LogLoss(double temperature = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(temperature);
        double sum = 0;
        for (var s = 0; s < Steps; s++)
        {
            var logit = Logit(s) / temperature;
            sum += _liver[s] * Softplus(-logit) + _other[s] * Softplus(logit);
        }
        return sum / Math.Max(1, Voxels);
    }

    private static double Logit(int step) => (step + 0.5) / PerLogit - Most;

    /// <summary>ln(1 + e^x).</summary>
    private static double Softplus(double x) => Math.Max(x, 0) + Math.Log(1 + Math.Exp(-Math.Abs(x)));
}

/// <summary>Voxels with about the same probability.</summary>
/// <param name="Low">The interval's lower end.</param>
/// <param name="High">Its upper end.</param>
/// <param name="Voxels">How many voxels, at least 1.</param>
/// <param name="MeanProbability">Their mean probability.</param>
/// <param name="LiverShare">Which share of them is liver: the same number where probabilities are calibrated.</param>
public readonly record struct ReliabilityBin(double Low, double High, long Voxels, double MeanProbability, double LiverShare);
