using System;
using System.Linq;
using System.Numerics;

namespace LiverSeg.Functional;

/// <summary>Draws a surface seen from three sides, coloured by its signed distance to another.</summary>
internal static class SurfaceView
{
    private const int Pixels = 360, Head = 12;
    private static readonly Rgb Inside = new(40, 90, 230), Middle = new(238, 238, 232), Beyond = new(220, 45, 35);

    /// <summary>The three views and a scale, or nothing when a mask has no border.</summary>
    internal static Canvas? Draw(Volume<bool> prediction, Volume<bool> truth, double fullMm)
    {
        var surfaces = MaskSurfaces.Of(prediction, truth, MetricsOptions.SLiver07);
        if (surfaces.SliceStarts(0)[^1] == 0 || surfaces.SliceStarts(1)[^1] == 0) return null;
        var distances = surfaces.Directed(0);
        var panels = new[] { (PlaneKind.Coronal, true, "from the front"), (PlaneKind.Sagittal, true, "from the right"), (PlaneKind.Axial, true, "from below") }
            .Select(v => View(v.Item1, v.Item2, v.Item3, surfaces, distances, truth, fullMm)).ToArray();
        return Preview.Beside([.. panels, Scale(fullMm, panels.Max(p => p.Height))], 4, Rgb.White);
    }

    private static Canvas View(PlaneKind kind, bool fromLow, string title, MaskSurfaces surfaces, double[] distances, Volume<bool> truth, double fullMm)
    {
        var plane = AnatomicalPlane.Of(kind, truth.Grid, surfaces.Layout.Box, Pixels, mirrored: kind == PlaneKind.Sagittal);
        var (depth, value) = Project(plane, fromLow != plane.ThroughBack, surfaces, distances, truth);
        var canvas = new Canvas(Math.Max(plane.Width, 120), plane.Height + Head, Rgb.White);
        canvas.Text(2, 2, $"{title}  {plane.Sides.Left}-{plane.Sides.Right}", Rgb.Black);
        for (var y = 0; y < plane.Height; y++)
            for (var x = 0; x < plane.Width; x++)
            {
                var i = y * plane.Width + x;
                if (double.IsPositiveInfinity(depth[i])) continue;
                // light falls along the line of sight: what slopes is darker
                double dx = Slope(depth, plane, x, y, 1, 0), dy = Slope(depth, plane, x, y, 0, 1);
                var light = 1 / Math.Sqrt(1 + dx * dx + dy * dy);
                canvas[x, y + Head] = Rgb.Black.Mix(Colour(value[i] / fullMm), 0.35 + 0.65 * light);
            }
        return canvas;
    }

    private static (double[] Depth, double[] Value) Project(AnatomicalPlane plane, bool fromLow, MaskSurfaces surfaces, double[] distances, Volume<bool> truth)
    {
        var depth = new double[plane.Width * plane.Height];
        var value = new double[depth.Length];
        Array.Fill(depth, double.PositiveInfinity);
        var (layout, i) = (surfaces.Layout, 0);
        var rim = surfaces.Rim(0);
        for (var z = 0; z < layout.Nz; z++)
            for (var y = 0; y < layout.Ny; y++)
                for (var w = 1; w < layout.Words; w++)
                    for (var bits = rim[layout.Row(y, z) + w]; bits != 0; bits &= bits - 1, i++)
                    {
                        int px = layout.Box.X + (w - 1) * 64 + BitOperations.TrailingZeroCount(bits), py = layout.Box.Y + y, pz = layout.Box.Z + z;
                        var along = AnatomicalPlane.Pick(px, py, pz, plane.Through) * plane.ThroughMm * (fromLow ? 1 : -1);
                        var signed = truth[px, py, pz] ? -distances[i] : distances[i];
                        var box = plane.Box(px, py, pz);
                        for (var v = (int)Math.Max(0, Math.Floor(box.Y)); v < Math.Min(plane.Height, Math.Ceiling(box.Y + box.Height)); v++)
                            for (var u = (int)Math.Max(0, Math.Floor(box.X)); u < Math.Min(plane.Width, Math.Ceiling(box.X + box.Width)); u++)
                                if (along < depth[v * plane.Width + u]) (depth[v * plane.Width + u], value[v * plane.Width + u]) = (along, signed);
                    }
        return (depth, value);
    }

    /// <summary>How steep the depth is over a few pixels; edges of the surface do not count.</summary>
    private static double Slope(double[] depth, AnatomicalPlane plane, int x, int y, int stepX, int stepY)
    {
        const int reach = 4;
        double Depth(int k)
        {
            int u = Math.Clamp(x + k * stepX, 0, plane.Width - 1), v = Math.Clamp(y + k * stepY, 0, plane.Height - 1);
            var d = depth[v * plane.Width + u];
            return double.IsPositiveInfinity(d) ? depth[y * plane.Width + x] : d;
        }
        return Math.Clamp((Depth(reach) - Depth(-reach)) / (2 * reach * plane.PixelMm), -3, 3);
    }

    private static Rgb Colour(double part) => part < 0 ? Middle.Mix(Inside, Math.Min(1, -part)) : Middle.Mix(Beyond, Math.Min(1, part));

    private static Canvas Scale(double fullMm, int height)
    {
        var canvas = new Canvas(150, height, Rgb.White);
        int top = Head + 20, tall = Math.Max(60, Math.Min(200, height - top - 20));
        for (var y = 0; y < tall; y++) canvas.Fill(10, top + y, 20, 1, Colour(1 - 2.0 * y / (tall - 1)));
        canvas.Text(36, top, FormattableString.Invariant($"+{fullMm} mm too large"), Rgb.Black);
        canvas.Text(36, top + tall / 2 - 3, "0 mm", Rgb.Black);
        canvas.Text(36, top + tall - 7, FormattableString.Invariant($"-{fullMm} mm too small"), Rgb.Black);
        return canvas;
    }
}
