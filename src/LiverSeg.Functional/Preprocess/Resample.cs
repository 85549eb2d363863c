using System;
using System.Threading.Tasks;

namespace LiverSeg.Functional;

/// <summary>Brings volumes to another voxel spacing or onto another grid.</summary>
/// <remarks>
/// Linear between voxel centres; when voxels grow, the kernel grows with them, so that nothing is skipped (no aliasing).
/// Outside of the source its border voxels go on. Laws: the same spacing gives the same volume; a constant stays constant.
/// Threads: 0 = one per processor; the result does not depend on them.
/// </remarks>
public static class Resample
{
    /// <summary>The scan at another spacing, over the same physical extent to within one voxel.</summary>
    /// <exception cref="ArgumentException">The spacing is not positive and finite.</exception>
    public static Volume<Hu> ToSpacing(this Volume<Hu> volume, Spacing spacing, int threads = 0) => volume.Linear(GridAt(volume.Grid, spacing), threads);

    /// <inheritdoc cref="ToSpacing(Volume{Hu}, Spacing, int)"/>
    public static Volume<Intensity> ToSpacing(this Volume<Intensity> volume, Spacing spacing, int threads = 0) => volume.Linear(GridAt(volume.Grid, spacing), threads);

    /// <inheritdoc cref="ToSpacing(Volume{Hu}, Spacing, int)"/>
    public static Volume<Probability> ToSpacing(this Volume<Probability> volume, Spacing spacing, int threads = 0) => volume.Linear(GridAt(volume.Grid, spacing), threads).Bounded();

    /// <summary>The mask at another spacing: more than half of a voxel covered counts as inside.</summary>
    /// <exception cref="ArgumentException">The spacing is not positive and finite.</exception>
    public static Volume<bool> ToSpacing(this Volume<bool> mask, Spacing spacing, int threads = 0) => mask.Covered(GridAt(mask.Grid, spacing), threads);

    /// <summary>The scan on another grid, which may lie askew.</summary>
    public static Volume<Hu> Onto(this Volume<Hu> volume, Grid grid, int threads = 0) => volume.Linear(grid, threads);

    /// <inheritdoc cref="Onto(Volume{Hu}, Grid, int)"/>
    public static Volume<Intensity> Onto(this Volume<Intensity> volume, Grid grid, int threads = 0) => volume.Linear(grid, threads);

    /// <inheritdoc cref="Onto(Volume{Hu}, Grid, int)"/>
    public static Volume<Probability> Onto(this Volume<Probability> volume, Grid grid, int threads = 0) => volume.Linear(grid, threads).Bounded();

    /// <summary>The mask on another grid: by the nearest voxel, or by linear coverage, more than half counting as inside. Beyond the source nothing is inside.</summary>
    /// <param name="mask">The mask.</param>
    /// <param name="grid">The grid wanted, which may lie askew.</param>
    /// <param name="interpolation">Nearest introduces nothing new; linear gives smoother surfaces where voxels shrink.</param>
    /// <param name="threads">0 = one per processor.</param>
    public static Volume<bool> Onto(this Volume<bool> mask, Grid grid, Interpolation interpolation, int threads = 0) => interpolation switch
    {
        Interpolation.Nearest => Nearest(mask, grid, threads),
        // A rim of background, or a mask that fills its file to the edge would go on for ever.
        _ when grid != mask.Grid => mask.Pad(new(-1, -1, -1, new(mask.Extent.X + 2, mask.Extent.Y + 2, mask.Extent.Z + 2)), false).Covered(grid, threads),
        _ => mask,
    };

    private static Volume<bool> Covered(this Volume<bool> mask, Grid grid, int threads) =>
        Linear(mask.Map(inside => new Probability(inside ? 1 : 0)), grid, threads).Map(p => p.Value > 0.5f);

    /// <summary>Weights that sum to 1 but for their rounding may give 1.0000001 between voxels of 1: no probability.</summary>
    internal static Volume<Probability> Bounded(this Volume<Probability> scores)
    {
        foreach (var p in scores.Voxels)
            if (p.Value > 1) return scores.Map(over => new Probability(Math.Min(over.Value, 1)));
        return scores;
    }

