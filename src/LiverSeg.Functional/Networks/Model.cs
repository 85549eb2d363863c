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
    private readonly EquatableArray<Model> _guides = EquatableArray<Model>.Empty;
    private readonly double _gate = 0.05, _guideShare, _temperature = 1;
    private readonly double? _usualCertainty;
    private readonly Weights _weights;

    /// <summary>A model of a network that sees the image alone, and its weights.</summary>
    /// <param name="network">What is computed.</param>
    /// <param name="weights">What was learned.</param>
    /// <inheritdoc cref="Model(Layer, Weights, IReadOnlyList{Model})"/>
    public Model(Layer network, Weights weights) : this(network, weights, []) { }

    /// <summary>A model of a network and its weights behind others.</summary>
    /// <param name="network">What is computed.</param>
    /// <param name="weights">What was learned.</param>
    /// <param name="guides">Models that are asked before, see <see cref="Guides"/>.</param>
    /// <exception cref="ArgumentException">
    /// Names or shapes of the weights are not those of the network; its main output or a tap's does not end with two classes on the grid of the input;
    /// it does not take one channel and one more per guide; a guide has another window.
    /// </exception>
    public Model(Layer network, Weights weights, IReadOnlyList<Model> guides)
    {
        if (network.Channels() != 1 + guides.Count)
            throw new ArgumentException($"the network takes {network.Channels()} channels; the image and {guides.Count} guides are {1 + guides.Count}", nameof(network));
        _guides = guides.ToEquatableArray();
        var input = new Shape(network.Channels(), new(network.Stride(), network.Stride(), network.Stride()));
        foreach (var (name, end) in network.Ends(input))
            if (end != input with { Channels = 2 })
                throw new ArgumentException($"{name} ends with {end} for an input of {input}; 2 classes (background, liver) on its grid are needed", nameof(network));
        (Network, _weights) = (network, weights.EnsureFits(network));
        if (guides.Count > 0) Window = guides[0].Window;
    }

    /// <summary>What is computed.</summary>
    public Layer Network { get; }

    /// <summary>What was learned.</summary>
    public Weights Weights { get => _weights; init => _weights = value.EnsureFits(Network); }

    /// <summary>
    /// Coarser models that look at the whole scan first: the probability of each is a further input channel, after the image. Where they say less than
    /// <see cref="Gate"/> this network is not asked and the probability is 0. Default: none.
    /// </summary>
    public IReadOnlyList<Model> Guides => _guides;

    /// <summary>Where no guide says more than this, there is no liver; in [0, 1). Default 0.05. Of no account without guides.</summary>
    public double Gate
    {
        get => _gate;
        init => _gate = value is >= 0 and < 1 ? value : throw new ArgumentException(FormattableString.Invariant($"gate {value}; a number in [0, 1) is needed"), nameof(value));
    }

    /// <summary>What share of the fused probability the guides have within the gate, together; in [0, 1]. Default 0. Of no account without guides.</summary>
    public double GuideShare
    {
        get => _guideShare;
        init => _guideShare = value is >= 0 and <= 1 ? value : throw new ArgumentException(FormattableString.Invariant($"share of the guides {value}; a number in [0, 1] is needed"), nameof(value));
    }

    /// <summary>
    /// What the logits of its scores are divided by where they are given as probabilities, so that these are calibrated; greater than 0. Default 1. The mask does not
    /// depend on it: threshold and CRF were chosen for the scores as they are.
    /// </summary>
    public double Temperature
    {
        get => _temperature;
        init => _temperature = value > 0 && double.IsFinite(value) ? value : throw new ArgumentException(FormattableString.Invariant($"temperature {value}; a finite number above 0 is needed"), nameof(value));
    }

    /// <summary>
    /// The mean probability within the liver that it finds (<see cref="Quality.Certainty"/>) on the middle one of the scans that it learned from, in [0.5, 1]: a mask of
    /// which it is much less sure is doubted. Absent where it was not measured. <see cref="TrainingRun"/> measures it.
    /// </summary>
    public double? UsualCertainty
    {
        get => _usualCertainty;
        init => _usualCertainty = value is null or (>= 0.5 and <= 1) ? value : throw new ArgumentException(FormattableString.Invariant($"usual certainty {value}; a number in [0.5, 1] is needed"), nameof(value));
    }

    /// <summary>
    /// How bright livers were on the scans that it learned from: one that is brighter than all of them is looked at again with less contrast. Absent where it was not measured.
    /// <see cref="TrainingRun"/> measures it.
    /// </summary>
    public UsualHu? UsualHu
    {
        get;
        init => field = value is not { } usual || (float.IsFinite(usual.Median.Value) && float.IsFinite(usual.Brightest.Value) && usual.Median.Value <= usual.Brightest.Value)
            ? value : throw new ArgumentException($"{value}; finite numbers are needed, the median no greater than the brightest", nameof(value));
    }

    /// <summary>What looks first and knows of no other: the guide's first stage, or without guides the model itself. Several times as fast, less exact.</summary>
    public Model FirstStage => Guides.Count == 0 ? this : Guides[0].FirstStage;

    /// <summary>The HU window that the network and its guides learned with. Default −160..240 HU.</summary>
    public Window Window
    {
        get;
        init
        {
            foreach (var guide in _guides)
                if (guide.Window != value) throw new ArgumentException($"window {value}; the guide's is {guide.Window}", nameof(value));
            field = value;
        }
    } = Window.Liver;

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

    /// <summary>The same network behind a guide: one more input channel, whose weights begin at 0, so that learning goes on from what it knows.</summary>
    /// <remarks>Law: with share 0 and gate 0 it says what it said before wherever the guide says anything.</remarks>
    /// <param name="guide">A coarser model with the same window.</param>
    /// <exception cref="ArgumentException">Something else than the network's first operation reads its input; the windows differ.</exception>
    public Model GuidedBy(Model guide)
    {
        var layers = Network is Layer.Seq s ? s.Layers : [Network];
        var inner = new Layer.Seq(layers.Count > 0 && layers[0] is Layer.Input ? layers.Skip(1) : layers);
        var network = new Layer.Seq([new Layer.Input(Network.Channels() + 1), inner]);
        return Behind(network, Weights.Widened(network), [.. Guides, guide]);
    }

    /// <summary>The same network behind another guide in its only guide's place: what it says is the input channel now.</summary>
    /// <remarks>Law: a network behind one guide, then behind another, is the network behind the other.</remarks>
    /// <param name="guide">A coarser model with the same window.</param>
    /// <exception cref="ArgumentException">It has no guide, or several; the windows differ.</exception>
    public Model WithGuide(Model guide) => Guides.Count != 1
        ? throw new ArgumentException($"the model has {Guides.Count} guides; one is needed, which another takes the place of", nameof(guide))
        : Behind(Network, Weights, [guide]);

    private Model Behind(Layer network, Weights weights, IReadOnlyList<Model> guides) => new(network, weights, guides)
    {
        Window = Window,
        Spacing = Spacing,
        Tile = Tile,
        Fusion = Fusion,
        Gate = Gate,
        GuideShare = GuideShare,
        Provenance = Provenance,
    };

    /// <summary>The same weights for images that are brought to another voxel spacing, as a start to learn on from there; guides keep theirs.</summary>
    /// <param name="spacing">The spacing; absent: images as they are.</param>
    public Model AtSpacing(Spacing? spacing) => this with { Spacing = spacing, UsualCertainty = null, UsualHu = null };

    /// <summary>The same model with other weights for what its guides say.</summary>
    /// <param name="gate">See <see cref="Gate"/>.</param>
    /// <param name="guideShare">See <see cref="GuideShare"/>.</param>
    /// <exception cref="ArgumentException">One is out of its range.</exception>
    public Model WithGate(double gate, double guideShare) => this with { Gate = gate, GuideShare = guideShare };

    /// <summary>The same model whose scores become probabilities by another <see cref="Temperature"/>.</summary>
    /// <exception cref="ArgumentException">It is not positive and finite.</exception>
    public Model WithTemperature(double temperature) => this with { Temperature = temperature };

    /// <summary>The same model with other words on what is usual on the scans that it learned from.</summary>
    /// <param name="certainty"><see cref="UsualCertainty"/>, in [0.5, 1]; absent: not measured.</param>
    /// <param name="hu"><see cref="UsualHu"/>; absent: not measured.</param>
    /// <exception cref="ArgumentException">One is out of its range.</exception>
    public Model WithUsual(double? certainty, UsualHu? hu) => this with { UsualCertainty = certainty, UsualHu = hu };

    /// <summary>One line: parameters, taps, window, voxels, tile. The weights are not written out.</summary>
    public override string ToString() => FormattableString.Invariant(
        $"Model of {Network.Parameters():N0} parameters, taps [{string.Join(", ", Network.Taps())}], window {Window.Low.Value}..{Window.High.Value} HU, voxels {(Spacing is { } s ? $"{s}" : "as they are")}, tile {Tile}{(Guides.Count > 0 ? $"; guided by [{string.Join("; ", Guides)}]" : "")}");

    /// <summary>Names what was learned wherever results are reported: SHA-256 over the weights, those of the guides among them.</summary>
    public string Hash => ModelFile.Describe(this).Tensors.Hash;

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
