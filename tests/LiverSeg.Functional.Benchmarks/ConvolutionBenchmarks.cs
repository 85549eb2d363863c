using System;
using System.Collections.Generic;
using System.Linq;
using TorchSharp;
using static TorchSharp.torch;

namespace LiverSeg.Functional.Benchmarks;

internal static class ConvolutionBenchmarks
{
    private static (double Min, double _) Cpu(Action a)
    {
        a();
        var t = System.Diagnostics.Process.GetCurrentProcess().TotalProcessorTime;
        a();
        return ((System.Diagnostics.Process.GetCurrentProcess().TotalProcessorTime - t).TotalMilliseconds, 0);
    }

    /// <summary>Processor time of each convolution of the paper, direct and by several cuts.</summary>
    internal static void Probe(string[] args)
    {
        TorchRuntime.Ensure();
        set_num_threads(1);
        var shapes = new (int I, int O, int Z, int Y, int X, int Kz, int Ky, int Kx)[] {
            (8, 8, 72, 160, 160, 7, 9, 9), (1, 8, 72, 160, 160, 7, 9, 9), (8, 16, 36, 80, 80, 5, 7, 7), (16, 32, 36, 80, 80, 5, 7, 7), (32, 32, 18, 40, 40, 3, 5, 5) };
        var train = args.Length > 0 && args[0] == "train";
        foreach (var s in shapes)
        {
            using var scope = NewDisposeScope();
            var x = randn([1, s.I, s.Z, s.Y, s.X]);
            var w = randn([s.O, s.I, s.Kz, s.Ky, s.Kx]) * 0.02f;
            var b = randn([s.O]);
            var g = randn([1, s.O, s.Z, s.Y, s.X]);
            w = w.detach().requires_grad_(true); b = b.requires_grad_(true);
            if (s.I > 1) x = x.requires_grad_(true);
            void Run(Func<Tensor> f)
            {
                using var inner = NewDisposeScope();
                if (!train) { using var n = no_grad(); f(); return; }
                var y = f();
                y.backward([g]);
            }
            var dt = Cpu(() => Run(() => nn.functional.conv3d(x, w, b, padding: [s.Kz / 2, s.Ky / 2, s.Kx / 2])));
            Console.WriteLine($"{s}: direct {dt.Min:F0} ms; chosen {FourierConvolution.Choose(x.shape, w.shape, train)}");
            foreach (var bl in new FourierConvolution.Blocks[] { new(30, 48, 48), new(24, 36, 36) })
            {
                if (2L * bl.Z * bl.Y * bl.X * s.I * s.O * 4 > 300L << 20) continue;
                var ft = Cpu(() => Run(() => FourierConvolution.ByBlocks(x, w, b, bl)));
                Console.WriteLine($"   {bl}: {ft.Min:F0} ms, {dt.Min / ft.Min:F2}x");
            }
        }
    }

    /// <summary>One forward pass and one training step of the paper's network, direct and by blocks: processor and wall seconds.</summary>
    internal static void Network(string[] args)
    {
        TorchRuntime.Ensure();
        set_num_threads(args.Length > 0 ? int.Parse(args[0]) : 1);
        using var scope = NewDisposeScope();
        var x = rand([1, 1, 72, 160, 160]);
        float[][] Run(bool learn, bool direct)
        {
            using var inner = NewDisposeScope();
            var weights = Weights.He(Architectures.Paper, 1).Tensors(Placement.Cpu, learn);
            var clock = System.Diagnostics.Stopwatch.StartNew();
            var before = System.Diagnostics.Process.GetCurrentProcess().TotalProcessorTime;
            TorchForward.Outputs Go() => TorchForward.Forward(Architectures.Paper, weights, x, new() { Direct = direct });
            float[][] result;
            if (learn)
            {
                var y = Go();
                var loss = y.Taps.Aggregate(y.Main.square().mean(), (sum, tap) => sum + tap.Logits.square().mean());
                loss.backward();
                result = weights.Values.Select(w => TorchForward.Floats(w.grad!)).ToArray();
            }
            else
            {
                using var still = no_grad();
                result = [TorchForward.Floats(Go().Main)];
            }
            var cpu = (System.Diagnostics.Process.GetCurrentProcess().TotalProcessorTime - before).TotalSeconds;
            Console.WriteLine($"{(learn ? "training step" : "forward")}, {(direct ? "direct" : "blocks")}: {cpu:F2} s of processors, {clock.Elapsed.TotalSeconds:F2} s");
            return result;
        }
        foreach (var learn in new[] { false, true })
        {
            if (!learn) Run(false, false);
            var (blocks, direct) = (Run(learn, false), Run(learn, true));
            double Worst() => blocks.Zip(direct, (a, b) => a.Zip(b, (u, v) => Math.Abs(u - v)).Max() / Math.Max(1e-30, b.Max(Math.Abs))).Max();
            Console.WriteLine($"  largest difference, of the largest value: {Worst():E1}");
        }
    }
}
