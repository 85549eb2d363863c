using System;
using System.Runtime.InteropServices;

namespace LiverSeg.Functional;

/// <summary>Voxels on a grid, never changed once made; the voxel type says how far the volume has come.</summary>
/// <remarks>
/// The first axis runs fastest. Two volumes are equal when their grids and all voxels are. At most 2³¹ − 57 voxels.
/// Laws: init then index gives the function; equal content gives equal value and hash; the source array may change afterwards without effect.
/// </remarks>
/// <typeparam name="T">The voxel type: <see cref="Hu"/>, <see cref="Intensity"/>, <see cref="Probability"/>, <see cref="bool"/> (a mask), ...</typeparam>
public sealed class Volume<T> : IEquatable<Volume<T>> where T : unmanaged, IEquatable<T>
{
    private readonly ReadOnlyMemory<T> _voxels;

    /// <summary>Takes the memory as its own: the caller must not write to it again.</summary>
    internal Volume(Grid grid, ReadOnlyMemory<T> voxels)
    {
        if (voxels.Length != grid.Extent.Count)
            throw new ArgumentException(FormattableString.Invariant($"{voxels.Length} voxels ≠ {grid.Extent.Count} of the grid {grid}"), nameof(voxels));
        (Grid, _voxels) = (grid, voxels);
    }

    /// <summary>Where the voxels lie in the patient.</summary>
    public Grid Grid { get; }

    /// <summary>How many voxels there are along each axis.</summary>
    public Extent Extent => Grid.Extent;

    /// <summary>All voxels, the first axis fastest.</summary>
    public ReadOnlySpan<T> Voxels => _voxels.Span;

    /// <summary>The voxel at an index.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The index lies outside.</exception>
    public T this[int x, int y, int z] =>
        Extent.Contains(x, y, z)
            ? _voxels.Span[(z * Extent.Y + y) * Extent.X + x]
            : throw new ArgumentOutOfRangeException(nameof(x), FormattableString.Invariant($"({x}, {y}, {z}) lies outside of {Extent}"));

    /// <summary>The voxels of slice z, row after row; no copy.</summary>
    public ReadOnlySpan<T> Slice(int z) => _voxels.Span.Slice(z * Extent.X * Extent.Y, Extent.X * Extent.Y);

    /// <summary>The memory behind <see cref="Voxels"/>, for work that crosses threads.</summary>
    internal ReadOnlyMemory<T> Memory => _voxels;

    /// <inheritdoc/>
    public bool Equals(Volume<T>? other) =>
        ReferenceEquals(this, other) || (other is not null && Grid == other.Grid && Voxels.SequenceEqual(other.Voxels));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Volume<T>);

    /// <summary>A hash of the grid and of up to 64 voxels spread over the volume.</summary>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.Add(Grid);
        var voxels = Voxels;
        for (long i = 0; i < 64 && voxels.Length > 0; i++) hash.Add(voxels[(int)(i * (voxels.Length - 1) / 63)]);
        return hash.ToHashCode();
    }

    /// <summary>The voxel type and the grid.</summary>
    public override string ToString() => $"Volume<{typeof(T).Name}> {Grid}";
}

/// <summary>Ways to make volumes and to go from one to another.</summary>
public static class Volume
{
    /// <summary>The volume whose voxel at (x, y, z) is <c>voxel(x, y, z)</c>.</summary>
    public static Volume<T> Init<T>(Grid grid, Func<int, int, int, T> voxel) where T : unmanaged, IEquatable<T>
    {
        var voxels = Allocate<T>(grid);
        var i = 0;
        for (var z = 0; z < grid.Extent.Z; z++)
            for (var y = 0; y < grid.Extent.Y; y++)
                for (var x = 0; x < grid.Extent.X; x++)
                    voxels[i++] = voxel(x, y, z);
        return new(grid, voxels);
    }

    /// <summary>The volume with a copy of the given voxels, the first axis fastest.</summary>
    /// <exception cref="ArgumentException">The number of voxels is not the grid's.</exception>
    public static Volume<T> Of<T>(Grid grid, ReadOnlySpan<T> voxels) where T : unmanaged, IEquatable<T> => new(grid, voxels.ToArray());

    /// <summary>The volume with the same voxel everywhere.</summary>
    public static Volume<T> Constant<T>(Grid grid, T voxel) where T : unmanaged, IEquatable<T>
    {
        var voxels = Allocate<T>(grid);
        Array.Fill(voxels, voxel);
        return new(grid, voxels);
    }

    /// <summary>Each voxel by itself: <c>Map(id) = id</c>, <c>Map(f) ∘ Map(g) = Map(f ∘ g)</c>.</summary>
    public static Volume<TOut> Map<T, TOut>(this Volume<T> volume, Func<T, TOut> voxel)
        where T : unmanaged, IEquatable<T> where TOut : unmanaged, IEquatable<TOut>
    {
        var source = volume.Voxels;
        var voxels = Allocate<TOut>(volume.Grid);
        for (var i = 0; i < voxels.Length; i++) voxels[i] = voxel(source[i]);
        return new(volume.Grid, voxels);
    }

    /// <summary>Voxel by voxel over two volumes of one grid.</summary>
    /// <exception cref="ArgumentException">The grids differ.</exception>
    public static Volume<TOut> Zip<T1, T2, TOut>(this Volume<T1> first, Volume<T2> second, Func<T1, T2, TOut> voxel)
        where T1 : unmanaged, IEquatable<T1> where T2 : unmanaged, IEquatable<T2> where TOut : unmanaged, IEquatable<TOut>
    {
        first.Grid.EnsureSameGeometry(second.Grid, nameof(second));
        ReadOnlySpan<T1> a = first.Voxels;
        ReadOnlySpan<T2> b = second.Voxels;
        var voxels = Allocate<TOut>(first.Grid);
        for (var i = 0; i < voxels.Length; i++) voxels[i] = voxel(a[i], b[i]);
        return new(first.Grid, voxels);
    }

