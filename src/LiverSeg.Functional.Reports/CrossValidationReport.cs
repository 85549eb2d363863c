using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace LiverSeg.Functional;

/// <summary>What a cross-validation came to as one page: the first network's cases with the CRF, the worst first, all tables beside each other, how the folds learned.</summary>
public static class CrossValidationReport
{
    /// <summary>Writes the page over an earlier one. A case whose mask is there has its pictures and a viewer; scans are read one by one.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="result">Its tables, as <see cref="CrossValidation.Merge"/> gives them.</param>
    /// <param name="folder">Made when it is missing.</param>
    /// <param name="progress">Hears of each case before it is drawn.</param>
    /// <param name="warn">Hears what is odd about files.</param>
    /// <exception cref="FileErrorException">A scan or a mask cannot be read, or a file not written.</exception>
    public static void Write(CrossValidationPlan plan, CrossValidationResult result, string folder, Action<CaseFile>? progress = null, Action<string>? warn = null)
    {
        var (network, networks) = (plan.Options.Networks[0], plan.Options.Networks.Count);
        var table = result.Tables[networks];
        var cases = plan.Folds.SelectMany(fold => fold.HeldOut.Select(c => (Fold: fold, File: c))).Zip(table.Cases, (held, found) =>
        {
            progress?.Invoke(held.File);
            return Case(held.File, plan.FilesOf(network, held.Fold).CrfMask(held.File), held.Fold.Patient, found, warn);
        }).ToList();
        var figures = new List<Figure>();
        if (table.Scored > 1)
            foreach (var key in new[] { "dice", "asd_mm" })
                figures.Add(Figure.Of("all-" + key, "All networks, without and with the CRF.", Plots.BoxPlot(Metric.Named(key), result.Tables)));
        var runs = plan.Folds.Where(f => File.Exists(plan.FilesOf(network, f).History))
            .Select(f => new LearningRun(f.Patient, TrainingHistory.Read(plan.FilesOf(network, f).History))).ToList();
        if (runs.Count > 0) figures.Add(Figure.Of("loss", "Training loss of the folds, each named by whom it held out.", LearningCurves.Loss(runs)));
        Report.Write(folder, "Leave one patient out", table.System, cases, [result.Table1], figures, overwrite: true);
    }

    private static ReportCase Case(CaseFile file, string mask, string patient, CaseResult found, Action<string>? warn) =>
        ReportCase.OfFiles(found, new PredictionFile(file.Id, mask, file.Mask) { Image = file.Image, Label = file.Label }, warn)
            .WithNotes(patient == found.Name ? [] : [$"patient {patient}"]);
}
