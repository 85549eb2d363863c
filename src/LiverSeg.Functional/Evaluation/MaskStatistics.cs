using System;
using System.Collections.Generic;
using System.Linq;

namespace LiverSeg.Functional;

/// <summary>The densities inside of a mask, in Hounsfield units.</summary>
/// <remarks>Percentiles are linear between neighbours. Voxels that are no finite number are left out.</remarks>
/// <param name="Mean">The mean.</param>
/// <param name="StandardDeviation">The standard deviation over all voxels (divided by n).</param>
/// <param name="Min">The least.</param>
/// <param name="P5">5 % lie below.</param>
/// <param name="P25">A quarter lies below.</param>
/// <param name="Median">Half lie below.</param>
/// <param name="P75">Three quarters lie below.</param>
/// <param name="P95">95 % lie below.</param>
/// <param name="Max">The greatest.</param>
public readonly record struct DensityStatistics(
    double Mean, double StandardDeviation, Hu Min, double P5, double P25, double Median, double P75, double P95, Hu Max);

/// <summary>What a mask holds: volume, densities, extent, and where the image cuts it off.</summary>
public sealed record MaskStatistics
{
    private readonly EquatableArray<string> _cutOff = EquatableArray<string>.Empty;

    internal MaskStatistics()
    {
    }

    /// <summary>How many voxels are in the mask.</summary>
    public long Voxels { get; init; }

    /// <summary>The volume in millilitres.</summary>
    public double VolumeMl { get; init; }

    /// <summary>How many connected parts the mask has (26 neighbours).</summary>
    public int Components { get; init; }

    /// <summary>The part of the volume in the largest connected part, in [0, 1]; 1 for an empty mask.</summary>
    public double LargestPart { get; init; } = 1;

    /// <summary>Densities inside; absent for an empty mask or one without a finite density.</summary>
    public DensityStatistics? Density { get; init; }

    /// <summary>The smallest box of voxels that holds the mask; empty for an empty mask.</summary>
    public Region Box { get; init; }

    /// <summary>The size of that box along the grid's axes, in millimetres; 0 for an empty mask.</summary>
    public Spacing BoxMm { get; init; }

    /// <summary>The centre of mass in the patient (LPS); absent for an empty mask.</summary>
    public Point? Centre { get; init; }

    /// <summary>
    /// Sides of the image that the mask touches, so that the organ may go on beyond them: the letter of the patient side
    /// (L, R, P, A, S, I) that the side faces most, first axis first.
    /// </summary>
    public IReadOnlyList<string> CutOff { get => _cutOff; init => _cutOff = value.ToEquatableArray(); }
}

/// <summary>Describes what lies under a mask.</summary>
public static class Statistics
{
    /// <summary>Volume, densities, extent and cut-off sides of a mask on its CT.</summary>
    /// <remarks>Laws: the volume adds up over disjoint masks; min ≤ percentiles in order ≤ max.</remarks>
    /// <exception cref="ArgumentException">The grids differ; the message quotes both.</exception>
    public static MaskStatistics Describe(this Volume<Hu> ct, Volume<bool> mask)
    {
        ct.Grid.EnsureSameGeometry(mask.Grid, nameof(mask));
        var (grid, extent) = (mask.Grid, mask.Extent);
        var box = mask.BoundingBox();
        if (box.IsEmpty) return new();
        double x = 0, y = 0, z = 0;
        var values = new List<double>();
        long count = 0;
        for (var k = box.Z; k < box.Z + box.Extent.Z; k++)
            for (var j = box.Y; j < box.Y + box.Extent.Y; j++)
            {
                var start = (k * extent.Y + j) * extent.X;
                for (var i = box.X; i < box.X + box.Extent.X; i++)
                {
                    if (!mask.Voxels[start + i]) continue;
                    (x, y, z, count) = (x + i, y + j, z + k, count + 1);
                    var value = ct.Voxels[start + i].Value;
                    if (float.IsFinite(value)) values.Add(value);
                }
            }
        var parts = ConnectedComponents.Of(mask, Connectivity.TwentySix).Sizes();
        return new()
        {
            Voxels = count,
            VolumeMl = count * grid.VoxelVolume / 1000,
            Components = parts.Length,
            LargestPart = (double)parts.Max() / count,
            Density = Densities([.. values]),
            Box = box,
            BoxMm = new(box.Extent.X * grid.Spacing.X, box.Extent.Y * grid.Spacing.Y, box.Extent.Z * grid.Spacing.Z),
            Centre = grid.ToWorld(x / count, y / count, z / count),
            CutOff = Sides(box, grid).ToEquatableArray(),
        };
    }

    private static DensityStatistics? Densities(double[] values)
    {
        if (values.Length == 0) return null;
        var mean = values.Sum() / values.Length;
        var variance = values.Sum(v => (v - mean) * (v - mean)) / values.Length;
        double P(double percent) => Quantiles.Percentile(values, percent);
        return new(mean, Math.Sqrt(variance), new((float)values.Min()), P(5), P(25), P(50), P(75), P(95), new((float)values.Max()));
    }

    private static IEnumerable<string> Sides(Region box, Grid grid)
    {
        var letters = grid.Direction.Code;
        if (box.X == 0) yield return Opposite(letters[0]);
        if (box.X + box.Extent.X == grid.Extent.X) yield return letters[0].ToString();
        if (box.Y == 0) yield return Opposite(letters[1]);
        if (box.Y + box.Extent.Y == grid.Extent.Y) yield return letters[1].ToString();
        if (box.Z == 0) yield return Opposite(letters[2]);
        if (box.Z + box.Extent.Z == grid.Extent.Z) yield return letters[2].ToString();
    }

    private static string Opposite(char letter) => letter switch { 'L' => "R", 'R' => "L", 'P' => "A", 'A' => "P", 'S' => "I", _ => "S" };
}
