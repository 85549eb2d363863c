using System;
using System.Collections.Generic;
using System.Linq;
using SkiaSharp;

namespace LiverSeg.Functional;

/// <summary>Slices with the liver's outline, its volume and "research only" in the pixels, for <see cref="SecondaryCapture"/>.</summary>
public static class Capture
{
    // Letters need room: slices of fewer pixels are enlarged.
    private const int LeastSide = 256;
    private static readonly SKColor Line = new(255, 60, 60), Ink = new(255, 235, 120);

    /// <summary>Draws the slice of a number from 0 on, in the slice's own rows and columns. The same input gives the same pixels on every run of a version.</summary>
    /// <param name="ct">The scan.</param>
    /// <param name="mask">The liver.</param>
    /// <param name="note">Words at the lower edge, as what speaks against the mask; none where empty.</param>
    /// <exception cref="ArgumentException">The grids differ.</exception>
    public static Func<int, CapturedSlice> Drawer(this Volume<Hu> ct, Volume<bool> mask, string note = "")
    {
        ct.Grid.EnsureSameGeometry(mask.Grid, nameof(mask));
        var (extent, direction) = (ct.Extent, ct.Grid.Direction);
        var scale = Math.Max(1, (LeastSide + Math.Min(extent.X, extent.Y) - 1) / Math.Min(extent.X, extent.Y));
        string[] facts = ["research only", FormattableString.Invariant($"liver {mask.VolumeMl():F1} ml")];
        return z =>
        {
            using var picture = Pictures.Blank(extent.X * scale, extent.Y * scale, SKColors.Black);
            using var canvas = new SKCanvas(picture);
            Slice(canvas, ct, mask, z, scale);
            int width = picture.Width, height = picture.Height;
            var size = 12f * Math.Max(1, Math.Min(width, height) / LeastSide);
            var step = size * 1.3f;
            string[] head = [.. facts, FormattableString.Invariant($"slice {z + 1} of {extent.Z}")];
            for (var i = 0; i < head.Length; i++) Words(canvas, 3, (i + 1) * step, head[i], size);
            var foot = Lines(SafeText.Printable(note), width - 6, size);
            for (var i = 0; i < foot.Count; i++) Words(canvas, 3, height - 0.4f * size - (foot.Count - 1 - i) * step, foot[i], size);
            Words(canvas, 3, height / 2 + size / 2, SecondaryCapture.Sides(direction.X.Times(-1)), size);
            var right = SecondaryCapture.Sides(direction.X);
            Words(canvas, width - 3 - Pictures.Measure(right, size), height / 2 + size / 2, right, size);
            return new(width, height, Rgb(picture));
        };
    }

    private static void Slice(SKCanvas canvas, Volume<Hu> ct, Volume<bool> mask, int z, int scale)
    {
        var extent = ct.Extent;
        var greys = new byte[extent.X * extent.Y];
        for (var i = 0; i < greys.Length; i++)
        {
            var part = (ct[i % extent.X, i / extent.X, z].Value - Window.Liver.Low.Value) / (double)Window.Liver.Width;
            greys[i] = double.IsNaN(part) ? (byte)0 : (byte)Math.Round(255 * Math.Clamp(part, 0, 1));
        }
        canvas.Greys(greys, extent.X, SKRect.Create(extent.X * scale, extent.Y * scale), smooth: false);
        using var path = Outline.Of(extent.X, extent.Y, (x, y) => mask[x, y, z], 0, 0, scale, scale);
        canvas.Stroke(path, Math.Clamp(scale, 1.5f, 4), Line);
    }

    /// <summary>Letters on a dark ground, to be read on any tissue.</summary>
    private static void Words(SKCanvas canvas, float x, float baseLine, string text, float size)
    {
        using var ground = new SKPaint { Color = SKColors.Black };
        canvas.DrawRect((float)Math.Floor(x) - 2, (float)Math.Round(baseLine - size), (float)Math.Ceiling(Pictures.Measure(text, size)) + 4, (float)Math.Ceiling(1.3f * size), ground);
        canvas.Text(text, x, baseLine, size, Ink);
    }

    /// <summary>Red, green and blue of each pixel.</summary>
    private static byte[] Rgb(SKBitmap picture)
    {
        var four = picture.GetPixelSpan();
        var three = new byte[four.Length / 4 * 3];
        for (var i = 0; i < three.Length; i++) three[i] = four[i / 3 * 4 + i % 3];
        return three;
    }

    /// <summary>Words in lines of at most so many pixels, at most four.</summary>
    private static List<string> Lines(string text, float width, float size)
    {
        var lines = new List<string>();
        foreach (var word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (lines.Count > 0 && Pictures.Measure(lines[^1] + " " + word, size) <= width) lines[^1] += " " + word;
            else lines.Add(word);
        }
        return [.. lines.Take(4)];
    }
}
