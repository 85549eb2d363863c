using System;
using System.Linq;

namespace LiverSeg.Functional;

/// <summary>A PNG or a plot with what it shows.</summary>
public sealed record Figure
{
    private Figure(string caption, string html, string fileName, ReadOnlyMemory<byte> png) => (Caption, Markup, FileName, Png) = (caption, html, fileName, png);

    /// <summary>What the picture shows.</summary>
    public string Caption { get; }

    /// <summary>The name of its file, of plain letters, digits and dashes.</summary>
    public string FileName { get; }

    /// <summary>The picture as PNG.</summary>
    public ReadOnlyMemory<byte> Png { get; }

    /// <summary>The picture as it stands in the page.</summary>
    internal string Markup { get; }

    /// <summary>A picture.</summary>
    /// <param name="name">A short name for its file.</param>
    /// <param name="caption">What it shows.</param>
    /// <param name="png">The PNG.</param>
    public static Figure Of(string name, string caption, ReadOnlyMemory<byte> png) =>
        new(caption, $"<img alt=\"{SafeText.Html(caption)}\" src=\"data:image/png;base64,{Convert.ToBase64String(png.Span)}\">", Safe(name) + ".png", png);

    /// <summary>A plot: sharp at any size in the page, a PNG beside it.</summary>
    public static Figure Of(string name, string caption, Plot plot) => new(caption, plot.ToSvg(), Safe(name) + ".png", plot.ToPng());

    /// <summary>Only letters, digits and dashes; a name can lead out of no folder.</summary>
    internal static string Safe(string name)
    {
        var safe = string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-')).Trim('-');
        return safe.Length == 0 ? "figure" : safe[..Math.Min(safe.Length, 80)];
    }
}
