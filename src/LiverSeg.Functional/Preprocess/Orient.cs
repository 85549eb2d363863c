using System;
using System.Linq;
using System.Threading.Tasks;

namespace LiverSeg.Functional;

/// <summary>Turns volumes so that their axes run as near as possible to the patient's left, back and head (LPS), and back again.</summary>
/// <remarks>Only permutes and mirrors axes: every voxel stays where it is in the patient, bit by bit.</remarks>
public static class Orient
{
    /// <summary>The volume with its axes in LPS order; the same volume when they are so already.</summary>
    /// <remarks>Law: MatchOrientation(original grid) ∘ ToCanonical = id.</remarks>
    public static Volume<T> ToCanonical<T>(this Volume<T> volume) where T : unmanaged, IEquatable<T>
    {
        var (axes, flips) = CanonicalAxes(volume.Grid.Direction);
        return Turn(volume, axes, flips);
    }

    /// <summary>The volume with its axes in the order and sense of another grid's, which must be a permutation and mirroring away.</summary>
    /// <exception cref="ArgumentException">The grids do not cover the same voxels.</exception>
    public static Volume<T> MatchOrientation<T>(this Volume<T> volume, Grid grid) where T : unmanaged, IEquatable<T>
    {
        var (axes, flips) = AxesToward(volume.Grid, grid) ?? throw new ArgumentException($"grid {grid} is no turn of {volume.Grid}", nameof(grid));
        var turned = Turn(volume, axes, flips);
        turned.Grid.EnsureSameGeometry(grid, nameof(grid));
        return turned.WithGrid(grid);
    }

    /// <summary>For each axis of a wanted grid the own axis that is most along it, and whether it runs the other way; none where one axis would serve twice.</summary>
    internal static (int[] Axes, bool[] Flips)? AxesToward(Grid grid, Grid wanted)
    {
        var own = new[] { grid.Direction.X, grid.Direction.Y, grid.Direction.Z };
        var toward = new[] { wanted.Direction.X, wanted.Direction.Y, wanted.Direction.Z };
        var axes = toward.Select(w => Enumerable.Range(0, 3).MaxBy(i => Math.Abs(own[i].Dot(w)))).ToArray();
        return axes.Distinct().Count() < 3 ? null : (axes, toward.Select((w, i) => own[axes[i]].Dot(w) < 0).ToArray());
    }

    /// <summary>For each of L, P, S the grid axis that runs along it, and whether it runs the other way.</summary>
    internal static (int[] Axes, bool[] Flips) CanonicalAxes(Direction direction)
    {
        var own = new[] { direction.X, direction.Y, direction.Z };
        // Of the six assignments the one with the most agreement: greedy choices can collide at 45°.
        var best = new[] { new[] { 0, 1, 2 }, [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0] }
            .MaxBy(p => Math.Abs(own[p[0]].L) + Math.Abs(own[p[1]].P) + Math.Abs(own[p[2]].S))!;
        return (best, [own[best[0]].L < 0, own[best[1]].P < 0, own[best[2]].S < 0]);
    }

    /// <summary>The grid of the same voxels with its axes in canonical order.</summary>
    internal static Grid CanonicalGrid(Grid grid)
    {
        var (axes, flips) = CanonicalAxes(grid.Direction);
        return Turned(grid, axes, flips);
    }

    /// <summary>New axis i is old axis axes[i], mirrored where flips[i].</summary>
    internal static Volume<T> Turn<T>(Volume<T> volume, int[] axes, bool[] flips) where T : unmanaged, IEquatable<T>
    {
        if (Nothing(axes, flips)) return volume;
        var grid = Turned(volume.Grid, axes, flips);
        var e = volume.Extent;
        var (start, steps) = (Start(e, axes, flips), new[] { 1, e.X, e.X * e.Y });
        int Step(int i) => flips[i] ? -steps[axes[i]] : steps[axes[i]];
        var (first, dx, dy, dz) = (start[0] * steps[0] + start[1] * steps[1] + start[2] * steps[2], Step(0), Step(1), Step(2));
        var voxels = Volume.Allocate<T>(grid);
        Parallel.For(0, grid.Extent.Z, z =>
        {
            var source = volume.Voxels;
            for (int y = 0, i = z * grid.Extent.Y * grid.Extent.X; y < grid.Extent.Y; y++)
            {
                var row = first + z * dz + y * dy;
                if (dx == 1) source.Slice(row, grid.Extent.X).CopyTo(voxels.AsSpan(i));
                else for (var x = 0; x < grid.Extent.X; x++) voxels[i + x] = source[row + x * dx];
                i += grid.Extent.X;
            }
        });
        return new(grid, voxels);
    }

    /// <summary>The grid whose axis i is the old axis axes[i], mirrored where flips[i]: the same voxels.</summary>
    internal static Grid Turned(Grid old, int[] axes, bool[] flips)
    {
        if (Nothing(axes, flips)) return old;
        var lengths = new[] { old.Extent.X, old.Extent.Y, old.Extent.Z };
        var spacings = new[] { old.Spacing.X, old.Spacing.Y, old.Spacing.Z };
        var directions = new[] { old.Direction.X, old.Direction.Y, old.Direction.Z };
        var start = Start(old.Extent, axes, flips);
        Axis Toward(int i) => flips[i] ? directions[axes[i]].Times(-1) : directions[axes[i]];
        return new(
            new(lengths[axes[0]], lengths[axes[1]], lengths[axes[2]]),
            new(spacings[axes[0]], spacings[axes[1]], spacings[axes[2]]),
            old.ToWorld(start[0], start[1], start[2]),
            new(Toward(0), Toward(1), Toward(2)));
    }

    internal static bool Nothing(int[] axes, bool[] flips) => axes is [0, 1, 2] && !flips.Contains(true);

    /// <summary>The old index of the first voxel after turning.</summary>
    private static int[] Start(Extent extent, int[] axes, bool[] flips)
    {
        var lengths = new[] { extent.X, extent.Y, extent.Z };
        var start = new int[3];
        for (var i = 0; i < 3; i++) start[axes[i]] = flips[i] ? lengths[axes[i]] - 1 : 0;
        return start;
    }
}
