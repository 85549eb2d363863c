using System.Collections.Generic;
using System.Linq;

namespace LiverSeg.Functional;

/// <summary>One system's line in a comparison of systems: means of the five SLiver07 metrics and the points.</summary>
/// <param name="System">The system's name.</param>
/// <param name="Voe">Mean volumetric overlap error in percent; absent when no case has it.</param>
/// <param name="Rvd">Mean signed relative volume difference in percent.</param>
/// <param name="Asd">Mean average surface distance in mm.</param>
/// <param name="Rmsd">Mean root mean square surface distance in mm.</param>
/// <param name="Msd">Mean maximum surface distance in mm.</param>
/// <param name="Score">Mean of the cases' points; for a published row the points of its means, which differ from that.</param>
/// <param name="Scored">Cases with an evaluation; 0 for a published row that does not say.</param>
/// <param name="Failed">Cases without.</param>
/// <param name="Published">Whether the row is quoted from a publication, made on other data.</param>
public sealed record PaperRow(
    string System, double? Voe, double? Rvd, double? Asd, double? Rmsd, double? Msd, double? Score, int Scored, int Failed, bool Published)
{
    /// <summary>The five means and the points in order.</summary>
    internal double?[] Values => [Voe, Rvd, Asd, Rmsd, Msd, Score];

    /// <summary>The line of a table of cases.</summary>
    public static PaperRow Of(ResultTable table)
    {
        double? Mean(string key) => table.Summarise(Metric.Named(key))?.Mean;
        return new(table.System, Mean("voe_percent"), Mean("rvd_percent"), Mean("asd_mm"), Mean("rmsd_mm"), Mean("msd_mm"), Mean("score"), table.Scored, table.Failed, false);
    }

    internal static PaperRow Quote(string system, double voe, double rvd, double asd, double rmsd, double msd) =>
        new(system, voe, rvd, asd, rmsd, msd, ChallengeScore.Of(voe, rvd, new(asd), new(rmsd), new(msd)).Total, 0, 0, true);
}

/// <summary>Systems side by side, as the tables of Dou et al., MICCAI 2016.</summary>
public sealed record PaperTable
{
    private readonly EquatableArray<PaperRow> _rows;

    private PaperTable(string title, string note, EquatableArray<PaperRow> rows) => (Title, Note, _rows) = (title, note, rows);

    /// <summary>The heading.</summary>
    public string Title { get; }

    /// <summary>What a reader must know to read the rows rightly.</summary>
    public string Note { get; }

    /// <summary>One per system, in order.</summary>
    public IReadOnlyList<PaperRow> Rows => _rows;

    /// <summary>Table 1: the network with and without deep supervision and CRF; the published rows come after the measured ones.</summary>
    /// <param name="measured">One per variant, as <c>3D-CNN</c>, <c>3D-DSN</c>, <c>3D-CNN+CRF</c>, <c>3D-DSN+CRF</c>.</param>
    public static PaperTable Table1(IEnumerable<ResultTable> measured) => new(
        "Table 1: deep supervision and CRF",
        Caution + " They are leave-one-out results on the 20 training scans of SLiver07.",
        measured.Select(PaperRow.Of).Concat(PublishedTable1).ToEquatableArray());

    /// <summary>Table 2: against the systems of the paper's comparison on the ten test scans of SLiver07.</summary>
    public static PaperTable Table2(IEnumerable<ResultTable> measured) => new(
        "Table 2: against published systems",
        Caution + " They are results on the 10 hidden test scans of SLiver07.",
        measured.Select(PaperRow.Of).Concat(PublishedTable2).ToEquatableArray());

    /// <summary>The published rows of Table 1.</summary>
    public static IReadOnlyList<PaperRow> PublishedTable1 { get; } = new EquatableArray<PaperRow>(
    [
        PaperRow.Quote("3D-CNN (Dou 2016)", 7.68, 1.98, 1.56, 4.09, 45.99),
        PaperRow.Quote("3D-DSN (Dou 2016)", 6.27, 1.46, 1.32, 3.38, 36.49),
        PaperRow.Quote("3D-CNN+CRF (Dou 2016)", 5.64, 1.72, 0.89, 1.73, 34.42),
        PaperRow.Quote("3D-DSN+CRF (Dou 2016)", 5.37, 1.32, 0.67, 1.48, 29.63),
    ]);

    /// <summary>The published rows of Table 2.</summary>
    public static IReadOnlyList<PaperRow> PublishedTable2 { get; } = new EquatableArray<PaperRow>(
    [
        PaperRow.Quote("MBI", 7.73, 1.66, 1.39, 3.25, 30.07),
        PaperRow.Quote("ZIB", 6.09, -2.86, 0.95, 1.87, 18.69),
        PaperRow.Quote("TNT", 6.44, 1.53, 0.95, 1.58, 15.92),
        PaperRow.Quote("LME", 6.47, 1.04, 1.02, 2.00, 18.32),
        PaperRow.Quote("3D-DSN+CRF (Dou 2016)", 5.42, 1.75, 0.79, 1.64, 33.55),
    ]);

    private const string Caution =
        "Rows marked † are published figures (Dou et al. 2016) on other data: they do not compare case by case, and their points are those of the means.";
}
