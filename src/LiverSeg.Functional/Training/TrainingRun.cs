using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Threading;

namespace LiverSeg.Functional;

/// <summary>A whole training as a value: from case files to a model file, with its checkpoints, its history and where the model comes from.</summary>
/// <remarks>
/// Law: the same run on as many threads of the same device writes the same model to the last byte, whether it was stopped and resumed or not. Cases are prepared on the CPU
/// whatever the device, guides included, so that crops are the same numbers on each. Nothing is printed.
/// </remarks>
public sealed record TrainingRun
{
    private readonly EquatableArray<CaseFile> _cases, _validation = EquatableArray<CaseFile>.Empty;
    private readonly EquatableArray<ProvenanceEntry> _provenance = EquatableArray<ProvenanceEntry>.Empty;

    /// <summary>A run from a model, on cases in files.</summary>
    public TrainingRun(Model start, IReadOnlyList<CaseFile> cases) => (Start, _cases) = (start, cases.ToEquatableArray());

    /// <summary>A run of a recipe from its untrained network; its words go into the provenance.</summary>
    /// <exception cref="ArgumentException">The recipe names no known network.</exception>
    public TrainingRun(TrainingPreset preset, IReadOnlyList<CaseFile> cases) : this(preset.Untrained(), cases) =>
        (Options, Preset, Network) = (preset.Options, preset.Name, preset.Network);

    /// <summary>What is learned on from: an untrained network or a trained model. Its window and spacing are those that cases are prepared for.</summary>
    public Model Start { get; init; }

    /// <summary>Whether <see cref="Start"/> has learned before: the provenance then names its weights. Default false.</summary>
    public bool Continued { get; init; }

    /// <summary>The cases to learn from; at least one.</summary>
    public IReadOnlyList<CaseFile> Cases { get => _cases; init => _cases = value.ToEquatableArray(); }

    /// <summary>Cases to score now and then. Default: none.</summary>
    public IReadOnlyList<CaseFile> Validation { get => _validation; init => _validation = value.ToEquatableArray(); }

    /// <summary>How to learn. Default: <see cref="TrainingOptions.Practical"/>.</summary>
    public TrainingOptions Options { get; init; } = TrainingOptions.Practical;

    /// <summary>Folder of prepared cases, see <see cref="CaseCache"/>. Default: none, cases are prepared for this run alone.</summary>
    public string Cache { get; init; } = "";

    /// <summary>Where states are kept and resumed from. Default: nowhere.</summary>
    public CheckpointFolder Checkpoints { get; init; } = CheckpointFolder.None;

    /// <summary>The file of <see cref="TrainingHistory"/>, written anew after each epoch; a resumed run keeps the epochs before. Default: none.</summary>
    public string HistoryFile { get; init; } = "";

    /// <summary>The model file. Default: none, the model is only returned.</summary>
    public string Output { get; init; } = "";

    /// <summary>Whether an existing model file may be replaced. Default false.</summary>
    public bool Overwrite { get; init; }

    /// <summary>The recipe's word in the provenance. Default: none.</summary>
    public string Preset { get; init; } = "";

    /// <summary>The network's word in the provenance. Default: none.</summary>
    public string Network { get; init; } = "";

    /// <summary>What the model's provenance says beside <c>use</c>, <c>cases</c> and <c>recipe</c>.</summary>
    public IReadOnlyList<ProvenanceEntry> Provenance { get => _provenance; init => _provenance = value.ToEquatableArray(); }

