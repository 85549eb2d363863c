using System;
using System.Collections.Generic;
using System.Linq;
using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace LiverSeg.Functional;

/// <summary>"Same" convolutions with large kernels by Fourier transforms of overlapping blocks: overlap-save forward, overlap-add back.</summary>
/// <remarks>
/// The same sums as the direct convolution, in another order: within 1e-5 of the largest value on small inputs; gradients over whole crops within 1e-4. Memory beside input and output is
/// bounded by one row of blocks and the kernels' spectra, whatever the extent. Axes are z, y, x throughout.
/// </remarks>
internal static class FourierConvolution
{
    /// <summary>Lengths of transforms that libtorch is quick at: even, with no prime factor above 5.</summary>
    private static readonly int[] Lengths = [8, 10, 12, 16, 18, 20, 24, 30, 32, 36, 40, 48, 50, 54, 60, 64, 72, 80, 90, 96];

    /// <summary>The spectra of all kernels of a layer may take this many complex numbers (64 MiB).</summary>
    private const long MaxSpectra = 8L << 20;

    /// <summary>Blocks are taken in groups whose spectra take no more: malloc gives blocks above 32 MiB anew from the system each time, page by page.</summary>
    private const long MaxGroup = 16L << 20;

    /// <summary>Nanoseconds of one core (AVX-512), measured: a point of a transform, a complex multiply-add.</summary>
    private const double TransformPoint = 6, ProductPoint = 1.3;

    /// <summary>Nanoseconds of one core for a direct multiply-add; 8 features fill half a vector, and their gradients take a slow path.</summary>
    private static double DirectPoint(long features, bool learns) => (features >= 16, learns) switch
    {
        (true, false) => 0.017,
        (false, false) => 0.036,
        (true, true) => 0.06,
        (false, true) => 0.26,
    };

    /// <summary>How a layer is cut: length of the transform along each axis.</summary>
    internal readonly record struct Blocks(int Z, int Y, int X)
    {
        internal int[] Lengths => [Z, Y, X];
    }

    /// <summary>The convolution, direct or by blocks, whichever the cost model takes for cheaper. Gradients flow through both.</summary>
    /// <param name="x">(n, channels, z, y, x).</param>
    /// <param name="weight">(features, channels, z, y, x), odd sizes.</param>
    /// <param name="bias">(features).</param>
    /// <param name="options">Whether by blocks at all, and what spectra are known.</param>
    internal static Tensor Apply(Tensor x, Tensor weight, Tensor bias, ForwardOptions options)
    {
        var padding = weight.shape[2..].Select(k => k / 2).ToArray();
        var learns = is_grad_enabled() && weight.requires_grad;
        if (options.Direct || x.dtype != ScalarType.Float32 || x.device_type != DeviceType.CPU || Choose(x.shape, weight.shape, learns) is not { } blocks)
            return Direct(x, weight, bias, (i, w, b) => F.conv3d(i, w, b, padding: padding));
        return ByBlocks(x, weight, bias, blocks, options.Spectra);
    }

    /// <summary>A convolution as libtorch computes it, in 32 bit where it must not be asked for 16.</summary>
    /// <remarks>
    /// The gradient of a bfloat16 kernel that is longer than the image (libtorch 2.10 with oneDNN, AVX-512 or AMX) is wrong, another on each
    /// call, and written beside its memory.
    /// </remarks>
    internal static Tensor Direct(Tensor x, Tensor weight, Tensor bias, Func<Tensor, Tensor, Tensor, Tensor> convolve)
    {
        bool Longer() => x.shape[2..].Zip(weight.shape[2..]).Any(e => e.First < e.Second);
        if (x.dtype != ScalarType.BFloat16 || !Longer()) return convolve(x, weight, bias);
        Tensor Wide(Tensor tensor) => tensor.to(ScalarType.Float32);
        return convolve(Wide(x), Wide(weight), Wide(bias)).to(ScalarType.BFloat16);
    }

    internal static Tensor ByBlocks(Tensor x, Tensor weight, Tensor bias, Blocks blocks, KernelSpectra? known = null) =>
        is_grad_enabled() && (weight.requires_grad || x.requires_grad)
            ? Function.apply(x, weight, bias, blocks)
            : Forward(x, weight, bias, blocks, known);