    /// <summary>The same voxels laid on another grid of the same extent, as after a corrected header; no copy.</summary>
    /// <exception cref="ArgumentException">The extents differ.</exception>
    public static Volume<T> WithGrid<T>(this Volume<T> volume, Grid grid) where T : unmanaged, IEquatable<T> =>
        grid.Extent == volume.Extent
            ? new(grid, volume.Memory)
            : throw new ArgumentException($"extent {grid.Extent} ≠ {volume.Extent}", nameof(grid));

    /// <summary>The slices first .. first + count − 1; no copy.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The slices lie outside.</exception>
    public static Volume<T> Slab<T>(this Volume<T> volume, int first, int count) where T : unmanaged, IEquatable<T>
    {
        var extent = volume.Extent;
        if (first < 0 || count < 0 || first + count > extent.Z)
            throw new ArgumentOutOfRangeException(nameof(first), FormattableString.Invariant($"slices {first} .. {first + count - 1} lie outside of {extent}"));
        var area = extent.X * extent.Y;
        return new(volume.Grid.At(new(0, 0, first, extent with { Z = count })), volume.Memory.Slice(first * area, count * area));
    }

    /// <summary>The voxels of a region that lies inside; a slab of whole slices is not copied. Crop after pad is the identity.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The region reaches outside; use <see cref="Pad{T}"/>.</exception>
    public static Volume<T> Crop<T>(this Volume<T> volume, Region region) where T : unmanaged, IEquatable<T>
    {
        var (extent, size) = (volume.Extent, region.Extent);
        if (region.X < 0 || region.Y < 0 || region.Z < 0 || size.X < 0 || size.Y < 0 || size.Z < 0
            || region.X + size.X > extent.X || region.Y + size.Y > extent.Y || region.Z + size.Z > extent.Z)
            throw new ArgumentOutOfRangeException(nameof(region), $"{region} reaches outside of {extent}");
        return size.X == extent.X && size.Y == extent.Y ? volume.Slab(region.Z, size.Z) : volume.Pad(region, default);
    }

    /// <summary>The voxels of a region that may reach outside, where <paramref name="outside"/> stands.</summary>
    public static Volume<T> Pad<T>(this Volume<T> volume, Region region, T outside) where T : unmanaged, IEquatable<T>
    {
        var grid = volume.Grid.At(region);
        var voxels = Allocate<T>(grid);
        if (!outside.Equals(default)) Array.Fill(voxels, outside);
        var (extent, size) = (volume.Extent, region.Extent);
        int x0 = Math.Max(0, -region.X), x1 = Math.Min(size.X, extent.X - region.X);
        for (var z = Math.Max(0, -region.Z); z < Math.Min(size.Z, extent.Z - region.Z); z++)
            for (var y = Math.Max(0, -region.Y); y < Math.Min(size.Y, extent.Y - region.Y) && x1 > x0; y++)
                volume.Voxels.Slice(((z + region.Z) * extent.Y + y + region.Y) * extent.X + x0 + region.X, x1 - x0)
                    .CopyTo(voxels.AsSpan((z * size.Y + y) * size.X + x0));
        return new(grid, voxels);
    }

    /// <summary>One line for the eye: voxel type and grid, then the least and the greatest voxel, or how much a mask holds.</summary>
    public static string Describe<T>(this Volume<T> volume) where T : unmanaged, IEquatable<T> => volume.Extent.Count == 0 ? $"{volume}, empty" : (object)volume switch
    {
        Volume<bool> mask when MemoryExtensions.Count(mask.Voxels, true) is var inside =>
            FormattableString.Invariant($"{volume}, {inside} voxels inside, {inside * mask.Grid.VoxelVolume / 1000:F1} ml"),
        Volume<Hu> => $"{volume}, {Range(volume)} HU",
        Volume<Intensity> or Volume<Probability> => $"{volume}, {Range(volume)}",
        _ => $"{volume}",
    };

    private static string Range<T>(Volume<T> volume) where T : unmanaged, IEquatable<T>
    {
        float least = float.PositiveInfinity, most = float.NegativeInfinity;
        for (var z = 0; z < volume.Extent.Z; z++)
            foreach (var v in Floats(volume.Slice(z)))
                (least, most) = (Math.Min(least, v), Math.Max(most, v));
        return FormattableString.Invariant($"{least:G4} .. {most:G4}");
    }

    /// <summary>Room for all voxels of a grid.</summary>
    /// <exception cref="ArgumentException">More voxels than one array can hold.</exception>
    internal static T[] Allocate<T>(Grid grid) =>
        grid.Extent.Count <= Array.MaxLength
            ? new T[grid.Extent.Count]
            : throw new ArgumentException(FormattableString.Invariant($"{grid.Extent} is {grid.Extent.Count} voxels, more than {Array.MaxLength}"), nameof(grid));

    /// <summary>The voxels as the numbers that they wrap, slice by slice so that no span outgrows 2³¹ bytes.</summary>
    internal static ReadOnlySpan<float> Floats<T>(ReadOnlySpan<T> voxels) where T : unmanaged => MemoryMarshal.Cast<T, float>(voxels);

    /// <summary>The voxels of a mask as bytes, 0 for background.</summary>
    internal static ReadOnlySpan<byte> Bytes(Volume<bool> mask) => MemoryMarshal.AsBytes(mask.Voxels);
}
