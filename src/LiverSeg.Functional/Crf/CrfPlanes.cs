using System;

namespace LiverSeg.Functional;

/// <summary>The fields of a volume that are refined by themselves: its transverse slices, or the whole as one block.</summary>
/// <param name="Count">How many independent fields.</param>
/// <param name="Extent">Voxels of one field; Z is 1 for slices.</param>
/// <param name="Step">Distance in the voxel array along the field's axes.</param>
/// <param name="Next">Distance in the voxel array from field to field.</param>
/// <param name="Spacing">Millimetres along the field's axes.</param>
internal readonly record struct CrfPlanes(int Count, Extent Extent, Extent Step, int Next, Spacing Spacing)
{
    /// <summary>Slices across the grid axis that is closest to the patient's head-to-foot axis (of equals the slowest).</summary>
    internal static CrfPlanes Of(Grid grid, CrfRange reach)
    {
        var (e, s) = (grid.Extent, grid.Spacing);
        if (e.Count == 0) return default;
        int stepY = e.X, stepZ = e.X * e.Y;
        if (reach == CrfRange.Volume) return new(1, e, new(1, stepY, stepZ), 0, s);
        return TransverseAxis(grid) switch
        {
            2 => new(e.Z, new(e.X, e.Y, 1), new(1, stepY, 0), stepZ, new(s.X, s.Y, 1)),
            1 => new(e.Y, new(e.X, e.Z, 1), new(1, stepZ, 0), stepY, new(s.X, s.Z, 1)),
            _ => new(e.X, new(e.Y, e.Z, 1), new(stepY, stepZ, 0), 1, new(s.Y, s.Z, 1)),
        };
    }

    /// <summary>0, 1 or 2: the grid axis that is closest to the patient's head-to-foot axis (of equals the slowest).</summary>
    internal static int TransverseAxis(Grid grid)
    {
        var d = grid.Direction;
        double x = Math.Abs(d.X.S), y = Math.Abs(d.Y.S), z = Math.Abs(d.Z.S);
        return z >= x && z >= y ? 2 : y >= x ? 1 : 0;
    }

    /// <summary>Where a field's row starts in the voxel array.</summary>
    internal int Row(int field, int y, int z) => field * Next + y * Step.Y + z * Step.Z;

    /// <summary>The field's voxels, row after row.</summary>
    internal void Gather(ReadOnlySpan<float> volume, int field, Span<float> values)
    {
        var e = Extent;
        for (var z = 0; z < e.Z; z++)
            for (var y = 0; y < e.Y; y++)
            {
                var row = values.Slice((z * e.Y + y) * e.X, e.X);
                var start = Row(field, y, z);
                if (Step.X == 1) volume.Slice(start, e.X).CopyTo(row);
                else for (var x = 0; x < e.X; x++) row[x] = volume[start + x * Step.X];
            }
    }

    /// <summary>Writes the field's voxels back.</summary>
    internal void Scatter(ReadOnlySpan<float> values, int field, Span<float> volume)
    {
        var e = Extent;
        for (var z = 0; z < e.Z; z++)
            for (var y = 0; y < e.Y; y++)
            {
                var row = values.Slice((z * e.Y + y) * e.X, e.X);
                var start = Row(field, y, z);
                if (Step.X == 1) row.CopyTo(volume.Slice(start, e.X));
                else for (var x = 0; x < e.X; x++) volume[start + x * Step.X] = row[x];
            }
    }

    /// <summary>θ in voxels along the field's axes.</summary>
    internal (double X, double Y, double Z) Voxels(double theta, CrfUnit unit) => unit == CrfUnit.Voxel
        ? (theta, theta, theta)
        : (theta / Spacing.X, theta / Spacing.Y, theta / Spacing.Z);
}
