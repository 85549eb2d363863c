using System;
using System.Linq;

namespace LiverSeg.Functional;

/// <summary>Masks and score maps that lie on the lattice of a scan, but are stored otherwise: axes in another order or sense, cut out, larger, with a rounded header.</summary>
/// <remarks>
/// Two grids lie on one lattice when the axes of one can be reordered and mirrored so that its corners lie within 0.05 voxels of a box of the other's voxels
/// (<see cref="Grid.GeometryEquals(Grid)"/>). Voxels are then moved as they are, never interpolated; what lies on another lattice needs <see cref="Resample"/>.
/// </remarks>
public static class Lattice
{
    /// <summary>The mask on another grid of its lattice: axes reordered, background where it has no voxels, cut off where the grid ends.</summary>
    /// <remarks>Law: a mask that was turned, mirrored and cut out around all that is inside comes back bit by bit.</remarks>
    /// <param name="mask">The mask.</param>
    /// <param name="grid">The grid wanted, mostly the scan's.</param>
    /// <param name="note">Hears what was done, where anything was.</param>
    /// <exception cref="ArgumentException">The mask does not lie on the grid's lattice, or has no voxel in common with it; the message quotes both.</exception>
    public static Volume<bool> OnGrid(this Volume<bool> mask, Grid grid, Action<string>? note = null) => Brought(mask, grid, "mask", note);

    /// <summary>The score map on another grid of its lattice: as for masks, probability 0 where it has no voxels.</summary>
    /// <inheritdoc cref="OnGrid(Volume{bool}, Grid, Action{string}?)"/>
    public static Volume<Probability> OnGrid(this Volume<Probability> scores, Grid grid, Action<string>? note = null) => Brought(scores, grid, "score map", note);

    /// <summary>Two masks of one lattice on one grid: the truth's, grown where the prediction reaches beyond it, so that no voxel of either is lost.</summary>
    /// <remarks>Law: turning, mirroring and cutting out either mask, with all that is inside, changes no metric.</remarks>
    /// <param name="prediction">The mask to judge.</param>
    /// <param name="truth">The mask to judge by.</param>
    /// <param name="note">Hears what was done, where anything was.</param>
    /// <exception cref="ArgumentException">They do not lie on one lattice, or have no voxel in common; the message quotes both.</exception>
    public static (Volume<bool> Prediction, Volume<bool> Truth) Pair(Volume<bool> prediction, Volume<bool> truth, Action<string>? note = null) =>
        Paired(prediction, truth, note, note) ?? throw Elsewhere(prediction.Grid, truth.Grid, nameof(prediction));

    /// <summary>A mask in a file, brought onto a scan's grid as <see cref="OnGrid(Volume{bool}, Grid, Action{string}?)"/> does.</summary>
    /// <remarks>
    /// A DICOM segmentation (PS3.3, A.51) leaves out empty slices and a structure set (C.8.8.6) has contours only: both are laid on the grid. Law: a segmentation
    /// whose empty frames were left out is the mask that it was made of.
    /// </remarks>
    /// <param name="path">The file.</param>
    /// <param name="grid">The scan's grid.</param>
    /// <param name="label">Which voxels are inside.</param>
    /// <param name="warn">Hears what was odd about the file, and what was done to its mask.</param>
    /// <exception cref="FileErrorException">As <see cref="VolumeFile.ReadMask(string, MaskLabel, Action{string}?)"/>; or the mask lies on another lattice (<c>other-grid</c>).</exception>
    public static Volume<bool> ReadMask(string path, Grid grid, MaskLabel label = default, Action<string>? warn = null) =>
        Brought(path, MaskFile.Read(path, label, grid, warn), grid, "mask", " --mask", warn);

    /// <summary>A score map in a file, brought onto a scan's grid as <see cref="OnGrid(Volume{Probability}, Grid, Action{string}?)"/> does.</summary>
    /// <param name="path">The file.</param>
    /// <param name="grid">The scan's grid.</param>
    /// <param name="channel">Which channel of a map of several classes, from 0 on; absent where there is but one.</param>
    /// <param name="warn">Hears what was odd about the file, and what was done to its map.</param>
    /// <exception cref="FileErrorException">As <see cref="VolumeFile.ReadProbability(string, int?, Action{string}?)"/>; or the map lies on another lattice (<c>other-grid</c>).</exception>
    public static Volume<Probability> ReadProbability(string path, Grid grid, int? channel = null, Action<string>? warn = null) =>
        Brought(path, VolumeFile.ReadProbability(path, channel, warn), grid, "score map", "", warn);

