using System;

namespace LiverSeg.Functional;

public static partial class Crf
{
    /// <summary>
    /// The energy E(y) of a labelling (eq. 5), which the mean field lowers: Σᵢ −log P(yᵢ) + Σ_{i&lt;j} [yᵢ ≠ yⱼ] φᵢⱼ, with the kernels scaled
    /// as the options say; where the scale is not symmetric, with the mean of φᵢⱼ and φⱼᵢ. The self term has no part in it.
    /// </summary>
    /// <remarks>Unitless, ≥ 0; by the same fast sums as Refine. With weights 0 the least energy is that of the threshold ½.</remarks>
    /// <param name="mask">The labelling y: true is label 1.</param>
    /// <param name="scores">P, the probabilities of label 1.</param>
    /// <param name="guide">The scan in HU on the same grid.</param>
    /// <param name="options">Weights and lengths; the iterations do not matter.</param>
    /// <exception cref="ArgumentException">As for Refine.</exception>
    public static double Energy(this Volume<bool> mask, Volume<Probability> scores, Volume<Hu> guide, CrfOptions options) =>
        Energy(mask, scores, guide, 1, options);

    /// <param name="mask">The labelling y: true is label 1.</param>
    /// <param name="scores">P, the probabilities of label 1.</param>
    /// <param name="guide">The windowed scan on the same grid.</param>
    /// <param name="options">Weights and lengths; the iterations do not matter.</param>
    /// <inheritdoc cref="Energy(Volume{bool}, Volume{Probability}, Volume{Hu}, CrfOptions)"/>
    public static double Energy(this Volume<bool> mask, Volume<Probability> scores, Volume<Intensity> guide, CrfOptions options) =>
        Energy(mask, scores, guide, options.GuideWindow.Width, options);

    private static double Energy<T>(Volume<bool> mask, Volume<Probability> scores, Volume<T> guide, double huPerUnit, CrfOptions options)
        where T : unmanaged, IEquatable<T>
    {
        Check(scores, guide, options);
        scores.Grid.EnsureSameGeometry(mask.Grid, nameof(mask));
        if (mask.Extent.Count == 0) return 0;
        var least = options.MinProbability;
        double energy = 0;
        for (var i = 0; i < mask.Voxels.Length; i++)
        {
            var p = Math.Clamp(scores.Voxels[i].Value, least, 1 - least);
            energy -= Math.Log(mask.Voxels[i] ? p : 1 - p);
        }
        var planes = CrfPlanes.Of(mask.Grid, options.Reach);
        var n = (int)planes.Extent.Count;
        float[] inside = new float[n], outside = new float[n], fromInside = new float[n], fromOutside = new float[n];
        var labels = Array.ConvertAll(mask.Voxels.ToArray(), m => m ? 1f : 0f);
        var field = Field(planes, huPerUnit, options, GridSampling.Default);
        for (var f = 0; f < planes.Count; f++)
        {
            planes.Gather(Volume.Floats(guide.Voxels), f, outside);
            field.Prepare(outside);
            planes.Gather(labels, f, inside);
            for (var i = 0; i < n; i++) outside[i] = 1 - inside[i];
            field.Message(inside, fromInside);
            field.Message(outside, fromOutside);
            // Each unordered pair of unlike labels is met once in either sum.
            for (var i = 0; i < n; i++) energy += (inside[i] > 0 ? fromOutside[i] : fromInside[i]) / 2.0;
        }
        return energy;
    }
}
