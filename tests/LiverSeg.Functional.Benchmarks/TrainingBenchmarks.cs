using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;

namespace LiverSeg.Functional.Benchmarks;

/// <summary>What a training step costs as it is run: crops, forward and backward pass, optimiser.</summary>
internal static class TrainingBenchmarks
{
    private const int Steps = 4;

    /// <summary>The shipped recipe on a phantom, direct and by Winograd's products in turn: training-step [THREADS [ROUNDS]].</summary>
    internal static void Step(string[] args)
    {
        var (threads, rounds) = (args.Length > 0 ? int.Parse(args[0]) : 1, args.Length > 1 ? int.Parse(args[1]) : 5);
        var start = TrainingPreset.Practical.Untrained();
        var phantom = Phantom.Abdomen(new() { Spacing = new(1.5, 1.5, 3), Seed = 5 });
        var cases = new[] { TrainingCase.Prepare("phantom", phantom.Ct, phantom.Liver, start) };
        var process = Process.GetCurrentProcess();
        (double Wall, double Cpu) Time(bool direct)
        {
            var ends = new List<(long Wall, TimeSpan Cpu)>();
            var options = TrainingOptions.Practical with { Epochs = 2, StepsPerEpoch = Steps, Precision = Precision.Float32, Threads = threads, DirectConvolution = direct, Seed = 1 };
            // The first epoch warms up.
            Training.Fit(start, cases, options, [], _ =>
            {
                process.Refresh();
                ends.Add((Stopwatch.GetTimestamp(), process.TotalProcessorTime));
            });
            return (Stopwatch.GetElapsedTime(ends[0].Wall, ends[1].Wall).TotalSeconds / Steps, (ends[1].Cpu - ends[0].Cpu).TotalSeconds / Steps);
        }
        var times = Enumerable.Range(0, rounds).Select(_ => (Direct: Time(direct: true), Ours: Time(direct: false))).ToList();
        double Median(Func<((double Wall, double Cpu) Direct, (double Wall, double Cpu) Ours), double> part) => times.Select(part).Order().ElementAt(rounds / 2);
        string[] Row(string name, double wall, double cpu) => [name, Harness.Text(wall, "0.00"), Harness.Text(cpu, "0.00")];
        Harness.Table($"A step of the practical preset, {threads} threads, medians of {rounds} rounds in turn", ["convolutions", "seconds", "of processors"],
        [
            Row("libtorch's", Median(t => t.Direct.Wall), Median(t => t.Direct.Cpu)),
            Row("Winograd's products", Median(t => t.Ours.Wall), Median(t => t.Ours.Cpu)),
        ]);
        Console.WriteLine($"times as fast: {Harness.Text(Median(t => t.Direct.Wall / t.Ours.Wall), "0.00")}");
    }
}