    /// <summary>Two masks in files on one grid.</summary>
    internal static (Volume<bool> Prediction, Volume<bool> Truth) ReadPair((string Path, MaskLabel Label) prediction, (string Path, MaskLabel Label) truth, Action<string>? warn)
    {
        var (p, t) = MaskFile.ReadPair(prediction, truth, warn);
        return Paired(p, t, Named(prediction.Path, warn), Named(truth.Path, warn)) ?? throw Refused(prediction.Path, p.Grid, t.Grid, " --mask");
    }

    /// <summary>How a grid lies in another: its axes turned, then a box of the other's voxels, and how far off it is.</summary>
    private readonly record struct Placement(int[] Axes, bool[] Flips, Region Region, double Mm, double Voxels);

    private static Placement? Place(Grid own, Grid grid)
    {
        if (own == grid) return new([0, 1, 2], [false, false, false], Region.Whole(grid.Extent), 0, 0);
        if (own.Extent.Count == 0 || grid.Extent.Count == 0 || Orient.AxesToward(own, grid) is not var (axes, flips)) return null;
        var turned = Orient.Turned(own, axes, flips);
        var first = grid.ToIndex(turned.Origin);
        const double Far = 1e6;
        if (!(Math.Abs(first.X) < Far && Math.Abs(first.Y) < Far && Math.Abs(first.Z) < Far)) return null;
        var region = new Region((int)Math.Round(first.X), (int)Math.Round(first.Y), (int)Math.Round(first.Z), turned.Extent);
        var (voxels, mm) = grid.At(region).Misfit(turned);
        var common = Inside(region, grid.Extent);
        return voxels <= Grid.ToleranceVoxels && common.X > 0 && common.Y > 0 && common.Z > 0 ? new(axes, flips, region, mm, voxels) : null;
    }

    /// <summary>How many voxels of a box lie in a grid along each axis; 0 or less where none.</summary>
    private static Extent Inside(Region region, Extent extent)
    {
        int Common(int first, int count, int length) => Math.Min(length, first + count) - Math.Max(0, first);
        return new(Common(region.X, region.Extent.X, extent.X), Common(region.Y, region.Extent.Y, extent.Y), Common(region.Z, region.Extent.Z, extent.Z));
    }

    private static Volume<T> Brought<T>(Volume<T> volume, Grid grid, string what, Action<string>? note) where T : unmanaged, IEquatable<T> =>
        Place(volume.Grid, grid) is { } place ? Moved(volume, place, grid, what, note) : throw Elsewhere(volume.Grid, grid, "grid");

    private static Volume<T> Brought<T>(string path, Volume<T> volume, Grid grid, string what, string flag, Action<string>? warn) where T : unmanaged, IEquatable<T> =>
        Place(volume.Grid, grid) is { } place ? Moved(volume, place, grid, what, Named(path, warn)) : throw Refused(path, volume.Grid, grid, flag);

    private static (Volume<bool> Prediction, Volume<bool> Truth)? Paired(Volume<bool> prediction, Volume<bool> truth, Action<string>? ofPrediction, Action<string>? ofTruth)
    {
        if (Place(prediction.Grid, truth.Grid) is not { } place) return null;
        var union = BoundingBox.Union(Region.Whole(truth.Extent), place.Region);
        if (union != Region.Whole(truth.Extent))
        {
            ofTruth?.Invoke($"mask lies in {truth.Extent} of {union.Extent} voxels: padded with background");
            truth = truth.Pad(union, false);
        }
        var region = place.Region with { X = place.Region.X - union.X, Y = place.Region.Y - union.Y, Z = place.Region.Z - union.Z };
        return (Moved(prediction, place with { Region = region }, truth.Grid, "mask", ofPrediction), truth);
    }

