using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;

namespace LiverSeg.Functional;

/// <summary>The connected components of a mask.</summary>
/// <param name="Labels">0 outside, else 1 + the component's number.</param>
/// <param name="Sizes">Voxels per component, in the order of their first voxel.</param>
public sealed record ComponentMap(Volume<int> Labels, IReadOnlyList<long> Sizes);

/// <summary>Masks: volumes of <see cref="bool"/>, true inside.</summary>
public static class Mask
{
    /// <summary>Inside where the probability is more than the threshold; with threshold 0 or less everywhere.</summary>
    /// <remarks>Antitone in the threshold. 0.5 is the arg max of two classes.</remarks>
    /// <exception cref="ArgumentException">The threshold is NaN.</exception>
    public static Volume<bool> Threshold(this Volume<Probability> scores, double threshold)
    {
        if (double.IsNaN(threshold)) throw new ArgumentException("threshold NaN; a number in [0, 1] is needed", nameof(threshold));
        if (threshold <= 0) return Volume.Constant(scores.Grid, true);
        var area = scores.Extent.X * scores.Extent.Y;
        bool[] voxels = Volume.Allocate<bool>(scores.Grid);
        Parallel.For(0, scores.Extent.Z, z =>
        {
            var source = scores.Slice(z);
            for (var i = 0; i < source.Length; i++) voxels[z * area + i] = source[i].Value > threshold;
        });
        return new(scores.Grid, voxels);
    }

    /// <summary>Inside both.</summary>
    /// <exception cref="ArgumentException">The grids differ.</exception>
    public static Volume<bool> And(this Volume<bool> mask, Volume<bool> other) => mask.Zip(other, (a, b) => a && b);

    /// <summary>Inside either.</summary>
    /// <exception cref="ArgumentException">The grids differ.</exception>
    public static Volume<bool> Or(this Volume<bool> mask, Volume<bool> other) => mask.Zip(other, (a, b) => a || b);

    /// <summary>Inside the first and outside the second.</summary>
    /// <exception cref="ArgumentException">The grids differ.</exception>
    public static Volume<bool> AndNot(this Volume<bool> mask, Volume<bool> other) => mask.Zip(other, (a, b) => a && !b);

    /// <summary>Inside and outside exchanged. Not ∘ Not = id.</summary>
    public static Volume<bool> Not(this Volume<bool> mask) => mask.Map(inside => !inside);

    /// <summary>How many voxels are inside.</summary>
    public static long Count(this Volume<bool> mask)
    {
        var counts = new long[mask.Extent.Z];
        Parallel.For(0, mask.Extent.Z, z => counts[z] = System.MemoryExtensions.Count(mask.Slice(z), true));
        return counts.Sum();
    }

    /// <summary>The volume inside in millilitres; additive over disjoint masks.</summary>
    public static double VolumeMl(this Volume<bool> mask) => mask.Count() * mask.Grid.VoxelVolume / 1000;

    /// <summary>The smallest region that holds everything inside; empty for an empty mask.</summary>
    public static Region BoundingBox(this Volume<bool> mask) => Functional.BoundingBox.Of(mask, Parallelism.Of(0));

    /// <summary>Which voxels belong together.</summary>
    public static ComponentMap Components(this Volume<bool> mask, Connectivity connectivity = Connectivity.TwentySix)
    {
        var runs = ConnectedComponents.Of(mask, connectivity);
        var labels = Volume.Allocate<int>(mask.Grid);
        runs.Paint(labels, _ => true, component => component + 1);
        return new(new(mask.Grid, labels), runs.Sizes().ToEquatableArray());
    }

    /// <summary>The component with the most voxels (of equals the first); empty for an empty mask. Connected, ⊆ mask, idempotent.</summary>
    public static Volume<bool> LargestComponent(this Volume<bool> mask, Connectivity connectivity = Connectivity.TwentySix)
    {
        var runs = ConnectedComponents.Of(mask, connectivity);
        if (runs.Components < 2) return mask;
        var sizes = runs.Sizes();
        var largest = Array.IndexOf(sizes, sizes.Max());
        return Painted(mask.Grid, runs, component => component == largest);
    }

    /// <summary>Without the components smaller than a volume.</summary>
    /// <param name="mask">The mask.</param>
    /// <param name="minMl">Smallest volume that stays, in millilitres.</param>
    /// <param name="connectivity">Which voxels touch.</param>
    public static Volume<bool> RemoveSmall(this Volume<bool> mask, double minMl, Connectivity connectivity = Connectivity.TwentySix)
    {
        var runs = ConnectedComponents.Of(mask, connectivity);
        var (sizes, voxelMl) = (runs.Sizes(), mask.Grid.VoxelVolume / 1000);
        return Painted(mask.Grid, runs, component => sizes[component] * voxelMl >= minMl);
    }

    /// <summary>With every hole filled: what is outside but cannot be left through faces without crossing the mask. ⊇ mask, idempotent.</summary>
    /// <param name="mask">The mask.</param>
    /// <param name="planar">Slice by slice instead of in space, which fills tunnels too.</param>
    public static Volume<bool> FillHoles(this Volume<bool> mask, bool planar = false)
    {
        var e = mask.Extent;
        var runs = ConnectedComponents.Of(mask, Connectivity.Six, inside: false, planar);
        var open = new bool[runs.Components];
        for (var i = 0; i < runs.Count; i++)
        {
            var (row, start, end) = runs[i];
            var (y, z) = (row % e.Y, row / e.Y);
            if (start == 0 || end == e.X || y == 0 || y == e.Y - 1 || (!planar && (z == 0 || z == e.Z - 1))) open[runs.Label[i]] = true;
        }
        if (Array.TrueForAll(open, o => o)) return mask;
        var voxels = mask.Voxels.ToArray();
        runs.Paint(voxels, component => !open[component], _ => true);
        return new(mask.Grid, voxels);
    }

    private static Volume<bool> Painted(Grid grid, ConnectedComponents runs, Func<int, bool> chosen)
    {
        var voxels = Volume.Allocate<bool>(grid);
        runs.Paint(voxels, chosen, _ => true);
        return new(grid, voxels);
    }
}
