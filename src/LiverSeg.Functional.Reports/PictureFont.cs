using System;
using System.Runtime.InteropServices;
using ScottPlot;
using SkiaSharp;

namespace LiverSeg.Functional;

/// <summary>The font of all pictures. It is part of the assembly: a bare machine has none, and Skia would leave out the letters in silence.</summary>
internal static class PictureFont
{
    /// <summary>Its family, as charts and vector graphics name it.</summary>
    internal const string Name = "DejaVu Sans";

    private static readonly Lazy<SKTypeface> Shared = new(Load);
    private static readonly Lazy<bool> Charts = new(() =>
    {
        _ = Shared.Value;
        Fonts.FontResolvers.Insert(0, new Resolver());
        return true;
    });

    /// <summary>Lets charts use it; to be called before one is made.</summary>
    internal static void Register() => _ = Charts.Value;

    /// <summary>In a size in pixels. Without hints, so that a letter looks alike wherever it stands.</summary>
    internal static SKFont Of(float size) => new(Shared.Value, size) { Edging = SKFontEdging.Antialias, Hinting = SKFontHinting.None, Subpixel = true };

    private static SKTypeface Load()
    {
        try
        {
            using var file = typeof(PictureFont).Assembly.GetManifestResourceStream("DejaVuSans.ttf")!;
            using var bytes = SKData.Create(file);
            return SKTypeface.FromData(bytes);
        }
        catch (Exception e) when (e is DllNotFoundException or TypeInitializationException { InnerException: DllNotFoundException })
        {
            throw new PlatformNotSupportedException(
                $"pictures need SkiaSharp's native library, and there is none for {RuntimeInformation.RuntimeIdentifier}; its package is SkiaSharp.NativeAssets.* 3.119.4", e);
        }
    }

    /// <summary>Charts ask for fonts by name, and dispose of what they get.</summary>
    private sealed class Resolver : IFontResolver
    {
        public SKTypeface? CreateTypeface(string fontName, FontWeight weight, FontSlant slant, FontSpacing spacing) => fontName == Name ? Load() : null;

        public SKTypeface? CreateTypeface(string fontName, bool bold, bool italic) => fontName == Name ? Load() : null;
    }
}
