using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace LiverSeg.Functional;

/// <summary>Cases in a CSV file with columns <c>case,image,mask[,patient][,scores][,label]</c>; relative paths start at the file's folder.</summary>
public static class CaseList
{
    /// <summary>The rows in their order.</summary>
    /// <exception cref="FileErrorException">The file is missing, a column is missing, a row has cells missing or too many, or a case stands twice.</exception>
    public static IReadOnlyList<CaseFile> Read(string path) =>
        Rows(path, ["case", "image", "mask"]).Select(row => new CaseFile(row("case"), row("image"), row("mask"), row("patient") is { Length: > 0 } p ? p : row("case")) { Scores = row("scores"), Label = Label(path, row) }).ToEquatableArray();

    /// <summary>The rows of a CSV with columns <c>case,prediction,truth[,image][,label]</c>.</summary>
    /// <exception cref="FileErrorException">As <see cref="Read"/>.</exception>
    public static IReadOnlyList<PredictionFile> ReadPredictions(string path) =>
        Rows(path, ["case", "prediction", "truth"]).Select(row => new PredictionFile(row("case"), row("prediction"), row("truth")) { Image = row("image"), Label = Label(path, row) }).ToEquatableArray();

    /// <summary>The scans of a CSV with columns <c>case,image</c>; other columns do not count.</summary>
    /// <exception cref="FileErrorException">As <see cref="Read"/>.</exception>
    public static IReadOnlyList<ScanFile> ReadScans(string path) =>
        Rows(path, ["case", "image"]).Select(row => new ScanFile(row("case"), row("image"))).ToEquatableArray();

    /// <summary>Writes cases as a list that <see cref="Read"/> reads; paths stand as they are, relative ones count from the list's folder.</summary>
    /// <remarks>Law: read ∘ write = id for absolute paths.</remarks>
    /// <exception cref="FileErrorException">The file exists and may not be replaced, or cannot be written.</exception>
    public static void Write(string path, IEnumerable<CaseFile> cases, bool overwrite = false)
    {
        var all = cases.ToEquatableArray();
        var (scored, labelled) = (all.Any(c => c.Scores.Length > 0), all.Any(c => !c.Label.IsAny));
        string Row(string id, string image, string mask, string patient, string scores, string label) =>
            Csv.Row([id, image, mask, patient, .. scored ? (string[])[scores] : [], .. labelled ? (string[])[label] : []]);
        OutputFile.WriteText(path, Row("case", "image", "mask", "patient", "scores", "label") + string.Concat(all.Select(c => Row(c.Id, c.Image, c.Mask, c.Patient, c.Scores, c.Label.ToString()))), overwrite);
    }

    private static MaskLabel Label(string path, Func<string, string> row)
    {
        try
        {
            return MaskLabel.Parse(row("label"));
        }
        catch (ArgumentException)
        {
            throw new FileErrors(path, "cases").Bad($"label of {row("case")}", row("label"), "a number other than 0, a name, or nothing", "name the label of the liver");
        }
    }

    /// <summary>Rows of a CSV as functions from column to cell; cells of columns that end in a path are made absolute.</summary>
    internal static IReadOnlyList<Func<string, string>> Rows(string path, string[] required)
    {
        var refuse = new FileErrors(path, "cases");
        (string Text, int Number)[] lines;
        try
        {
            lines = [.. File.ReadAllLines(path).Select((l, i) => (l, i + 1)).Where(l => l.l.Trim().Length > 0)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw refuse.InputOutput("file", "no access", "a readable CSV file", "check the path and its permissions", e);
        }
        // Spreadsheets write semicolons where the comma is the decimal mark, and tabs when they are asked to.
        var separator = lines.Length > 0 ? ",;\t".MaxBy(s => Csv.Cells(lines[0].Text, s).Count) : ',';
        var names = lines.Length > 0 ? Csv.Cells(lines[0].Text, separator).Select(c => c.ToLowerInvariant()).ToList() : [];
        foreach (var name in required)
            if (!names.Contains(name)) throw refuse.Bad("first line", lines.Length > 0 ? lines[0].Text : "nothing", $"the columns {string.Join(",", required)}", "name the columns in the first line");
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        var rows = new List<Func<string, string>>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (line, number) in lines.Skip(1))
        {
            var cells = Csv.Cells(line, separator);
            FileErrorException Refused(string found, string expected, string remedy) => refuse.Bad(FormattableString.Invariant($"line {number}"), found, expected, remedy);
            if (cells.Count < required.Length) throw Refused($"{cells.Count} cells", $"at least {required.Length}", "fill in the row");
            // More cells than columns are two rows in one, or an unquoted separator; spreadsheets end rows with empty ones.
            if (cells.Skip(names.Count).Any(c => c.Length > 0))
                throw Refused($"{cells.Count} cells", $"at most {names.Count}, as many as the first line names", "give each case a line of its own, and quotes to a cell with a separator in it");
            string Cell(string name) => names.IndexOf(name) is >= 0 and var i && i < cells.Count ? cells[i] : "";
            if (required.FirstOrDefault(name => Cell(name).Length == 0) is { } empty) throw Refused($"nothing in column {empty}", $"{string.Join(", ", required)} in each row", "fill in the row");
            if (!seen.Add(Cell("case"))) throw Refused($"case '{Cell("case")}' again", "each case once", "give each row its own case name");
            rows.Add(name => name is "case" or "patient" or "label" || Cell(name) is "" ? Cell(name) : Path.Combine(folder, Cell(name)));
        }
        return rows;
    }
}