    /// <summary>The cheapest cut, or none where the direct convolution is cheaper.</summary>
    internal static Blocks? Choose(long[] input, long[] weight, bool learns)
    {
        var (features, channels) = (weight[0], weight[1]);
        var kernel = weight[2..];
        if (kernel.Max() < 5) return null;
        var candidates = kernel.Select((k, axis) => Cuts((int)input[axis + 2], (int)k).ToList()).ToList();
        Blocks? best = null;
        var direct = DirectPoint(features, learns) * input[0] * features * channels * input[2..].Concat(kernel).Aggregate(1.0, (a, b) => a * b);
        var least = direct * (learns ? 0.8 : 0.7); // a doubtful gain is none
        foreach (var z in candidates[0])
            foreach (var y in candidates[1])
                foreach (var x in candidates[2])
                {
                    var spectrum = (double)z.Length * y.Length * (x.Length / 2 + 1);
                    if (spectrum * features * channels > MaxSpectra) continue;
                    var blocks = (double)input[0] * z.Count * y.Count * x.Count;
                    var (transforms, products) = learns ? (2.0 * channels + 2 * features, 3.0) : (channels + features, 1.0);
                    var points = 2 * spectrum * Math.Log2(2 * spectrum) / 16;
                    var cost = TransformPoint * points * (transforms * blocks + (learns ? 2 : 1) * features * channels)
                        + ProductPoint * spectrum * features * channels * products * blocks;
                    if (cost < least) (least, best) = (cost, new(z.Length, y.Length, x.Length));
                }
        return best;
    }

    /// <summary>Ways to cover an axis: length of the transform and number of blocks.</summary>
    private static IEnumerable<(int Length, int Count)> Cuts(int extent, int kernel) =>
        Lengths.Where(n => n >= 2 * kernel - 1 || n >= extent + kernel - 1)
            .Select(n => (n, (extent + n - kernel) / (n - kernel + 1)))
            .GroupBy(c => c.Item2).Select(g => g.MinBy(c => c.n));

    private readonly struct Plan
    {
        internal readonly int[] Length, Kernel, Valid, Count, Extent;

        internal Plan(long[] input, long[] weight, Blocks blocks)
        {
            Length = blocks.Lengths;
            Kernel = [.. weight[2..].Select(k => (int)k)];
            Extent = [.. input[2..].Select(e => (int)e)];
            Valid = new int[3];
            Count = new int[3];
            for (var a = 0; a < 3; a++)
            {
                Valid[a] = Length[a] - Kernel[a] + 1;
                Count[a] = (Extent[a] + Valid[a] - 1) / Valid[a];
            }
        }

        /// <summary>Zeros before the first block, so that its kernel reaches over the border.</summary>
        internal int Before(int axis) => Kernel[axis] / 2;

        /// <summary>What some blocks in line cover together; with a halo as far as their kernels reach.</summary>
        internal int Span(int axis, int blocks, bool halo) => Valid[axis] * blocks + (halo ? Kernel[axis] - 1 : 0);

        internal long[] Lengths64 => [.. Length.Select(l => (long)l)];

        /// <summary>Complex numbers of one block's spectrum.</summary>
        internal long Spectrum => (long)Length[0] * Length[1] * (Length[2] / 2 + 1);

        /// <summary>The groups of a row of blocks, for this many channels.</summary>
        internal IEnumerable<(int First, int Count)> Groups(long channels)
        {
            var most = (int)Math.Clamp(MaxGroup / (8 * channels * Spectrum), 1, Count[2]);
            for (var first = 0; first < Count[2]; first += most) yield return (first, Math.Min(most, Count[2] - first));
        }

        /// <summary>Spectra (channels, blocks, frequencies...) of a group of blocks of one image; zeros stand outside of it.</summary>
        /// <param name="image">(c, z, y, x).</param>
        /// <param name="z">The row's place.</param>
        /// <param name="y">The row's place.</param>
        /// <param name="group">Blocks of the row.</param>
        /// <param name="halo">Whether blocks reach as far as the kernel does; else they lie side by side.</param>
        internal Tensor Seen(Tensor image, int z, int y, (int First, int Count) group, bool halo)
        {
            var place = new[] { z, y, group.First };
            var margins = new long[6]; // last axis first, as libtorch wants them
            using var scope = NewDisposeScope();
            var part = image;
            for (var a = 0; a < 3; a++)
            {
                var first = place[a] * Valid[a] - (halo ? Before(a) : 0);
                var last = first + Span(a, a < 2 ? 1 : group.Count, halo);
                var (from, to) = (Math.Max(0, first), Math.Min(Extent[a], last));
                part = part.narrow(a + 1, from, to - from);
                (margins[2 * (2 - a)], margins[2 * (2 - a) + 1]) = (from - first, last - to);
            }
            var blocks = F.pad(part, margins).unfold(3, Span(2, 1, halo), Valid[2]).permute(0, 3, 1, 2, 4); // (c, blocks, z, y, x)
            return fft.rfftn(blocks, Lengths64, [2, 3, 4]).MoveToOuterDisposeScope();
        }
    }

