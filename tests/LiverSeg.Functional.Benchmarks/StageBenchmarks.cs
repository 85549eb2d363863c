using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using TorchSharp;
using static TorchSharp.torch;

namespace LiverSeg.Functional.Benchmarks;

/// <summary>Where the seconds of a whole scan go, from file to file, stage after stage.</summary>
internal static class StageBenchmarks
{
    private sealed class Clock
    {
        private readonly Process _process = Process.GetCurrentProcess();

        internal List<(string Name, double Wall, double Cpu)> Stages { get; } = [];

        internal T Time<T>(string name, Func<T> work)
        {
            _process.Refresh();
            var (start, cpu) = (Stopwatch.GetTimestamp(), _process.TotalProcessorTime);
            var made = work();
            _process.Refresh();
            Stages.Add((name, Stopwatch.GetElapsedTime(start).TotalSeconds, (_process.TotalProcessorTime - cpu).TotalSeconds));
            return made;
        }
    }

    /// <summary>stages SCAN [MODEL [REPEATS]]: medians; the first round warms up.</summary>
    internal static void Run(string[] args)
    {
        var model = args.Length > 1 && args[1] != "liver" ? ModelFile.Load(args[1]) : Pretrained.Liver;
        var repeats = args.Length > 2 ? int.Parse(args[2]) : 5;
        var rounds = Enumerable.Range(0, repeats + 1).Select(_ => Once(args[0], model)).Skip(1).ToList();
        static double Median(IEnumerable<double> numbers) => numbers.Order().ElementAt(numbers.Count() / 2);
        var rows = rounds[0].Select((stage, i) => new[]
        {
            stage.Name, Harness.Text(Median(rounds.Select(r => r[i].Wall)), "0.000"), Harness.Text(Median(rounds.Select(r => r[i].Cpu)), "0.000"),
        }).ToList();
        rows.Add(["sum", Harness.Text(Median(rounds.Select(r => r.Sum(s => s.Wall))), "0.00"), Harness.Text(Median(rounds.Select(r => r.Sum(s => s.Cpu))), "0.00")]);
        Harness.Table($"{Path.GetFileName(Path.GetDirectoryName(Path.GetFullPath(args[0])))}, {repeats} rounds after one", ["stage", "seconds", "of processors"], rows);
    }

    private static List<(string Name, double Wall, double Cpu)> Once(string path, Model model)
    {
        var (clock, options) = (new Clock(), new PipelineOptions());
        model = options.Refinement.FuseIn(model);
        var predict = options.Predict;
        var ct = clock.Time("read", () => VolumeFile.Open(path).Read());
        clock.Time("check of values", () => ct.Warnings());
        var image = clock.Time("window", () => ct.Window(model.Window));
        var staged = clock.Time("to the models' spacings", () => StagedImage.Of(image, model, 0));
        var guides = clock.Time("first stage", () => staged.Ask(model, predict, ct.Grid, default));
        var fused = clock.Time(guides.Count > 0 ? "second stage" : "network", () => Prediction.Run(staged.Image, guides, model, predict, ct.Grid).Fused);
        var quality = clock.Time("quality", () => Quality.Of(staged.Image, fused, guides, model, HuCheck.LooksLikeHu([HuCheck.Span(ct)]), options.Quality));
        var scores = clock.Time("scores to the scan's grid", () => fused.Onto(ct.Grid));
        var cut = clock.Time("CRF and threshold", () => scores.ThresholdSlices(image, options.GuidedBy(model.Window), null, default));
        var mask = clock.Time("largest component", () => cut.LargestComponent());
        mask = clock.Time("holes", () => mask.FillHoles());
        var output = Path.Combine(Path.GetTempPath(), $"stages-{Environment.ProcessId}.nii.gz");
        clock.Time("write", () =>
        {
            mask.Write(output, overwrite: true);
            return 0;
        });
        File.Delete(output);
        return clock.Stages;
    }

