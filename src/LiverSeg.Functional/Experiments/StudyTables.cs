using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

namespace LiverSeg.Functional;

/// <summary>What a study's histories come to, as Markdown.</summary>
internal static class StudyTables
{
    internal static string Of(IReadOnlyList<(StudyRun Run, LearningRun History)> runs, double error)
    {
        var groups = runs.GroupBy(r => (r.Run.Network, r.Run.Start), r => r.History).ToList();
        return string.Join('\n', [.. Epochs(groups, error), "", .. Gradients(groups)]) + "\n";
    }

    /// <summary>Epochs to an error, best and last error: a row for each network and start.</summary>
    private static IEnumerable<string> Epochs(IReadOnlyList<IGrouping<(string Network, string Start), LearningRun>> groups, double error)
    {
        yield return FormattableString.Invariant(
            $"| network | start | runs | epochs to 1 - Dice <= {error:F2}, by seed | best 1 - Dice, mean | last 1 - Dice, mean |");
        yield return "|---|---|---|---|---|---|";
        foreach (var group in groups)
        {
            var reached = string.Join(", ", group.Select(r => r.EpochsTo(error) is { } epochs ? epochs.ToString(CultureInfo.InvariantCulture) : "never"));
            var errors = group.Select(Errors).Where(e => e.Count > 0).ToList();
            string Mean(Func<List<double>, double> pick) => Text(errors.Select(pick), "F3");
            yield return FormattableString.Invariant(
                $"| {group.Key.Network} | {group.Key.Start} | {group.Count()} | {reached} | {Mean(e => e.Min())} | {Mean(e => e[^1])} |");
        }
    }

    private static List<double> Errors(LearningRun run) => [.. from e in run.Epochs where e.ValidationDice is not null select 1 - e.ValidationDice!.Value];

    /// <summary>Gradient lengths in the first and in the last epoch, means over seeds: a row for each layer.</summary>
    private static IEnumerable<string> Gradients(IReadOnlyList<IGrouping<(string Network, string Start), LearningRun>> groups)
    {
        static string Row(string first, IEnumerable<string> cells) => "| " + string.Join(" | ", cells.Prepend(first)) + " |";
        static string At(IEnumerable<EpochRecord> epochs, string layer) =>
            Text(epochs.Where(e => e.LayerNorms.ContainsKey(layer)).Select(e => e.LayerNorms[layer]), "0.0e-0");
        yield return Row("layer", groups.SelectMany(g => (string[])[$"{g.Key.Network} {g.Key.Start}, first epoch", "last"]));
        yield return Row("---", groups.SelectMany(_ => (string[])["---", "---"]));
        var layers = groups.SelectMany(g => g).SelectMany(r => r.Epochs).SelectMany(e => e.LayerNorms.Keys).Distinct().Order(StringComparer.Ordinal);
        foreach (var layer in layers)
            yield return Row(layer, groups.SelectMany(g => (string[])
            [
                At(g.SelectMany(r => r.Epochs.Take(1)), layer), At(g.SelectMany(r => r.Epochs.TakeLast(1)), layer),
            ]));
    }

    /// <summary>The mean in a format; a dash where there is nothing.</summary>
    private static string Text(IEnumerable<double> values, string format) =>
        values.ToList() is { Count: > 0 } all ? all.Average().ToString(format, CultureInfo.InvariantCulture) : "-";
}
