using System;
using System.Collections.Generic;
using System.IO;
using System.IO.Compression;
using System.Linq;
using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace LiverSeg.Functional.Benchmarks;

/// <summary>Every stage beside its plain alternative in one run: the table of docs/results/speed.md.</summary>
internal static class SpeedTable
{
    private const string Begin = "<!-- table: begin -->", End = "<!-- table: end -->";
    private static readonly List<string[]> Rows = [];

    /// <summary>table [FILE]: prints the table; with a file also puts it between the file's marks.</summary>
    internal static void Run(string[] args)
    {
        TorchRuntime.Ensure();
        var threads = Math.Min(2, Environment.ProcessorCount);
        set_num_threads(threads);
        Convolutions();
        Network();
        Surroundings(threads);
        var text = $"""
            {Begin}
            {Processor()}, {threads} threads, libtorch {torch.__version__}; milliseconds, the shortest of several repeats, both ways in turn in one run.

            | stage | ours | alternative | | times as fast |
            |---|---:|---:|---|---:|
            {string.Join("\n", Rows.Select(r => $"| {string.Join(" | ", r)} |"))}
            {End}
            """;
        Console.WriteLine(text);
        if (args.Length == 0) return;
        var page = File.ReadAllText(args[0]);
        var (from, to) = (page.IndexOf(Begin, StringComparison.Ordinal), page.IndexOf(End, StringComparison.Ordinal));
        if (from < 0 || to < from) throw new InvalidDataException($"{args[0]} holds no marks {Begin} .. {End}");
        File.WriteAllText(args[0], page[..from] + text + page[(to + End.Length)..]);
    }

    private static string Processor() => File.Exists("/proc/cpuinfo")
        ? File.ReadLines("/proc/cpuinfo").FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim() ?? "unknown processor"
        : "unknown processor";

    private static void Row(string stage, string alternative, int repeats, Action ours, Action plain)
    {
        double best = double.MaxValue, other = double.MaxValue;
        for (var i = 0; i < repeats; i++)
        {
            best = Math.Min(best, Harness.Time(ours, 1, i == 0 ? 1 : 0).Min);
            other = Math.Min(other, Harness.Time(plain, 1, i == 0 && repeats > 1 ? 1 : 0).Min);
        }
        Rows.Add([stage, Harness.Text(best, best < 10 ? "0.0" : "0"), Harness.Text(other, other < 10 ? "0.0" : "0"), alternative, Harness.Text(other / best, "0.0")]);
        Console.Error.WriteLine(string.Join("  ", Rows[^1]));
    }

    private static void Convolutions()
    {
        using var still = no_grad();
        foreach (var layer in Architectures.Paper.Operations(new(1, new(160, 160, 72))).Where(o => o.Layer is Layer.Conv { Kernel.X: > 1 } && !o.Path.Contains('/')))
        {
            using var scope = NewDisposeScope();
            var (kernel, e) = (((Layer.Conv)layer.Layer).Kernel, layer.Input.Extent);
            long[] weight = [layer.Output.Channels, layer.Input.Channels, kernel.Z, kernel.Y, kernel.X];
            var (x, w, b) = (randn([1, layer.Input.Channels, e.Z, e.Y, e.X]), randn(weight) * 0.02f, randn([layer.Output.Channels]));
            void Go(bool direct)
            {
                using var inner = NewDisposeScope();
                FourierConvolution.Apply(x, w, b, new() { Direct = direct });
            }
            var way = FourierConvolution.Choose(x.shape, w.shape, learns: false) is null ? " (direct is chosen)" : "";
            Row($"{layer.Path}: {layer.Input.Channels}→{layer.Output.Channels}, {kernel}{way}", "libtorch's convolution", 3, () => Go(false), () => Go(true));
        }
    }

    private static void Network()
    {
        using var scope = NewDisposeScope();
        var x = rand([1, 1, 72, 160, 160]);
        void Pass(bool direct, bool learn)
        {
            using var inner = NewDisposeScope();
            using var mode = learn ? null : no_grad();
            var weights = Weights.He(Architectures.Paper, 1).Tensors(Placement.Cpu, learn);
            var y = TorchForward.Forward(Architectures.Paper, weights, x, new() { Direct = direct });
            if (learn) y.Taps.Aggregate(y.Main.square().mean(), (sum, tap) => sum + tap.Logits.square().mean()).backward();
        }
        Row("the paper's network, forward, 160×160×72", "libtorch's convolutions", 3, () => Pass(false, false), () => Pass(true, false));
        Row("the same, training step", "libtorch's convolutions", 1, () => Pass(false, true), () => Pass(true, true));
    }

