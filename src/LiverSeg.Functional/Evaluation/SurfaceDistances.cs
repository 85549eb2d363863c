using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Runtime.InteropServices;

namespace LiverSeg.Functional;

/// <summary>How far the border voxels of two masks lie from each other's border, both ways, in millimetres: measured once, read many times.</summary>
/// <remarks>
/// Distances are exact Euclidean ones between voxel centres. Readings are absent where a mask has no border. Laws: mean ≤ root mean
/// square ≤ maximum; percentiles rise with p; swapping the masks changes nothing; spacing × k makes all k times as long.
/// </remarks>
public sealed record SurfaceDistances
{
    private readonly EquatableArray<double> _there, _back, _thereArea, _backArea;

    internal SurfaceDistances(double[] there, double[] back, double[] thereArea, double[] backArea) =>
        (_there, _back, _thereArea, _backArea) = (Own(there), Own(back), Own(thereArea), Own(backArea));

    /// <summary>From each border voxel of the prediction to the truth's border, in mm; slices, rows, columns in order.</summary>
    public IReadOnlyList<double> PredictionToTruthMm => _there;

    /// <summary>From each border voxel of the truth to the prediction's border, in mm; slices, rows, columns in order.</summary>
    public IReadOnlyList<double> TruthToPredictionMm => _back;

    /// <summary>Whether both masks have a border, so that there are distances.</summary>
    public bool Exist => _there.Count > 0 && _back.Count > 0;

    /// <summary>Average symmetric surface distance (ASD, ASSD): the mean over both surfaces thrown together.</summary>
    public Mm? Mean => Exist ? new Mm((Sum(_there, d => d) + Sum(_back, d => d)) / Count) : null;

    /// <summary>Root mean square symmetric surface distance (RMSD).</summary>
    public Mm? RootMeanSquare => Exist ? new Mm(Math.Sqrt((Sum(_there, d => d * d) + Sum(_back, d => d * d)) / Count)) : null;

    /// <summary>Maximum symmetric surface distance (MSD), the Hausdorff distance.</summary>
    public Mm? Maximum => Exist ? new Mm(Math.Max(Largest(_there), Largest(_back))) : null;

    /// <summary>The mean of both directed means (MASD); differs from <see cref="Mean"/> when one surface has more voxels.</summary>
    public Mm? MeanOfDirectedMeans => Exist ? new Mm((Sum(_there, d => d) / _there.Count + Sum(_back, d => d) / _back.Count) / 2) : null;

    /// <summary>A percentile of the distances; 100 is the maximum, 95 the usual robust one.</summary>
    /// <param name="percent">From 0 to 100.</param>
    /// <param name="definition">Which of the definitions in use.</param>
    /// <exception cref="ArgumentOutOfRangeException">The percentage lies outside of 0 .. 100.</exception>
    public Mm? Percentile(double percent, PercentileDefinition definition = PercentileDefinition.Pooled)
    {
        if (!(percent >= 0 && percent <= 100)) throw new ArgumentOutOfRangeException(nameof(percent), FormattableString.Invariant($"{percent} is not in 0 .. 100"));
        if (!Exist) return null;
        return new Mm(definition switch
        {
            PercentileDefinition.Pooled => Quantiles.Percentile([.. _there.Span, .. _back.Span], percent),
            PercentileDefinition.MaxDirected => Math.Max(Quantiles.Percentile(_there.Span.ToArray(), percent), Quantiles.Percentile(_back.Span.ToArray(), percent)),
            _ => Math.Max(Quantiles.WeightedPercentile(_there.Span, _thereArea.Span, percent), Quantiles.WeightedPercentile(_back.Span, _backArea.Span, percent)),
        });
    }

    /// <summary>Normalised surface distance (surface Dice): the part of all border voxels of both masks that lie within the tolerance.</summary>
    /// <param name="toleranceMm">Millimetres, ≥ 0; rises from the part of shared border to 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">A negative tolerance.</exception>
    public double? SurfaceDice(double toleranceMm)
    {
        if (!(toleranceMm >= 0)) throw new ArgumentOutOfRangeException(nameof(toleranceMm), FormattableString.Invariant($"{toleranceMm} mm is no tolerance ≥ 0"));
        if (!Exist) return null;
        // 3 × 0.7 mm must be within 2.1 mm whatever the last bit says
        var limit = toleranceMm * (1 + 1e-9);
        return (double)(Sum(_there, d => d <= limit ? 1 : 0) + Sum(_back, d => d <= limit ? 1 : 0)) / Count;
    }

    private double Count => (double)_there.Count + _back.Count;

    private static EquatableArray<double> Own(double[] values) => new(ImmutableCollectionsMarshal.AsImmutableArray(values));

    private static double Sum(EquatableArray<double> items, Func<double, double> part)
    {
        var sum = 0.0;
        foreach (var d in items.Span) sum += part(d);
        return sum;
    }

    private static double Largest(EquatableArray<double> items)
    {
        var largest = 0.0;
        foreach (var d in items.Span) largest = Math.Max(largest, d);
        return largest;
    }
}
