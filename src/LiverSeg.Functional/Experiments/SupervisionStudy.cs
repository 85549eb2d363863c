using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;

namespace LiverSeg.Functional;

/// <summary>One run of a study.</summary>
/// <param name="Network"><c>cnn</c> or <c>dsn</c>.</param>
/// <param name="Start"><c>paper</c> or <c>he</c>.</param>
/// <param name="Seed">Of weights, crops and order.</param>
public sealed record StudyRun(string Network, string Start, long Seed)
{
    /// <summary>What its files are called: <c>dsn-paper-1</c>.</summary>
    public string Name => FormattableString.Invariant($"{Network}-{Start}-{Seed}");
}

/// <summary>How the paper's network learns with deep supervision (<c>dsn</c>) and without (<c>cnn</c>), from the same starts on the same crops.</summary>
/// <remarks>
/// Each run has its history (<c>NAME.jsonl</c>), its model and while it learns its checkpoints in the study's folder: a study that was stopped goes
/// on, and nothing is done twice. Nothing is printed.
/// </remarks>
public sealed record SupervisionStudy
{
    private static readonly string[] Networks = ["cnn", "dsn"], KnownStarts = ["paper", "he"];
    private readonly EquatableArray<CaseFile> _cases, _validation;
    private readonly EquatableArray<string> _starts = EquatableArray.Of<string>(KnownStarts);

    /// <summary>A study.</summary>
    /// <param name="cases">Cases to learn from; at least one.</param>
    /// <param name="validation">Cases to judge by; at least one.</param>
    /// <param name="folder">Where histories, models and tables go.</param>
    public SupervisionStudy(IReadOnlyList<CaseFile> cases, IReadOnlyList<CaseFile> validation, string folder) =>
        (_cases, _validation, Folder) = (cases.ToEquatableArray(), validation.ToEquatableArray(), folder);

    /// <summary>Cases to learn from.</summary>
    public IReadOnlyList<CaseFile> Cases => _cases;

    /// <summary>Cases to judge by.</summary>
    public IReadOnlyList<CaseFile> Validation => _validation;

    /// <summary>Where histories, models and tables go.</summary>
    public string Folder { get; }

    /// <summary>How many runs of each network and start, with the seeds 1, 2, … Default 3.</summary>
    public int Seeds { get; init; } = 3;

    /// <summary>Starts of the weights: <c>paper</c>, N(0, 0.01²), and <c>he</c>. Default: both.</summary>
    /// <exception cref="ArgumentException">A start is neither.</exception>
    public IReadOnlyList<string> Starts
    {
        get => _starts;
        init => _starts = value.All(KnownStarts.Contains)
            ? value.ToEquatableArray()
            : throw new ArgumentException($"starts {string.Join(", ", value)}; each is paper or he", nameof(value));
    }

    /// <summary>How each run learns; the run's seed goes before its own. Default: <see cref="Recipe"/>.</summary>
    public TrainingOptions Options { get; init; } = Recipe;

    /// <summary>The voxel spacing that images are brought to. Default 6 mm.</summary>
    public Spacing Spacing { get; init; } = Spacing.Isotropic(6);

    /// <summary>The validation error 1 − Dice that the table counts epochs to. Default 0.4.</summary>
    public double Error { get; init; } = 0.4;

    /// <summary>Folder of prepared cases, see <see cref="CaseCache"/>. Default: none.</summary>
    public string Cache { get; init; } = "";

    /// <summary>The paper's course in short: 10 epochs of 10 steps on crops of 32×32×24, half of them centred on liver, validated each epoch.</summary>
    public static TrainingOptions Recipe { get; } = new() { Epochs = 10, StepsPerEpoch = 10, Crop = new(32, 32, 24), LiverShare = 0.5, ValidateEvery = 1 };

    /// <summary>All runs in their order: by seed, then start, then network.</summary>
    public IReadOnlyList<StudyRun> Runs => (
        from seed in Enumerable.Range(1, Seeds)
        from start in Starts
        from network in Networks
        select new StudyRun(network, start, seed)).ToEquatableArray();

    /// <summary>The file of a run's model; there once the run is over.</summary>
    public string ModelFileOf(StudyRun run) => Path.Combine(Folder, run.Name + ".safetensors");

