using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace LiverSeg.Functional;

/// <summary>Everything that a run needs to go on: weights, optimiser, counters, history.</summary>
internal sealed record Checkpoint(
    Weights Weights, Weights Slots, int Epoch, long Step, IReadOnlyList<EpochRecord> History, EpochSums Sums, int Failures, int Rollbacks);

/// <summary>A folder that keeps the last three states of a run; a run started again with it goes on where it was.</summary>
/// <remarks>Each state is written under a temporary name, flushed and renamed, and carries a hash; a damaged one is passed over for the one before.</remarks>
/// <param name="Path">The folder; made when missing.</param>
/// <param name="Resume">Whether a run goes on from a state found there; otherwise a folder that holds states is refused, for they are never thrown away.</param>
public sealed record CheckpointFolder(string Path, bool Resume = true)
{
    private const int Kept = 3;
    private const string Prefix = "epoch-", Suffix = ".checkpoint";

    /// <summary>No folder: nothing is kept.</summary>
    public static CheckpointFolder None { get; } = new("", Resume: false);

    /// <summary>Steps after which the state is saved within an epoch too. Default 0: at the end of each epoch, and when the run is stopped.</summary>
    public int SaveEverySteps { get; init; }

    /// <summary>The newest whole state, if there is one and it belongs to this run.</summary>
    /// <exception cref="FileErrorException">The states belong to another network, other start weights or other options.</exception>
    internal Checkpoint? Latest(Model model, TrainingOptions options, string cases)
    {
        if (!Directory.Exists(Path)) return null;
        foreach (var stale in Directory.EnumerateFiles(Path, "*.tmp")) File.Delete(stale);
        var states = States();
        if (!Resume && states.Count > 0)
            throw new FileErrors(Path, "checkpoint").Make("used-checkpoints", "states", FormattableString.Invariant($"{states.Count} of an earlier run"), "an empty folder", "resume that run, or name another folder for checkpoints");
        foreach (var file in states)
        {
            try
            {
                return Parse(File.ReadAllBytes(file), file, model, options, cases);
            }
            catch (FileErrorException e) when (e.Error.Kind is FileErrorKind.Integrity or FileErrorKind.BadFile && e.Error.Field != "run")
            {
                // Damaged: the one before is still good.
            }
        }
        return null;
    }

    /// <summary>Saves a state; one that is not finite is never saved.</summary>
    internal void Save(Checkpoint now, Model model, TrainingOptions options, string cases)
    {
        foreach (var (tensor, weight) in now.Weights.Concat(now.Slots))
            foreach (var value in weight.Values)
                if (!float.IsFinite(value)) throw new TrainingDivergedException($"{tensor} is not finite and is not saved");
        try
        {
            Directory.CreateDirectory(Path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FileErrors(Path, "checkpoint").InputOutput("folder", "cannot be made", "a writable folder", "choose another checkpoint folder", e);
        }
        var tensors = new Weights(
            now.Weights.Select(w => KeyValuePair.Create("w/" + w.Key, w.Value)).Concat(now.Slots.Select(w => KeyValuePair.Create("s/" + w.Key, w.Value))));
        var metadata = new Dictionary<string, string>
        {
            ["format"] = "liverseg-checkpoint-1",
            ["run"] = Run(model, options),
            ["cases"] = cases,
            ["epoch"] = now.Epoch.ToString(CultureInfo.InvariantCulture),
            ["step"] = now.Step.ToString(CultureInfo.InvariantCulture),
            ["sums"] = JsonSerializer.Serialize(now.Sums),
            ["failures"] = now.Failures.ToString(CultureInfo.InvariantCulture),
            ["rollbacks"] = now.Rollbacks.ToString(CultureInfo.InvariantCulture),
            ["history"] = JsonSerializer.Serialize(now.History),
        };
        // '_' sorts behind '.', so a state within an epoch is newer than the one at its beginning.
        var within = now.Sums.Steps > 0 ? FormattableString.Invariant($"_{now.Sums.Steps:D6}") : "";
        var name = System.IO.Path.Combine(Path, FormattableString.Invariant($"{Prefix}{now.Epoch:D6}{within}{Suffix}"));
        AtomicFile.Write(name, overwrite: true, stream => new Safetensors(metadata, tensors).Write(stream));
        foreach (var old in States().Skip(Kept)) File.Delete(old);
    }

    private List<string> States() =>
        Directory.EnumerateFiles(Path, Prefix + "*" + Suffix).OrderDescending(StringComparer.Ordinal).ToList();

    private static Checkpoint Parse(byte[] bytes, string file, Model model, TrainingOptions options, string cases)
    {
        var content = Safetensors.Read(bytes, file);
        if (content.Metadata.GetValueOrDefault("run") != Run(model, options))
            throw Safetensors.Refuse(file, FileErrorKind.BadFile, "other-run", "run", "a state of another network, start, preparation or options", "this run's", "name another folder for checkpoints, or resume with what that run was given");
        // States of before 0.2 do not say what they learned from.
        if (content.Metadata.TryGetValue("cases", out var learned) && learned != cases)
            throw Safetensors.Refuse(file, FileErrorKind.BadFile, "other-run", "run", "a state that learned from other cases", "the same scans and masks in the same order", "name another folder for checkpoints, or resume with the cases of that run");
        Weights Part(string prefix) =>
            new(content.Tensors.Where(w => w.Key.StartsWith(prefix, StringComparison.Ordinal)).Select(w => KeyValuePair.Create(w.Key[prefix.Length..], w.Value)));
        return new(
            Part("w/").EnsureFits(model.Network),
            Part("s/"),
            int.Parse(content.Metadata["epoch"], CultureInfo.InvariantCulture),
            long.Parse(content.Metadata["step"], CultureInfo.InvariantCulture),
            JsonSerializer.Deserialize<List<EpochRecord>>(content.Metadata["history"])!,
            content.Metadata.TryGetValue("sums", out var sums) ? JsonSerializer.Deserialize<EpochSums>(sums)! : new(),
            Number("failures"),
            Number("rollbacks"));
        int Number(string name) => int.Parse(content.Metadata.GetValueOrDefault(name, "0"), CultureInfo.InvariantCulture);
    }

    /// <summary>What a run learns from, by content: SHA-256 over names, grids, intensities and truths in order.</summary>
    internal static string Cases(IReadOnlyList<TrainingCase> cases)
    {
        using var hash = new Sha256Hash();
        foreach (var c in cases)
        {
            hash.AppendData(Encoding.UTF8.GetBytes(FormattableString.Invariant($"{c.Id}\n{c.Image.Grid}\n")));
            for (var z = 0; z < c.Image.Extent.Z; z++)
            {
                hash.AppendData(MemoryMarshal.AsBytes(c.Image.Slice(z)));
                hash.AppendData(MemoryMarshal.AsBytes(c.Truth.Slice(z)));
                foreach (var guide in c.Guides) hash.AppendData(MemoryMarshal.AsBytes(guide.Slice(z)));
            }
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>What must be the same for a state to belong to a run, the weights that it started from among it; the device is not, and states of before 0.2 know of none.</summary>
    private static string Run(Model model, TrainingOptions options) =>
        string.Join(' ', ModelFile.Describe(model with { Provenance = [] }).Metadata.OrderBy(m => m.Key, StringComparer.Ordinal).Select(m => m.Value)) + " " + options.ToString().Replace($", {nameof(options.Device)} = {options.Device}", "", StringComparison.Ordinal) + " " + model.Hash;
}
