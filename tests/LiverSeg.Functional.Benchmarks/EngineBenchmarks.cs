using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace LiverSeg.Functional.Benchmarks;

/// <summary>What computes a network: the library without libtorch, libtorch, ONNX Runtime; each in a process of its own, so that peaks of memory are its own.</summary>
internal static class EngineBenchmarks
{
    private const int Rounds = 4;
    private const string Managed = "managed", Libtorch = "libtorch", Direct = "libtorch, direct", Onnx = "ONNX Runtime";

    /// <summary>engines MODEL X Y Z: one tile; engines MODEL SCAN: from file to mask. MODEL is liver, liver-first, dsn or a file.</summary>
    internal static void Run(string[] args)
    {
        if (args[0] == "alone")
        {
            Alone(Load(args[1]), args[2..^2], args[^2], args[^1]);
            return;
        }
        var model = Load(args[0]);
        string[] names = model.NeedsLibtorch() ? [Libtorch, Direct, Onnx] : [Managed, Libtorch, Onnx];
        var (rows, first) = (new List<string[]>(), Array.Empty<float>());
        foreach (var name in names)
        {
            var file = Path.GetTempFileName();
            using var child = Process.Start(new ProcessStartInfo("dotnet", [typeof(EngineBenchmarks).Assembly.Location, "engines", "alone", .. args, name, file]) { RedirectStandardOutput = true })!;
            var said = child.StandardOutput.ReadToEnd().Trim();
            child.WaitForExit();
            if (child.ExitCode != 0) throw new InvalidOperationException($"{name} ended with {child.ExitCode}: {said}");
            var numbers = MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(file)).ToArray();
            File.Delete(file);
            if (first.Length == 0) first = numbers;
            double most = 0, size = 0, both = 0, either = 0;
            for (var i = 0; i < numbers.Length; i++)
            {
                (most, size) = (Math.Max(most, Math.Abs(numbers[i] - first[i])), Math.Max(size, Math.Abs(first[i])));
                var (a, b) = (numbers[i] > 0.5, first[i] > 0.5);
                (both, either) = (both + (a && b ? 2 : 0), either + (a ? 1 : 0) + (b ? 1 : 0));
            }
            var apart = numbers == first ? "" : args.Length == 2 ? $"{most:E1}, Dice {both / either:F6}" : $"{most:E1} of {size:F1}";
            rows.Add([name, .. said.Split('|'), apart]);
        }
        Harness.Table($"{args[0]}, {string.Join(' ', args[1..].Select(Path.GetFileName))}", ["engine", "first, s", "shortest of the others, s", "of processors, s", "peak, MiB", "apart from the first row"], rows);
    }

    private static Model Load(string name) => name switch
    {
        "liver" => Pretrained.Liver,
        "liver-first" => Pretrained.Liver.FirstStage,
        "dsn" => Pretrained.Dsn,
        _ => ModelFile.Load(name),
    };

    /// <summary>One engine: its numbers into the file, times and memory to the parent.</summary>
    private static void Alone(Model model, string[] what, string name, string file)
    {
        var process = Process.GetCurrentProcess();
        var (numbers, walls, processors) = (Array.Empty<float>(), new List<double>(), new List<double>());
        void Time(Func<float[]> work)
        {
            process.Refresh();
            var (start, cpu) = (Stopwatch.GetTimestamp(), process.TotalProcessorTime);
            numbers = work();
            process.Refresh();
            walls.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
            processors.Add((process.TotalProcessorTime - cpu).TotalSeconds);
        }
        if (what.Length == 1) Scan(model, what[0], name, Time);
        else Tile(model, new(int.Parse(what[0]), int.Parse(what[1]), int.Parse(what[2])), name, Time);
        File.WriteAllBytes(file, MemoryMarshal.AsBytes(numbers.AsSpan()));
        Console.WriteLine($"{walls[0]:F2}|{walls.Skip(1).Min():F2}|{processors.Skip(1).Min():F2}|{process.PeakWorkingSet64 >> 20}");
    }

    /// <summary>The mask's scores before the CRF; time from file to mask.</summary>
    private static void Scan(Model model, string path, string name, Action<Func<float[]>> time)
    {
        var options = new PipelineOptions
        {
            Predict = new() { Engine = name == Onnx ? new OnnxRuntimeEngine() : null, DirectConvolution = name == Direct || (name == Libtorch && !model.NeedsLibtorch()) },
        };
        for (var round = 0; round < 2; round++)
            time(() => ScanSegmentation.Run(VolumeFile.Open(path), model, options).TryGetWhole(out _, out var scores) ? Volume.Floats(scores.Voxels).ToArray() : []);
    }

    /// <summary>The main output's logits of random channels.</summary>
    private static void Tile(Model model, Extent extent, string name, Action<Func<float[]>> time)
    {
        var random = new CounterRandom(1);
        var channels = Enumerable.Range(0, model.Network.Channels()).Select(_ => Enumerable.Range(0, (int)extent.Count).Select(_ => (float)random.NextDouble()).ToArray()).ToArray();
        var joined = channels.SelectMany(c => c).ToArray();
        switch (name)
        {
            case Managed:
                var network = new ManagedNetwork(model.Network, model.Weights);
                for (var round = 0; round < Rounds; round++)
                    time(() =>
                    {
                        var made = network.Forward(extent, channels, 0, default);
                        var planes = new float[2 * extent.Count];
                        var values = made.Values.Span;
                        for (var i = 0; i < planes.Length; i++) planes[i] = values[2 * (i % (int)extent.Count) + i / (int)extent.Count];
                        network.Release(made);
                        return planes;
                    });
                break;
            case Onnx:
                new OnnxRuntimeEngine().Lend(new(model, [], Device.Cpu, Environment.ProcessorCount), run =>
                {
                    for (var round = 0; round < Rounds; round++) time(() => run(extent, joined, default)[0].ToArray());
                });
                break;
            default:
                TorchRuntime.Ensure();
                using (NewDisposeScope())
                using (no_grad())
                using (var spectra = new KernelSpectra())
                {
                    var weights = model.Weights.Tensors(Placement.Cpu);
                    for (var round = 0; round < Rounds; round++)
                        time(() =>
                        {
                            using var pass = NewDisposeScope();
                            var x = tensor(joined, [1, channels.Length, extent.Z, extent.Y, extent.X]);
                            return TorchForward.Floats(TorchForward.Forward(model.Network, weights, x, new() { Direct = name == Direct, Spectra = spectra, Wanted = _ => false }).Main);
                        });
                }
                break;
        }
    }
}
