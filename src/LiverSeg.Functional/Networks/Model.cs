using System;
using System.Collections.Generic;
using System.Linq;

namespace LiverSeg.Functional;

/// <summary>A trained network as a plain value: what it computes, what it learned, and how images must be prepared for it.</summary>
/// <remarks>Law: load ∘ save is the identity. Weights and network fit each other by construction.</remarks>
public sealed record Model
{
    private readonly EquatableArray<TapWeight> _fusion = EquatableArray<TapWeight>.Empty;
    private readonly EquatableArray<ProvenanceEntry> _provenance = EquatableArray<ProvenanceEntry>.Empty;
    private readonly Weights _weights;

    /// <summary>A model of a network and its weights.</summary>
    /// <exception cref="ArgumentException">
    /// Names or shapes of the weights are not those of the network; or its main output or a tap's does not end with two classes on the grid of the input.
    /// </exception>
    public Model(Layer network, Weights weights)
    {
        var input = new Shape(1, new(network.Stride(), network.Stride(), network.Stride()));
        foreach (var (name, end) in network.Ends(input))
            if (end != input with { Channels = 2 })
                throw new ArgumentException($"{name} ends with {end} for an input of {input}; 2 classes (background, liver) on its grid are needed", nameof(network));
        (Network, _weights) = (network, weights.EnsureFits(network));
    }

    /// <summary>What is computed.</summary>
    public Layer Network { get; }

    /// <summary>What was learned.</summary>
    public Weights Weights { get => _weights; init => _weights = value.EnsureFits(Network); }

    /// <summary>The HU window that the network learned with. Default −160..240 HU.</summary>
    public Window Window { get; init; } = Window.Liver;

    /// <summary>The voxel spacing that the network learned at; images are resampled to it and scores back. Absent: native voxels (the paper).</summary>
    public Spacing? Spacing { get; init; }

    /// <summary>The largest tile that is computed at once. Default 160×160×72 (the paper's crop).</summary>
    public Extent Tile { get; init; } = new(160, 160, 72);

    /// <summary>τ of eq. 4 per tap; taps not named weigh 0. Each ≥ 0, together ≤ 1. Default: none, the main output alone.</summary>
    public IReadOnlyList<TapWeight> Fusion
    {
        get => _fusion;
        init
        {
            if (value.Any(t => !(t.Tau >= 0)) || value.Sum(t => t.Tau) > 1)
                throw new ArgumentException($"τ = {string.Join(", ", value)}; each must be ≥ 0 and their sum ≤ 1", nameof(value));
            foreach (var t in value)
                if (!Network.Taps().Contains(t.Tap)) throw new ArgumentException($"the network has no tap '{t.Tap}', only {string.Join(", ", Network.Taps())}", nameof(value));
            _fusion = value.ToEquatableArray();
        }
    }

    /// <summary>Where the weights come from: data, recipe, seed, licence, in words. No paths, no dates.</summary>
    public IReadOnlyList<ProvenanceEntry> Provenance { get => _provenance; init => _provenance = value.ToEquatableArray(); }

    /// <summary>A network that has learned nothing, in He's start, for images at 3 mm and tiles of 160×160×128.</summary>
    /// <param name="network">What is computed.</param>
    /// <param name="seed">The same seed gives the same weights.</param>
    public static Model Untrained(Layer network, long seed) => Untrained(network, seed, Functional.Spacing.Isotropic(3));

    /// <summary>The same for images at another spacing.</summary>
    /// <param name="network">What is computed.</param>
    /// <param name="seed">The same seed gives the same weights.</param>
    /// <param name="spacing">The voxel spacing that images are brought to.</param>
    public static Model Untrained(Layer network, long seed, Spacing spacing) =>
        new(network, Weights.He(network, seed)) { Spacing = spacing, Tile = new(160, 160, 128) };

    /// <summary>One line: parameters, taps, window, voxels, tile. The weights are not written out.</summary>
    public override string ToString() => FormattableString.Invariant(
        $"Model of {Network.Parameters():N0} parameters, taps [{string.Join(", ", Network.Taps())}], window {Window.Low.Value}..{Window.High.Value} HU, voxels {(Spacing is { } s ? $"{s}" : "as they are")}, tile {Tile}");

    /// <summary>The same model with other words about its origin.</summary>
    public Model WithProvenance(params IReadOnlyList<ProvenanceEntry> facts) => this with { Provenance = facts };
}

/// <summary>How much a branch counts in the fused probability (τ of eq. 4).</summary>
/// <param name="Tap">The branch's name.</param>
/// <param name="Tau">In [0, 1].</param>
public readonly record struct TapWeight(string Tap, double Tau);

/// <summary>One thing worth knowing about a model.</summary>
/// <param name="Name">As <c>data</c>, <c>recipe</c>, <c>licence</c>.</param>
/// <param name="Value">In words.</param>
public readonly record struct ProvenanceEntry(string Name, string Value);
