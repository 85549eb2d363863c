using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;

namespace LiverSeg.Functional;

/// <summary>Writes what was found as one page that needs no network and runs no script, with its pictures and tables beside it.</summary>
/// <remarks>
/// The page forbids everything but its own styles and embedded pictures (Content-Security-Policy <c>default-src 'none'</c>). The same
/// report gives the same bytes on every run: no dates, no paths.
/// </remarks>
public static class Report
{
    private const string Style = """
        body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:1240px;padding:0 1rem;color:#1c1c1c}
        h1{font-size:1.6rem}h2{font-size:1.2rem;margin-top:2rem}
        .scroll{overflow-x:auto}table{border-collapse:collapse;font-size:.85rem;font-variant-numeric:tabular-nums}
        th,td{padding:.25rem .6rem;text-align:right;border-bottom:1px solid #ddd;white-space:nowrap}
        th:first-child{text-align:left}tfoot{background:#f4f6f8}thead{border-bottom:2px solid #888}
        figure{margin:1rem 0}figure img,figure svg{max-width:100%;height:auto}figcaption,.note{color:#555;font-size:.85rem}
        .plots{display:flex;flex-wrap:wrap;gap:1rem}
        """;

    /// <summary>The whole page.</summary>
    /// <param name="title">Its heading.</param>
    /// <param name="system">What made the masks.</param>
    /// <param name="cases">One per case, failed ones included; they keep their order.</param>
    /// <param name="comparisons">Tables of systems to show after the cases' table; may be empty.</param>
    /// <param name="figures">More pictures, as learning curves; may be empty.</param>
    public static string Html(string title, string system, IReadOnlyList<ReportCase> cases, IReadOnlyList<PaperTable> comparisons, IReadOnlyList<Figure> figures)
    {
        var table = ResultTable.Of(system, cases.Select(c => c.Result));
        var page = new StringBuilder();
        page.Append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
            .Append("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; style-src 'unsafe-inline'\">\n")
            .Append("<meta name=\"viewport\" content=\"width=device-width\">\n")
            .Append("<title>").Append(SafeText.Html(title)).Append("</title>\n<style>\n").Append(Style.ReplaceLineEndings("\n")).Append("\n</style>\n</head>\n<body>\n<h1>")
            .Append(SafeText.Html(title)).Append("</h1>\n<p class=\"note\">For research. Not a medical device.</p>\n");
        if (table.Scored > 0 || table.Failed > 1) page.Append("<div class=\"scroll\">").Append(table.ToHtml()).Append("</div>\n");
        foreach (var comparison in comparisons) page.Append("<div class=\"scroll\">").Append(comparison.ToHtml()).Append("</div>\n");
        Figure[] plots = [.. TablePlots(table), .. figures];
        if (plots.Length > 0) page.Append("<h2>Plots</h2>\n<div class=\"plots\">\n").AppendJoin("", plots.Select(Markup)).Append("</div>\n");
        foreach (var c in cases)
        {
            page.Append("<h2>").Append(SafeText.Html(c.Result.Name)).Append("</h2>\n<p>").Append(SafeText.Html(c.Result.Scored ? Line(c.Result.Evaluation) : c.Result.Failure)).Append("</p>\n");
            foreach (var figure in c.Figures) page.Append(Markup(figure));
        }
        return page.Append("</body>\n</html>\n").ToString();
    }

    /// <summary>Writes <c>index.html</c>, the tables as <c>results.md</c>, <c>.csv</c>, <c>.json</c> and every picture as PNG into a folder.</summary>
    /// <inheritdoc cref="Html"/>
    /// <param name="folder">Made when it is missing.</param>
    /// <param name="title">The page's heading.</param>
    /// <param name="system">What made the masks.</param>
    /// <param name="cases">One per case, failed ones included.</param>
    /// <param name="comparisons">Tables of systems; may be empty.</param>
    /// <param name="figures">More pictures; may be empty.</param>
    /// <param name="overwrite">Whether files of these names may be replaced.</param>
    public static void Write(
        string folder, string title, string system, IReadOnlyList<ReportCase> cases, IReadOnlyList<PaperTable> comparisons, IReadOnlyList<Figure> figures, bool overwrite = false)
    {
        var table = ResultTable.Of(system, cases.Select(c => c.Result));
        void Put(string name, ReadOnlyMemory<byte> content) => AtomicFile.Write(Path.Combine(folder, name), overwrite, stream => stream.Write(content.Span));
        var taken = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var figure in cases.SelectMany(c => c.Figures).Concat(TablePlots(table)).Concat(figures))
        {
            // two cases may be called alike
            var name = figure.FileName;
            for (var i = 2; !taken.Add(name); i++) name = FormattableString.Invariant($"{Path.GetFileNameWithoutExtension(figure.FileName)}-{i}.png");
            Put(name, figure.Png);
        }
        Put("results.md", Encoding.UTF8.GetBytes(string.Join('\n', [table.ToMarkdown(), .. comparisons.Select(c => c.ToMarkdown())])));
        Put("results.csv", Encoding.UTF8.GetBytes(table.ToCsv()));
        Put("results.json", Encoding.UTF8.GetBytes(table.ToJson()));
        Put("index.html", Encoding.UTF8.GetBytes(Html(title, system, cases, comparisons, figures)));
    }

    private static IEnumerable<Figure> TablePlots(ResultTable table)
    {
        if (table.Scored < 2) yield break;
        yield return Figure.Of("bland-altman", "Volumes: difference over mean (Bland and Altman).", Plots.BlandAltman(table));
        foreach (var key in new[] { "dice", "asd_mm", "score" })
            yield return Figure.Of("box-" + key, "Median, quartiles, furthest values within 1.5 boxes.", Plots.BoxPlot(Metric.Named(key), [table]));
    }

    private static string Markup(Figure figure) => $"<figure>{figure.Markup}<figcaption>{SafeText.Html(figure.Caption)}</figcaption></figure>\n";

    /// <summary>One evaluation as a line of text: the five metrics, points and Dice, then the notes.</summary>
    public static string Line(Evaluation evaluation) =>
        string.Join(" · ", Metric.All.Take(7).Select(m => $"{m.Title} {SafeText.Fixed(m.Of(evaluation), m.Decimals)} {m.Unit}".TrimEnd()))
            + string.Concat(evaluation.Notes.Select(n => " · " + n));
}
