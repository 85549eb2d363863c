using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using SkiaSharp;

namespace LiverSeg.Functional;

/// <summary>A subject of <see cref="PaperFigures.Figure3"/>.</summary>
/// <param name="Name">What stands below its column.</param>
/// <param name="Image">Windowed CT.</param>
/// <param name="Result">The mask that was found.</param>
/// <param name="Truth">The mask to judge by.</param>
public sealed record FigureSubject(string Name, Volume<Intensity> Image, Volume<bool> Result, Volume<bool> Truth);

/// <summary>Figures 2 and 3 of Dou et al. 2016 in the paper's own layout, as PNG. The same input gives the same bytes.</summary>
public static class PaperFigures
{
    private const int Gap = 16, Head = 26, Foot = 30, CurvesWidth = 460, FeatureWidth = 120;
    private const float Letters = 15;
    private static readonly string[] Networks = ["cnn", "dsn"];

    /// <summary>
    /// Fig. 2 from the runs of a study: (a) learning curves of both networks; (b) the kernels of the first layer, one a column, its slices from top
    /// to bottom; (c) what the first layer makes of a slice of the first validation case. CNN left, DSN right.
    /// </summary>
    /// <param name="study">A study whose runs of this start and seed are over.</param>
    /// <param name="start"><c>paper</c> or <c>he</c>.</param>
    /// <param name="seed">Of the runs.</param>
    /// <param name="warn">Hears what is odd about the validation case's files.</param>
    /// <exception cref="FileErrorException">A history, a model or the case cannot be read.</exception>
    /// <exception cref="ArgumentException">The study has no such runs.</exception>
    public static ReadOnlyMemory<byte> Figure2(SupervisionStudy study, string start, long seed = 1, Action<string>? warn = null)
    {
        var runs = Networks.Select(n => new StudyRun(n, start, seed)).ToArray();
        var begun = study.Histories();
        var histories = runs.Select(r => begun.FirstOrDefault(h => h.Run == r).History).OfType<LearningRun>().ToArray();
        if (histories.Length < runs.Length) throw new ArgumentException($"the study in {study.Folder} has no runs {runs[0].Name} and {runs[1].Name}", nameof(start));
        var models = runs.Select(r => ModelFile.Load(study.ModelFileOf(r))).ToArray();
        var shown = study.Prepare([study.Validation[0]], warn, null, CancellationToken.None)[0];
        var height = StudyPictures.HeightOfMostLiver(shown);
        var kernels = models.Select(m => LearningCurves.Kernels(m, zoom: 5, gap: 3, columns: true)).ToArray();
        var features = models.Select(m => Features(m, shown.Image, height, study.Options.Threads)).ToArray();
        var blocks = Math.Max(kernels.Max(k => k.Height), features.Max(f => f.Height));
        return Row([
            ("(a)", [("", Curves(histories, Head + blocks))]),
            ("(b)", Named(kernels)),
            ("(c)", Named(features)),
        ]).Png();
    }

    /// <summary>
    /// Fig. 3: a column for each subject with its transverse, sagittal and coronal plane from top to bottom through the middle of the liver; truth green,
    /// result red.
    /// </summary>
    /// <param name="subjects">From the left. They are asked for one by one, so that only one scan is in memory.</param>
    /// <exception cref="ArgumentException">There are none, or the grids of one differ.</exception>
    public static ReadOnlyMemory<byte> Figure3(IEnumerable<FigureSubject> subjects)
    {
        const int width = 320, height = 250, gap = 4;
        PlaneKind[] kinds = [PlaneKind.Axial, PlaneKind.Sagittal, PlaneKind.Coronal];
        var columns = new List<SKBitmap>();
        foreach (var subject in subjects)
        {
            var scene = new Preview.Scene(subject.Image, subject.Result, subject.Truth);
            var column = Pictures.Blank(width, kinds.Length * (height + gap) - gap + Foot, SKColors.White);
            using var canvas = new SKCanvas(column);
            for (var i = 0; i < kinds.Length; i++)
                using (var panel = scene.Fitted(kinds[i], width, height))
                    canvas.DrawBitmap(panel, 0, i * (height + gap));
            canvas.Text($"({Letter(columns.Count)}) {SafeText.Printable(subject.Name)}", width / 2f, column.Height - 9, Letters, SKColors.Black, SKTextAlign.Center);
            columns.Add(column);
        }
        if (columns.Count == 0) throw new ArgumentException("a figure needs a subject", nameof(subjects));
        return Pictures.Beside(columns, columns.Count, SKColors.White).Png();
    }

    /// <summary>a, b .. z, aa, ab ..</summary>
    private static string Letter(int number) => (number < 26 ? "" : Letter(number / 26 - 1)) + (char)('a' + number % 26);

    private static (string, SKBitmap)[] Named(SKBitmap[] blocks) => [("3D CNN", blocks[0]), ("3D DSN", blocks[1])];

    /// <summary>Training and validation one above the other: they are measured in different ways.</summary>
    private static SKBitmap Curves(LearningRun[] histories, int height)
    {
        var named = histories.Zip(["3D CNN", "3D DSN"], (h, name) => h with { Name = name }).ToArray();
        var half = height / 2;
        using var training = SKBitmap.Decode((LearningCurves.Loss(named) with { Width = CurvesWidth, Height = half }).ToPng().Span);
        using var validation = SKBitmap.Decode((LearningCurves.ValidationError(named) with { Width = CurvesWidth, Height = height - half }).ToPng().Span);
        var both = Pictures.Blank(CurvesWidth, height, SKColors.White);
        using var canvas = new SKCanvas(both);
        canvas.DrawBitmap(training, 0, 0);
        canvas.DrawBitmap(validation, 0, half);
        return both;
    }

    /// <summary>The features in two columns.</summary>
    private static SKBitmap Features(Model model, Volume<Intensity> image, double height, int threads) =>
        Pictures.Beside([.. LearningCurves.FeaturePanels(model, image, "conv1", height, threads, FeatureWidth).Skip(1)], 2, SKColors.White);

    /// <summary>Parts beside each other, each of blocks with a heading and with its letter below. The blocks are disposed of.</summary>
    private static SKBitmap Row(IReadOnlyList<(string Letter, (string Heading, SKBitmap Picture)[] Blocks)> parts)
    {
        var blocks = parts.SelectMany(p => p.Blocks).ToArray();
        int Top(string heading) => heading.Length == 0 ? 0 : Head;
        var height = blocks.Max(b => Top(b.Heading) + b.Picture.Height);
        var row = Pictures.Blank(blocks.Sum(b => b.Picture.Width + Gap) + Gap, height + Gap + Foot, SKColors.White);
        using var canvas = new SKCanvas(row);
        float x = Gap;
        foreach (var (letter, of) in parts)
        {
            var left = x;
            foreach (var (heading, picture) in of)
            {
                canvas.Text(heading, x + picture.Width / 2f, Gap / 2 + Letters, Letters, SKColors.Black, SKTextAlign.Center);
                canvas.DrawBitmap(picture, x, Gap / 2 + Top(heading));
                x += picture.Width + Gap;
                picture.Dispose();
            }
            canvas.Text(letter, (left + x - Gap) / 2, row.Height - 9, Letters, SKColors.Black, SKTextAlign.Center);
        }
        return row;
    }
}
