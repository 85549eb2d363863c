using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;

namespace LiverSeg.Functional;

/// <summary>How score maps are fused, weighed and refined: what a search looks for and a JSON file keeps.</summary>
public sealed record CrfSetting
{
    private readonly EquatableArray<TapWeight> _fusion;

    private CrfSetting(EquatableArray<TapWeight> fusion, CrfOptions options) => (_fusion, Options) = (fusion, options);

    /// <summary>Weights of the branches (eq. 4); the main output has the rest.</summary>
    public IReadOnlyList<TapWeight> Fusion => _fusion;

    /// <summary>The CRF.</summary>
    public CrfOptions Options { get; init; }

    /// <summary>The probability that is an even bet before the CRF, and without one the cut itself, in (0, 1). Default 0.5.</summary>
    /// <remarks>
    /// Odds are divided by the threshold's own, so that a voxel just at the threshold is decided by the CRF alone; what comes out is cut at one half.
    /// </remarks>
    public double Threshold { get; init; } = 0.5;

    /// <summary>The main output, refined by <see cref="CrfOptions.Shipped"/>, cut at one half: what the shipped model was tuned with.</summary>
    public static CrfSetting Shipped { get; } = Of([], CrfOptions.Shipped);

    /// <summary>The main output, cut at one half; no CRF.</summary>
    public static CrfSetting None { get; } = Of([], CrfOptions.Shipped with { Iterations = 0 });

    /// <summary>Whether the CRF changes anything.</summary>
    public bool Refines => Options.Iterations > 0;

    /// <summary>The same on another number of threads.</summary>
    public CrfSetting WithThreads(int threads) => this with { Options = Options with { Threads = threads } };

    /// <summary>A setting.</summary>
    public static CrfSetting Of(IEnumerable<TapWeight> fusion, CrfOptions options) => new(fusion.ToEquatableArray(), options);

    /// <summary>(1 − Σ τ_d) · main + Σ τ_d · branch d; without any τ the main output itself.</summary>
    /// <exception cref="ArgumentException">A branch is missing, or the weights are negative or sum to more than 1.</exception>
    public Volume<Probability> Fuse(Prediction scores)
    {
        if (!IsProper) throw new ArgumentException($"weights {string.Join(", ", _fusion)}; none may be negative and their sum is 1 at most");
        var used = _fusion.Where(f => f.Tau > 0).ToList();
        if (used.Count == 0) return scores.Main;
        var voxels = Volume.Allocate<Probability>(scores.Main.Grid);
        var branches = used.Select(f => scores.Branches.FirstOrDefault(b => b.Tap == f.Tap).Scores
            ?? throw new ArgumentException($"no branch is called {f.Tap}; there are {string.Join(", ", scores.Branches.Select(b => b.Tap))}")).ToList();
        var (rest, area) = (1 - used.Sum(f => f.Tau), scores.Main.Extent.X * scores.Main.Extent.Y);
        Parallel.For(0, scores.Main.Extent.Z, Parallelism.Of(Options.Threads), z =>
        {
            for (var i = z * area; i < (z + 1) * area; i++)
            {
                var p = rest * scores.Main.Voxels[i].Value;
                for (var b = 0; b < used.Count; b++) p += used[b].Tau * branches[b].Voxels[i].Value;
                voxels[i] = new((float)Math.Clamp(p, 0, 1));
            }
        });
        return new(scores.Main.Grid, voxels);
    }

    internal bool IsProper => _fusion.All(f => f.Tau >= 0) && _fusion.Sum(f => f.Tau) <= 1 + 1e-9;

    internal CrfSetting WithTau(int branch, double tau) =>
        new(_fusion.Select((f, i) => i == branch ? f with { Tau = tau } : f).ToEquatableArray(), Options) { Threshold = Threshold };

    /// <summary>A model whose fused score map follows this setting's τ; branches that are not named weigh nothing.</summary>
    /// <exception cref="ArgumentException">The network has no such branch.</exception>
    public Model FuseIn(Model model) => _fusion.Any(f => f.Tau > 0) ? model with { Fusion = _fusion } : model;
}
