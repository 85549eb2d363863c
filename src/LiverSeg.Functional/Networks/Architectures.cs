using System;
using System.Collections.Generic;

namespace LiverSeg.Functional;

/// <summary>Networks: the paper's and compact ones, all with two classes (background, liver) and deep supervision by taps.</summary>
public static class Architectures
{
    /// <summary>
    /// The 3D deeply supervised network of Dou et al. 2016: six convolutions, two poolings, two deconvolutions, with
    /// branches after layer 3 (first pooling) and layer 6 (second pooling). 334,830 parameters.
    /// </summary>
    public static Layer Paper { get; } = Trunk(Normalization.None, supervised: true);

    /// <summary>The paper's baseline "3D-CNN": the same without branches.</summary>
    public static Layer Cnn { get; } = Trunk(Normalization.None, supervised: false);

    /// <summary>The paper's network with instance normalisation after each convolution, which makes it trainable from any start.</summary>
    public static Layer Normalized { get; } = Trunk(Normalization.Instance, supervised: true);

    /// <summary>
    /// A compact encoder and decoder with skip connections: 3×3×3 kernels, instance normalisation, one side output per coarser level.
    /// </summary>
    /// <param name="widths">Features per level from full to coarsest extent; at least two. Default: 16, 32, 64, 96, those of the shipped model.</param>
    public static Layer Compact(params IReadOnlyList<int> widths) => new Layer.Seq(Level(widths.Count == 0 ? [16, 32, 64, 96] : widths, 0), new Layer.Score(2));

    /// <summary>The names that <see cref="Named"/> knows.</summary>
    public static IReadOnlyList<string> Names { get; } = EquatableArray.Of(["compact", "dsn", "cnn", "dsn-norm"]);

    /// <summary>The network of a name: <c>compact</c> (<see cref="Compact"/>), <c>dsn</c> (<see cref="Paper"/>), <c>cnn</c> (<see cref="Cnn"/>) or <c>dsn-norm</c> (<see cref="Normalized"/>).</summary>
    /// <exception cref="ArgumentException">There is no such name.</exception>
    public static Layer Named(string name) => name switch
    {
        "compact" => Compact(),
        "dsn" => Paper,
        "cnn" => Cnn,
        "dsn-norm" => Normalized,
        _ => throw new ArgumentException($"no network is called {name}, only {string.Join(", ", Names)}", nameof(name)),
    };

    /// <summary>A network's name in tables: <c>3D-DSN</c> for <c>dsn</c>.</summary>
    public static string Title(string name) => name switch
    {
        "compact" => "compact DSN",
        "dsn" => "3D-DSN",
        "cnn" => "3D-CNN",
        "dsn-norm" => "3D-DSN normalised",
        _ => name,
    };

    private static Layer Level(IReadOnlyList<int> widths, int level)
    {
        Layer Block(int features) => new Layer.Conv(features, Kernel.Cube(3)) { Normalization = Normalization.Instance, Activation = Activation.LeakyRelu };
        var encode = new Layer.Seq(Block(widths[level]), Block(widths[level]));
        if (level == widths.Count - 1) return encode;
        var below = new List<Layer> { new Layer.Pool(2), Level(widths, level + 1) };
        // The coarsest levels are supervised at full extent: a score there, enlarged step by step.
        if (level + 1 < widths.Count)
        {
            var head = new List<Layer> { new Layer.Score(2) };
            for (var i = 0; i <= level; i++) head.Add(new Layer.Resize(2));
            below.Add(new Layer.Tap($"level{level + 2}", new Layer.Seq(head)));
        }
        below.Add(new Layer.Up(widths[level], 2));
        return new Layer.Seq(encode, new Layer.Skip(new Layer.Seq(below)), Block(widths[level]), Block(widths[level]));
    }

    private static Layer Trunk(Normalization normalization, bool supervised)
    {
        Layer Conv(int features, int x, int y, int z) => new Layer.Conv(features, new(x, y, z)) { Normalization = normalization };
        var layers = new List<Layer> { Conv(8, 9, 9, 7), Conv(8, 9, 9, 7), new Layer.Pool(2) };
        if (supervised) layers.Add(new Layer.Tap("after3", new Layer.Up(2, 2)));
        layers.AddRange([Conv(16, 7, 7, 5), Conv(32, 7, 7, 5), new Layer.Pool(2)]);
        if (supervised) layers.Add(new Layer.Tap("after6", new Layer.Seq(new Layer.Up(32, 2), new Layer.Up(2, 2))));
        layers.AddRange([Conv(32, 5, 5, 3), Conv(32, 1, 1, 1), new Layer.Up(32, 2), new Layer.Up(2, 2)]);
        return new Layer.Seq(layers);
    }
}
