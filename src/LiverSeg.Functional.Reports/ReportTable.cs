using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;

namespace LiverSeg.Functional;

/// <summary>The cases' table of a report's page: the worst first, as wide as the page; its head sorts it.</summary>
internal static class ReportTable
{
    /// <summary>Worst first: failed ones, then by score; alike ones keep their order.</summary>
    internal static IEnumerable<T> WorstFirst<T>(IEnumerable<T> cases, Func<T, CaseResult> result) =>
        cases.OrderBy(c => result(c).Scored ? result(c).Evaluation.Score.Total : double.NegativeInfinity);

    internal static string Html(ResultTable table)
    {
        if (table.Cases.Count == 1) return Single(table.Cases[0]);
        var html = new StringBuilder("<div class=\"scroll\"><table class=\"cases\">\n<thead><tr><th scope=\"col\"><button>case</button></th>");
        foreach (var m in Metric.All) html.Append(CultureInfo.InvariantCulture, $"<th scope=\"col\"><button>{SafeText.Html(m.Title)}<small>{SafeText.Html(m.Unit)}</small></button></th>");
        html.Append("</tr></thead>\n<tbody>\n");
        foreach (var c in WorstFirst(table.Cases, c => c))
        {
            html.Append(CultureInfo.InvariantCulture, $"<tr><th scope=\"row\"><a href=\"#{Anchor(c)}\">{SafeText.Html(c.Name)}</a></th>");
            foreach (var m in Metric.All) html.Append(CultureInfo.InvariantCulture, $"<td data-value=\"{SafeText.Full(c.Value(m))}\">{SafeText.Fixed(c.Value(m), m.Decimals)}</td>");
            html.Append("</tr>\n");
        }
        html.Append("</tbody>\n");
        // Of one number there is neither spread nor interval.
        if (table.Scored > 1) html.Append(Foot(table));
        html.Append("</table></div>\n");
        return html.Append(CultureInfo.InvariantCulture, $"<p class=\"note\">{table.Scored} scored, {table.Failed} failed. Means are over the cases that have the metric. Intervals: bootstrap of the mean, seed {table.Seed}.</p>\n").ToString();
    }

    /// <summary>Where the page tells of a case.</summary>
    internal static string Anchor(CaseResult result) => "case-" + Figure.Safe(result.Name);

    /// <summary>One case reads from above to below.</summary>
    private static string Single(CaseResult result) =>
        "<table class=\"single\">\n" + string.Concat(Metric.All.Select(m =>
            $"<tr><th scope=\"row\">{SafeText.Html(m.Title)}</th><td>{SafeText.Fixed(result.Value(m), m.Decimals)}</td><td class=\"unit\">{SafeText.Html(m.Unit)}</td></tr>\n")) + "</table>\n";

    private static string Foot(ResultTable table)
    {
        var summaries = Metric.All.Select(m => (Metric: m, Summary: table.Summarise(m))).ToList();
        string Row(string name, Func<MetricSummary, double> read) =>
            $"<tr><th scope=\"row\">{name}</th>" + string.Concat(summaries.Select(s => $"<td>{SafeText.Fixed(s.Summary is { } found ? read(found) : null, s.Metric.Decimals)}</td>")) + "</tr>\n";
        string Count(Func<MetricSummary?, int> read) => string.Concat(summaries.Select(s => string.Create(CultureInfo.InvariantCulture, $"<td>{read(s.Summary)}</td>")));
        return "<tfoot>\n" + Row("mean", s => s.Mean) + Row("95 % from", s => s.Low) + Row("95 % to", s => s.High) + Row("sd", s => s.StandardDeviation) + Row("median", s => s.Median)
            + Row("min", s => s.Min) + Row("max", s => s.Max) + $"<tr><th scope=\"row\">n failed</th>{Count(s => s?.Failed ?? table.Cases.Count)}</tr>\n</tfoot>\n";
    }
}
