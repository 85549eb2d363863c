using System;
using System.Collections.Generic;
using System.Linq;

namespace LiverSeg.Functional;

/// <content>Starts of training.</content>
public sealed partial class Weights
{
    /// <summary>The paper's start: weights from N(0, deviation²), biases 0.</summary>
    /// <param name="network">What the weights are for.</param>
    /// <param name="seed">The same seed gives the same weights.</param>
    /// <param name="deviation">0.01 in the paper.</param>
    public static Weights Gaussian(Layer network, long seed, double deviation = 0.01) => Draw(network, seed, _ => deviation);

    /// <summary>He's start, which keeps the signal's variance through ReLUs: N(0, 2 / fan-in), biases 0.</summary>
    /// <param name="network">What the weights are for.</param>
    /// <param name="seed">The same seed gives the same weights.</param>
    public static Weights He(Layer network, long seed) => Draw(network, seed, fanIn => Math.Sqrt(2 / fanIn));

    private static Weights Draw(Layer network, long seed, Func<double, double> deviation) =>
        new(network.WeightShapes().Select((w, index) =>
        {
            var values = new float[w.Shape.Aggregate(1, (n, d) => n * d)];
            var random = new CounterRandom(seed, index);
            if (w.Name.EndsWith("/weight", StringComparison.Ordinal))
            {
                // A stride-2 deconvolution gives each output voxel about 27/8 of the taps.
                var up = w.Name.Split('/')[^2].StartsWith("up", StringComparison.Ordinal);
                var fanIn = up ? w.Shape[0] * 27 / 8.0 : values.Length / (double)w.Shape[0];
                var sigma = deviation(fanIn);
                for (var i = 0; i < values.Length; i++) values[i] = (float)(sigma * random.NextNormal());
            }
            else if (w.Name.EndsWith("/scale", StringComparison.Ordinal)) Array.Fill(values, 1f);
            return KeyValuePair.Create(w.Name, new Weight(w.Shape, values));
        }));
}
