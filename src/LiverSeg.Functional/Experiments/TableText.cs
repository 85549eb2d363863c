using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;

namespace LiverSeg.Functional;

/// <summary>Result tables as Markdown, CSV, JSON and HTML.</summary>
/// <remarks>
/// The same table gives the same bytes on every run and machine. What is absent is a dash, an empty cell or null, never NaN, and counts
/// as failed beside every mean. Text from outside cannot become markup, a formula or a control character.
/// </remarks>
public static class TableText
{
    private static readonly Func<MetricSummary, double>[] Statistics = [s => s.Mean, s => s.StandardDeviation, s => s.Median, s => s.Min, s => s.Max, s => s.Low, s => s.High];
    private static readonly string[] StatisticNames = ["mean", "sd", "median", "min", "max", "mean, 95 % CI low", "mean, 95 % CI high"];
    private static readonly string[] StatisticKeys = ["mean", "sd", "median", "min", "max", "ci95_low", "ci95_high"];

    /// <summary>A row per case, then mean, sd, median, min, max, interval, n scored and n failed.</summary>
    public static string ToMarkdown(this ResultTable table) => Layout(table).Markdown();

    /// <summary>The same as a fragment of HTML.</summary>
    public static string ToHtml(this ResultTable table) => Layout(table).Html();

    /// <summary>A row per case with all digits; columns <c>case</c>, the metrics' keys, <c>failure</c>, <c>notes</c>.</summary>
    public static string ToCsv(this ResultTable table)
    {
        var lines = new List<string> { string.Join(',', ["case", .. Metric.All.Select(m => m.Key), "failure", "notes"]) };
        lines.AddRange(table.Cases.Select(c => string.Join(',',
        [
            SafeText.Cell(c.Name), .. Metric.All.Select(m => SafeText.Full(c.Value(m))), SafeText.Cell(c.Failure),
            SafeText.Cell(c.Scored ? string.Join(". ", c.Evaluation.Notes) : ""),
        ])));
        return string.Join('\n', lines) + "\n";
    }

