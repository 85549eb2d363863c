using System;
using System.Collections.Generic;
using System.Linq;
using SkiaSharp;

namespace LiverSeg.Functional;

/// <summary>What pictures have in common: paper, letters, panels in rows, PNG.</summary>
internal static class Pictures
{
    internal static readonly SKColor Dark = new(20, 20, 20);

    /// <summary>Pixels that are being painted; whoever gets them disposes of them.</summary>
    internal static SKBitmap Blank(int width, int height, SKColor paper)
    {
        using var _ = PictureFont.Of(1); // says in words where the native library is missing
        var picture = new SKBitmap(new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        picture.Erase(paper);
        return picture;
    }

    /// <summary>Greys in rows, laid into a box: pixel by pixel, or smooth.</summary>
    internal static void Greys(this SKCanvas canvas, ReadOnlySpan<byte> greys, int width, SKRect box, bool smooth)
    {
        using var image = SKImage.FromPixelCopy(new SKImageInfo(width, greys.Length / width, SKColorType.Gray8, SKAlphaType.Opaque), greys);
        var sampling = !smooth ? new SKSamplingOptions(SKFilterMode.Nearest)
            : box.Width >= width ? new SKSamplingOptions(SKCubicResampler.Mitchell)
            : new SKSamplingOptions(SKFilterMode.Linear, SKMipmapMode.Linear);
        canvas.DrawImage(image, box, sampling);
    }

    /// <summary>Text whose base line is at y.</summary>
    internal static void Text(this SKCanvas canvas, string text, float x, float y, float size, SKColor colour, SKTextAlign align = SKTextAlign.Left)
    {
        using var font = PictureFont.Of(size);
        using var paint = new SKPaint { Color = colour, IsAntialias = true };
        canvas.DrawText(text, x, y, align, font, paint);
    }

    /// <summary>A path's line.</summary>
    internal static void Stroke(this SKCanvas canvas, SKPath path, float width, SKColor colour)
    {
        using var paint = new SKPaint { Color = colour, IsAntialias = true, IsStroke = true, StrokeWidth = width, StrokeCap = SKStrokeCap.Round };
        canvas.DrawPath(path, paint);
    }

    /// <summary>How wide a text is.</summary>
    internal static float Measure(string text, float size)
    {
        using var font = PictureFont.Of(size);
        return font.MeasureText(text);
    }

    /// <summary>Pictures in rows, from the left, each in the middle of its place. They are disposed of.</summary>
    internal static SKBitmap Beside(IReadOnlyList<SKBitmap> panels, int columns, SKColor paper)
    {
        const int gap = 6;
        int width = panels.Max(p => p.Width), height = panels.Max(p => p.Height), rows = (panels.Count + columns - 1) / columns;
        var all = Blank(columns * (width + gap) - gap, rows * (height + gap) - gap, paper);
        using var canvas = new SKCanvas(all);
        for (var i = 0; i < panels.Count; i++)
        {
            canvas.DrawBitmap(panels[i], i % columns * (width + gap) + (width - panels[i].Width) / 2, i / columns * (height + gap));
            panels[i].Dispose();
        }
        return all;
    }

    /// <summary>One line on paper as wide as it needs.</summary>
    internal static SKBitmap Message(string text)
    {
        var picture = Blank((int)Measure(text, 13) + 24, 34, SKColors.White);
        using var canvas = new SKCanvas(picture);
        canvas.Text(text, 12, 22, 13, SKColors.Black);
        return picture;
    }

    /// <summary>As PNG, without date or text; the picture is disposed of.</summary>
    internal static ReadOnlyMemory<byte> Png(this SKBitmap picture)
    {
        using (picture)
        using (var pixels = picture.PeekPixels())
        using (var png = pixels.Encode(new SKPngEncoderOptions(SKPngEncoderFilterFlags.AllFilters, 7)))
            return png!.ToArray();
    }
}
