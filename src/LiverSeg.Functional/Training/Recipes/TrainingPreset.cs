using System;
using System.Collections.Generic;

namespace LiverSeg.Functional;

/// <summary>A recipe by name: how to learn, which network, at which voxel spacing and from which start. Default: <see cref="Practical"/>.</summary>
public sealed record TrainingPreset
{
    /// <summary>The word for it in a model's provenance.</summary>
    public string Name { get; init; } = "practical";

    /// <summary>How to learn; its seed is that of the start weights too.</summary>
    public TrainingOptions Options { get; init; } = TrainingOptions.Practical;

    /// <summary>The network's name, as <see cref="Architectures.Named"/> knows it. Default <c>compact</c>.</summary>
    public string Network { get; init; } = "compact";

    /// <summary>The voxel spacing that images are brought to; absent: their own. Default 3 mm.</summary>
    public Spacing? Spacing { get; init; } = Functional.Spacing.Isotropic(3);

    /// <summary>Whether weights start from the paper's N(0, 0.01²) rather than from He's start. Default false.</summary>
    public bool PaperStart { get; init; }

    /// <summary><see cref="TrainingOptions.Paper"/> for the paper's network, at native voxels from the paper's start.</summary>
    public static TrainingPreset Paper { get; } = new() { Name = "paper", Options = TrainingOptions.Paper, Network = "dsn", Spacing = null, PaperStart = true };

    /// <summary><see cref="TrainingOptions.Practical"/> for the compact network at 3 mm.</summary>
    public static TrainingPreset Practical { get; } = new();

    /// <summary><see cref="TrainingOptions.Smoke"/> for the compact network at 3 mm.</summary>
    public static TrainingPreset Smoke { get; } = new() { Name = "smoke", Options = TrainingOptions.Smoke };

    /// <summary>The names that <see cref="Named"/> knows.</summary>
    public static IReadOnlyList<string> Names { get; } = EquatableArray.Of(["paper", "practical", "smoke"]);

    /// <summary>The preset of a name.</summary>
    /// <exception cref="ArgumentException">There is no such name; the message lists those that there are.</exception>
    public static TrainingPreset Named(string name) => name switch
    {
        "paper" => Paper,
        "practical" => Practical,
        "smoke" => Smoke,
        _ => throw new ArgumentException($"no preset is called {name}, only {string.Join(", ", Names)}", nameof(name)),
    };

    /// <summary>The same recipe with what is named changed; F# cannot copy a record of C#.</summary>
    public TrainingPreset With(string? name = null, TrainingOptions? options = null, string? network = null, bool? paperStart = null) =>
        this with { Name = name ?? Name, Options = options ?? Options, Network = network ?? Network, PaperStart = paperStart ?? PaperStart };

    /// <summary>The same recipe for images at another voxel spacing; absent: their own.</summary>
    public TrainingPreset AtSpacing(Spacing? spacing) => this with { Spacing = spacing };

    /// <summary>The model that a run of this recipe starts from.</summary>
    /// <exception cref="ArgumentException">No network has that name.</exception>
    public Model Untrained()
    {
        var network = Architectures.Named(Network);
        var weights = PaperStart ? Weights.Gaussian(network, Options.Seed) : Weights.He(network, Options.Seed);
        return Spacing is { } spacing ? new(network, weights) { Spacing = spacing, Tile = new(160, 160, 128) } : new(network, weights);
    }
}
