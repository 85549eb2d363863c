using System;
using SkiaSharp;

namespace LiverSeg.Functional;

/// <summary>The outline of a plane of a mask: straight through the middles between voxels inside and outside (marching squares).</summary>
internal static class Outline
{
    /// <summary>A path in pixels. Where the plane ends, the mask goes on as it ended: no line runs along the edge.</summary>
    /// <param name="columns">Voxels across.</param>
    /// <param name="rows">Voxels down.</param>
    /// <param name="inside">Whether a voxel belongs to the mask.</param>
    /// <param name="left">Where the first column begins.</param>
    /// <param name="top">Where the first row begins.</param>
    /// <param name="width">Pixels of a voxel across.</param>
    /// <param name="height">Pixels of a voxel down.</param>
    internal static SKPath Of(int columns, int rows, Func<int, int, bool> inside, float left, float top, float width, float height)
    {
        var path = new SKPath();
        bool At(int c, int r) => inside(Math.Clamp(c, 0, columns - 1), Math.Clamp(r, 0, rows - 1));
        void Line(float c1, float r1, float c2, float r2)
        {
            path.MoveTo(left + c1 * width, top + r1 * height);
            path.LineTo(left + c2 * width, top + r2 * height);
        }
        for (var r = -1; r < rows; r++)
            for (var c = -1; c < columns; c++)
            {
                // The square between four voxels' centres; its own centre is the voxels' common corner.
                float x = c + 1, y = r + 1;
                bool a = At(c, r), b = At(c + 1, r), d = At(c, r + 1), e = At(c + 1, r + 1);
                void Corner(float h, float v) => Line(x + h, y, x, y + v);
                if (a == b && d == e)
                {
                    if (a != d) Line(x - 0.5f, y, x + 0.5f, y);
                }
                else if (a == d && b == e) Line(x, y - 0.5f, x, y + 0.5f);
                else
                {
                    // One corner differs from the other three, or two opposite ones do: then each is cut off.
                    if (a != b && a != d) Corner(-0.5f, -0.5f);
                    if (e != b && e != d) Corner(0.5f, 0.5f);
                    if (a == e && b == d) continue;
                    if (b != a && b != e) Corner(0.5f, -0.5f);
                    if (d != a && d != e) Corner(-0.5f, 0.5f);
                }
            }
        return path;
    }
}
