using System.Collections.Generic;
using System.Linq;
using TorchSharp;
using static TorchSharp.torch;

namespace LiverSeg.Functional;

/// <summary>A convolution of 3×3×3 with its normalisation and activation as one operation that is learned: computed without libtorch, by Winograd's products in all three directions.</summary>
/// <remarks>
/// The same numbers as libtorch's operations but for rounding: outputs within 1e-5 and gradients within 1e-4 of the largest. Tensors keep the shape (n, features, z, y, x), with features next to one
/// another in memory.
/// </remarks>
internal static class ConvolutionBlock
{
    /// <summary>Whether this computes a layer of a pass: a learned one in 32 bit on the processor.</summary>
    internal static bool Suits(Layer.Conv layer, Tensor x, Tensor weight, ForwardOptions options) =>
        !options.Direct && layer.Kernel == Kernel.Cube(3) && x.dtype == ScalarType.Float32 && x.device_type == DeviceType.CPU
        && is_grad_enabled() && weight.requires_grad && ProductBlock.IsSupported;

    /// <param name="layer">What is asked for.</param>
    /// <param name="x">(n, channels, z, y, x).</param>
    /// <param name="weights">Weight and bias; with normalisation scale and shift.</param>
    /// <param name="threads">0 = one per processor.</param>
    internal static Tensor Apply(Layer.Conv layer, Tensor x, IReadOnlyList<Tensor> weights, int threads) =>
        Function.apply([x, .. weights, new Setting(FeatureMap.SlopeOf(layer.Activation), threads)]);

    private readonly record struct Setting(float Slope, int Threads);

    private sealed record Kept(Tensor Image, Tensor Weight, Tensor Raw, List<Normalised> Normalised, Setting Setting, bool IsInputWanted);

    /// <summary>(n, z, y, x, features), contiguous.</summary>
    private static Tensor FeaturesLast(Tensor tensor) => tensor.permute(0, 2, 3, 4, 1).contiguous();

    private static Tensor FeaturesSecond(Tensor tensor) => tensor.permute(0, 4, 1, 2, 3);

    /// <summary>Image by image.</summary>
    private static FeatureMap[] Maps(Tensor tensor)
    {
        var extent = new Extent((int)tensor.shape[3], (int)tensor.shape[2], (int)tensor.shape[1]);
        var (features, memory) = ((int)tensor.shape[4], new TensorMemory(tensor).Memory);
        var length = (int)extent.Count * features;
        return [.. Enumerable.Range(0, (int)tensor.shape[0]).Select(n => new FeatureMap(extent, features, memory.Slice(n * length, length)))];
    }

    private static float[] Numbers(Tensor tensor) => new TensorMemory(tensor.contiguous()).Memory.ToArray();

    private static Weight WeightOf(Tensor tensor) => new([.. tensor.shape.Select(d => (int)d)], Numbers(tensor));

    private sealed class Function : autograd.SingleTensorFunction<Function>
    {
        public override string Name => nameof(ConvolutionBlock);

        public override Tensor forward(autograd.AutogradContext context, params object[] values)
        {
            var tensors = values.OfType<Tensor>().ToList();
            var (x, weight, bias, setting) = (tensors[0], tensors[1], tensors[2], (Setting)values[^1]);
            using var scope = NewDisposeScope();
            using var still = no_grad();
            float[] scale = [], shift = [];
            if (tensors.Count > 3) (scale, shift) = (Numbers(tensors[3]), Numbers(tensors[4]));
            var image = FeaturesLast(x);
            long[] shape = [.. image.shape[..4], weight.shape[0]];
            var (raw, made) = (image.new_empty(shape), image.new_empty(shape));
            var convolution = new WinogradConvolution(WeightOf(weight), WeightOf(bias));
            var normalised = new List<Normalised>();
            foreach (var (read, written, result) in Maps(image).Zip(Maps(raw), Maps(made)))
            {
                var sums = convolution.Apply([read], written, setting.Threads);
                var normal = new Normalised(written, sums, scale, shift, setting.Slope);
                normal.Apply(result, setting.Threads);
                normalised.Add(normal);
            }
            // What libtorch keeps for a gradient it frees no sooner than the garbage collector asks it to; these go with the caller's scope, or sooner.
            context.save_data("kept", new Kept(image, weight, raw, normalised, setting, x.requires_grad));
            raw.MoveToOuterDisposeScope();
            image.MoveToOuterDisposeScope();
            return FeaturesSecond(made).MoveToOuterDisposeScope();
        }

        public override List<Tensor> backward(autograd.AutogradContext context, Tensor gradient)
        {
            var (image, weight, raw, normalised, setting, wanted) = (Kept)context.get_data("kept");
            using var scope = NewDisposeScope();
            using var still = no_grad();
            // What comes in belongs to others: it is changed in a copy.
            var change = image.new_empty([.. image.shape[..4], weight.shape[0]]).copy_(gradient.permute(0, 2, 3, 4, 1));
            var features = (int)weight.shape[0];
            var back = wanted ? image.new_empty(image.shape) : null;
            var transposed = wanted ? WinogradConvolution.Transposed(WeightOf(weight)) : null;
            var (kernel, scale, shift, bias) = (new double[weight.numel()], new double[features], new double[features], new double[features]);
            var (images, changes, backs) = (Maps(image), Maps(change), back is null ? [] : Maps(back));
            for (var n = 0; n < images.Length; n++)
            {
                var parts = normalised[n].Back(changes[n], setting.Threads);
                Add(scale, parts.Scale);
                Add(shift, parts.Shift);
                Add(bias, parts.Bias);
                Add(kernel, WinogradGradient.Of(images[n], changes[n], setting.Threads));
                transposed?.Apply([changes[n]], backs[n], setting.Threads);
            }
            image.Dispose();
            raw.Dispose();
            Tensor Made(double[] sums, long[] shape)
            {
                var made = weight.new_empty(shape);
                var target = new TensorMemory(made).GetSpan();
                for (var i = 0; i < sums.Length; i++) target[i] = (float)sums[i];
                return made.MoveToOuterDisposeScope();
            }
            List<Tensor> all = [back is null ? null! : FeaturesSecond(back).MoveToOuterDisposeScope(), Made(kernel, weight.shape), Made(bias, [features])];
            if (normalised[0].IsScaled) all.AddRange([Made(scale, [features]), Made(shift, [features])]);
            return [.. all, null!]; // nothing for the setting
        }

        private static void Add(double[] sums, float[] more)
        {
            for (var i = 0; i < more.Length; i++) sums[i] += more[i];
        }
    }
}
