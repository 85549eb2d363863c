using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;

namespace LiverSeg.Functional;

/// <summary>Writes what was found as one page that needs no network, with its pictures, tables and viewers beside it.</summary>
/// <remarks>
/// The page forbids everything but its own styles, embedded pictures and the one script that sorts its table (Content-Security-Policy <c>default-src 'none'</c>). The same
/// report gives the same bytes on every run: no dates, no paths.
/// </remarks>
public static class Report
{
    private const string Style = """
        :root{color-scheme:light dark;--back:#fff;--text:#1d2329;--quiet:#5a6570;--line:#d5dbe1;--box:#f4f6f8;--link:#0b5cad;--doubt:#8a4b00}
        @media (prefers-color-scheme:dark){:root{--back:#14181c;--text:#dde3e8;--quiet:#9aa6b1;--line:#333c45;--box:#1c2228;--link:#7db7f2;--doubt:#f0b45c}}
        body{font:15px/1.5 system-ui,"Segoe UI","DejaVu Sans",sans-serif;margin:1.5rem auto;max-width:1240px;padding:0 1rem;background:var(--back);color:var(--text)}
        h1{font-size:1.5rem;margin:0}h2{font-size:1.15rem;margin:2rem 0 .3rem;overflow-wrap:anywhere}a{color:var(--link)}p{margin:.3rem 0}
        .scroll{overflow-x:auto}table{border-collapse:collapse;font-size:.84rem;font-variant-numeric:tabular-nums;margin:.8rem 0}
        th,td{padding:.22rem .5rem;text-align:right;border-bottom:1px solid var(--line);white-space:nowrap}
        .cases{width:100%}thead th{vertical-align:bottom}th small{display:block;color:var(--quiet);font-weight:400;min-height:1.2em}
        th:first-child{text-align:left;position:sticky;left:0;background:var(--back);max-width:14rem;overflow:hidden;text-overflow:ellipsis}
        tfoot,tfoot th:first-child{background:var(--box)}thead{border-bottom:2px solid var(--quiet)}tbody tr:hover td{background:var(--box)}
        th button{font:inherit;color:inherit;background:none;border:0;padding:0;cursor:pointer;text-align:inherit}
        th[aria-sort=ascending] button::after{content:" \2191"}th[aria-sort=descending] button::after{content:" \2193"}
        .single td{min-width:5rem}.unit{color:var(--quiet);text-align:left;min-width:0}
        figure{margin:1rem 0}figure img,figure svg{max-width:100%;height:auto;background:#fff}figcaption,.note{color:var(--quiet);font-size:.85rem}
        .plots{display:flex;flex-wrap:wrap;gap:1rem}.doubt{color:var(--doubt)}
        .look{display:inline-block;border:1px solid var(--line);border-radius:.3rem;background:var(--box);padding:.1rem .7rem;text-decoration:none}
        """;

    /// <summary>The whole page.</summary>
    /// <param name="title">Its heading.</param>
    /// <param name="system">What made the masks.</param>
    /// <param name="cases">One per case, failed ones included; the page shows the worst first.</param>
    /// <param name="comparisons">Tables of systems to show after the cases' table; may be empty.</param>
    /// <param name="figures">More pictures, as learning curves; may be empty.</param>
    public static string Html(string title, string system, IReadOnlyList<ReportCase> cases, IReadOnlyList<PaperTable> comparisons, IReadOnlyList<Figure> figures)
    {
        var table = ResultTable.Of(system, cases.Select(c => c.Result));
        var (page, script, viewers) = (new StringBuilder(), PageText.Resource("report.js"), ViewerNames(cases));
        page.Append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
            .Append("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src ").Append(PageText.Hash(script)).Append("\">\n<link rel=\"icon\" href=\"data:,\">\n")
            .Append("<meta name=\"viewport\" content=\"width=device-width\">\n")
            .Append("<title>").Append(SafeText.Html(title)).Append("</title>\n<style>\n").Append(Style.ReplaceLineEndings("\n")).Append("\n</style>\n</head>\n<body>\n<h1>")
            .Append(SafeText.Html(title)).Append("</h1>\n<p class=\"note\">").Append(SafeText.Html(system)).Append(". For research. Not a medical device.</p>\n");
        if (table.Scored > 0 || table.Failed > 1) page.Append(ReportTable.Html(table));
        foreach (var comparison in comparisons) page.Append("<div class=\"scroll\">").Append(comparison.ToHtml()).Append("</div>\n");
        Figure[] plots = [.. TablePlots(table), .. figures];
        if (plots.Length > 0) page.Append("<h2>Plots</h2>\n<div class=\"plots\">\n").AppendJoin("", plots.Select(Markup)).Append("</div>\n");
        foreach (var (c, viewer) in ReportTable.WorstFirst(cases.Zip(viewers), c => c.First.Result))
        {
            page.Append("<h2 id=\"").Append(ReportTable.Anchor(c.Result)).Append("\">").Append(SafeText.Html(c.Result.Name)).Append("</h2>\n");
            foreach (var note in c.Notes) page.Append("<p class=\"doubt\">").Append(SafeText.Html(note)).Append("</p>\n");
            page.Append("<p>").Append(SafeText.Html(c.Result.Scored ? Line(c.Result.Evaluation) : c.Result.Failure)).Append("</p>\n");
            if (viewer.Length > 0) page.Append("<p><a class=\"look\" href=\"").Append(viewer).Append("\">Look at it in three planes and 3-D</a></p>\n");
            foreach (var figure in c.Figures) page.Append(Markup(figure));
        }
        page.Append("<script>").Append(script).Append("</script>\n");
        return page.Append("</body>\n</html>\n").ToString();
    }

    /// <summary>Writes <c>index.html</c>, a viewer of each case that has one, the tables as <c>results.md</c>, <c>.csv</c>, <c>.json</c> and every picture as PNG into a folder.</summary>
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
        foreach (var (c, name) in cases.Zip(ViewerNames(cases)))
            if (name.Length > 0) Put(name, c.Viewer);
        Put("results.md", Encoding.UTF8.GetBytes(string.Join('\n', [table.ToMarkdown(), .. comparisons.Select(c => c.ToMarkdown())])));
        Put("results.csv", Encoding.UTF8.GetBytes(table.ToCsv()));
        Put("results.json", Encoding.UTF8.GetBytes(table.ToJson()));
        Put("index.html", Encoding.UTF8.GetBytes(Html(title, system, cases, comparisons, figures)));
    }

    /// <summary>Writes the report into a new temporary folder, which only its owner may read, and opens the browser; gives the page's file, to open it by hand where there is none.</summary>
    /// <inheritdoc cref="Html"/>
    public static string Show(string title, string system, IReadOnlyList<ReportCase> cases) =>
        Browser.Show("report", "index.html", folder => Write(folder, title, system, cases, [], []));

    /// <summary>The file of each case's viewer beside the page; empty where it has none.</summary>
    private static List<string> ViewerNames(IReadOnlyList<ReportCase> cases)
    {
        var taken = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        string Free(string name, int i) => FormattableString.Invariant($"{name}{(i == 1 ? "" : $"-{i}")}-view.html") is var file && taken.Add(file) ? file : Free(name, i + 1);
        return [.. cases.Select(c => c.Viewer.IsEmpty ? "" : Free(Figure.Safe(c.Result.Name), 1))];
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
