using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;

namespace LiverSeg.Functional;

/// <summary>The tables of a cross-validation.</summary>
/// <param name="Tables">One for each network without the CRF, then one for each with it.</param>
/// <param name="Table1">All of them beside the published rows.</param>
public sealed record CrossValidationResult(IReadOnlyList<ResultTable> Tables, PaperTable Table1)
{
    /// <summary>Rows without an evaluation over all tables; a case whose fold was not run counts.</summary>
    public int Failed => Tables.Sum(t => t.Failed);
}

/// <summary>Leave-one-patient-out cross-validation: folds that can be made one by one on several machines, and their tables.</summary>
/// <remarks>
/// A fold has a folder of its own with its lists, model, checkpoints, history, score maps and masks. What is there is not made again, so a
/// run that was stopped goes on. Nothing is printed.
/// </remarks>
public static class CrossValidation
{
    /// <summary>
    /// A fold per patient, in the order in which patients first appear. Laws: each case is held out once; no patient is on both sides of a fold.
    /// </summary>
    /// <param name="cases">The cases.</param>
    /// <param name="always">Cases of other patients that every fold learns from, as phantoms; may be empty.</param>
    /// <exception cref="ArgumentException">There are fewer than two patients, or a patient of <paramref name="always"/> is among the cases.</exception>
    public static IReadOnlyList<PatientFold> Folds(IReadOnlyList<CaseFile> cases, IReadOnlyList<CaseFile> always)
    {
        var patients = cases.Select(c => c.Patient).Distinct().ToList();
        if (patients.Count < 2) throw new ArgumentException($"{patients.Count} patients; two at least are needed to hold one out", nameof(cases));
        if (always.FirstOrDefault(a => patients.Contains(a.Patient)) is { } both)
            throw new ArgumentException($"patient {both.Patient} is held out in a fold and cannot always be learned from", nameof(always));
        return patients.Select(p => new PatientFold(
            p,
            cases.Where(c => c.Patient != p).Concat(always).ToEquatableArray(),
            cases.Where(c => c.Patient == p).ToEquatableArray())).ToEquatableArray();
    }

    /// <summary>The folds and all that they need, checked before the long run; nothing is made.</summary>
    /// <param name="cases">The cases.</param>
    /// <param name="always">Cases of other patients that every fold learns from, as phantoms; may be empty.</param>
    /// <param name="options">How folds are made, and where.</param>
    /// <exception cref="ArgumentException">
    /// <see cref="Folds"/> refuses; two files would have one name; a network, a branch or a fold is unknown; a start is missing or has
    /// learned from who is held out now.
    /// </exception>
    /// <exception cref="FileErrorException">A list of an earlier fold cannot be read.</exception>
    public static CrossValidationPlan Plan(IReadOnlyList<CaseFile> cases, IReadOnlyList<CaseFile> always, CrossValidationOptions options) =>
        CrossValidationPlan.Of(Folds(cases, always), options);

    /// <summary>Makes one fold: its model, then score map and masks of each held-out case, those that are not there yet.</summary>
    /// <remarks>Laws: the model is what <see cref="TrainingRun"/> makes of the same; each mask is what <see cref="Pipeline"/> makes of the same, byte by byte.</remarks>
    /// <param name="plan">The plan.</param>
    /// <param name="network">One of its networks.</param>
    /// <param name="fold">One of its folds.</param>
    /// <param name="progress">Hears what happens, on the calling thread.</param>
    /// <param name="warn">Hears what is odd about files.</param>
    /// <param name="cancel">Asks to stop after the step or tile at hand; run again, the fold goes on from its checkpoint.</param>
    /// <exception cref="FileErrorException">A file cannot be read or written; before anything is learned: a case has an error, or no case to learn from has a liver.</exception>
    /// <exception cref="TrainingDivergedException">NaN or infinity that five halvings of the rate did not avoid.</exception>
    /// <exception cref="OperationCanceledException">It was asked to stop.</exception>
    public static void RunFold(
        CrossValidationPlan plan, string network, PatientFold fold, Action<FoldProgress>? progress = null, Action<string>? warn = null, CancellationToken cancel = default)
    {
        progress?.Invoke(new FoldProgress.Started(network, fold));
        if (!plan.IsTrained(network, fold))
        {
            // What is held out is read when hours of learning are over: it is looked at before them.
            foreach (var heldOut in fold.HeldOut) CheckedCase.Named(heldOut, warn);
            Train(plan, network, fold, progress, warn, cancel);
        }
        foreach (var heldOut in fold.HeldOut)
            if (Segment(plan, plan.FilesOf(network, fold), heldOut, warn, cancel))
                progress?.Invoke(new FoldProgress.Predicted(network, fold, heldOut));
    }

    /// <summary>Makes all chosen folds of all networks, then the tables.</summary>
    /// <inheritdoc cref="RunFold"/>
    public static CrossValidationResult Run(CrossValidationPlan plan, Action<FoldProgress>? progress = null, Action<string>? warn = null, CancellationToken cancel = default)
    {
        foreach (var network in plan.Options.Networks)
            foreach (var fold in plan.Chosen) RunFold(plan, network, fold, progress, warn, cancel);
        return Merge(plan, warn);
    }