    private static Volume<bool> Nearest(Volume<bool> mask, Grid grid, int threads)
    {
        var voxels = Volume.Allocate<bool>(grid);
        var e = mask.Extent;
        Parallel.For(0, grid.Extent.Z, Parallelism.Of(threads), z =>
        {
            var source = mask.Voxels;
            for (int y = 0, i = z * grid.Extent.Y * grid.Extent.X; y < grid.Extent.Y; y++)
                for (var x = 0; x < grid.Extent.X; x++, i++)
                {
                    var at = mask.Grid.ToIndex(grid.ToWorld(x, y, z));
                    int sx = (int)Math.Round(at.X), sy = (int)Math.Round(at.Y), sz = (int)Math.Round(at.Z);
                    voxels[i] = e.Contains(sx, sy, sz) && source[(sz * e.Y + sy) * e.X + sx];
                }
        });
        return new(grid, voxels);
    }

    /// <summary>The grid of another spacing over the same physical box, centres aligned.</summary>
    internal static Grid GridAt(Grid grid, Spacing spacing)
    {
        if (!(spacing.X > 0 && spacing.Y > 0 && spacing.Z > 0) || !double.IsFinite(spacing.X + spacing.Y + spacing.Z))
            throw new ArgumentException($"spacing {spacing}; positive and finite millimetres are needed", nameof(spacing));
        if (spacing == grid.Spacing) return grid;
        int Count(int n, double own, double wanted) => n == 0 ? 0 : (int)Math.Max(1, Math.Min(int.MaxValue, Math.Round(n * own / wanted)));
        var extent = new Extent(
            Count(grid.Extent.X, grid.Spacing.X, spacing.X), Count(grid.Extent.Y, grid.Spacing.Y, spacing.Y), Count(grid.Extent.Z, grid.Spacing.Z, spacing.Z));
        // Both boxes share their middle.
        double First(int n, double own, int m, double wanted) => (n - 1) / 2.0 - (m - 1) / 2.0 * wanted / own;
        var origin = grid.ToWorld(
            First(grid.Extent.X, grid.Spacing.X, extent.X, spacing.X),
            First(grid.Extent.Y, grid.Spacing.Y, extent.Y, spacing.Y),
            First(grid.Extent.Z, grid.Spacing.Z, extent.Z, spacing.Z));
        return new(extent, spacing, origin, grid.Direction);
    }

    private static Volume<T> Linear<T>(this Volume<T> volume, Grid grid, int threads) where T : unmanaged, IEquatable<T>
    {
        if (grid == volume.Grid || grid.Extent.Count == 0 || volume.Extent.Count == 0) return grid == volume.Grid ? volume : new(grid, Volume.Allocate<T>(grid));
        // Turned and mirrored grids: sample in the canonical order, then turn.
        var upright = volume.ToCanonical();
        var target = Orient.CanonicalGrid(grid);
        var voxels = IsParallel(upright.Grid.Direction, target.Direction)
            ? TentFilter.Sample(upright.Memory, upright.Grid, target, threads)
            : TentFilter.Skewed(Shrunk(upright, target, threads), target, threads);
        var result = new Volume<T>(target, voxels);
        return target == grid ? result : result.MatchOrientation(grid);
    }

    private static bool IsParallel(Direction a, Direction b) =>
        a == b || (Math.Abs(a.X.Dot(b.X) - 1) < 1e-9 && Math.Abs(a.Y.Dot(b.Y) - 1) < 1e-9 && Math.Abs(a.Z.Dot(b.Z) - 1) < 1e-9);

    /// <summary>The source with voxels no smaller than the target's, so that skewed sampling skips nothing.</summary>
    private static Volume<T> Shrunk<T>(Volume<T> volume, Grid target, int threads) where T : unmanaged, IEquatable<T>
    {
        var own = volume.Grid.Spacing;
        var larger = new Spacing(Math.Max(own.X, target.Spacing.X), Math.Max(own.Y, target.Spacing.Y), Math.Max(own.Z, target.Spacing.Z));
        return volume.Linear(GridAt(volume.Grid, larger), threads);
    }
}