    /// <summary>The histories of the runs that have begun, in their order.</summary>
    /// <exception cref="FileErrorException">A history cannot be read.</exception>
    public IReadOnlyList<(StudyRun Run, LearningRun History)> Histories() => (
        from run in Runs
        let file = HistoryFileOf(run)
        where File.Exists(file)
        select (run, new LearningRun(run.Name, TrainingHistory.Read(file)))).ToEquatableArray();

    /// <summary>Epochs to the error, best and last error for each network and start; then gradient lengths by layer in the first and last epoch. As Markdown.</summary>
    /// <exception cref="FileErrorException">A history cannot be read.</exception>
    public string Tables() => StudyTables.Of(Histories(), Error);

    /// <summary>Makes the runs that are not there and writes <c>tables.md</c> after each; a run that diverges keeps its history and has no model.</summary>
    /// <param name="done">Hears of each run that is there, and whether it was made now.</param>
    /// <param name="warn">Hears what is odd about files, of runs that diverged, and of a device whose memory does not suffice.</param>
    /// <param name="note">Hears what is done before the first epoch, a line per case.</param>
    /// <param name="cancel">Asks to stop after the step at hand; run again, the study goes on from there.</param>
    /// <returns>The tables.</returns>
    /// <exception cref="FileErrorException">A file cannot be read or written.</exception>
    /// <exception cref="OperationCanceledException">It was asked to stop.</exception>
    public string Execute(Action<StudyRun, bool>? done = null, Action<string>? warn = null, Action<string>? note = null, CancellationToken cancel = default)
    {
        var cases = new Lazy<IReadOnlyList<TrainingCase>>(() =>
        {
            var prepared = Prepare(Cases, warn, note, cancel);
            CheckedCase.EnsureLiver([.. Cases.Zip(prepared, (file, c) => (file, c.LiverVoxels.Count == 0))], warn);
            return prepared;
        });
        var validation = new Lazy<IReadOnlyList<TrainingCase>>(() => Prepare(Validation, warn, note, cancel));
        foreach (var run in Runs)
        {
            var made = !File.Exists(ModelFileOf(run));
            if (made)
            {
                try
                {
                    Learn(run, cases.Value, validation.Value, warn, cancel);
                }
                catch (TrainingDivergedException e)
                {
                    warn?.Invoke($"{run.Name}: {e.Message}");
                }
                WriteTables();
            }
            done?.Invoke(run, made);
        }
        return WriteTables();
    }

    internal IReadOnlyList<TrainingCase> Prepare(IReadOnlyList<CaseFile> files, Action<string>? warn, Action<string>? note, CancellationToken cancel) =>
        new TrainingRun(ModelOf(Runs[0]), files) { Cache = Cache }.Prepare(files, warn, note, cancel);

    private string HistoryFileOf(StudyRun run) => Path.Combine(Folder, run.Name + ".jsonl");

    private string WriteTables()
    {
        var tables = Tables();
        OutputFile.WriteText(Path.Combine(Folder, "tables.md"), tables, overwrite: true);
        return tables;
    }

    private void Learn(StudyRun run, IReadOnlyList<TrainingCase> cases, IReadOnlyList<TrainingCase> validation, Action<string>? warn, CancellationToken cancel)
    {
        var checkpoints = Path.Combine(Folder, run.Name + ".checkpoints");
        var training = new TrainingRun(ModelOf(run), Cases) { Options = Options with { Seed = run.Seed }, HistoryFile = HistoryFileOf(run), Checkpoints = new(checkpoints) };
        training.Learn(cases, validation, null, warn, cancel).Model.Save(ModelFileOf(run), overwrite: true);
        if (Directory.Exists(checkpoints)) Directory.Delete(checkpoints, recursive: true);
    }

    /// <summary>With branches (dsn) and without (cnn); the layers that both have start from the same numbers.</summary>
    private Model ModelOf(StudyRun run)
    {
        var all = run.Start == "paper" ? Weights.Gaussian(Architectures.Paper, run.Seed) : Weights.He(Architectures.Paper, run.Seed);
        return run.Network == "dsn"
            ? new(Architectures.Paper, all) { Spacing = Spacing }
            : new(Architectures.Cnn, new(all.Where(w => !w.Key.StartsWith("after", StringComparison.Ordinal)))) { Spacing = Spacing };
    }
}
