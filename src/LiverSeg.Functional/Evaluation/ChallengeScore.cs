using System;

namespace LiverSeg.Functional;

/// <summary>Points of the SLiver07 challenge: 100 is perfect, 75 what a second human rater reached, 0 the least.</summary>
/// <remarks>
/// Per metric max(0, 100 − 25·|error| / reference) with the references 6.4 %, 4.7 %, 1.0 mm, 1.8 mm, 19 mm; a case has the mean of its
/// five (Heimann 2009). An absent error scores 0, so that a failed case stays in every mean. <c>default</c> is all 0.
/// </remarks>
/// <param name="Voe">Points for the volumetric overlap error.</param>
/// <param name="Rvd">Points for the relative volume difference, whatever its sign.</param>
/// <param name="Asd">Points for the average surface distance.</param>
/// <param name="Rmsd">Points for the root mean square surface distance.</param>
/// <param name="Msd">Points for the maximum surface distance.</param>
public readonly record struct ChallengeScore(double Voe, double Rvd, double Asd, double Rmsd, double Msd)
{
    /// <summary>The mean of the five, in [0, 100].</summary>
    public double Total => (Voe + Rvd + Asd + Rmsd + Msd) / 5;

    /// <summary>The points of five errors: percent, percent, mm, mm, mm.</summary>
    /// <exception cref="ArgumentException">An error is not a number.</exception>
    public static ChallengeScore Of(double? voePercent, double? rvdPercent, Mm? asd, Mm? rmsd, Mm? msd) =>
        new(Points(voePercent, 6.4), Points(rvdPercent, 4.7), Points(asd?.Value, 1.0), Points(rmsd?.Value, 1.8), Points(msd?.Value, 19));

    private static double Points(double? error, double reference) => error switch
    {
        null => 0,
        { } e when double.IsNaN(e) => throw new ArgumentException("an error that is not a number has no score; leave it out instead"),
        { } e => Math.Max(0, 100 - 25 * Math.Abs(e) / reference),
    };
}