    /// <summary>(features, channels, frequencies...).</summary>
    private static Tensor Spectra(Tensor weight, Plan plan) => fft.rfftn(weight, plan.Lengths64, [2, 3, 4]);

    private static Tensor Forward(Tensor x, Tensor weight, Tensor bias, Blocks blocks, KernelSpectra? known = null)
    {
        var plan = new Plan(x.shape, weight.shape, blocks);
        var (features, channels) = (weight.shape[0], weight.shape[1]);
        using var scope = NewDisposeScope();
        var kernels = known is null ? Conjugate() : known.Of(weight, blocks, Conjugate);

        Tensor Conjugate()
        {
            using var raw = Spectra(weight, plan);
            using var view = raw.conj();
            return view.resolve_conj(); // not both in memory with what follows
        }

        var result = x.new_empty([x.shape[0], features, .. plan.Extent.Select(e => (long)e)]);
        for (var n = 0; n < x.shape[0]; n++)
            for (var z = 0; z < plan.Count[0]; z++)
                for (var y = 0; y < plan.Count[1]; y++)
                    foreach (var group in plan.Groups(Math.Max(channels, features)))
                    {
                        using var row = NewDisposeScope();
                        var seen = plan.Seen(x[n], z, y, group, halo: true); // (c, b, f...)
                        // One product per channel for all features at once: few parallel regions, so that a busy machine makes threads wait seldom.
                        var sums = seen.new_zeros([features, .. seen.shape[1..]]);
                        for (var i = 0; i < channels; i++) sums.AddProduct(seen[i], kernels.narrow(1, i, 1));
                        var said = fft.irfftn(sums, plan.Lengths64, [2, 3, 4]);
                        var (dz, dy) = (Math.Min(plan.Valid[0], plan.Extent[0] - z * plan.Valid[0]), Math.Min(plan.Valid[1], plan.Extent[1] - y * plan.Valid[1]));
                        var target = result[n].narrow(1, (long)z * plan.Valid[0], dz).narrow(2, (long)y * plan.Valid[1], dy);
                        for (var b = 0; b < group.Count; b++)
                        {
                            var start = (group.First + b) * plan.Valid[2];
                            var dx = Math.Min(plan.Valid[2], plan.Extent[2] - start);
                            target.narrow(3, start, dx).copy_(said.select(1, b).narrow(1, 0, dz).narrow(2, 0, dy).narrow(3, 0, dx));
                        }
                    }
        result.Add(bias.view(1, -1, 1, 1, 1));
        return result.MoveToOuterDisposeScope();
    }

    /// <summary>Bytes that a forward pass takes at most beside input, output and weights; 0 for a direct convolution.</summary>
    internal static long WorkBytes(long[] input, long[] weight)
    {
        if (Choose(input, weight, learns: false) is not { } blocks) return 0;
        var plan = new Plan(input, weight, blocks);
        var (features, channels) = (weight[0], weight[1]);
        var count = plan.Groups(Math.Max(channels, features)).First().Count;
        var strip = 4 * channels * plan.Length[0] * plan.Length[1] * plan.Span(2, count, halo: true);
        // A group of blocks: cut out, transformed, summed, and back (the inverse transform copies what it reads).
        var group = 8 * count * plan.Spectrum * (2 * channels + 3 * features);
        return 16 * features * channels * plan.Spectrum + strip + group;
    }

