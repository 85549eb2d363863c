using System;
using System.Linq;
using System.Numerics;
using SkiaSharp;

namespace LiverSeg.Functional;

/// <summary>Draws a surface seen from three sides, coloured by its signed distance to another.</summary>
internal static class SurfaceView
{
    // Each pixel is the mean of Fine × Fine that are computed: soft edges.
    private const int Pixels = 360, Fine = 2, Head = 20;
    private const float Letters = 12;
    private static readonly SKColor Inside = new(40, 90, 230), Middle = new(238, 238, 232), Beyond = new(220, 45, 35);

    /// <summary>The three views and a scale, or nothing when a mask has no border.</summary>
    internal static SKBitmap? Draw(Volume<bool> prediction, Volume<bool> truth, double fullMm)
    {
        var surfaces = MaskSurfaces.Of(prediction, truth, MetricsOptions.SLiver07);
        if (surfaces.SliceStarts(0)[^1] == 0 || surfaces.SliceStarts(1)[^1] == 0) return null;
        var distances = surfaces.Directed(0);
        var panels = new[] { (PlaneKind.Coronal, true, "from the front"), (PlaneKind.Sagittal, true, "from the right"), (PlaneKind.Axial, true, "from below") }
            .Select(v => View(v.Item1, v.Item2, v.Item3, surfaces, distances, truth, fullMm)).ToArray();
        return Pictures.Beside([.. panels, Scale(fullMm, panels.Max(p => p.Height))], 4, SKColors.White);
    }

    private static SKBitmap View(PlaneKind kind, bool fromLow, string title, MaskSurfaces surfaces, double[] distances, Volume<bool> truth, double fullMm)
    {
        var plane = AnatomicalPlane.Of(kind, truth.Grid, surfaces.Layout.Box, Pixels * Fine, mirrored: kind == PlaneKind.Sagittal);
        var (depth, value) = Project(plane, fromLow != plane.ThroughBack, surfaces, distances, truth);
        var colours = new SKColor[depth.Length];
        for (var i = 0; i < depth.Length; i++)
        {
            colours[i] = SKColors.White;
            if (double.IsPositiveInfinity(depth[i])) continue;
            // light falls along the line of sight: what slopes is darker
            double dx = Slope(depth, plane, i % plane.Width, i / plane.Width, 1, 0), dy = Slope(depth, plane, i % plane.Width, i / plane.Width, 0, 1);
            colours[i] = Mix(SKColors.Black, Colour(value[i] / fullMm), 0.35 + 0.65 / Math.Sqrt(1 + dx * dx + dy * dy));
        }
        int width = (plane.Width + Fine - 1) / Fine, height = (plane.Height + Fine - 1) / Fine;
        var picture = Pictures.Blank(Math.Max(width, 130), height + Head, SKColors.White);
        using var canvas = new SKCanvas(picture);
        using var fine = Pictures.Blank(plane.Width, plane.Height, SKColors.White);
        fine.Pixels = colours;
        using var image = SKImage.FromBitmap(fine);
        canvas.DrawImage(image, SKRect.Create(0, Head, (float)plane.Width / Fine, (float)plane.Height / Fine), new SKSamplingOptions(SKFilterMode.Linear));
        canvas.Text($"{title}  {plane.Sides.Left}-{plane.Sides.Right}", 2, Head - 6, Letters, SKColors.Black);
        return picture;
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
        const int reach = 4 * Fine;
        double Depth(int k)
        {
            int u = Math.Clamp(x + k * stepX, 0, plane.Width - 1), v = Math.Clamp(y + k * stepY, 0, plane.Height - 1);
            var d = depth[v * plane.Width + u];
            return double.IsPositiveInfinity(d) ? depth[y * plane.Width + x] : d;
        }
        return Math.Clamp((Depth(reach) - Depth(-reach)) / (2 * reach * plane.PixelMm), -3, 3);
    }

    private static SKColor Colour(double part) => part < 0 ? Mix(Middle, Inside, Math.Min(1, -part)) : Mix(Middle, Beyond, Math.Min(1, part));

    private static SKColor Mix(SKColor from, SKColor to, double part)
    {
        byte Between(byte a, byte b) => (byte)Math.Round(a + (b - a) * part);
        return new(Between(from.Red, to.Red), Between(from.Green, to.Green), Between(from.Blue, to.Blue));
    }

    private static SKBitmap Scale(double fullMm, int height)
    {
        var picture = Pictures.Blank(190, height, SKColors.White);
        using var canvas = new SKCanvas(picture);
        int top = Head + 20, tall = Math.Max(60, Math.Min(200, height - top - 20));
        using var paint = new SKPaint { Shader = SKShader.CreateLinearGradient(new(0, top), new(0, top + tall), [Beyond, Middle, Inside], SKShaderTileMode.Clamp) };
        canvas.DrawRect(10, top, 20, tall, paint);
        canvas.Text(FormattableString.Invariant($"+{fullMm} mm too large"), 36, top + 10, Letters, SKColors.Black);
        canvas.Text("0 mm", 36, top + tall / 2 + 4, Letters, SKColors.Black);
        canvas.Text(FormattableString.Invariant($"\u2212{fullMm} mm too small"), 36, top + tall, Letters, SKColors.Black);
        return picture;
    }
}
