using System;
using System.Collections.Generic;

namespace LiverSeg.Functional;

/// <summary>A case in a report: its result and its pictures.</summary>
public sealed record ReportCase
{
    private readonly EquatableArray<Figure> _figures;

    private ReportCase(CaseResult result, EquatableArray<Figure> figures) => (Result, _figures) = (result, figures);

    /// <summary>The result, or why there is none.</summary>
    public CaseResult Result { get; }

    /// <summary>Its pictures.</summary>
    public IReadOnlyList<Figure> Figures => _figures;

    /// <summary>A case with pictures of one's own.</summary>
    public static ReportCase Of(CaseResult result, IEnumerable<Figure> figures) => new(result, figures.ToEquatableArray());

    /// <summary>Evaluates a case and draws its planes, its worst slices and its surface distances.</summary>
    /// <exception cref="ArgumentException">The grids differ.</exception>
    public static ReportCase Of(string name, Volume<Intensity> image, Volume<bool> prediction, Volume<bool> truth, MetricsOptions options) => new(
        CaseResult.Of(name, prediction.Evaluate(truth, options)),
        new(
        [
            Figure.Of(name + "-planes", "Three planes through the middle: truth green, result red.", image.Draw(prediction, truth)),
            Figure.Of(name + "-worst", "The axial slices with most wrong voxels, worst first.", image.DrawWorst(prediction, truth)),
            Figure.Of(name + "-distances", "The result's surface by its signed distance to the truth's.", prediction.DrawDistances(truth)),
        ]));

    /// <summary>A case without truth: planes only, no numbers.</summary>
    /// <exception cref="ArgumentException">The grids differ.</exception>
    public static ReportCase Unjudged(string name, Volume<Intensity> image, Volume<bool> mask) => new(
        CaseResult.Failed(name, "there is no truth to compare with"),
        new([Figure.Of(name + "-planes", "Three planes through the middle: result red.", image.Draw(mask))]));
}
