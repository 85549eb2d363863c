using System;
using System.Collections.Generic;
using System.Linq;
using TorchSharp;
using static TorchSharp.torch;

namespace LiverSeg.Functional;

/// <summary>The whole of a running training: weights, optimiser, counters. All else is a function of these and the options.</summary>
internal sealed class TrainingState
{
    private const int MostFailures = 3;

    private TrainingState(Dictionary<string, Tensor> weights, TorchOptimizer optimizer) => (Weights, Optimizer) = (weights, optimizer);

    internal Dictionary<string, Tensor> Weights { get; }

    internal TorchOptimizer Optimizer { get; }

    internal List<EpochRecord> History { get; private init; } = [];

    internal int Epoch { get; set; }

    internal long Step { get; set; }

    /// <summary>Steps in a row that were not finite.</summary>
    internal int Failures { get; set; }

    internal static TrainingState Start(Model model, TrainingOptions options)
    {
        var weights = model.Weights.MustFit(model.Network).Tensors(CPU, learn: true);
        return new(weights, TorchOptimizer.Fresh(options.Optimizer, options.Momentum, weights));
    }

    internal static TrainingState Resume(Checkpoint saved, TrainingOptions options)
    {
        var weights = saved.Weights.Tensors(CPU, learn: true);
        var slots = saved.Slots.Tensors(CPU);
        return new(weights, new(options.Optimizer, options.Momentum, weights, slots))
        {
            Epoch = saved.Epoch,
            Step = saved.Step,
            History = [.. saved.History],
        };
    }

    internal Checkpoint Freeze() => new(Weights.ToWeights(), Optimizer.Slots.ToWeights(), Epoch, Step, History.ToItems());

    internal Model Model(Model origin) => origin with { Weights = Weights.ToWeights() };

    /// <summary>Leaves out a step whose loss or gradient is not finite; three in a row end the run.</summary>
    internal void Skip()
    {
        foreach (var gradient in Weights.Values.Select(w => w.grad)) gradient?.zero_();
        if (++Failures >= MostFailures)
            throw new TrainingDivergedException(FormattableString.Invariant(
                $"loss or gradient was not finite in {MostFailures} steps in a row (up to step {Step}); resume from the last checkpoint with a lower rate"));
    }
}

/// <summary>Sets libtorch's thread count for one call and puts the old one back.</summary>
internal readonly struct TorchThreads : IDisposable
{
    private readonly int _before;

    internal TorchThreads(int threads)
    {
        _before = get_num_threads();
        set_num_threads(threads > 0 ? threads : Environment.ProcessorCount);
    }

    public void Dispose() => set_num_threads(_before);
}
