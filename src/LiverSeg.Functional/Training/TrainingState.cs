using System;
using System.Collections.Generic;
using System.Linq;
using TorchSharp;
using static TorchSharp.torch;

namespace LiverSeg.Functional;

/// <summary>The whole of a running training: weights, optimiser, counters. All else is a function of these and the options.</summary>
internal sealed class TrainingState
{
    private const int MaxFailures = 3, MaxRollbacks = 5;

    private TrainingState(Placement place, Dictionary<string, Tensor> weights, Optimizer optimizer) => (Place, Weights, Optimizer) = (place, weights, optimizer);

    /// <summary>Where all of it lies.</summary>
    internal Placement Place { get; }

    internal Dictionary<string, Tensor> Weights { get; }

    internal Optimizer Optimizer { get; }

    internal List<EpochRecord> History { get; private set; } = [];

    /// <summary>Whole epochs done.</summary>
    internal int Epoch { get; set; }

    /// <summary>Steps done in all.</summary>
    internal long Step { get; set; }

    /// <summary>What the epoch at hand has come to.</summary>
    internal EpochSums Sums { get; set; } = new();

    /// <summary>Steps in a row that were not finite.</summary>
    internal int Failures { get; set; }

    /// <summary>How often the run went back; each time the rate was halved.</summary>
    internal int Rollbacks { get; private set; }

    /// <summary>Whether every weight and every number of the optimiser is finite.</summary>
    internal bool IsFinite
    {
        get
        {
            using var scope = NewDisposeScope();
            using var still = no_grad();
            return Weights.Values.Concat(Optimizer.Slots.Values).All(t => double.IsFinite(t.sum(ScalarType.Float64).item<double>()));
        }
    }

    internal static TrainingState Start(Model model, TrainingOptions options, Placement place)
    {
        var weights = model.Weights.EnsureFits(model.Network).Tensors(place, learn: true);
        return new(place, weights, Optimizer.Fresh(options.Optimizer, options.Momentum, weights));
    }

    internal static TrainingState Resume(Checkpoint saved, TrainingOptions options, Placement place)
    {
        var weights = saved.Weights.Tensors(place, learn: true);
        var slots = saved.Slots.Tensors(place);
        return new(place, weights, new(options.Optimizer, options.Momentum, weights, slots))
        {
            Epoch = saved.Epoch,
            Step = saved.Step,
            History = [.. saved.History],
            Sums = saved.Sums.Copy(),
            Failures = saved.Failures,
            Rollbacks = saved.Rollbacks,
        };
    }

    internal Checkpoint Freeze() =>
        new(Weights.ToWeights(), Optimizer.Slots.ToWeights(), Epoch, Step, History.ToEquatableArray(), Sums.Copy(), Failures, Rollbacks);

    internal Model Model(Model origin) => origin with { Weights = Weights.ToWeights(), UsualCertainty = null, UsualHu = null };

    /// <summary>Leaves out a step whose loss or gradient is not finite; says whether it is time to go back.</summary>
    internal bool Skip()
    {
        foreach (var gradient in Weights.Values.Select(w => w.grad)) gradient?.zero_();
        Sums.Skipped++;
        return ++Failures >= MaxFailures;
    }

    /// <summary>The last good state once more, at half the rate.</summary>
    /// <exception cref="TrainingDivergedException">The run went back too often.</exception>
    internal void GoBack(Checkpoint good)
    {
        if (Rollbacks >= MaxRollbacks)
            throw new TrainingDivergedException(FormattableString.Invariant(
                $"loss, gradient or weights were not finite (up to step {Step}) although the rate was halved {Rollbacks} times; start with a lower rate, and check the cases for values that are no numbers"));
        using var scope = NewDisposeScope();
        using var still = no_grad();
        void Fill(IEnumerable<KeyValuePair<string, Tensor>> tensors, Weights from)
        {
            foreach (var (name, tensor) in tensors) tensor.copy_(Place.Tensor(from[name].Values.ToArray(), tensor.shape));
        }
        Fill(Weights, good.Weights);
        Fill(Optimizer.Slots, good.Slots);
        foreach (var gradient in Weights.Values.Select(w => w.grad)) gradient?.zero_();
        // What was skipped stays counted: the log tells the whole story.
        var skipped = Sums.Skipped;
        (Epoch, Step, History, Sums, Failures) = (good.Epoch, good.Step, [.. good.History], good.Sums.Copy(), 0);
        Sums.Skipped = skipped;
        Rollbacks++;
    }
}
