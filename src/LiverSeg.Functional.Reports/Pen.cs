using System;
using System.Globalization;
using System.Text;

namespace LiverSeg.Functional;

/// <summary>What a plot is drawn with.</summary>
internal interface IPen
{
    void Line(double x1, double y1, double x2, double y2, double width, Rgb colour);

    void Dot(double x, double y, double radius, Rgb colour);

    /// <summary>Text whose base line is at y; the anchor is 0 for its left end at x, 0.5 for its middle, 1 for its right end.</summary>
    void Text(double x, double y, string text, Rgb colour, double anchor);
}

/// <summary>Draws pixels.</summary>
internal sealed class PngPen(int width, int height) : IPen
{
    private readonly Canvas _canvas = new(width, height, Rgb.White);

    internal byte[] Png() => _canvas.Png();

    public void Line(double x1, double y1, double x2, double y2, double width, Rgb colour) => _canvas.Line(x1, y1, x2, y2, width, colour);

    public void Dot(double x, double y, double radius, Rgb colour) => _canvas.Line(x, y, x, y, 2 * radius, colour);

    public void Text(double x, double y, string text, Rgb colour, double anchor) =>
        _canvas.Text(x - anchor * 6 * text.Length, y - 7, SafeText.Printable(text), colour);
}

/// <summary>Writes vector graphics.</summary>
internal sealed class SvgPen : IPen
{
    private readonly StringBuilder _svg = new();

    internal SvgPen(int width, int height, string title) => Add(
        $"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" role=\"img\" font-family=\"sans-serif\" font-size=\"11\"><title>{SafeText.Html(title)}</title><rect width=\"{width}\" height=\"{height}\" fill=\"#ffffff\"/>");

    internal string Svg() => _svg + "</svg>\n";

    public void Line(double x1, double y1, double x2, double y2, double width, Rgb colour) =>
        Add($"<line x1=\"{x1:0.##}\" y1=\"{y1:0.##}\" x2=\"{x2:0.##}\" y2=\"{y2:0.##}\" stroke=\"{colour.Hex}\" stroke-width=\"{width:0.##}\" stroke-linecap=\"round\"/>");

    public void Dot(double x, double y, double radius, Rgb colour) => Add($"<circle cx=\"{x:0.##}\" cy=\"{y:0.##}\" r=\"{radius:0.##}\" fill=\"{colour.Hex}\"/>");

    public void Text(double x, double y, string text, Rgb colour, double anchor) =>
        Add($"<text x=\"{x:0.##}\" y=\"{y:0.##}\" fill=\"{colour.Hex}\" text-anchor=\"{(anchor == 0 ? "start" : anchor == 1 ? "end" : "middle")}\">{SafeText.Html(text)}</text>");

    private void Add(FormattableString element) => _svg.Append(element.ToString(CultureInfo.InvariantCulture)).Append('\n');
}
