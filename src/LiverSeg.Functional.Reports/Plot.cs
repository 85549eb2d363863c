using System.Collections.Generic;
using System.Linq;

namespace LiverSeg.Functional;

/// <summary>A point of a plot, in the plot's own units.</summary>
/// <param name="X">Along the horizontal axis.</param>
/// <param name="Y">Along the vertical axis.</param>
public readonly record struct PlotPoint(double X, double Y);

/// <summary>Points of one colour and name, joined by a line or not.</summary>
public sealed record PlotSeries
{
    private readonly EquatableArray<PlotPoint> _points;

    private PlotSeries(string name, EquatableArray<PlotPoint> points, bool joined) => (Name, _points, Joined) = (name, points, joined);

    /// <summary>The name in the legend; series of one name share a colour.</summary>
    public string Name { get; }

    /// <summary>The points in order; those that are not finite are not drawn.</summary>
    public IReadOnlyList<PlotPoint> Points => _points;

    /// <summary>Whether neighbours are joined.</summary>
    public bool Joined { get; }

    /// <summary>Points joined in order, as a learning curve.</summary>
    public static PlotSeries Line(string name, IEnumerable<PlotPoint> points) => new(name, points.ToEquatableArray(), true);

    /// <summary>Points by themselves.</summary>
    public static PlotSeries Dots(string name, IEnumerable<PlotPoint> points) => new(name, points.ToEquatableArray(), false);
}

/// <summary>A horizontal line across a plot.</summary>
/// <param name="Y">Its height in the plot's units.</param>
/// <param name="Label">What it stands for.</param>
public readonly record struct Rule(double Y, string Label);

/// <summary>A column of a box plot: a name and its values.</summary>
public sealed record BoxColumn
{
    private readonly EquatableArray<double> _values;

    private BoxColumn(string name, EquatableArray<double> values) => (Name, _values) = (name, values);

    /// <summary>The name under the box.</summary>
    public string Name { get; }

    /// <summary>The values, in any order.</summary>
    public IReadOnlyList<double> Values => _values;

    /// <summary>A column of finite values; others are left out.</summary>
    public static BoxColumn Of(string name, IEnumerable<double> values) => new(name, values.Where(double.IsFinite).ToEquatableArray());
}

/// <summary>A small plot of lines, dots or boxes; drawn as PNG or SVG by <see cref="Plots"/>.</summary>
public sealed record Plot
{
    private readonly EquatableArray<PlotSeries> _series = EquatableArray<PlotSeries>.Empty;
    private readonly EquatableArray<Rule> _rules = EquatableArray<Rule>.Empty;
    private readonly EquatableArray<BoxColumn> _boxes = EquatableArray<BoxColumn>.Empty;

    /// <summary>The heading.</summary>
    public string Title { get; init; } = "";

    /// <summary>What runs along the horizontal axis, with its unit.</summary>
    public string XLabel { get; init; } = "";

    /// <summary>What runs along the vertical axis, with its unit.</summary>
    public string YLabel { get; init; } = "";

    /// <summary>Lines and dots.</summary>
    public IReadOnlyList<PlotSeries> Curves { get => _series; init => _series = value.ToEquatableArray(); }

    /// <summary>Horizontal lines.</summary>
    public IReadOnlyList<Rule> Rules { get => _rules; init => _rules = value.ToEquatableArray(); }

    /// <summary>Boxes, from the left; a plot with boxes has no horizontal numbers.</summary>
    public IReadOnlyList<BoxColumn> Boxes { get => _boxes; init => _boxes = value.ToEquatableArray(); }

    /// <summary>Width of the picture in pixels.</summary>
    public int Width { get; init; } = 560;

    /// <summary>Height of the picture in pixels.</summary>
    public int Height { get; init; } = 340;
}