    private static Volume<T> Moved<T>(Volume<T> volume, Placement place, Grid grid, string what, Action<string>? note) where T : unmanaged, IEquatable<T>
    {
        if (volume.Grid == grid) return volume;
        if (place.Mm > Grid.Float32Mm) note?.Invoke(FormattableString.Invariant($"the {what}'s header lies up to {place.Mm:G2} mm ({place.Voxels:G2} voxels) off the other grid: taken as rounding"));
        if (!Orient.Nothing(place.Axes, place.Flips)) note?.Invoke($"{what} reordered {volume.Grid.Direction.Code} -> {grid.Direction.Code}");
        var turned = Orient.Turn(volume, place.Axes, place.Flips);
        var region = place.Region;
        if (region == Region.Whole(grid.Extent)) return turned.WithGrid(grid);
        var common = Inside(region, grid.Extent);
        if (common != grid.Extent) note?.Invoke($"{what} lies in {common} of {grid.Extent} voxels: padded with background");
        var moved = turned.Pad(new(-region.X, -region.Y, -region.Z, grid.Extent), default).WithGrid(grid);
        if (common != region.Extent && Filled(turned) - Filled(moved) is var lost)
            note?.Invoke(lost == 0
                ? $"{what} is larger than the scan, {region.Extent} to {grid.Extent} voxels: cut off where it is background"
                : FormattableString.Invariant($"{what} is larger than the scan: {lost} voxels ({lost * grid.VoxelVolume / 1000:0.##} ml) inside of it are cut off with the scan"));
        return moved;
    }

    private static long Filled<T>(Volume<T> volume) where T : unmanaged, IEquatable<T> => volume.Extent.Count - MemoryExtensions.Count(volume.Voxels, default(T));

    private static Action<string>? Named(string path, Action<string>? warn) => warn is null ? null : text => warn($"{path}: {text}");

    private static ArgumentException Elsewhere(Grid own, Grid grid, string parameter) =>
        new(FormattableString.Invariant($"grid {own} at {own.Origin} is not on the lattice of {grid} at {grid.Origin}: {Why(own, grid)}; Resample.Onto brings one onto the other"), parameter);

    private static FileErrorException Refused(string path, Grid own, Grid grid, string flag) => new FileErrors(path, "grid").OtherGrid(
        FormattableString.Invariant($"{own} at {own.Origin}"),
        FormattableString.Invariant($"the lattice of {grid} at {grid.Origin}, but {Why(own, grid)}"),
        $"bring it onto the other's grid by `liverseg resample -i FILE --like OTHER -o NEW{flag}`");

    /// <summary>What keeps a grid from another's lattice, in words.</summary>
    private static string Why(Grid own, Grid grid)
    {
        if (own.Extent.Count == 0 || grid.Extent.Count == 0) return "one of them is empty";
        if (Orient.AxesToward(own, grid) is not var (axes, flips)) return "their axes do not belong together";
        var turned = Orient.Turned(own, axes, flips);
        double Angle(Axis a, Axis b) => Math.Acos(Math.Clamp(a.Dot(b) / a.Length / b.Length, -1, 1)) * 180 / Math.PI;
        var angle = new[] { Angle(turned.Direction.X, grid.Direction.X), Angle(turned.Direction.Y, grid.Direction.Y), Angle(turned.Direction.Z, grid.Direction.Z) }.Max();
        if (angle > 0.1) return FormattableString.Invariant($"the axes differ by {angle:0.#}°");
        bool Differs(double a, double b, int count) => Math.Abs(a / b - 1) * count > Grid.ToleranceVoxels;
        var (s, t, e) = (turned.Spacing, grid.Spacing, turned.Extent);
        if (Differs(s.X, t.X, e.X) || Differs(s.Y, t.Y, e.Y) || Differs(s.Z, t.Z, e.Z)) return FormattableString.Invariant($"the voxels are {s} and not {t}");
        var at = grid.ToIndex(turned.Origin);
        double Off(double index) => index - Math.Round(index) + 0.0;
        return Math.Max(Math.Abs(Off(at.X)), Math.Max(Math.Abs(Off(at.Y)), Math.Abs(Off(at.Z)))) > Grid.ToleranceVoxels
            ? FormattableString.Invariant($"it lies ({Off(at.X):0.##}, {Off(at.Y):0.##}, {Off(at.Z):0.##}) voxels between the other's")
            : FormattableString.Invariant($"it begins at voxel ({at.X:0}, {at.Y:0}, {at.Z:0}) of the other and they have none in common");
    }
}
