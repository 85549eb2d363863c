using System;
using System.Collections.Generic;
using System.Linq;
using TorchSharp;
using static TorchSharp.torch;

namespace LiverSeg.Functional;

/// <summary>Steps from gradients. Own code, so that the whole state is a table of named tensors that a checkpoint can hold.</summary>
internal sealed class Optimizer(OptimizerKind kind, double momentum, IReadOnlyDictionary<string, Tensor> weights, Dictionary<string, Tensor> slots)
{
    private const double SecondMoment = 0.999, Epsilon = 1e-8;

    /// <summary>Momentum buffers (<c>m/NAME</c>) and Adam's second moments (<c>v/NAME</c>).</summary>
    internal IReadOnlyDictionary<string, Tensor> Slots => slots;

    internal static Optimizer Fresh(OptimizerKind kind, double momentum, IReadOnlyDictionary<string, Tensor> weights)
    {
        using var still = no_grad();
        var slots = weights.ToDictionary(w => "m/" + w.Key, w => zeros_like(w.Value));
        if (kind == OptimizerKind.Adam)
            foreach (var (name, weight) in weights) slots["v/" + name] = zeros_like(weight);
        return new(kind, momentum, weights, slots);
    }

    /// <summary>Euclidean norm of each weight's gradient by name; NaN or infinite where the gradient is.</summary>
    internal IReadOnlyDictionary<string, double> GradientNorms()
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        return weights.Where(w => w.Value.grad is not null)
            .ToDictionary(w => w.Key, w => Math.Sqrt(w.Value.grad!.to(ScalarType.Float64).Squares().sum().item<double>()));
    }

    /// <summary>One step; <paramref name="step"/> counts from 1 over the whole run, <paramref name="scale"/> shortens the gradient.</summary>
    internal void Step(double rate, double decay, double scale, long step)
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        foreach (var (name, weight) in weights)
        {
            if (weight.grad is not { } gradient) continue;
            var g = gradient.Times(scale);
            var decays = name.EndsWith("/weight", StringComparison.Ordinal);
            var m = slots["m/" + name];
            if (kind == OptimizerKind.Adam)
            {
                var v = slots["v/" + name];
                if (decays) weight.Scale(1 - rate * decay);
                m.Scale(momentum).Add(g, 1 - momentum);
                v.Scale(SecondMoment).AddProduct(g, g, 1 - SecondMoment);
                var size = v.Over(1 - Math.Pow(SecondMoment, step)).sqrt_().Add(Epsilon);
                weight.AddQuotient(m, size, -rate / (1 - Math.Pow(momentum, step)));
            }
            else
            {
                if (decays) g = g.Plus(weight, decay);
                m.Scale(momentum).Add(g);
                weight.Add(m, -rate);
            }
            gradient.zero_();
        }
    }
}
