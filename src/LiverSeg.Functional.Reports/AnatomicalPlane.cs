using System;

namespace LiverSeg.Functional;

/// <summary>One of the three planes that radiologists look at.</summary>
internal enum PlaneKind
{
    Axial,
    Coronal,
    Sagittal,
}

/// <summary>
/// How a plane of a grid is laid on paper: the patient's right side on the left, the front or the head on top, to scale, whatever the
/// grid's own axes are.
/// </summary>
internal sealed class AnatomicalPlane
{
    private readonly int _across, _down, _through;
    private readonly bool _acrossBack, _downBack, _mirrored;
    private readonly double _left, _top, _widthMm, _heightMm, _acrossMm, _downMm;

    private AnatomicalPlane(PlaneKind kind, Grid grid, Region part, int pixels, bool mirrored)
    {
        (Kind, _mirrored) = (kind, mirrored);
        var axes = Axes(grid.Direction);
        (_across, _acrossBack) = (axes[kind == PlaneKind.Sagittal ? 1 : 0].Axis, axes[kind == PlaneKind.Sagittal ? 1 : 0].Back);
        _acrossBack ^= mirrored;
        (_down, _downBack) = kind == PlaneKind.Axial ? axes[1] : (axes[2].Axis, !axes[2].Back);
        (_through, ThroughBack) = axes[kind switch { PlaneKind.Axial => 2, PlaneKind.Coronal => 1, _ => 0 }];
        (_acrossMm, _downMm) = (Of(grid.Spacing, _across), Of(grid.Spacing, _down));
        (_left, _top) = (Of(part, _across), Of(part, _down));
        (Columns, Rows) = (Of(part.Extent, _across), Of(part.Extent, _down));
        (_widthMm, _heightMm) = (Columns * _acrossMm, Rows * _downMm);
        PixelMm = Math.Max(Math.Max(_widthMm, _heightMm) / pixels, 1e-9);
        (Width, Height) = (Math.Max(1, (int)Math.Round(_widthMm / PixelMm)), Math.Max(1, (int)Math.Round(_heightMm / PixelMm)));
        ThroughMm = Of(grid.Spacing, _through);
    }

    internal PlaneKind Kind { get; }
    internal int Width { get; }
    internal int Height { get; }
    internal double PixelMm { get; }
    internal double ThroughMm { get; }

    /// <summary>Whether the index through the plane runs against L, P or S.</summary>
    internal bool ThroughBack { get; }

    /// <summary>The grid's axis at right angles to the plane: 0, 1 or 2.</summary>
    internal int Through => _through;

    /// <summary>Letters of the patient's sides at the left and the right edge of the paper.</summary>
    internal (string Left, string Right) Sides => (Kind == PlaneKind.Sagittal) is var side && _mirrored ? (side ? ("P", "A") : ("L", "R")) : side ? ("A", "P") : ("R", "L");

    /// <param name="kind">Which plane.</param>
    /// <param name="grid">The grid to look at.</param>
    /// <param name="part">The part of it to show.</param>
    /// <param name="pixels">Pixels along the longer side.</param>
    /// <param name="mirrored">Whether left and right change places, as for a look from the other side.</param>
    internal static AnatomicalPlane Of(PlaneKind kind, Grid grid, Region part, int pixels, bool mirrored = false) => new(kind, grid, part, pixels, mirrored);

    /// <summary>Voxels of the part across the paper.</summary>
    internal int Columns { get; }

    /// <summary>Voxels of the part down the paper.</summary>
    internal int Rows { get; }

    /// <summary>The grid index of the voxel in a column from the paper's left and a row from its top.</summary>
    internal (int X, int Y, int Z) Voxel(int column, int row, int through)
    {
        Span<int> index = [0, 0, 0];
        index[_across] = (int)_left + (_acrossBack ? Columns - 1 - column : column);
        index[_down] = (int)_top + (_downBack ? Rows - 1 - row : row);
        index[_through] = through;
        return (index[0], index[1], index[2]);
    }

    /// <summary>The pixel box of a voxel.</summary>
    internal (double X, double Y, double Width, double Height) Box(int x, int y, int z)
    {
        double u = (Pick(x, y, z, _across) - _left) * _acrossMm, v = (Pick(x, y, z, _down) - _top) * _downMm;
        if (_acrossBack) u = _widthMm - u - _acrossMm;
        if (_downBack) v = _heightMm - v - _downMm;
        return (u / PixelMm, v / PixelMm, _acrossMm / PixelMm, _downMm / PixelMm);
    }

    internal static int Pick(int x, int y, int z, int axis) => axis switch { 0 => x, 1 => y, _ => z };

    /// <summary>Which grid axis runs along L, P and S, and whether against it: the best of the six ways.</summary>
    internal static (int Axis, bool Back)[] Axes(Direction d)
    {
        double Part(int axis, int side) => (axis switch { 0 => d.X, 1 => d.Y, _ => d.Z }) is var a ? side switch { 0 => a.L, 1 => a.P, _ => a.S } : 0;
        int[][] ways = [[0, 1, 2], [1, 0, 2], [0, 2, 1], [2, 1, 0], [1, 2, 0], [2, 0, 1]];
        var best = ways[0];
        var most = double.NegativeInfinity;
        foreach (var way in ways)
        {
            var sum = Math.Abs(Part(way[0], 0)) + Math.Abs(Part(way[1], 1)) + Math.Abs(Part(way[2], 2));
            if (sum > most + 1e-9) (best, most) = (way, sum);
        }
        return [(best[0], Part(best[0], 0) < 0), (best[1], Part(best[1], 1) < 0), (best[2], Part(best[2], 2) < 0)];
    }

    private static double Of(Spacing s, int axis) => axis switch { 0 => s.X, 1 => s.Y, _ => s.Z };

    private static int Of(Extent e, int axis) => Pick(e.X, e.Y, e.Z, axis);

    private static int Of(Region r, int axis) => Pick(r.X, r.Y, r.Z, axis);
}
