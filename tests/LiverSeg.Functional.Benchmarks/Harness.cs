using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.Linq;

namespace LiverSeg.Functional.Benchmarks;

/// <summary>Wall times of repeated calls, and Markdown tables of them.</summary>
internal static class Harness
{
    /// <summary>Shortest and median time in milliseconds after warming up.</summary>
    internal static (double Min, double Median) Time(Action action, int repeats = 7, int warmUp = 2)
    {
        for (var i = 0; i < warmUp; i++) action();
        var times = new double[repeats];
        for (var i = 0; i < repeats; i++)
        {
            var start = Stopwatch.GetTimestamp();
            action();
            times[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }
        Array.Sort(times);
        return (times[0], times[repeats / 2]);
    }

    internal static void Table(string title, IReadOnlyList<string> head, IEnumerable<IReadOnlyList<string>> rows)
    {
        Console.WriteLine($"\n### {title}\n\n| {string.Join(" | ", head)} |\n|{string.Concat(head.Select((_, i) => i == 0 ? "---|" : "---:|"))}");
        foreach (var row in rows) Console.WriteLine($"| {string.Join(" | ", row)} |");
    }

    internal static string Text(double value, string format = "0.0") => value.ToString(format, CultureInfo.InvariantCulture);
}

/// <summary>The largest managed heap since it was made, looked at every 5 ms.</summary>
internal sealed class PeakMemory
{
    private readonly System.Threading.Timer _timer;
    private long _peak;

    internal PeakMemory() => _timer = new(_ => _peak = Math.Max(_peak, GC.GetTotalMemory(false)), null, 0, 5);

    internal long Stop()
    {
        _timer.Dispose();
        return _peak;
    }
}
