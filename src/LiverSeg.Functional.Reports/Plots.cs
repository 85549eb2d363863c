using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

namespace LiverSeg.Functional;

/// <summary>Makes plots and draws them.</summary>
/// <remarks>The same plot gives the same bytes on every run and machine.</remarks>
public static class Plots
{
    private const double Left = 62, Right = 16, Top = 40, Bottom = 44;
    private static readonly Rgb[] Palette =
    [
        new(31, 100, 180), new(200, 60, 40), new(40, 140, 70), new(140, 80, 170), new(190, 130, 20), new(30, 150, 160),
        new(225, 110, 170), new(110, 70, 40), new(130, 170, 30), new(90, 90, 90), new(120, 180, 235), new(20, 20, 90),
    ];

    /// <summary>Volumes of prediction and truth (Bland and Altman 1986): difference over mean, with the mean difference and ± 1.96 sd.</summary>
    public static Plot BlandAltman(ResultTable table)
    {
        var points = table.Cases.Where(c => c.Scored)
            .Select(c => new PlotPoint((c.Evaluation.PredictionMl + c.Evaluation.TruthMl) / 2, c.Evaluation.DifferenceMl)).ToArray();
        var summary = MetricSummary.Of(points.Select(p => (double?)p.Y).ToArray(), table.Seed);
        return new()
        {
            Title = $"Volumes of {table.System}",
            XLabel = "mean of prediction and truth [ml]",
            YLabel = "prediction minus truth [ml]",
            Curves = [PlotSeries.Dots("cases", points)],
            Rules = summary is not { } s ? [] : s.Scored < 2 ? [new(s.Mean, "mean")] :
                [new(s.Mean, "mean"), new(s.Mean + 1.96 * s.StandardDeviation, "+1.96 sd"), new(s.Mean - 1.96 * s.StandardDeviation, "-1.96 sd")],
        };
    }

    /// <summary>A metric of several systems side by side: median, quartiles, whiskers to the furthest value within 1.5 boxes, single values beyond.</summary>
    public static Plot BoxPlot(Metric metric, IEnumerable<ResultTable> tables) => new()
    {
        Title = metric.Title,
        YLabel = metric.Heading,
        Boxes = [.. tables.Select(t => BoxColumn.Of(t.System, t.Cases.Select(c => c.Value(metric)).OfType<double>()))],
    };

    /// <summary>Curves over epochs or the like, one per name.</summary>
    public static Plot Curves(string title, string xLabel, string yLabel, IEnumerable<PlotSeries> series) =>
        new() { Title = title, XLabel = xLabel, YLabel = yLabel, Curves = [.. series] };

    /// <summary>The plot as PNG.</summary>
    public static ReadOnlyMemory<byte> ToPng(this Plot plot)
    {
        var pen = new PngPen(plot.Width, plot.Height);
        Draw(plot, pen);
        return pen.Png();
    }

    /// <summary>The plot as SVG, without script, style sheet or reference to anything outside.</summary>
    public static string ToSvg(this Plot plot)
    {
        var pen = new SvgPen(plot.Width, plot.Height, plot.Title);
        Draw(plot, pen);
        return pen.Svg();
    }

    private static void Draw(Plot plot, IPen pen)
    {
        var points = plot.Curves.SelectMany(s => s.Points).Where(p => double.IsFinite(p.X) && double.IsFinite(p.Y)).ToArray();
        var y = Axis.Of(points.Select(p => p.Y).Concat(plot.Rules.Select(r => r.Y)).Concat(plot.Boxes.SelectMany(b => b.Values)), plot.Height - Bottom, Top, 6);
        var x = plot.Boxes.Count > 0
            ? new Axis(0, plot.Boxes.Count, 1, Left, plot.Width - Right)
            : Axis.Of(points.Select(p => p.X), Left, plot.Width - Right, 7);
        pen.Text(Left, 16, plot.Title, Rgb.Black, 0);
        pen.Text(4, 30, plot.YLabel, Rgb.Grey, 0);
        pen.Text((Left + plot.Width - Right) / 2, plot.Height - 8, plot.XLabel, Rgb.Grey, 0.5);
        foreach (var tick in y.Ticks())
        {
            pen.Line(Left, y.At(tick), plot.Width - Right, y.At(tick), 1, Rgb.Pale);
            pen.Text(Left - 6, y.At(tick) + 4, y.Label(tick), Rgb.Grey, 1);
        }
        if (plot.Boxes.Count == 0)
            foreach (var tick in x.Ticks())
            {
                pen.Line(x.At(tick), plot.Height - Bottom, x.At(tick), plot.Height - Bottom + 4, 1, Rgb.Grey);
                pen.Text(x.At(tick), plot.Height - Bottom + 16, x.Label(tick), Rgb.Grey, 0.5);
            }
        pen.Line(Left, plot.Height - Bottom, plot.Width - Right, plot.Height - Bottom, 1, Rgb.Grey);
        foreach (var rule in plot.Rules)
        {
            pen.Line(Left, y.At(rule.Y), plot.Width - Right, y.At(rule.Y), 1, new(200, 60, 40));
            pen.Text(plot.Width - Right, y.At(rule.Y) - 4, FormattableString.Invariant($"{rule.Label} {rule.Y:0.##}"), new(200, 60, 40), 1);
        }
        // Curves of one name are of one kind: one colour, named once.
        var names = plot.Curves.Select(s => s.Name).Distinct().ToList();
        foreach (var series in plot.Curves) Draw(series, Palette[names.IndexOf(series.Name) % Palette.Length], x, y, pen);
        for (var i = 0; i < plot.Boxes.Count; i++) Draw(plot.Boxes[i], i, Palette[i % Palette.Length], x, y, plot.Height - Bottom + 16, pen);
        var at = (double)plot.Width - Right;
        foreach (var (name, i) in names.Select((n, i) => (n, i)).Reverse().Where(_ => plot.Curves.Count > 1))
        {
            pen.Text(at, 16, name, Palette[i % Palette.Length], 1);
            at -= 6 * name.Length + 12;
        }
    }