    /// <summary>The tables of all folds that are there, as values and as files in the output folder; a case whose fold is not there counts as failed.</summary>
    /// <remarks>
    /// Files: <c>NETWORK.csv</c> and <c>.md</c>, <c>NETWORK-crf.csv</c> and <c>.md</c>, <c>table1.md</c>, <c>.csv</c> and <c>.json</c>, and for
    /// the search of CRF settings <c>NETWORK-scores-cases.csv</c>. Law: the same masks give the same bytes.
    /// </remarks>
    /// <param name="plan">The plan.</param>
    /// <param name="warn">Hears what is odd about files.</param>
    /// <exception cref="FileErrorException">A table cannot be written.</exception>
    public static CrossValidationResult Merge(CrossValidationPlan plan, Action<string>? warn = null)
    {
        var (output, networks) = (plan.Options.Output, plan.Options.Networks);
        var tables = networks.Select(n => (Name: n, Table: Judge(plan, n, "", (files, c) => files.PlainMask(c), warn)))
            .Concat(networks.Select(n => (Name: n + "-crf", Table: Judge(plan, n, "+CRF", (files, c) => files.CrfMask(c), warn)))).ToList();
        void Write(string name, string text) => OutputFile.WriteText(Path.Combine(output, name), text, overwrite: true);
        foreach (var (name, table) in tables)
        {
            Write(name + ".csv", table.ToCsv());
            Write(name + ".md", table.ToMarkdown());
        }
        var all = PaperTable.Table1(tables.Select(t => t.Table));
        Write("table1.md", all.ToMarkdown());
        Write("table1.csv", all.ToCsv());
        Write("table1.json", all.ToJson());
        foreach (var network in networks)
            FoldFiles.WriteList(
                Path.Combine(output, network + "-scores-cases.csv"),
                from fold in plan.Folds
                from c in fold.HeldOut
                let scores = plan.FilesOf(network, fold).Scores(c)
                where File.Exists(scores)
                select c with { Scores = Path.GetFullPath(scores) });
        return new(tables.Select(t => t.Table).ToEquatableArray(), all);
    }

    private static ResultTable Judge(CrossValidationPlan plan, string network, string kind, Func<FoldFiles, CaseFile, string> mask, Action<string>? warn)
    {
        CaseResult Of(PatientFold fold, CaseFile c)
        {
            var path = mask(plan.FilesOf(network, fold), c);
            return File.Exists(path)
                ? CaseResult.OfFiles(c.Id, (path, MaskLabel.Any), (c.Mask, c.Label), new(), warn)
                : CaseResult.Failed(c.Id, $"the fold of {fold.Patient} was not run");
        }
        return ResultTable.Of(Architectures.Title(network) + kind, from fold in plan.Folds from c in fold.HeldOut select Of(fold, c));
    }

    private static void Train(CrossValidationPlan plan, string network, PatientFold fold, Action<FoldProgress>? progress, Action<string>? warn, CancellationToken cancel)
    {
        var (files, options) = (plan.FilesOf(network, fold), plan.Options);
        FoldFiles.WriteList(files.Training, fold.Training);
        FoldFiles.WriteList(files.HeldOut, fold.HeldOut);
        var run = new TrainingRun(options.Preset with { Network = network }, fold.Training)
        {
            Cache = options.Cache,
            Checkpoints = new(files.Checkpoints),
            HistoryFile = files.History,
            Output = files.Model,
        };
        if (options.Start.Length > 0) run = run with { Start = ModelFile.Load(plan.StartOf(network, fold)), Continued = true };
        var trained = run.Execute(
            epoch => progress?.Invoke(new FoldProgress.Learned(network, fold, epoch)), warn,
            text => progress?.Invoke(new FoldProgress.Prepared(network, fold, text)), cancel);
        progress?.Invoke(new FoldProgress.Trained(network, fold, trained.Model));
    }

    /// <summary>Score map and masks of a held-out case, those that are not there; says whether any was made. Nothing is read that no missing file needs.</summary>
    private static bool Segment(CrossValidationPlan plan, FoldFiles files, CaseFile file, Action<string>? warn, CancellationToken cancel)
    {
        var (device, threads) = (plan.Options.Preset.Options.Device, plan.Options.Preset.Options.Threads);
        var setting = plan.Options.Refinement.WithThreads(threads);
        var weighed = setting.Fusion.Any(t => t.Tau > 0);
        var options = new PipelineOptions { Predict = new() { Device = device, Threads = threads, Warn = warn } };
        var model = new Lazy<Model>(() => ModelFile.Load(files.Model));
        var ct = new Lazy<Volume<Hu>>(() => VolumeFile.Read(file.Image, warn));
        Lazy<Volume<Probability>> Scores(string path, CrfSetting by) => new(() =>
            File.Exists(path) ? VolumeFile.ReadProbability(path, warn) : ct.Value.Window(model.Value.Window).Predict(by.FuseIn(model.Value), options.Predict, cancel));
        void Mask(string path, Lazy<Volume<Probability>> scores, CrfSetting by) =>
            ct.Value.MaskOf(scores.Value, model.Value, options with { Refinement = by }, cancel: cancel).Write(path, overwrite: true);

        var (plain, fused) = (Scores(files.Scores(file), CrfSetting.None), Scores(files.CrfScores(file), setting));
        // A mask without the score map that its τ asks for was made without τ.
        var stale = weighed && !File.Exists(files.CrfScores(file));
        var made = false;
        void Make(string path, Action<string> write, bool again = false)
        {
            if (File.Exists(path) && !again) return;
            cancel.ThrowIfCancellationRequested();
            write(path);
            made = true;
        }
        Make(files.Scores(file), path => plain.Value.Write(path, overwrite: true));
        Make(files.PlainMask(file), path => Mask(path, plain, CrfSetting.None));
        Make(files.CrfMask(file), path => Mask(path, weighed ? fused : plain, setting), stale);
        if (weighed) Make(files.CrfScores(file), path => fused.Value.Write(path, overwrite: true));
        return made;
    }
}
