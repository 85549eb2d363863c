using System;
using System.Linq;

namespace LiverSeg.Functional;

/// <summary>Pieces that hang on a mask by a thin neck.</summary>
public static class Necks
{
    // A ball that was worn down to its core is given back, its corners too.
    private const double Regrown = 1.2;

    /// <summary>The largest component without what hangs on it by a thin neck: a ball of the neck's width cannot pass from there to the widest part.</summary>
    /// <remarks>
    /// Connected, ⊆ the largest component. A piece reaches as far as six tenths of the width around where the ball's centre goes, and not nearer to the widest part's.
    /// Beyond the scan's ends the mask is taken to go on. Of 145 livers that were outlined no part hangs so by the default values (docs/results/necks.md).
    /// </remarks>
    /// <param name="mask">The mask.</param>
    /// <param name="widthMm">A neck is thinner than this, in millimetres; more than 0.</param>
    /// <param name="minMl">Smallest piece that is cut off, in millilitres.</param>
    /// <exception cref="ArgumentOutOfRangeException">The width is not positive and finite.</exception>
    public static Volume<bool> CutNecks(this Volume<bool> mask, double widthMm = 10, double minMl = 5)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(widthMm);
        if (!double.IsFinite(widthMm)) throw new ArgumentOutOfRangeException(nameof(widthMm), widthMm, "a finite width is needed");
        return Cut(mask.LargestComponent(), widthMm, minMl);
    }

    /// <summary>The voxels of such pieces: nearer to a core of theirs than to the largest, where cores are what a ball of the neck's width moves in.</summary>
    private static Volume<bool> Pieces(Volume<bool> mask, double widthMm, double minMl)
    {
        var (grid, inside) = (mask.Grid, mask.Memory);
        var wide = BoundedDistance.Squared(mask, to: false, widthMm / 2);
        var core = Volume.Allocate<bool>(grid);
        for (var i = 0; i < core.Length; i++) core[i] = wide[i] > BoundedDistance.Reach;
        var cores = ConnectedComponents.Of(new(grid, core), Connectivity.Six);
        if (cores.Components < 2) return Volume.Constant(grid, false);
        var sizes = cores.Sizes();
        var largest = Array.IndexOf(sizes, sizes.Max());
        bool[] others = Volume.Allocate<bool>(grid), hanging = Volume.Allocate<bool>(grid);
        cores.Paint(others, c => c != largest, _ => true);
        cores.Paint(core, c => c != largest, _ => false);
        var (there, here) = (new Volume<bool>(grid, others), new Volume<bool>(grid, core));
        var reach = Regrown * widthMm / 2;
        Region Around(Region box, double mm)
        {
            int Voxels(double spacing) => (int)(mm / spacing) + 1;
            return box.Grow(new(Voxels(grid.Spacing.X), Voxels(grid.Spacing.Y), Voxels(grid.Spacing.Z)), grid.Extent);
        }
        foreach (var box in cores.Boxes().Where((_, c) => c != largest))
        {
            // Voxels within the reach of the piece, and what lies within the reach of those.
            var (asked, seen) = (Around(box, reach), Around(box, 2 * reach));
            ushort[] theirs = BoundedDistance.Squared(there.Crop(seen), to: true, reach), own = BoundedDistance.Squared(here.Crop(seen), to: true, reach);
            for (var z = asked.Z; z < asked.Z + asked.Extent.Z; z++)
                for (var y = asked.Y; y < asked.Y + asked.Extent.Y; y++)
                {
                    var at = (z * grid.Extent.Y + y) * grid.Extent.X + asked.X;
                    var i = ((z - seen.Z) * seen.Extent.Y + y - seen.Y) * seen.Extent.X + asked.X - seen.X;
                    for (var x = 0; x < asked.Extent.X; x++, i++, at++)
                        if (theirs[i] <= BoundedDistance.Reach && theirs[i] < own[i] && inside.Span[at]) hanging[at] = true;
                }
        }
        return new Volume<bool>(grid, hanging).RemoveSmall(minMl, Connectivity.Six);
    }

    /// <summary>The same of the largest component in its box, with where the box lies; none where there is none.</summary>
    internal static (Volume<bool> Pieces, Region Box)? Of(Volume<bool> component, double widthMm, double minMl)
    {
        var box = component.BoundingBox();
        if (box.IsEmpty) return null;
        box = box.Grow(new(1, 1, 1), component.Extent);
        var pieces = Pieces(component.Crop(box), widthMm, minMl);
        return pieces.Voxels.Contains(true) ? (pieces, box) : null;
    }

    /// <summary>The component without them.</summary>
    private static Volume<bool> Cut(Volume<bool> component, double widthMm, double minMl)
    {
        if (Of(component, widthMm, minMl) is not { } found) return component;
        var (pieces, box) = found;
        var (e, part, voxels) = (component.Extent, pieces.Extent, component.Voxels.ToArray());
        for (var z = 0; z < part.Z; z++)
            for (var y = 0; y < part.Y; y++)
            {
                var piece = pieces.Voxels.Slice((z * part.Y + y) * part.X, part.X);
                var row = voxels.AsSpan(((box.Z + z) * e.Y + box.Y + y) * e.X + box.X, part.X);
                for (var x = 0; x < piece.Length; x++) row[x] &= !piece[x];
            }
        return new Volume<bool>(component.Grid, voxels).LargestComponent();
    }
}
