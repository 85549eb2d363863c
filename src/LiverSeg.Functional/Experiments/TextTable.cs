using System;
using System.Collections.Generic;
using System.Linq;

namespace LiverSeg.Functional;

/// <summary>A table ready to be printed: the first column is text, the others are numbers already formatted.</summary>
internal sealed record TextTable(string Title, IReadOnlyList<string> Notes, IReadOnlyList<string> Head, IReadOnlyList<IReadOnlyList<string>> Body, IReadOnlyList<IReadOnlyList<string>> Foot)
{
    internal string Markdown()
    {
        var lines = new List<string> { "## " + PlainText.Markdown(Title), "", Line(Head), "|" + string.Concat(Head.Select((_, i) => i == 0 ? "---|" : "---:|")) };
        lines.AddRange(Body.Concat(Foot).Select(Line));
        foreach (var note in Notes) lines.AddRange(["", PlainText.Markdown(note)]);
        return string.Join('\n', lines) + "\n";

        static string Line(IReadOnlyList<string> cells) => "| " + string.Join(" | ", cells.Select(PlainText.Markdown)) + " |";
    }

    /// <summary>A fragment: heading, table, notes.</summary>
    internal string Html()
    {
        string Row(IReadOnlyList<string> cells, string tag) =>
            "<tr>" + string.Concat(cells.Select((c, i) => i == 0 ? $"<th scope=\"row\">{PlainText.Html(c)}</th>" : $"<{tag}>{PlainText.Html(c)}</{tag}>")) + "</tr>\n";
        return $"<h2>{PlainText.Html(Title)}</h2>\n<table>\n<thead>{Row(Head, "th")}</thead>\n<tbody>\n{string.Concat(Body.Select(r => Row(r, "td")))}</tbody>\n"
            + (Foot.Count > 0 ? $"<tfoot>\n{string.Concat(Foot.Select(r => Row(r, "td")))}</tfoot>\n" : "")
            + "</table>\n" + string.Concat(Notes.Select(n => $"<p class=\"note\">{PlainText.Html(n)}</p>\n"));
    }
}
