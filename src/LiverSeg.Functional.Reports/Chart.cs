using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using ScottPlot;
using ScottPlot.TickGenerators;

namespace LiverSeg.Functional;

/// <summary>How a <see cref="Plot"/> looks.</summary>
internal static class Chart
{
    private const float Letters = 12, LineHeight = 15;
    private static readonly Color Ink = new(70, 76, 84), Mark = new(200, 60, 40), Grid = new(228, 231, 235);
    private static readonly Color[] Palette =
    [
        new(31, 100, 180), new(200, 60, 40), new(40, 140, 70), new(140, 80, 170), new(190, 130, 20), new(30, 150, 160),
        new(225, 110, 170), new(110, 70, 40), new(130, 170, 30), new(90, 90, 90), new(120, 180, 235), new(20, 20, 90),
    ];

    internal static ScottPlot.Plot Of(Plot plot)
    {
        PictureFont.Register();
        var chart = new ScottPlot.Plot();
        var points = plot.Curves.SelectMany(s => s.Points).Where(Finite).ToArray();
        var y = Range(points.Select(p => p.Y).Concat(plot.Rules.Select(r => r.Y)).Concat(plot.Boxes.SelectMany(b => b.Values)));
        var x = plot.Boxes.Count > 0 ? new CoordinateRange(-0.6, plot.Boxes.Count - 0.4) : Range(points.Select(p => p.X));
        Dress(chart, plot);
        // Curves of one name are of one kind: one colour, named once.
        var names = plot.Curves.Select(s => s.Name).Distinct().ToList();
        foreach (var rule in plot.Rules) chart.Add.HorizontalLine(rule.Y, 1, Mark);
        foreach (var series in plot.Curves) Draw(chart, series, Palette[names.IndexOf(series.Name) % Palette.Length]);
        for (var i = 0; i < plot.Boxes.Count; i++) Draw(chart, plot.Boxes[i], i, Palette[i % Palette.Length], y);
        if (names.Count > 1)
            chart.ShowLegend(
                names.Select((n, i) => new LegendItem { LabelText = SafeText.Printable(n), LineColor = Palette[i % Palette.Length], LineWidth = 2.5f, LabelFontName = PictureFont.Name, LabelFontSize = Letters, LabelFontColor = Ink }),
                Free(points, x, y));
        (chart.Legend.ShadowColor, chart.Legend.OutlineColor) = (Colors.Transparent, Grid);
        chart.Axes.SetLimits(x.Min, x.Max, y.Min, y.Max);
        if (plot.Rules.Count > 0) Name(chart, plot, y);
        return chart;
    }

    /// <summary>The corner for the legend: the one with fewest points, the upper right one where several are alike.</summary>
    private static Alignment Free(PlotPoint[] points, CoordinateRange x, CoordinateRange y)
    {
        const double Wide = 0.3, High = 0.35;
        double Part(double value, CoordinateRange range) => (value - range.Min) / (range.Max - range.Min);
        int Points(bool right, bool upper) =>
            points.Count(p => (right ? 1 - Part(p.X, x) : Part(p.X, x)) < Wide && (upper ? 1 - Part(p.Y, y) : Part(p.Y, y)) < High);
        (bool Right, bool Upper, Alignment Corner)[] corners =
            [(true, true, Alignment.UpperRight), (false, true, Alignment.UpperLeft), (false, false, Alignment.LowerLeft), (true, false, Alignment.LowerRight)];
        return corners.MinBy(c => Points(c.Right, c.Upper)).Corner;
    }

    private static bool Finite(PlotPoint p) => double.IsFinite(p.X) && double.IsFinite(p.Y);

    private static CoordinateRange Range(IEnumerable<double> values)
    {
        var all = values.DefaultIfEmpty(0).ToArray();
        double low = all.Min(), high = all.Max(), size = Math.Max(Math.Abs(low), Math.Abs(high));
        var margin = high - low > 1e-12 * size ? (high - low) * 0.06 : Math.Max(0.5, size * 0.1);
        return new(low - margin, high + margin);
    }

