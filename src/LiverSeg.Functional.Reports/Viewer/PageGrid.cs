using System;

namespace LiverSeg.Functional;

/// <summary>
/// The voxels of a scan that a page holds: every n-th along each axis, in the order right, anterior, superior. Each is a voxel of the file, none
/// is interpolated, so that what a click tells is what the file says.
/// </summary>
internal sealed class PageGrid
{
    private readonly (int Axis, int Start, int Stride)[] _axes;

    private PageGrid(Grid file, (int Axis, int Start, int Stride)[] axes, (int X, int Y, int Z) size) => (File, _axes, Size) = (file, axes, size);

    internal Grid File { get; }

    /// <summary>Voxels towards right, anterior and superior.</summary>
    internal (int X, int Y, int Z) Size { get; }

    internal int Count => Size.X * Size.Y * Size.Z;

    /// <summary>For each axis of the page: the file's axis, and its index at 0 and per step.</summary>
    internal (int Axis, int Start, int Stride) Axis(int axis) => _axes[axis];

    /// <summary>Millimetres between neighbours along an axis of the page.</summary>
    internal double SpacingMm(int axis) => Math.Abs(_axes[axis].Stride) * (_axes[axis].Axis switch { 0 => File.Spacing.X, 1 => File.Spacing.Y, _ => File.Spacing.Z });

    /// <param name="file">The scan's grid.</param>
    /// <param name="side">The most voxels along an axis.</param>
    internal static PageGrid Of(Grid file, int side)
    {
        var lps = AnatomicalPlane.Axes(file.Direction);
        var axes = new (int, int, int)[3];
        Span<int> size = [0, 0, 0];
        for (var i = 0; i < 3; i++)
        {
            var (axis, back) = lps[i];
            var length = AnatomicalPlane.Pick(file.Extent.X, file.Extent.Y, file.Extent.Z, axis);
            var step = Math.Max(1, (length + side - 1) / side);
            size[i] = (length + step - 1) / step;
            // L and P become R and A: the other way round.
            var against = back ^ i < 2;
            axes[i] = (axis, against ? (size[i] - 1) * step : 0, against ? -step : step);
        }
        return new(file, axes, (size[0], size[1], size[2]));
    }

    /// <summary>What the page holds of a volume on the file's grid, towards the right fastest.</summary>
    internal TOut[] Pick<T, TOut>(Volume<T> volume, Func<T, TOut> voxel) where T : unmanaged, IEquatable<T>
    {
        var e = File.Extent;
        Span<int> pitch = [1, e.X, e.X * e.Y];
        var (x, y, z) = (_axes[0], _axes[1], _axes[2]);
        int dx = x.Stride * pitch[x.Axis], dy = y.Stride * pitch[y.Axis], dz = z.Stride * pitch[z.Axis];
        var first = x.Start * pitch[x.Axis] + y.Start * pitch[y.Axis] + z.Start * pitch[z.Axis];
        var picked = new TOut[Count];
        var source = volume.Voxels;
        for (int k = 0, i = 0; k < Size.Z; k++)
            for (var j = 0; j < Size.Y; j++)
                for (int n = 0, at = first + k * dz + j * dy; n < Size.X; n++, i++, at += dx)
                    picked[i] = voxel(source[at]);
        return picked;
    }
}
