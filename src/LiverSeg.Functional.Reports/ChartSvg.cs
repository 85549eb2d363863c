using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text.RegularExpressions;

namespace LiverSeg.Functional;

/// <summary>A chart's SVG made fit for a page: it scales, has a title, falls back on fonts of every desktop, and is the same on every run.</summary>
internal static partial class ChartSvg
{
    internal static string Of(string svg, Plot plot)
    {
        // Skia counts clip paths for the whole process; a page may hold several plots.
        var name = Sha256Hash.HashData(System.Text.Encoding.UTF8.GetBytes(plot.Title + plot.YLabel));
        var prefix = Convert.ToHexStringLower(name[..4]);
        var numbers = new Dictionary<string, int>();
        svg = Identifier().Replace(svg, m => FormattableString.Invariant($"c{prefix}-{(numbers.TryAdd(m.Value, numbers.Count) ? numbers.Count - 1 : numbers[m.Value])}"));
        svg = svg.Replace($"font-family=\"{PictureFont.Name}\"", $"font-family=\"{PictureFont.Name}, Verdana, sans-serif\"", StringComparison.Ordinal);
        var body = svg[(svg.IndexOf('>', svg.IndexOf("<svg", StringComparison.Ordinal)) + 1)..];
        return string.Create(
            CultureInfo.InvariantCulture,
            $"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{plot.Width}\" height=\"{plot.Height}\" viewBox=\"0 0 {plot.Width} {plot.Height}\" role=\"img\"><title>{SafeText.Html(plot.Title)}</title>{Blanks().Replace(body, "\n")}");
    }

    [GeneratedRegex(@"\bcl_[0-9a-f]+\b")]
    private static partial Regex Identifier();

    [GeneratedRegex(@"\s*\n\s*")]
    private static partial Regex Blanks();
}