    private static void Dress(ScottPlot.Plot chart, Plot plot)
    {
        chart.Axes.Title.Label.Text = SafeText.Printable(plot.Title);
        chart.Axes.Title.Label.FontSize = 14;
        (chart.Axes.Bottom.Label.Text, chart.Axes.Left.Label.Text) = (SafeText.Printable(plot.XLabel), SafeText.Printable(plot.YLabel));
        LabelStyle[] labels = [chart.Axes.Title.Label, .. chart.Axes.GetAxes().SelectMany(a => new[] { a.Label, a.TickLabelStyle })];
        foreach (var label in labels)
        {
            (label.FontName, label.Bold, label.ForeColor) = (PictureFont.Name, false, Ink);
            if (label != chart.Axes.Title.Label) label.FontSize = Letters;
        }
        chart.Axes.Title.Label.ForeColor = Colors.Black;
        static string Number(double value) => Math.Round(value, 10).ToString("0.##########", CultureInfo.InvariantCulture);
        foreach (var axis in new IAxis[] { chart.Axes.Bottom, chart.Axes.Left })
        {
            axis.TickGenerator = new NumericAutomatic { LabelFormatter = Number, MinorTickGenerator = new EvenlySpacedMinorTickGenerator(1), TickDensity = 0.6 };
            axis.MajorTickStyle.Color = axis.FrameLineStyle.Color = Ink;
        }
        // There is no half epoch.
        if (plot.Curves.SelectMany(c => c.Points).All(p => double.IsInteger(p.X))) ((NumericAutomatic)chart.Axes.Bottom.TickGenerator).IntegerTicksOnly = true;
        if (plot.Boxes.Count > 0) chart.Axes.Bottom.SetTicks([.. plot.Boxes.Select((_, i) => (double)i)], [.. plot.Boxes.Select(b => SafeText.Printable(b.Name))]);
        chart.Axes.Top.FrameLineStyle.Width = chart.Axes.Right.FrameLineStyle.Width = 0;
        (chart.Grid.MajorLineColor, chart.Grid.XAxisStyle.IsVisible) = (Grid, plot.Boxes.Count == 0);
    }

    private static void Draw(ScottPlot.Plot chart, PlotSeries series, Color colour)
    {
        var run = new List<Coordinates>();
        void Close()
        {
            if (run.Count > 0)
            {
                var drawn = chart.Add.Scatter(run.ToArray(), colour);
                (drawn.LineWidth, drawn.MarkerSize) = series.Joined ? (1.8f, run.Count == 1 ? 4 : 0) : (0, 7);
            }
            run.Clear();
        }
        // A point that is not finite breaks the line.
        foreach (var point in series.Points)
        {
            if (Finite(point)) run.Add(new(point.X, point.Y));
            else if (series.Joined) Close();
        }
        Close();
    }

    private static void Draw(ScottPlot.Plot chart, BoxColumn column, int place, Color colour, CoordinateRange y)
    {
        if (column.Values.Count == 0)
        {
            var none = chart.Add.Text("no value", place, (y.Min + y.Max) / 2);
            (none.LabelFontName, none.LabelFontSize, none.LabelFontColor, none.LabelAlignment) = (PictureFont.Name, Letters, Ink, Alignment.MiddleCenter);
            return;
        }
        double Q(double percent) => Quantiles.Percentile([.. column.Values], percent);
        double low = Q(25), high = Q(75), reach = 1.5 * (high - low);
        double bottom = column.Values.Where(v => v >= low - reach).Min(), top = column.Values.Where(v => v <= high + reach).Max();
        var box = chart.Add.Box(new Box { Position = place, BoxMin = low, BoxMax = high, BoxMiddle = Q(50), WhiskerMin = bottom, WhiskerMax = top, Width = 0.45 });
        (box.FillColor, box.LineColor, box.LineWidth) = (colour.WithAlpha(50), colour, 1.6f);
        foreach (var value in column.Values.Where(v => v < bottom || v > top)) chart.Add.Marker(place, value, MarkerShape.OpenCircle, 6, colour);
    }

    /// <summary>The rules' names and values at the right edge, moved apart where lines lie closer than letters are high.</summary>
    private static void Name(ScottPlot.Plot chart, Plot plot, CoordinateRange y)
    {
        var rules = plot.Rules.OrderBy(r => r.Y).ToArray();
        var gap = (y.Max - y.Min) * LineHeight / Math.Max(1, plot.Height - 90);
        var places = rules.Select(r => r.Y).ToArray();
        // Neighbours that touch give way by half each; as many rounds as there are names settle it.
        for (var round = 0; round < 20 * places.Length; round++)
            for (var i = 1; i < places.Length; i++)
                if (gap - (places[i] - places[i - 1]) is > 0 and var lack) (places[i - 1], places[i]) = (places[i - 1] - lack / 2, places[i] + lack / 2);
        // A name outside of the axis would not be drawn.
        for (var i = 0; i < places.Length; i++) places[i] = Math.Max(places[i], i == 0 ? y.Min : places[i - 1] + gap);
        for (var i = places.Length - 1; i >= 0; i--) places[i] = Math.Min(places[i], i == places.Length - 1 ? y.Max : places[i + 1] - gap);
        var axis = chart.Axes.Right;
        axis.SetTicks(places, [.. rules.Select(r => SafeText.Printable(FormattableString.Invariant($"{r.Label} {r.Y:0.##}")))]);
        (axis.MajorTickStyle.Length, axis.TickLabelStyle.ForeColor) = (0, Mark);
        chart.Axes.SetLimitsY(y.Min, y.Max, axis);
    }
}
