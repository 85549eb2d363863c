using System;
using System.Collections.Generic;
using System.Linq;
using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace LiverSeg.Functional;

/// <summary>Runs a <see cref="Layer"/> on libtorch: the one reading of the layer algebra that computes.</summary>
/// <remarks>Callers open a dispose scope around every call; no tensor outlives a public function.</remarks>
internal static class TorchForward
{
    /// <summary>Main output and side outputs, in the order of the taps, as logits.</summary>
    internal readonly record struct Outputs(Tensor Main, IReadOnlyList<(string Name, Tensor Logits)> Taps);

    /// <summary>Weights as tensors by name; with gradients when they are to be learned.</summary>
    internal static Dictionary<string, Tensor> Tensors(this Weights weights, Placement place, bool learn = false) =>
        weights.ToDictionary(
            w => w.Key,
            w => place.Tensor(w.Value.Values.ToArray(), w.Value.Shape.Select(d => (long)d).ToArray()).requires_grad_(learn));

    /// <summary>The tensors' numbers as immutable weights.</summary>
    internal static Weights ToWeights(this IReadOnlyDictionary<string, Tensor> tensors) =>
        new(tensors.Select(t => KeyValuePair.Create(t.Key, new Weight(t.Value.shape.Select(d => (int)d).ToEquatableArray(), Floats(t.Value)))));

    /// <summary>A copy of the tensor's numbers.</summary>
    internal static float[] Floats(Tensor tensor)
    {
        using var plain = tensor.detach().to(ScalarType.Float32, CPU).contiguous();
        return plain.data<float>().ToArray();
    }

    /// <summary>x: (n, channels, z, y, x).</summary>
    internal static Outputs Forward(Layer network, IReadOnlyDictionary<string, Tensor> weights, Tensor x, ForwardOptions? options = null)
    {
        var taps = new List<(string, Tensor)>();
        return new(Run(network, "", x, new Pass(weights, new(), taps, options ?? new())), taps);
    }

    /// <summary>What the operation at a path makes of x: (n, features, z, y, x).</summary>
    /// <exception cref="ArgumentException">There is no such operation.</exception>
    internal static Tensor Features(Layer network, IReadOnlyDictionary<string, Tensor> weights, Tensor x, string path)
    {
        Tensor? found = null;
        var names = new List<string>();
        void Watch(string name, Tensor made)
        {
            names.Add(name);
            if (name == path) found = made.clone();
        }
        Forward(network, weights, x, new() { Watch = Watch });
        return found ?? throw new ArgumentException($"the network has no operation '{path}', only {string.Join(", ", names)}", nameof(path));
    }

    private readonly record struct Pass(IReadOnlyDictionary<string, Tensor> Weights, Dictionary<string, int> Counts, List<(string, Tensor)> Taps, ForwardOptions Options);

    private static Tensor Run(Layer layer, string scope, Tensor x, Pass run)
    {
        if (layer is Layer.Seq seq) return seq.Layers.Aggregate(x, (t, l) =>
        {
            var next = Run(l, scope, t, run);
            // What lies between two layers is of no more use; without gradients its memory is free at once.
            if (!ReferenceEquals(t, x) && !ReferenceEquals(t, next)) t.Dispose();
            return next;
        });
        var path = LayerFolds.NextName(run.Counts, scope, layer);
        run.Options.Cancel.ThrowIfCancellationRequested();
        var made = Compute(layer, path, x, run);
        run.Options.Watch?.Invoke(path, made);
        return made;
    }

    private static Tensor Compute(Layer layer, string path, Tensor x, Pass run)
    {
        Tensor W(string name) => run.Weights[path + "/" + name];
        switch (layer)
        {
            case Layer.Conv c when ConvolutionBlock.Suits(c, x, W("weight"), run.Options):
                IEnumerable<string> names = c.Normalization == Normalization.Instance ? ["weight", "bias", "scale", "shift"] : ["weight", "bias"];
                return ConvolutionBlock.Apply(c, x, [.. names.Select(W)], run.Options.Threads);
            case Layer.Conv c:
                var y = FourierConvolution.Apply(x, W("weight"), W("bias"), run.Options);
                if (c.Normalization == Normalization.Instance)
                {
                    using var raw = y;
                    y = F.instance_norm(raw, weight: W("scale"), bias: W("shift"));
                }
                return Activate(y, c.Activation);
            case Layer.Input:
                return x;
            case Layer.Pool p:
                return F.max_pool3d(x, [p.Factor, p.Factor, p.Factor]);
            case Layer.Up u:
                var larger = FourierConvolution.Direct(x, W("weight"), W("bias"), (i, w, b) => F.conv_transpose3d(i, w, b, strides: [u.Factor, u.Factor, u.Factor], padding: [1, 1, 1], output_padding: [u.Factor - 1, u.Factor - 1, u.Factor - 1]));
                return Activate(larger, u.Activation);
            case Layer.Score when LiesFeaturesLast(x):
                // As a product of matrices: libtorch's convolution would sort such a tensor anew.
                return F.linear(x.permute(0, 2, 3, 4, 1), W("weight").flatten(1), W("bias")).permute(0, 4, 1, 2, 3);
            case Layer.Score:
                return F.conv3d(x, W("weight"), W("bias"));
            case Layer.Resize r:
                return F.interpolate(x.contiguous(), x.shape[2..].Select(n => n * r.Factor).ToArray(), mode: InterpolationMode.Trilinear, align_corners: false);
            case Layer.Skip s:
                var inner = Run(s.Inner, path + "/", x, run);
                var both = cat([x, inner], 1);
                if (!ReferenceEquals(inner, x)) inner.Dispose();
                return both;
            case Layer.Tap t when !t.Head.Taps().Append(t.Name).Any(run.Options.Wanted):
                return x;
            case Layer.Tap t:
                var head = Run(t.Head, path + "/", x, run);
                run.Taps.Add((t.Name, ReferenceEquals(head, x) ? x.alias() : head));
                return x;
            default:
                throw new ArgumentException($"unknown layer {layer.GetType().Name}", nameof(layer));
        }
    }

    private static bool LiesFeaturesLast(Tensor x) => x.stride(1) == 1 && x.shape[1] > 1 && x.stride(4) == x.shape[1];

    /// <summary>In place, and the same handle: a second one would keep the memory for as long as the scope.</summary>
    private static Tensor Activate(Tensor x, Activation activation)
    {
        if (activation == Activation.Relu) x.relu_();
        if (activation == Activation.LeakyRelu) x.LeakyRelu(0.01);
        return x;
    }
}
