using System;
using System.Collections.Generic;

namespace LiverSeg.Functional;

/// <summary>Where air lies within the body: large areas of it are lungs, which tell head from feet.</summary>
internal static class EnclosedAir
{
    /// <summary>An area of air that bowels seldom reach, in mm².</summary>
    private const double Large = 6000;

    /// <summary>Millimetres between looked-at places: areas need no more.</summary>
    private const double Coarse = 6;

    /// <summary>The mean slice of the lungs, weighted by their area; none where no slice has large areas of air within tissue.</summary>
    /// <param name="image">The windowed scan, axes along L, P, S: air is what lies at the window's lower end.</param>
    internal static double? MeanSlice(Volume<Intensity> image)
    {
        var (e, s) = (image.Extent, image.Grid.Spacing);
        int dx = Step(s.X), dy = Step(s.Y), dz = Step(s.Z), nx = (e.X + dx - 1) / dx, ny = (e.Y + dy - 1) / dy;
        var air = new bool[nx * ny];
        var open = new Stack<int>();
        double area = 0, weighted = 0;
        for (var z = 0; z < e.Z; z += dz)
        {
            var slice = image.Slice(z);
            var count = 0;
            for (int y = 0, i = 0; y < ny; y++)
                for (var x = 0; x < nx; x++, i++)
                    if (air[i] = slice[x * dx + e.X * (y * dy)].Value <= 0) count++;
            // What hangs together with the slice's edge lies outside of the body.
            for (var i = 0; i < air.Length; i++)
                if (i < nx || i >= nx * (ny - 1) || i % nx == 0 || i % nx == nx - 1) Leave(i);
            while (open.TryPop(out var i))
            {
                var x = i % nx;
                if (x > 0) Leave(i - 1);
                if (x < nx - 1) Leave(i + 1);
                if (i >= nx) Leave(i - nx);
                if (i < nx * (ny - 1)) Leave(i + nx);
            }
            var inside = count * dx * dy * s.X * s.Y;
            if (inside >= Large) (area, weighted) = (area + inside, weighted + inside * z);

            void Leave(int i)
            {
                if (!air[i]) return;
                air[i] = false;
                count--;
                open.Push(i);
            }
        }
        return area > 0 ? weighted / area : null;
    }

    private static int Step(double spacing) => Math.Max(1, (int)Math.Round(Coarse / spacing));
}
