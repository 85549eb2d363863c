using System;

namespace LiverSeg.Functional;

/// <summary>Parts of a mask that are denser than livers are in places.</summary>
public static class DenseParts
{
    /// <summary>Smallest part that counts, in millilitres.</summary>
    internal const double LeastMl = 5;

    /// <summary>The mask without parts that are much denser than the rest, as stomach and bowel are where they are filled with contrast medium.</summary>
    /// <remarks>
    /// Densities are means over about 12 mm, so that vessels do not count, and are compared with the median of the whole mask. In none of 13 outlined livers do 5 ml lie 50 HU
    /// above it (docs/results/dense.md). What such a part encloses or is enclosed by stays: holes are filled after it. Law: ⊆ the mask; a scan that is turned or mirrored loses the same voxels.
    /// </remarks>
    /// <param name="mask">The mask.</param>
    /// <param name="image">The windowed scan on its grid.</param>
    /// <param name="by">How much denser, as a part of the window, in (0, 1]: of 400 HU 0.125 are 50 HU.</param>
    /// <param name="minMl">Smallest part that is cut off, in millilitres.</param>
    /// <exception cref="ArgumentException">The grids differ.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The part of the window is not in (0, 1].</exception>
    public static Volume<bool> CutDense(this Volume<bool> mask, Volume<Intensity> image, double by = 0.125, double minMl = LeastMl)
    {
        mask.Grid.EnsureSameGeometry(image.Grid, nameof(image));
        if (!(by > 0 && by <= 1)) throw new ArgumentOutOfRangeException(nameof(by), by, "a part of the window in (0, 1] is needed");
        return new DensityCells(mask.Grid).Add(mask, image).CutFrom(mask, by, minMl);
    }
}
