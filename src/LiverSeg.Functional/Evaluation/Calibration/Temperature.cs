using System;
using System.Collections.Generic;
using System.Linq;

namespace LiverSeg.Functional;

/// <summary>Temperature scaling (Guo et al. 2017): one number that logits are divided by, so that of the voxels with probability p a share of p is liver.</summary>
public static class Temperature
{
    /// <summary>The least and the largest that <see cref="Fit"/> gives.</summary>
    private const double Least = 0.1, Largest = 10;

    /// <summary>The temperature with the least mean log loss over the cases, each of which counts alike; from 0.1 to 10.</summary>
    /// <remarks>Fitted on patients that the network has learned from it is too low. Law: no other temperature there has a smaller loss.</remarks>
    /// <param name="cases">Counts, one of a case; those without a voxel are left out.</param>
    /// <exception cref="ArgumentException">No case has a voxel.</exception>
    public static double Fit(IEnumerable<ScoreCounts> cases)
    {
        var counted = cases.Where(c => c.Voxels > 0).ToList();
        if (counted.Count == 0) throw new ArgumentException("no case has a voxel that was counted; one at least is needed", nameof(cases));
        double Loss(double inverse) => counted.Average(c => c.LogLoss(1 / inverse));
        // The loss is convex in the inverse.
        const double section = 0.6180339887498949;
        double low = 1 / Largest, high = 1 / Least;
        while (high - low > 1e-6)
        {
            var (a, b) = (high - section * (high - low), low + section * (high - low));
            if (Loss(a) <= Loss(b)) high = b;
            else low = a;
        }
        return 2 / (low + high);
    }

    /// <summary>For each case the temperature of <see cref="Fit"/> over the cases of all other patients, so that it can be judged on what it was not fitted on.</summary>
    /// <remarks>Law: a case's own patient does not change it.</remarks>
    /// <param name="cases">Each case's patient and counts.</param>
    /// <returns>As many as there are cases, in their order; none where no other patient has a voxel.</returns>
    public static IReadOnlyList<double?> FitOnOthers(IReadOnlyList<(string Patient, ScoreCounts Counts)> cases)
    {
        double? Of(string patient)
        {
            var others = cases.Where(c => c.Patient != patient && c.Counts.Voxels > 0).Select(c => c.Counts).ToList();
            return others.Count > 0 ? Fit(others) : null;
        }
        var fitted = cases.Select(c => c.Patient).Distinct().ToDictionary(patient => patient, Of);
        return cases.Select(c => fitted[c.Patient]).ToEquatableArray();
    }

    /// <summary>The scores with their logits divided by a temperature: p^(1/T) / (p^(1/T) + (1 − p)^(1/T)). Above 1 they come nearer to one half, which stays where it is.</summary>
    /// <remarks>Laws: 1 changes nothing; the order of scores stays; T and then U is T · U.</remarks>
    /// <param name="scores">The scores.</param>
    /// <param name="temperature">Greater than 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">The temperature is not positive.</exception>
    public static Volume<Probability> Tempered(this Volume<Probability> scores, double temperature)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(temperature);
        return temperature == 1 ? scores : scores.Map(p => p.Value is 0 or 1 ? p : new Probability((float)(1 / (1 + Math.Pow((1 - (double)p.Value) / p.Value, 1 / temperature)))));
    }
}
