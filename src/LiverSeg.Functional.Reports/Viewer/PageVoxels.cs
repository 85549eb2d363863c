using System;
using System.Collections.Generic;
using System.Linq;

namespace LiverSeg.Functional;

/// <summary>A scan's HU in a page: all of them exact, or where that would make too large a page, exact near the masks and to ±2 HU elsewhere.</summary>
/// <param name="Step">1 where all are exact; else HU are multiples of it, but for the detail.</param>
/// <param name="Rounded">Whether the scan has HU that are no whole numbers of 16 bits.</param>
/// <param name="Hu">The code of HU over the step.</param>
/// <param name="Near">The code of where there is detail.</param>
/// <param name="Detail">The code of what is left of HU there.</param>
internal sealed record PageVoxels(int Step, bool Rounded, string Hu, string Near, string Detail)
{
    /// <summary>The step of HU away from the masks; ±2 HU lie far below a CT's noise.</summary>
    private const int Coarse = 5;

    /// <summary>How near to a mask, in millimetres along each axis.</summary>
    private const double MarginMm = 10;

    /// <param name="ct">The scan.</param>
    /// <param name="grid">What of it the page holds.</param>
    /// <param name="masks">What the page holds of the masks.</param>
    /// <param name="room">The most characters, as long as there is a choice.</param>
    internal static PageVoxels Of(Volume<Hu> ct, PageGrid grid, IReadOnlyList<byte[]> masks, long room)
    {
        var rounded = false;
        var hu = grid.Pick(ct, v =>
        {
            var whole = (short)Math.Clamp(MathF.Round(float.IsNaN(v.Value) ? -1024 : v.Value), short.MinValue, short.MaxValue);
            rounded |= whole != v.Value;
            return whole;
        });
        var exact = VoxelCode.Text(VoxelCode.Predicted(hu, grid.Size));
        if (exact.Length <= room) return new(1, rounded, exact, "", "");
        var coarse = hu.Select(v => (short)Math.Floor((v + Coarse / 2) / (double)Coarse)).ToArray();
        var near = Around(grid, masks);
        var detail = Enumerable.Range(0, hu.Length).Where(i => near[i] != 0).Select(i => (byte)(hu[i] - Coarse * coarse[i] + Coarse / 2)).ToArray();
        return new(Coarse, rounded, VoxelCode.Text(VoxelCode.Predicted(coarse, grid.Size)), VoxelCode.Text(near), VoxelCode.Text(detail));
    }

    /// <summary>1 in the masks and around them: a box of twice the margin slides over them, one axis after the other.</summary>
    private static byte[] Around(PageGrid grid, IReadOnlyList<byte[]> masks)
    {
        var near = new byte[grid.Count];
        foreach (var mask in masks)
            for (var i = 0; i < near.Length; i++) near[i] |= mask[i];
        int[] size = [grid.Size.X, grid.Size.Y, grid.Size.Z], pitch = [1, size[0], size[0] * size[1]];
        for (var axis = 0; axis < 3; axis++)
        {
            var (source, margin) = ((byte[])near.Clone(), (int)Math.Ceiling(MarginMm / grid.SpacingMm(axis)));
            for (var i = 0; i < source.Length; i++)
            {
                if (source[i] == 0) continue;
                var at = i / pitch[axis] % size[axis];
                for (var n = Math.Max(0, at - margin); n <= Math.Min(size[axis] - 1, at + margin); n++) near[i + (n - at) * pitch[axis]] = 1;
            }
        }
        return near;
    }
}
