using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace LiverSeg.Functional;

/// <summary>The files of one fold: what it learned from, its model, and what it says about whom it never saw.</summary>
internal sealed record FoldFiles(string Folder)
{
    internal static FoldFiles Of(string output, string network, PatientFold fold) => new(Path.Combine(output, network, FileName.Safe(fold.Patient)));

    internal string Training => Path.Combine(Folder, "train.csv");

    internal string HeldOut => Path.Combine(Folder, "heldout.csv");

    internal string Model => Path.Combine(Folder, "model.safetensors");

    internal string Checkpoints => Path.Combine(Folder, "checkpoints");

    internal string History => Path.Combine(Folder, "history.jsonl");

    /// <summary>The fused score map, by the model's own τ.</summary>
    internal string Scores(CaseFile @case) => Volume(@case, "scores");

    /// <summary>The score map by the τ of the CRF's setting; only where it has one.</summary>
    internal string CrfScores(CaseFile @case) => Volume(@case, "crf-scores");

    internal string PlainMask(CaseFile @case) => Volume(@case, "plain");

    internal string CrfMask(CaseFile @case) => Volume(@case, "crf");

    private string Volume(CaseFile @case, string kind) => Path.Combine(Folder, $"{FileName.Safe(@case.Id)}-{kind}.nii.gz");

    /// <summary>Cases as a list that can be read from any folder.</summary>
    internal static void WriteList(string path, IEnumerable<CaseFile> cases) =>
        CaseList.Write(path, cases.Select(c => c with { Image = Path.GetFullPath(c.Image), Mask = Path.GetFullPath(c.Mask) }), overwrite: true);

    /// <summary>Refuses to go on from this fold's model where it may have learned from who is held out now.</summary>
    /// <exception cref="ArgumentException">The fold is not there, has learned from a case or patient that is held out now, or did not hold it out.</exception>
    internal void EnsureUnseen(string start, string network, PatientFold now)
    {
        ArgumentException Refuse(string text) => new($"start {start}: {network}, {now.Patient}: {text}");
        foreach (var needed in (string[])[Model, Training, HeldOut])
            if (!File.Exists(needed)) throw Refuse($"no {needed}; make that fold first");
        static bool Same(CaseFile a, CaseFile b) => a.Id == b.Id || Path.GetFullPath(a.Image) == Path.GetFullPath(b.Image);
        var (learned, kept) = (CaseList.Read(Training), CaseList.Read(HeldOut));
        foreach (var c in now.HeldOut)
        {
            if (learned.Any(other => Same(c, other) || c.Patient == other.Patient)) throw Refuse($"that model has learned from {c.Id} or another case of {c.Patient}");
            // What it went on from itself was looked at for its own held-out cases only.
            if (!kept.Any(other => Same(c, other))) throw Refuse($"{c.Id} was not held out there; {HeldOut} does not name it");
        }
    }
}
