using System;
using System.Collections.Generic;
using System.Text;

namespace LiverSeg.Functional;

/// <summary>A case in a report: its result and its pictures.</summary>
public sealed record ReportCase
{
    private readonly EquatableArray<Figure> _figures;
    private readonly EquatableArray<string> _notes = EquatableArray<string>.Empty;

    private ReportCase(CaseResult result, EquatableArray<Figure> figures) => (Result, _figures) = (result, figures);

    /// <summary>The result, or why there is none.</summary>
    public CaseResult Result { get; }

    /// <summary>Its pictures.</summary>
    public IReadOnlyList<Figure> Figures => _figures;

    /// <summary>What stands above its numbers, as what the mask is doubted for.</summary>
    public IReadOnlyList<string> Notes { get => _notes; private init => _notes = value.ToEquatableArray(); }

    /// <summary>The page to look at it, empty without one.</summary>
    internal ReadOnlyMemory<byte> Viewer { get; private init; }

    /// <summary>With lines above its numbers.</summary>
    /// <param name="notes">Plain text.</param>
    public ReportCase WithNotes(IEnumerable<string> notes) => this with { Notes = [.. Notes, .. notes] };

    /// <summary>With a page to look at it, one click away from the report; the page is made here, so that the scan need not be kept.</summary>
    /// <param name="scene">The scan and its masks.</param>
    public ReportCase WithViewer(ViewerScene scene) => this with { Viewer = Encoding.UTF8.GetBytes(scene.Html()) };

    /// <summary>A case with pictures of one's own.</summary>
    public static ReportCase Of(CaseResult result, IEnumerable<Figure> figures) => new(result, figures.ToEquatableArray());

    /// <summary>Evaluates a case and draws its planes, its worst slices and its surface distances.</summary>
    /// <exception cref="ArgumentException">The grids differ.</exception>
    public static ReportCase Of(string name, Volume<Intensity> image, Volume<bool> prediction, Volume<bool> truth, MetricsOptions options) => new(
        CaseResult.Of(name, prediction.Evaluate(truth, options)),
        Pictures(name, image, prediction, truth));

    /// <summary>A result with its pictures and its viewer, from its files; without them where the scan or the mask is not there.</summary>
    /// <param name="result">What was found.</param>
    /// <param name="files">Scan, mask and truth.</param>
    /// <param name="warn">Hears what is odd about files.</param>
    /// <exception cref="FileErrorException">One cannot be read, or they do not belong together.</exception>
    public static ReportCase OfFiles(CaseResult result, PredictionFile files, Action<string>? warn = null)
    {
        if (files.Image.Length == 0 || !System.IO.File.Exists(files.Prediction)) return Of(result, []);
        var ct = VolumeFile.Read(files.Image, warn);
        var (prediction, truth) = (Lattice.ReadMask(files.Prediction, ct.Grid, files.Label.OrBinary, warn), Lattice.ReadMask(files.Truth, ct.Grid, files.Label.OrBinary, warn));
        return Of(result, Pictures(result.Name, ct.Window(Window.Liver), prediction, truth))
            .WithViewer(ViewerScene.Of(result.Name, ct).WithMask("liver", prediction).WithTruth(truth));
    }

    /// <summary>A case without truth: planes only, no numbers.</summary>
    /// <exception cref="ArgumentException">The grids differ.</exception>
    public static ReportCase Unjudged(string name, Volume<Intensity> image, Volume<bool> mask) => new(
        CaseResult.Failed(name, "there is no truth to compare with"),
        new([Figure.Of(name + "-planes", "Three planes through the middle: result red.", image.Draw(mask))]));

    internal static EquatableArray<Figure> Pictures(string name, Volume<Intensity> image, Volume<bool> prediction, Volume<bool> truth) => new(
        [
            Figure.Of(name + "-planes", "Three planes through the middle: truth green, result red.", image.Draw(prediction, truth)),
            Figure.Of(name + "-worst", "The axial slices with most wrong voxels, worst first.", image.DrawWorst(prediction, truth)),
            Figure.Of(name + "-distances", "The result's surface by its signed distance to the truth's.", prediction.DrawDistances(truth)),
        ]);
}
