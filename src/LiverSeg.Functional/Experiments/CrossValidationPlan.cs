using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;

namespace LiverSeg.Functional;

/// <summary>How folds are made, and where.</summary>
public sealed record CrossValidationOptions
{
    private readonly EquatableArray<string> _networks = EquatableArray.Of(["compact"]), _only = EquatableArray<string>.Empty;

    /// <summary>The folder; below it one for each network and patient. Default <c>crossval</c>.</summary>
    public string Output { get; init; } = "crossval";

    /// <summary>Networks by the names of <see cref="Architectures.Named"/>. Default: <c>compact</c>.</summary>
    public IReadOnlyList<string> Networks { get => _networks; init => _networks = value.ToEquatableArray(); }

    /// <summary>How each network learns; its own network does not count. Threads are those of the network and the CRF too.</summary>
    public TrainingPreset Preset { get; init; } = TrainingPreset.Practical;

    /// <summary>The folds to make, each by its number from 0 or by its patient. Default: none named, all.</summary>
    public IReadOnlyList<string> Only { get => _only; init => _only = value.ToEquatableArray(); }

    /// <summary>Output folder of an earlier cross-validation of the same patients: each fold goes on from its model there. Default: none.</summary>
    public string Start { get; init; } = "";

    /// <summary>Folder of prepared cases, see <see cref="CaseCache"/>; all folds share it. Default: none.</summary>
    public string Cache { get; init; } = "";

    /// <summary>How score maps become the masks of the rows with CRF: τ, threshold and CRF. Default: <see cref="CrfSetting.Shipped"/>.</summary>
    public CrfSetting Refinement { get; init; } = CrfSetting.Shipped;
}

/// <summary>A cross-validation that was found sound: what it makes is known and no two of its files have one name.</summary>
public sealed record CrossValidationPlan
{
    private readonly EquatableArray<PatientFold> _folds, _chosen;

    private CrossValidationPlan(CrossValidationOptions options, EquatableArray<PatientFold> folds, EquatableArray<PatientFold> chosen) =>
        (Options, _folds, _chosen) = (options, folds, chosen);

    /// <summary>How folds are made, and where.</summary>
    public CrossValidationOptions Options { get; }

    /// <summary>One per patient, in the order in which patients first appear.</summary>
    public IReadOnlyList<PatientFold> Folds => _folds;

    /// <summary>Those to make.</summary>
    public IReadOnlyList<PatientFold> Chosen => _chosen;

    /// <summary>The folder of a fold: <c>OUTPUT/NETWORK/PATIENT</c>.</summary>
    public string FolderOf(string network, PatientFold fold) => FilesOf(network, fold).Folder;

    /// <summary>The file of a fold's model.</summary>
    public string ModelFileOf(string network, PatientFold fold) => FilesOf(network, fold).Model;

    /// <summary>Whether a fold's model is there; it is then not made again.</summary>
    public bool IsTrained(string network, PatientFold fold) => File.Exists(ModelFileOf(network, fold));

    internal FoldFiles FilesOf(string network, PatientFold fold) => FoldFiles.Of(Options.Output, network, fold);

    internal static CrossValidationPlan Of(IReadOnlyList<PatientFold> all, CrossValidationOptions options)
    {
        if (options.Output.Length == 0) throw new ArgumentException("no output folder is named", nameof(options));
        foreach (var network in options.Networks) EnsureTaps(network, options.Refinement);
        var folds = all.ToEquatableArray();
        EnsureDistinct(folds.Select(f => f.Patient), "patients' folders");
        foreach (var fold in folds) EnsureDistinct(fold.HeldOut.Select(c => c.Id), $"cases' files in the folder of {fold.Patient}");
        var chosen = options.Only.Count == 0 ? folds : options.Only.Select(text => Find(folds, text)).ToEquatableArray();
        var plan = new CrossValidationPlan(options, folds, chosen);
        plan.EnsureStarts();
        return plan;
    }

    /// <summary>A network has the branches that τ weighs; a bad name is found out before the long run.</summary>
    private static void EnsureTaps(string network, CrfSetting setting)
    {
        var taps = Architectures.Named(network).Taps();
        foreach (var weight in setting.Fusion)
            if (weight.Tau > 0 && !taps.Contains(weight.Tap))
                throw new ArgumentException($"the setting of the CRF weighs the branch {weight.Tap}, but {network} has [{string.Join(", ", taps)}]");
    }

    private static void EnsureDistinct(IEnumerable<string> names, string what)
    {
        foreach (var shared in names.GroupBy(FileName.Safe).Where(g => g.Count() > 1))
            throw new ArgumentException($"{shared.Count()} {what} would be called {shared.Key}; rename them in the list");
    }

    private static PatientFold Find(EquatableArray<PatientFold> folds, string text) =>
        int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var number) && number >= 0 && number < folds.Count
            ? folds[number]
            : folds.FirstOrDefault(f => f.Patient == text) ?? throw new ArgumentException($"fold {text}: a number in 0..{folds.Count - 1} or a patient's name");

    /// <summary>All starts are looked at before the first long run.</summary>
    private void EnsureStarts()
    {
        if (Options.Start.Length == 0) return;
        if (Path.GetRelativePath(Options.Start, Options.Output) == ".") throw new ArgumentException($"start {Options.Start}: that is the output folder");
        foreach (var network in Options.Networks)
            foreach (var fold in Chosen)
                if (!IsTrained(network, fold))
                    EnsureSpacing(StartOf(network, fold));
    }

    private void EnsureSpacing(string start)
    {
        var (found, wanted) = (ModelFile.Load(start).Spacing, Options.Preset.Spacing);
        static string Words(Spacing? spacing) => spacing is { } s ? $"{s}" : "as they are";
        if (found != wanted) throw new ArgumentException($"start {start}: it learned with voxels {Words(found)}, this recipe's are {Words(wanted)}; name the same spacing");
    }

    /// <summary>The model of the earlier fold that this one goes on from.</summary>
    internal string StartOf(string network, PatientFold fold)
    {
        var earlier = FoldFiles.Of(Options.Start, network, fold);
        earlier.EnsureUnseen(Options.Start, network, fold);
        return earlier.Model;
    }
}
