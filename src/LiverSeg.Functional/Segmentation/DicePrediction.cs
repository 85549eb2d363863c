using System;
using System.Collections.Generic;
using System.Linq;

namespace LiverSeg.Functional;

/// <summary>A Dice that nobody measured: what to expect, and between what the true one lies in nine of ten patients like those of the fit.</summary>
/// <param name="Value">In (0, 1).</param>
/// <param name="Low">At most the value.</param>
/// <param name="High">At least the value.</param>
public readonly record struct DiceEstimate(double Value, double Low, double High)
{
    /// <summary>As <c>0.95 (0.91 to 0.97)</c>.</summary>
    public override string ToString() => FormattableString.Invariant($"{Value:0.00} ({Low:0.00} to {High:0.00})");
}

/// <summary>A mask whose Dice is known, of a network that has not seen the patient: what <see cref="DicePrediction.Fit"/> learns from.</summary>
/// <param name="Patient">All masks of a patient are left out together.</param>
/// <param name="ExpectedDice"><see cref="Quality.ExpectedDice"/>.</param>
/// <param name="Agreement"><see cref="Quality.Agreement"/>.</param>
/// <param name="Dice">The mask's, in [0, 1].</param>
public readonly record struct DiceSample(string Patient, double ExpectedDice, double Agreement, double Dice);

/// <summary>How a mask's Dice is told beforehand: logit(Dice) = intercept + a · logit(expected Dice) + b · logit(agreement of the stages).</summary>
/// <remarks>Laws: estimates rise with what they are made from where the factors are positive; Low ≤ Value ≤ High; a patient's weight is the same however many masks there are of it.</remarks>
public sealed record DicePrediction
{
    private const double Ridge = 1e-3, Share = 0.9;

    /// <summary>The logit at 0.5 of both.</summary>
    public double Intercept { get; init; }

    /// <summary>The factor of logit(expected Dice).</summary>
    public double OfExpectedDice { get; init; }

    /// <summary>The factor of logit(agreement).</summary>
    public double OfAgreement { get; init; }

    /// <summary>How far below the logit the interval begins; at most 0.</summary>
    public double Below { get; init; }

    /// <summary>How far above it ends; at least 0.</summary>
    public double Above { get; init; }

    /// <summary>Fitted on patients that the networks had not seen, their scans as they are and spoilt on purpose (docs/results/predicted-dice.md).</summary>
    public static DicePrediction Shipped { get; } = new() { Intercept = -1.600, OfExpectedDice = 0.344, OfAgreement = 0.953, Below = -1.691, Above = 0.730 };

    /// <summary>The Dice to expect.</summary>
    /// <param name="expectedDice"><see cref="Quality.ExpectedDice"/>.</param>
    /// <param name="agreement"><see cref="Quality.Agreement"/>.</param>
    public DiceEstimate Of(double expectedDice, double agreement)
    {
        var logit = LogitOf(expectedDice, agreement);
        return new(Logistic(logit), Logistic(logit + Below), Logistic(logit + Above));
    }

    /// <summary>Least squares of the logits with each patient weighing the same; the interval holds nine tenths of what is off when each patient in turn is left out of the fit.</summary>
    /// <param name="samples">Of two patients at least.</param>
    /// <exception cref="ArgumentException">There are fewer patients.</exception>
    public static DicePrediction Fit(IReadOnlyList<DiceSample> samples)
    {
        var patients = samples.Select(s => s.Patient).Distinct().ToList();
        if (patients.Count < 2) throw new ArgumentException($"found {patients.Count} patients, two are needed", nameof(samples));
        var off = patients.SelectMany(p =>
        {
            var (of, others) = (samples.Where(s => s.Patient == p).ToList(), Line([.. samples.Where(s => s.Patient != p)]));
            return of.Select(s => (Off: Logit(s.Dice) - others.LogitOf(s.ExpectedDice, s.Agreement), Weight: 1.0 / of.Count));
        }).OrderBy(o => o.Off).ToList();
        return Line(samples) with { Below = Math.Min(0, Quantile(off, (1 - Share) / 2)), Above = Math.Max(0, Quantile(off, (1 + Share) / 2)) };
    }

    private static double Quantile(IReadOnlyList<(double Off, double Weight)> sorted, double share)
    {
        var (total, sum) = (sorted.Sum(s => s.Weight), 0.0);
        return sorted.First(s => (sum += s.Weight) >= share * total - 1e-9).Off;
    }

    private double LogitOf(double expectedDice, double agreement) => Intercept + OfExpectedDice * Logit(expectedDice) + OfAgreement * Logit(agreement);

    /// <summary>The normal equations of three numbers; a little is added to the diagonal, so that few samples give small factors instead of wild ones.</summary>
    private static DicePrediction Line(IReadOnlyList<DiceSample> samples)
    {
        var (matrix, right) = (new double[3, 3], new double[3]);
        foreach (var patient in samples.GroupBy(s => s.Patient))
            foreach (var sample in patient)
            {
                double[] row = [1, Logit(sample.ExpectedDice), Logit(sample.Agreement)];
                for (var i = 0; i < 3; i++)
                {
                    right[i] += row[i] * Logit(sample.Dice) / patient.Count();
                    for (var j = 0; j < 3; j++) matrix[i, j] += row[i] * row[j] / patient.Count();
                }
            }
        for (var i = 0; i < 3; i++) matrix[i, i] += Ridge;
        for (var i = 0; i < 3; i++)
            for (var j = i + 1; j < 3; j++)
            {
                var factor = matrix[j, i] / matrix[i, i];
                for (var k = i; k < 3; k++) matrix[j, k] -= factor * matrix[i, k];
                right[j] -= factor * right[i];
            }
        var c = right[2] / matrix[2, 2];
        var b = (right[1] - matrix[1, 2] * c) / matrix[1, 1];
        return new() { Intercept = (right[0] - matrix[0, 1] * b - matrix[0, 2] * c) / matrix[0, 0], OfExpectedDice = b, OfAgreement = c };
    }

    /// <summary>Of a share kept away from 0 and 1, where one voxel would weigh more than all else.</summary>
    private static double Logit(double share)
    {
        var p = Math.Clamp(share, 0.01, 0.995);
        return Math.Log(p / (1 - p));
    }

    private static double Logistic(double logit) => 1 / (1 + Math.Exp(-logit));
}