    /// <summary>Prepares the cases, learns, keeps history and checkpoints, measures what is usual on some (<see cref="LearnedScans"/>), writes the model.</summary>
    /// <param name="progress">Hears of each epoch after its line stands in the history file, on the calling thread.</param>
    /// <param name="warn">Hears what is odd about files, and of a device whose memory does not suffice.</param>
    /// <param name="note">Hears what is done before the first epoch, a line per case.</param>
    /// <param name="cancel">Asks to stop: before the first epoch between cases, then after the step at hand, when the state was saved.</param>
    /// <returns>The model as it was written, and all epochs.</returns>
    /// <remarks>Each case is looked at as <see cref="DatasetFolder.Check"/> does, before the first epoch.</remarks>
    /// <exception cref="ArgumentException">There is no case; the crop does not fit the network.</exception>
    /// <exception cref="FileErrorException">A case has an error, or the masks of all are empty; a file cannot be read or written; the model file exists (found out before any work); checkpoints belong to another run.</exception>
    /// <exception cref="TrainingDivergedException">NaN or infinity that five halvings of the rate did not avoid.</exception>
    /// <exception cref="OperationCanceledException">It was asked to stop.</exception>
    public Trained Execute(Action<EpochRecord>? progress = null, Action<string>? warn = null, Action<string>? note = null, CancellationToken cancel = default)
    {
        if (Output.Length > 0) AtomicFile.Check(Output, Overwrite);
        var cases = Prepare(Cases, warn, note, cancel);
        CheckedCase.EnsureLiver([.. Cases.Zip(cases, (file, c) => (file, c.LiverVoxels.Count == 0))], warn);
        var validation = Prepare(Validation, warn, note, cancel);
        note?.Invoke(FormattableString.Invariant($"{cases.Count + validation.Count} cases are prepared, the next epoch begins"));
        var trained = Learn(cases, validation, progress, warn, cancel);
        note?.Invoke("measuring how sure the model is of what it learned from");
        var predict = new PredictOptions { Device = Options.Device, Threads = Options.Threads, Warn = warn };
        IReadOnlyList<TrainingCase> learned = [.. Distinct(cases)];
        var model = trained.Model.WithProvenance(Origin())
            .WithUsual(LearnedScans.Certainty(trained.Model, learned, predict, cancel), LearnedScans.Hu(trained.Model, learned));
        if (Output.Length > 0) model.Save(Output, overwrite: true);
        return trained with { Model = model };
    }

    /// <summary>Cases as <see cref="Start"/> wants them, from the cache where they are there.</summary>
    internal IReadOnlyList<TrainingCase> Prepare(IReadOnlyList<CaseFile> files, Action<string>? warn, Action<string>? note, CancellationToken cancel)
    {
        if (files.Count == 0) return [];
        var cache = Cache.Length > 0 ? new CaseCache(Cache, warn) : null;
        var cases = files.Select(file =>
        {
            cancel.ThrowIfCancellationRequested();
            note?.Invoke($"preparing {file.Id}");
            if (cache is not null) return cache.PrepareChecked(file, Start);
            var (ct, liver, _) = CheckedCase.Named(file, warn);
            return TrainingCase.Prepare(file.Id, ct, liver, Start);
        }).ToEquatableArray();
        if (cache is not null) note?.Invoke(FormattableString.Invariant($"{cache.Found} of {cases.Count} cases were found prepared in {cache.Folder}"));
        return cases;
    }

    /// <summary>The epochs alone, with history and checkpoints: no case is read and no model written.</summary>
    internal Trained Learn(IReadOnlyList<TrainingCase> cases, IReadOnlyList<TrainingCase> validation, Action<EpochRecord>? progress, Action<string>? warn, CancellationToken cancel)
    {
        var lines = HistoryFile.Length > 0 && Checkpoints.Resume && File.Exists(HistoryFile) ? File.ReadAllLines(HistoryFile).ToList() : [];
        void Keep(EpochRecord epoch)
        {
            // An epoch that a resumed run does again replaces what stood there.
            if (lines.Count >= epoch.Epoch) lines.RemoveRange(epoch.Epoch - 1, lines.Count - epoch.Epoch + 1);
            lines.Add(TrainingHistory.Line(epoch, PeakMib()));
            if (HistoryFile.Length > 0) OutputFile.WriteText(HistoryFile, string.Join('\n', lines) + "\n", overwrite: true);
            progress?.Invoke(epoch);
        }
        return Training.Fit(Start, cases, Options, validation, Keep, Checkpoints.Path.Length > 0 ? Checkpoints : null, warn, cancel);
    }

    /// <summary>A scan that is named twice, so that it is drawn more often, is one scan.</summary>
    private IEnumerable<TrainingCase> Distinct(IReadOnlyList<TrainingCase> cases) => Cases.Zip(cases).DistinctBy(c => (c.First.Image, c.First.Mask)).Select(c => c.Second);

    private static long PeakMib()
    {
        using var process = Process.GetCurrentProcess();
        return process.PeakWorkingSet64 >> 20;
    }

    private List<ProvenanceEntry> Origin()
    {
        var words = (Preset.Length > 0 ? $"preset {Preset}, " : "") + (Network.Length > 0 ? $"network {Network}, " : "");
        var before = Continued ? $", from the weights {Start.Hash[..16]}.." : "";
        var recipe = $"{words}{RecipeWords.Of(Options, Preset)}{before}";
        return [new("use", "research only; no clinical use"), new("cases", string.Join(' ', Cases.Select(c => c.Id))), new("recipe", recipe), .. Provenance];
    }
}