    /// <summary>Gradients for input (where wanted), weight and bias.</summary>
    private static (Tensor? Input, Tensor Weight, Tensor Bias) Backward(Tensor x, Tensor weight, Tensor gradient, Blocks blocks, bool input)
    {
        var plan = new Plan(x.shape, weight.shape, blocks);
        var (features, channels) = (weight.shape[0], weight.shape[1]);
        using var scope = NewDisposeScope();
        var kernels = input ? Spectra(weight, plan) : null;
        var back = input ? x.new_zeros([x.shape[0], channels, plan.Span(0, plan.Count[0], true), plan.Span(1, plan.Count[1], true), plan.Span(2, plan.Count[2], true)]) : null;
        var sums = x.new_zeros([features, channels, plan.Length[0], plan.Length[1], plan.Length[2] / 2 + 1], ScalarType.ComplexFloat32);
        for (var n = 0; n < x.shape[0]; n++)
            for (var z = 0; z < plan.Count[0]; z++)
                for (var y = 0; y < plan.Count[1]; y++)
                    foreach (var group in plan.Groups(Math.Max(channels, features)))
                    {
                        using var row = NewDisposeScope();
                        var seen = plan.Seen(x[n], z, y, group, halo: true); // (c, b, f...)
                        var wanted = plan.Seen(gradient[n], z, y, group, halo: false); // (features, b, f...)
                        if (back is not null)
                        {
                            var terms = seen.new_zeros([channels, .. seen.shape[1..]]);
                            for (var o = 0; o < features; o++) terms.AddProduct(wanted[o], kernels![o].unsqueeze(1));
                            var spread = fft.irfftn(terms, plan.Lengths64, [2, 3, 4]);
                            var target = back[n].narrow(1, (long)z * plan.Valid[0], plan.Length[0]).narrow(2, (long)y * plan.Valid[1], plan.Length[1]);
                            for (var b = 0; b < group.Count; b++) target.narrow(3, (group.First + b) * plan.Valid[2], plan.Length[2]).Add(spread.select(1, b));
                        }
                        var mirrored = wanted.conj().resolve_conj();
                        for (var b = 0; b < group.Count; b++) sums.AddProduct(seen.select(1, b), mirrored.narrow(1, b, 1));
                    }
        var kernel = fft.irfftn(sums, plan.Lengths64, [2, 3, 4]);
        for (var a = 0; a < 3; a++) kernel = kernel.narrow(a + 2, 0, plan.Kernel[a]);
        for (var a = 0; a < 3 && back is not null; a++) back = back.narrow(a + 2, plan.Kernel[a] / 2, plan.Extent[a]);
        return (back?.contiguous().MoveToOuterDisposeScope(), kernel.contiguous().MoveToOuterDisposeScope(), gradient.sum([0, 2, 3, 4]).MoveToOuterDisposeScope());
    }

    private sealed class Function : autograd.SingleTensorFunction<Function>
    {
        public override string Name => nameof(FourierConvolution);

        public override Tensor forward(autograd.AutogradContext context, params object[] values)
        {
            var (x, weight, bias, blocks) = ((Tensor)values[0], (Tensor)values[1], (Tensor)values[2], (Blocks)values[3]);
            context.save_for_backward([x, weight]);
            context.save_data("blocks", blocks);
            context.save_data("input", x.requires_grad);
            return Forward(x, weight, bias, blocks);
        }

        public override List<Tensor> backward(autograd.AutogradContext context, Tensor gradient)
        {
            var saved = context.get_saved_variables();
            var (input, weight, bias) = Backward(saved[0], saved[1], gradient, (Blocks)context.get_data("blocks"), (bool)context.get_data("input"));
            return [input!, weight, bias, null!]; // nothing for the blocks
        }
    }
}
