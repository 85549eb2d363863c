using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace LiverSeg.Functional;

/// <summary>Makes plots and draws them.</summary>
/// <remarks>The same plot gives the same bytes on every run of a version.</remarks>
public static class Plots
{
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

    /// <summary>A reliability diagram: over the mean probability of an interval its share of liver, for several sets of scores, and the line on which calibrated ones lie.</summary>
    /// <param name="title">The title.</param>
    /// <param name="scores">Names, and intervals as <see cref="ScoreCounts.Reliability"/> gives them.</param>
    public static Plot Reliability(string title, IEnumerable<(string Name, IReadOnlyList<ReliabilityBin> Bins)> scores) => new()
    {
        Title = title,
        XLabel = "mean probability",
        YLabel = "share that is liver",
        Curves =
        [
            .. scores.Select(s => PlotSeries.Line(s.Name, s.Bins.Select(b => new PlotPoint(b.MeanProbability, b.LiverShare)))),
            PlotSeries.Line("calibrated", [new(0, 0), new(1, 1)]),
        ],
    };

    /// <summary>The plot as PNG.</summary>
    public static ReadOnlyMemory<byte> ToPng(this Plot plot)
    {
        using var chart = Chart.Of(plot);
        return chart.GetImage(plot.Width, plot.Height).GetImageBytes(ScottPlot.ImageFormat.Png);
    }

    /// <summary>The plot as SVG, without script, style sheet or reference to anything outside.</summary>
    public static string ToSvg(this Plot plot)
    {
        using var chart = Chart.Of(plot);
        return ChartSvg.Of(chart.GetSvgXml(plot.Width, plot.Height), plot);
    }

    /// <summary>Writes the plot as a page into a new temporary folder and opens the browser; gives the page's file.</summary>
    public static string Show(this Plot plot) =>
        Browser.Show("plot", "plot.html", folder => OutputFile.WriteText(Path.Combine(folder, "plot.html"), LearningCurves.Page(plot.Title, [plot])));
}
