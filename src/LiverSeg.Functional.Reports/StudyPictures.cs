using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;

namespace LiverSeg.Functional;

/// <summary>The pictures of a <see cref="SupervisionStudy"/>, into its folder over those that are there. The same study gives the same bytes.</summary>
public static class StudyPictures
{
    /// <summary>
    /// Curves of the runs that have begun, for each start: <c>error-START.png</c>, <c>loss-START.png</c>, of the first seed <c>gradients-NAME.png</c>,
    /// and all of them on the page <c>curves-START.html</c>.
    /// </summary>
    /// <exception cref="FileErrorException">A history cannot be read or a picture not written.</exception>
    public static void WriteCurves(SupervisionStudy study)
    {
        var histories = study.Histories();
        foreach (var start in study.Starts)
        {
            var chosen = histories.Where(h => h.Run.Start == start).ToList();
            if (chosen.Count == 0) continue;
            // All seeds of a network in one colour.
            var coloured = chosen.Select(h => new LearningRun(h.Run.Network.ToUpperInvariant(), h.History.Epochs)).ToList();
            var curves = new List<(string Name, Plot Plot)> { ($"error-{start}", LearningCurves.ValidationError(coloured)), ($"loss-{start}", LearningCurves.Loss(coloured)) };
            curves.AddRange(chosen.Where(h => h.Run.Seed == 1).Select(h => ("gradients-" + h.Run.Name, LearningCurves.LayerGradients(h.History))));
            foreach (var (name, plot) in curves) Write(study, name + ".png", plot.ToPng());
            OutputFile.WriteText(
                Path.Combine(study.Folder, $"curves-{start}.html"), LearningCurves.Page($"Learning from the start '{start}'", [.. curves.Select(c => c.Plot)]), overwrite: true);
        }
    }

    /// <summary>
    /// A run's first kernels (<c>kernels-NAME.png</c>) and what they make of the slice with most liver of the first validation case
    /// (<c>features-NAME.png</c>); nothing where the run has no model or the pictures are there.
    /// </summary>
    /// <param name="study">The study.</param>
    /// <param name="run">One of its runs.</param>
    /// <param name="warn">Hears what is odd about the validation case's files.</param>
    /// <exception cref="FileErrorException">Model or case cannot be read or a picture not written.</exception>
    public static void WriteLayers(SupervisionStudy study, StudyRun run, Action<string>? warn = null)
    {
        var file = study.ModelFileOf(run);
        if (!File.Exists(file) || File.Exists(Path.Combine(study.Folder, $"features-{run.Name}.png"))) return;
        var (model, shown) = (ModelFile.Load(file), study.Prepare([study.Validation[0]], warn, null, CancellationToken.None)[0]);
        Write(study, $"kernels-{run.Name}.png", LearningCurves.FirstKernels(model));
        Write(study, $"features-{run.Name}.png", LearningCurves.LayerFeatures(model, shown.Image, height: HeightOfMostLiver(shown), threads: study.Options.Threads, device: study.Options.Device));
    }

    /// <summary>Where the axial slice with most liver lies, from 0 (lowest) to 1 (highest).</summary>
    internal static double HeightOfMostLiver(TrainingCase shown)
    {
        var slices = shown.Truth.Extent.Z;
        return (double)Enumerable.Range(0, slices).MaxBy(z => shown.Truth.Slab(z, 1).Count()) / Math.Max(1, slices - 1);
    }

    private static void Write(SupervisionStudy study, string name, ReadOnlyMemory<byte> png) => OutputFile.WriteBytes(Path.Combine(study.Folder, name), png, overwrite: true);
}
