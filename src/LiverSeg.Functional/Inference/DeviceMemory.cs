using System;
using System.Linq;

namespace LiverSeg.Functional;

/// <summary>How much device memory networks take: upper estimates from shapes, CUDA's own context included.</summary>
internal static class DeviceMemory
{
    /// <summary>CUDA's context, and the code of libtorch, cuDNN and cuBLAS.</summary>
    private const long Base = 1L << 30;

    /// <summary>An operation's input and output together, times this, for what it works in; as a direct convolution on the CPU (<see cref="MemoryPlan"/>).</summary>
    private const double Work = 3.4;

    /// <summary>Of each operation's output: itself, its copy before normalisation, its gradient.</summary>
    private const int Learned = 3;

    /// <summary>Of each weight: itself, its gradient, two moments.</summary>
    private const int LearnedWeight = 4;

    /// <summary>To apply a model to its own tile, the largest that there is.</summary>
    internal static long Predicting(Model model)
    {
        var stride = model.Network.Stride();
        int Size(int length) => TilePlan.Size(length, length, stride);
        var tile = new Extent(Size(model.Tile.X), Size(model.Tile.Y), Size(model.Tile.Z));
        var own = Base + 4 * model.Network.Parameters() + ManagedNetwork.PeakBytes(model.Network, tile) + Working(model.Network, tile);
        return model.Guides.Select(Predicting).Append(own).Max();
    }

    /// <summary>To learn from some crops at once.</summary>
    internal static long Training(Layer network, Extent crop, int crops)
    {
        var kept = network.Operations(new(network.Channels(), crop)).Sum(o => (long)o.Output.Channels * o.Output.Extent.Count);
        return Base + 4 * (LearnedWeight * network.Parameters() + Learned * kept * crops) + crops * Working(network, crop);
    }

    private static long Working(Layer network, Extent tile) =>
        network.Operations(new(network.Channels(), tile))
            .Max(o => (long)(Work * 4 * (o.Input.Channels * o.Input.Extent.Count + o.Output.Channels * o.Output.Extent.Count)));
}
