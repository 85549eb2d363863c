using System;

namespace LiverSeg.Functional;

/// <summary>A synthetic abdomen with an exact liver.</summary>
/// <param name="Ct">The scan.</param>
/// <param name="Organs">What each voxel belongs to.</param>
/// <param name="Phase">The contrast phase.</param>
public sealed record Phantom(Volume<Hu> Ct, Volume<OrganLabel> Organs, ContrastPhase Phase)
{
    /// <summary>The whole liver: tissue, vessels inside, lesions and cysts.</summary>
    public Volume<bool> Liver => Organs.Map(o => o.Value is Organ.Liver or Organ.Lesion or Organ.Cyst or Organ.LiverVessel);

    /// <summary>The voxels of one organ.</summary>
    public Volume<bool> Mask(Organ organ) => Organs.Map(o => o.Value == organ);

    /// <summary>A synthetic abdomen: body, bones, lungs, heart, organs and vessels of random shape and pose.</summary>
    /// <exception cref="ArgumentException">Spacing or field are not positive and finite.</exception>
    public static Phantom Abdomen(PhantomOptions options)
    {
        var s = options.Spacing;
        var (low, high) = options.Field;
        if (!(s.X > 0 && s.Y > 0 && s.Z > 0) || !(high - low >= s.Z) || !double.IsFinite(s.X + s.Y + s.Z + high - low))
            throw new ArgumentException($"spacing {s}, field {low}..{high} mm; positive spacings and low < high are needed", nameof(options));
        var anatomy = new PhantomAnatomy(options);
        var (width, depth) = (2 * (anatomy.HalfWidth + 18), 2 * (anatomy.HalfDepth + 18));
        var extent = new Extent((int)Math.Ceiling(width / s.X), (int)Math.Ceiling(depth / s.Y), (int)Math.Round((high - low) / s.Z));
        var grid = new Grid(extent, s, new(-(extent.X - 1) * s.X / 2, -(extent.Y - 1) * s.Y / 2, low), Direction.Identity);
        var organs = anatomy.Draw(grid);
        return new(PhantomScanner.Scan(organs, anatomy.Phase, options), organs, anatomy.Phase);
    }
}