    /// <summary>Keys <c>system, n_scored, n_failed, cases [], summary {metric {n_scored, n_failed, mean, ...}}, seed</c>.</summary>
    public static string ToJson(this ResultTable table) => JsonText.Write(json =>
    {
        json.WriteStartObject();
        json.WriteString("system", table.System);
        json.WriteNumber("n_scored", table.Scored);
        json.WriteNumber("n_failed", table.Failed);
        json.WriteNumber("seed", table.Seed);
        json.WriteStartArray("cases");
        foreach (var c in table.Cases)
        {
            json.WriteStartObject();
            json.WriteString("case", c.Name);
            if (c.Scored) json.EvaluationMembers(c.Evaluation);
            else json.WriteString("failure", c.Failure);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartObject("summary");
        foreach (var metric in Metric.All) Write(json, metric, table);
        json.WriteEndObject();
        json.WriteEndObject();
    });

    /// <summary>A row per system; published rows are marked †.</summary>
    public static string ToMarkdown(this PaperTable table) => Layout(table).Markdown();

    /// <summary>The same as a fragment of HTML.</summary>
    public static string ToHtml(this PaperTable table) => Layout(table).Html();

    /// <summary>A row per system with all digits; the last column says whether the row is published.</summary>
    public static string ToCsv(this PaperTable table) =>
        "system,voe_percent,rvd_percent,asd_mm,rmsd_mm,msd_mm,score,n_scored,n_failed,published\n" + string.Concat(table.Rows.Select(r =>
            string.Join(',', [SafeText.Cell(r.System), .. r.Values.Select(SafeText.Full), .. Counts(r), r.Published ? "true" : "false"]) + "\n"));

    /// <summary>Keys <c>title, note, rows [{system, voe_percent, ..., score, n_scored, n_failed, published}]</c>.</summary>
    public static string ToJson(this PaperTable table) => JsonText.Write(json =>
    {
        json.WriteStartObject();
        json.WriteString("title", table.Title);
        json.WriteString("note", table.Note);
        json.WriteStartArray("rows");
        foreach (var row in table.Rows)
        {
            json.WriteStartObject();
            json.WriteString("system", row.System);
            foreach (var (key, value) in FiveAndScore.Zip(row.Values)) json.Optional(key, value);
            json.Optional("n_scored", row.Published ? null : row.Scored);
            json.Optional("n_failed", row.Published ? null : row.Failed);
            json.WriteBoolean("published", row.Published);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    });

    private static readonly string[] FiveAndScore = ["voe_percent", "rvd_percent", "asd_mm", "rmsd_mm", "msd_mm", "score"];

    private static string[] Counts(PaperRow row) =>
        row.Published ? ["", ""] : [FormattableString.Invariant($"{row.Scored}"), FormattableString.Invariant($"{row.Failed}")];

    private static void Write(Utf8JsonWriter json, Metric metric, ResultTable table)
    {
        json.WriteStartObject(metric.Key);
        var summary = table.Summarise(metric);
        json.WriteNumber("n_scored", summary?.Scored ?? 0);
        json.WriteNumber("n_failed", summary?.Failed ?? table.Cases.Count);
        for (var i = 0; i < Statistics.Length; i++) json.Optional(StatisticKeys[i], summary is { } s ? Statistics[i](s) : null);
        json.WriteEndObject();
    }

    internal static TextTable Layout(ResultTable table)
    {
        var summaries = Metric.All.Select(m => table.Summarise(m)).ToArray();
        IReadOnlyList<string> Row(string name, Func<MetricSummary, double> read) =>
            [name, .. Metric.All.Select((m, i) => SafeText.Fixed(summaries[i] is { } s ? read(s) : null, m.Decimals))];
        IReadOnlyList<string> CountRow(string name, Func<MetricSummary?, int> read) => [name, .. summaries.Select(s => FormattableString.Invariant($"{read(s)}"))];
        return new(
            table.System,
            [.. Reasons(table)],
            ["case", .. Metric.All.Select(m => m.Heading)],
            [.. table.Cases.Select(c => (IReadOnlyList<string>)[c.Name, .. Metric.All.Select(m => SafeText.Fixed(c.Value(m), m.Decimals))])],
            [
                .. StatisticNames.Select((name, i) => Row(name, Statistics[i])),
                CountRow("n scored", s => s?.Scored ?? 0),
                CountRow("n failed", s => s?.Failed ?? table.Cases.Count),
            ]);
    }

    private static IEnumerable<string> Reasons(ResultTable table)
    {
        yield return FormattableString.Invariant($"{table.Scored} scored, {table.Failed} failed. Means are over the cases that have the metric; n failed says how many have not. Intervals: bootstrap of the mean, seed {table.Seed}.");
        foreach (var c in table.Cases)
        {
            if (!c.Scored) yield return $"{c.Name}: {c.Failure}";
            else if (c.Evaluation.Notes.Count > 0) yield return $"{c.Name}: {string.Join("; ", c.Evaluation.Notes)}";
        }
    }

    private static TextTable Layout(PaperTable table) => new(
        table.Title,
        [table.Note],
        ["system", "VOE, %", "RVD, %", "ASD, mm", "RMSD, mm", "MSD, mm", "Score", "n scored", "n failed"],
        [.. table.Rows.Select(r => (IReadOnlyList<string>)
        [
            r.Published ? r.System + " †" : r.System,
            .. r.Values.Select((v, i) => SafeText.Fixed(v, i == 5 ? 1 : 2)),
            .. Counts(r).Select(c => c.Length == 0 ? "–" : c),
        ])],
        []);
}


/// <summary>A table ready to be printed: the first column is text, the others are numbers already formatted.</summary>
internal sealed record TextTable(string Title, IReadOnlyList<string> Notes, IReadOnlyList<string> Head, IReadOnlyList<IReadOnlyList<string>> Body, IReadOnlyList<IReadOnlyList<string>> Foot)
{
    internal string Markdown()
    {
        var lines = new List<string> { "## " + SafeText.Markdown(Title), "", Line(Head), "|" + string.Concat(Head.Select((_, i) => i == 0 ? "---|" : "---:|")) };
        lines.AddRange(Body.Concat(Foot).Select(Line));
        foreach (var note in Notes) lines.AddRange(["", SafeText.Markdown(note)]);
        return string.Join('\n', lines) + "\n";

        static string Line(IReadOnlyList<string> cells) => "| " + string.Join(" | ", cells.Select(SafeText.Markdown)) + " |";
    }

    /// <summary>A fragment: heading, table, notes.</summary>
    internal string Html()
    {
        string Row(IReadOnlyList<string> cells, string tag) =>
            "<tr>" + string.Concat(cells.Select((c, i) => i == 0 ? $"<th scope=\"row\">{SafeText.Html(c)}</th>" : $"<{tag}>{SafeText.Html(c)}</{tag}>")) + "</tr>\n";
        return $"<h2>{SafeText.Html(Title)}</h2>\n<table>\n<thead>{Row(Head, "th")}</thead>\n<tbody>\n{string.Concat(Body.Select(r => Row(r, "td")))}</tbody>\n"
            + (Foot.Count > 0 ? $"<tfoot>\n{string.Concat(Foot.Select(r => Row(r, "td")))}</tfoot>\n" : "")
            + "</table>\n" + string.Concat(Notes.Select(n => $"<p class=\"note\">{SafeText.Html(n)}</p>\n"));
    }
}
