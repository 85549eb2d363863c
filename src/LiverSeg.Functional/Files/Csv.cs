using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;

namespace LiverSeg.Functional;

/// <summary>Cells of comma-separated rows (RFC 4180), a line each.</summary>
/// <remarks>Law: cells ∘ row = id for text without line breaks and outer blanks.</remarks>
public static class Csv
{
    /// <summary>A row with its line end.</summary>
    public static string Row(IEnumerable<string> cells) => string.Join(',', cells.Select(Cell)) + "\n";

    /// <summary>Quoted where it must be, so that programs read the text as it was.</summary>
    public static string Cell(string text) =>
        text.AsSpan().IndexOfAny(",\"';") >= 0 ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;

    /// <summary>For tables that people open: a spreadsheet must not take the text for a formula.</summary>
    public static string SafeCell(string text) => Cell(text.Length > 0 && "=+-@".Contains(text[0]) ? "'" + text : text);

    /// <summary>The cells of a row, without outer blanks.</summary>
    public static IReadOnlyList<string> Cells(string line) => Cells(line, ',');

    /// <summary>The cells of a row of a table with another separator, as spreadsheets of some countries write it.</summary>
    public static IReadOnlyList<string> Cells(string line, char separator)
    {
        var (cells, cell, quoted) = (new List<string>(), new StringBuilder(), false);
        for (var i = 0; i < line.Length; i++)
        {
            if (line[i] == '"' && quoted && i + 1 < line.Length && line[i + 1] == '"') cell.Append(line[++i]);
            else if (line[i] == '"') quoted = !quoted;
            else if (line[i] == separator && !quoted)
            {
                cells.Add(cell.ToString().Trim());
                cell.Clear();
            }
            else cell.Append(line[i]);
        }
        cells.Add(cell.ToString().Trim());
        return cells.ToEquatableArray();
    }
}