    private static void Draw(PlotSeries series, Rgb colour, Axis x, Axis y, IPen pen)
    {
        PlotPoint? last = null;
        foreach (var point in series.Points)
        {
            if (!double.IsFinite(point.X) || !double.IsFinite(point.Y)) last = null;
            else if (!series.Joined) pen.Dot(x.At(point.X), y.At(point.Y), 3, colour);
            else
            {
                if (last is { } l) pen.Line(x.At(l.X), y.At(l.Y), x.At(point.X), y.At(point.Y), 1.6, colour);
                else pen.Dot(x.At(point.X), y.At(point.Y), 1.2, colour);
                last = point;
            }
        }
    }

    private static void Draw(BoxColumn box, int column, Rgb colour, Axis x, Axis y, double below, IPen pen)
    {
        double centre = x.At(column + 0.5), half = Math.Min(26, (x.At(1) - x.At(0)) * 0.3);
        pen.Text(centre, below, box.Name, Rgb.Grey, 0.5);
        if (box.Values.Count == 0)
        {
            pen.Text(centre, below - 30, "no value", Rgb.Grey, 0.5);
            return;
        }
        double Q(double percent) => Quantiles.Percentile([.. box.Values], percent);
        double low = Q(25), high = Q(75), reach = 1.5 * (high - low);
        double bottom = box.Values.Where(v => v >= low - reach).Min(), top = box.Values.Where(v => v <= high + reach).Max();
        void Across(double value, double width) => pen.Line(centre - half, y.At(value), centre + half, y.At(value), width, colour);
        pen.Line(centre, y.At(bottom), centre, y.At(low), 1.2, colour);
        pen.Line(centre, y.At(high), centre, y.At(top), 1.2, colour);
        pen.Line(centre - half, y.At(low), centre - half, y.At(high), 1.2, colour);
        pen.Line(centre + half, y.At(low), centre + half, y.At(high), 1.2, colour);
        Across(low, 1.2);
        Across(high, 1.2);
        Across(Q(50), 2.4);
        foreach (var v in box.Values.Where(v => v < bottom || v > top)) pen.Dot(centre, y.At(v), 2.5, colour);
    }

    /// <summary>A scale of round numbers from one pixel to another.</summary>
    private readonly record struct Axis(double Low, double High, double Step, double From, double To)
    {
        internal static Axis Of(IEnumerable<double> values, double from, double to, int parts)
        {
            var all = values.DefaultIfEmpty(0).ToArray();
            double low = all.Min(), high = all.Max();
            if (high - low <= 1e-12 * Math.Max(Math.Abs(low), Math.Abs(high)) || high == low) (low, high) = (low - Math.Max(0.5, Math.Abs(low) * 0.1), high + Math.Max(0.5, Math.Abs(high) * 0.1));
            var rough = (high - low) / parts;
            var power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
            var step = power * (rough / power) switch { <= 1 => 1, <= 2 => 2, <= 5 => 5, _ => 10 };
            return new(Math.Floor(low / step) * step, Math.Ceiling(high / step) * step, step, from, to);
        }

        internal double At(double value) => From + (value - Low) / (High - Low) * (To - From);

        internal IEnumerable<double> Ticks()
        {
            var (low, step) = (Low, Step);
            return Enumerable.Range(0, (int)Math.Round((High - Low) / Step) + 1).Select(i => low + i * step);
        }

        internal string Label(double tick) => Math.Round(tick, Math.Clamp(2 - (int)Math.Floor(Math.Log10(Step)), 0, 12)).ToString("0.######", CultureInfo.InvariantCulture);
    }
}