    private static void Surroundings(int threads)
    {
        var map = ScoreMap.Abdomen("case", new(0.8, 0.8, 3), (-60, 60));
        var (ct, liver, scores) = (map.Ct, map.Liver, map.Scores);
        var slice = map.Crop("slice", new(0, 0, ct.Extent.Z / 2, ct.Extent with { Z = 1 }));
        var (p, guide) = (Volume.Floats(slice.Scores.Voxels).ToArray(), Volume.Floats(slice.Ct.Voxels).ToArray());
        Row($"CRF, {slice.Ct.Extent}, one thread", "the lattice as published", 3, () => slice.Scores.Refine(slice.Ct, new() { Threads = 1 }), () => Textbook.Refine(p, guide, slice.Ct.Extent.X, new()));

        var file = Path.Combine(Path.GetTempPath(), $"liverseg-table-{Environment.ProcessId}.nii.gz");
        try
        {
            ct.Write(file);
            Row($"reading .nii.gz, {ct.Extent}", "GZipStream, voxel by voxel", 3, () => VolumeFile.Read(file), () => Plain.Read(file));
        }
        finally
        {
            File.Delete(file);
        }
        var small = ct.ToSpacing(Spacing.Isotropic(3));
        using var scope = NewDisposeScope();
        var low = tensor(Volume.Floats(small.Voxels).ToArray(), [1, 1, small.Extent.Z, small.Extent.Y, small.Extent.X]);
        void Interpolate()
        {
            using var inner = NewDisposeScope();
            TorchForward.Floats(nn.functional.interpolate(low, [ct.Extent.Z, ct.Extent.Y, ct.Extent.X], mode: InterpolationMode.Trilinear));
        }
        Row($"resampling, {small.Extent} to {ct.Extent}", "libtorch's interpolate", 3, () => small.Onto(ct.Grid, threads), Interpolate);
        var rough = scores.Threshold(0.3);
        Row($"largest component, {rough.Extent}", "flood fill", 3, () => rough.LargestComponent(), () => Plain.LargestComponent(rough));
        var (truth, found) = (liver.ToSpacing(Spacing.Isotropic(3)), rough.ToSpacing(Spacing.Isotropic(3)));
        Row($"all metrics of two masks, {truth.Extent}", "distances of all pairs of surface voxels", 1, () => found.Evaluate(truth), () => Plain.Distances(found, truth));
        var model = Pretrained.Liver;
        Row($"whole pipeline, {ct.Extent}, shipped model, CRF", "the same on one thread", 1, () => ct.Segment(model, Settings(threads)), () => ct.Segment(model, Settings(1)));
    }

    private static PipelineOptions Settings(int threads)
    {
        var start = new PipelineOptions();
        return start with { Predict = start.Predict with { Threads = threads }, Refinement = start.Refinement.WithThreads(threads) };
    }

    /// <summary>How one would write it at first.</summary>
    private static class Plain
    {
        internal static float[] Read(string file)
        {
            using var stream = new BufferedStream(new GZipStream(File.OpenRead(file), CompressionMode.Decompress), 1 << 16);
            using var reader = new BinaryReader(stream);
            var header = reader.ReadBytes(352);
            short At(int offset) => BitConverter.ToInt16(header, offset);
            var count = At(42) * At(44) * At(46);
            var (slope, intercept) = (BitConverter.ToSingle(header, 112), BitConverter.ToSingle(header, 116));
            if (slope == 0) (slope, intercept) = (1, 0);
            var (type, values) = (At(70), new float[count]);
            for (var i = 0; i < count; i++) values[i] = (type == 4 ? reader.ReadInt16() : reader.ReadSingle()) * slope + intercept;
            return values;
        }

        internal static bool[] LargestComponent(Volume<bool> mask)
        {
            var (e, inside) = (mask.Extent, mask.Voxels.ToArray());
            var labels = new int[inside.Length];
            var (best, most, label) = (0, 0, 0);
            var open = new Stack<int>();
            for (var start = 0; start < inside.Length; start++)
            {
                if (!inside[start] || labels[start] != 0) continue;
                var size = 0;
                open.Push(start);
                labels[start] = ++label;
                while (open.TryPop(out var at))
                {
                    size++;
                    var (x, y, z) = (at % e.X, at / e.X % e.Y, at / e.X / e.Y);
                    for (var dz = -1; dz <= 1; dz++)
                        for (var dy = -1; dy <= 1; dy++)
                            for (var dx = -1; dx <= 1; dx++)
                            {
                                if (!e.Contains(x + dx, y + dy, z + dz)) continue;
                                var next = at + (dz * e.Y + dy) * e.X + dx;
                                if (!inside[next] || labels[next] != 0) continue;
                                labels[next] = label;
                                open.Push(next);
                            }
                }
                if (size > most) (best, most) = (label, size);
            }
            return Array.ConvertAll(labels, l => l == best && best > 0);
        }

        /// <summary>The mean of the distances from each surface to the other.</summary>
        internal static double Distances(Volume<bool> a, Volume<bool> b)
        {
            var (from, to) = (Surface(a), Surface(b));
            static double One((float X, float Y, float Z)[] from, (float X, float Y, float Z)[] to)
            {
                var sum = 0.0;
                foreach (var p in from)
                {
                    var least = float.MaxValue;
                    foreach (var q in to)
                    {
                        var (x, y, z) = (p.X - q.X, p.Y - q.Y, p.Z - q.Z);
                        least = Math.Min(least, x * x + y * y + z * z);
                    }
                    sum += Math.Sqrt(least);
                }
                return sum;
            }
            return (One(from, to) + One(to, from)) / (from.Length + to.Length);
        }

        private static (float X, float Y, float Z)[] Surface(Volume<bool> mask)
        {
            var (e, s, points) = (mask.Extent, mask.Grid.Spacing, new List<(float, float, float)>());
            bool Inside(int x, int y, int z) => e.Contains(x, y, z) && mask[x, y, z];
            for (var z = 0; z < e.Z; z++)
                for (var y = 0; y < e.Y; y++)
                    for (var x = 0; x < e.X; x++)
                        if (mask[x, y, z] && !(Inside(x - 1, y, z) && Inside(x + 1, y, z) && Inside(x, y - 1, z) && Inside(x, y + 1, z) && Inside(x, y, z - 1) && Inside(x, y, z + 1)))
                            points.Add(((float)(x * s.X), (float)(y * s.Y), (float)(z * s.Z)));
            return [.. points];
        }
    }
}