    /// <summary>tile MODEL X Y Z: one forward pass, milliseconds and multiply-adds of each operation.</summary>
    internal static void Tile(string[] args)
    {
        var model = args[0] == "liver" ? Pretrained.Liver : ModelFile.Load(args[0]);
        var extent = new Extent(int.Parse(args[1]), int.Parse(args[2]), int.Parse(args[3]));
        var operations = model.Network.Operations(new(model.Network.Channels(), extent)).ToDictionary(o => o.Path);
        Console.WriteLine($"{model.Network.MultiplyAdds(new(model.Network.Channels(), extent)) / 1e9:F1} G multiply-adds, tile {model.Tile}, spacing {model.Spacing}, gate {model.Gate}, share {model.GuideShare}, fusion {string.Join(' ', model.Fusion)}");
        TorchRuntime.Ensure();
        using var scope = NewDisposeScope();
        using var still = no_grad();
        using var threads = new TorchThreads(0);
        var weights = model.Weights.Tensors(Placement.Cpu);
        var x = rand([1, model.Network.Channels(), extent.Z, extent.Y, extent.X]);
        for (var round = 0; round < 3; round++)
        {
            using var pass = NewDisposeScope();
            var (start, all) = (Stopwatch.GetTimestamp(), Stopwatch.GetTimestamp());
            TorchForward.Forward(model.Network, weights, x, new()
            {
                Wanted = tap => model.Fusion.Any(f => f.Tap == tap && f.Tau > 0),
                Watch = (path, _) =>
                {
                    var ms = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
                    start = Stopwatch.GetTimestamp();
                    if (round == 2 && operations.TryGetValue(path, out var o))
                        Console.WriteLine($"{path,-50} {o.Output,-24} {ms,7:F1} ms {o.MultiplyAdds / 1e9,7:F2} G {2 * o.MultiplyAdds / ms / 1e6,7:F1} GFLOP/s");
                },
            });
            Console.WriteLine($"pass {round}: {Stopwatch.GetElapsedTime(all).TotalMilliseconds:F0} ms");
        }
    }

    /// <summary>engine MODEL X Y Z: one forward pass of the managed network beside libtorch's, and how far logits are apart.</summary>
    internal static void Engine(string[] args)
    {
        var model = args[0] == "liver" ? Pretrained.Liver : ModelFile.Load(args[0]);
        var extent = new Extent(int.Parse(args[1]), int.Parse(args[2]), int.Parse(args[3]));
        var random = new CounterRandom(1);
        var channels = Enumerable.Range(0, model.Network.Channels()).Select(_ => Enumerable.Range(0, (int)extent.Count).Select(_ => (float)random.NextDouble()).ToArray()).ToArray();
        var network = new ManagedNetwork(model.Network, model.Weights);
        TorchRuntime.Ensure();
        var process = Process.GetCurrentProcess();
        foreach (var threads in new[] { 0, 1 })
        {
            for (var round = 0; round < 4; round++)
            {
                process.Refresh();
                var (start, cpu) = (Stopwatch.GetTimestamp(), process.TotalProcessorTime);
                network.Release(network.Forward(extent, channels, threads, default));
                process.Refresh();
                Console.WriteLine($"managed, {threads} threads: {Stopwatch.GetElapsedTime(start).TotalMilliseconds:F0} ms, of processors {(process.TotalProcessorTime - cpu).TotalMilliseconds:F0} ms, peak {process.PeakWorkingSet64 >> 20} MiB");
            }
        }
        var own = network.Forward(extent, channels, 0, default);
        using var scope = NewDisposeScope();
        using var still = no_grad();
        var weights = model.Weights.Tensors(Placement.Cpu);
        var x = tensor(channels.SelectMany(c => c).ToArray(), [1, channels.Length, extent.Z, extent.Y, extent.X]);
        for (var round = 0; round < 2; round++)
        {
            process.Refresh();
            var (start, cpu) = (Stopwatch.GetTimestamp(), process.TotalProcessorTime);
            var logits = TorchForward.Floats(TorchForward.Forward(model.Network, weights, x, new() { Wanted = _ => false }).Main);
            process.Refresh();
            Console.WriteLine($"libtorch: {Stopwatch.GetElapsedTime(start).TotalMilliseconds:F0} ms, of processors {(process.TotalProcessorTime - cpu).TotalMilliseconds:F0} ms, peak {process.PeakWorkingSet64 >> 20} MiB");
            double most = 0, size = 0;
            var values = own.Values.Span;
            for (var i = 0; i < extent.Count; i++)
                for (var c = 0; c < 2; c++) (most, size) = (Math.Max(most, Math.Abs(values[2 * i + c] - logits[c * extent.Count + i])), Math.Max(size, Math.Abs(logits[c * extent.Count + i])));
            if (round == 1) Console.WriteLine($"largest difference {most:E2} of {size:F2}");
        }
    }
}
