using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;

namespace LiverSeg.Functional;

/// <summary>One setting on one case.</summary>
/// <param name="Setting">All parameters, in words and numbers.</param>
/// <param name="Case">The case's name.</param>
/// <param name="Value">The goal's value.</param>
public sealed record CrfTrial(string Setting, string Case, double Value);

/// <summary>The table of all trials of a search, in memory or kept in a CSV file after each new one, so that a search can go on where it was.</summary>
/// <remarks>For one search at a time. A file belongs to one goal, one clean-up and one set of score maps: they are its title.</remarks>
public sealed class CrfTrials
{
    private const string Head = "setting,case,value";
    private readonly Dictionary<(string, string), double> _known = [];
    private readonly List<CrfTrial> _rows = [];
    private readonly string _path;

    private CrfTrials(string path) => _path = path;

    /// <summary>All trials in the order in which they were made.</summary>
    public IReadOnlyList<CrfTrial> Rows => _rows.ToEquatableArray();

    /// <summary>An empty table in memory.</summary>
    public static CrfTrials InMemory() => new("");

    /// <summary>The table in a file, which is made at the first trial.</summary>
    /// <exception cref="FileErrorException">The file is no such table.</exception>
    public static CrfTrials InFile(string path)
    {
        var trials = new CrfTrials(path);
        if (!File.Exists(path)) return trials;
        var lines = File.ReadAllLines(path);
        var refuse = new FileErrors(path, "trials");
        if (lines.Length == 0 || lines[0] != Head) throw refuse.Bad("header", lines.Length == 0 ? "nothing" : lines[0], Head, "name another file");
        foreach (var line in lines.Skip(1).Where(l => l.Length > 0))
        {
            var cells = line.Split(',');
            if (cells.Length != 3 || !double.TryParse(cells[2], NumberStyles.Float, CultureInfo.InvariantCulture, out var value))
                throw refuse.Bad("row", line, Head, "delete the row");
            trials.Keep(new(cells[0], cells[1], value));
        }
        return trials;
    }

    /// <summary>The known value, or the one that is made now, kept and written.</summary>
    internal double Get(CrfSetting setting, string @case, Func<double> make)
    {
        if (@case.AsSpan().IndexOfAny(",\r\n\"") >= 0) throw new ArgumentException($"the case name {@case} has a comma, a quote or a line break", nameof(@case));
        var words = Words(setting);
        if (_known.TryGetValue((words, @case), out var known)) return known;
        var value = make();
        Keep(new(words, @case, value));
        if (_path.Length > 0) OutputFile.WriteText(_path, ToCsv(), overwrite: true);
        return value;
    }

    /// <summary>The table as CSV: setting, case, value.</summary>
    public string ToCsv() => Head + "\n" + string.Concat(_rows.Select(r => FormattableString.Invariant($"{r.Setting},{r.Case},{r.Value:R}\n")));

    /// <summary>Every parameter that has a say, as <c>mu1=10 theta_alpha=60 ...</c>; threads have none.</summary>
    public static string Words(CrfSetting setting)
    {
        var o = setting.Options;
        var tau = string.Concat(setting.Fusion.Select(f => FormattableString.Invariant($"tau_{f.Tap}={f.Tau} ")));
        return tau + FormattableString.Invariant(
            $"threshold={setting.Threshold} mu1={o.Mu1} theta_alpha={o.ThetaAlpha} theta_beta={o.ThetaBeta} mu2={o.Mu2} theta_gamma={o.ThetaGamma} iterations={o.Iterations} unit={o.Unit} normalization={o.Normalization} reach={o.Reach} self={o.SelfTerm} least={o.MinProbability} tolerance={o.Tolerance}");
    }

    private void Keep(CrfTrial trial)
    {
        _known[(trial.Setting, trial.Case)] = trial.Value;
        _rows.Add(trial);
    }
}
