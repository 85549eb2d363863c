using System.Collections.Generic;
using TorchSharp;
using static TorchSharp.torch;

namespace LiverSeg.Functional;

/// <summary>The deeply supervised objective, eq. 3: main loss + Σ η_d · loss of branch d (weight decay is the optimiser's part).</summary>
internal static class Supervision
{
    /// <summary>The loss to descend and its parts by name (<c>main</c> and the taps).</summary>
    internal readonly record struct Objective(Tensor Total, IReadOnlyList<(string Name, Tensor Loss)> Parts);

    /// <summary>truth and known: (n, 1, z, y, x), 0 or 1; voxels with known = 0 do not count.</summary>
    internal static Objective Of(TorchForward.Outputs outputs, Tensor truth, Tensor known, TrainingOptions options, double etaFactor)
    {
        var parts = new List<(string, Tensor)> { ("main", Loss(outputs.Main, truth, known, options)) };
        var total = parts[0].Item2;
        foreach (var (name, logits) in outputs.Taps)
        {
            var eta = etaFactor * options.Eta.GetValueOrDefault(name, options.EtaElsewhere);
            if (eta == 0) continue;
            var loss = Loss(logits, truth, known, options);
            parts.Add((name, loss));
            total = total.Plus(loss.Times(eta));
        }
        return new(total, parts);
    }

    /// <summary>Mean negative log-likelihood over known voxels, plus DiceWeight · (1 − soft Dice).</summary>
    private static Tensor Loss(Tensor logits, Tensor truth, Tensor known, TrainingOptions options)
    {
        // Two classes: −log softmax(liver) = softplus(−d), −log softmax(background) = softplus(d) with d = difference of logits.
        var difference = (logits.narrow(1, 1, 1) - logits.narrow(1, 0, 1)).to(ScalarType.Float32);
        var weight = options.LiverWeight == 1 ? known : known * truth.Times(options.LiverWeight - 1).Plus(1);
        var likelihood = ((difference.Softplus() - difference * truth) * weight).sum() / weight.sum().AtLeast(1);
        if (options.DiceWeight == 0) return likelihood;
        var p = difference.sigmoid() * known;
        var dice = (p * truth).sum().Times(2).Plus(1) / p.sum().Plus((truth * known).sum()).Plus(1);
        return likelihood.Plus(dice.Times(-1).Plus(1).Times(options.DiceWeight));
    }
}
