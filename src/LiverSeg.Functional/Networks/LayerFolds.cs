using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;

namespace LiverSeg.Functional;

/// <summary>One operation at its place in a network.</summary>
/// <param name="Path">Its name in words, as <c>after3/up1</c>: the prefix of its weights' names.</param>
/// <param name="Layer">The operation.</param>
/// <param name="Input">What flows in.</param>
/// <param name="Output">What flows out.</param>
/// <param name="Field">Voxels of the network's input that one output voxel sees (normalisation left aside).</param>
public sealed record PlacedLayer(string Path, Layer Layer, Shape Input, Shape Output, Kernel Field)
{
    /// <summary>How many numbers it learns.</summary>
    public long Parameters => LayerFolds.WeightShapes(this).Sum(w => w.Shape.Aggregate(1L, (n, d) => n * d));

    /// <summary>Multiplications and additions of one forward pass.</summary>
    public long MultiplyAdds => Layer switch
    {
        Layer.Conv c => (long)c.Kernel.X * c.Kernel.Y * c.Kernel.Z * Input.Channels * Output.Channels * Output.Extent.Count,
        Layer.Up => 27L * Input.Channels * Output.Channels * Input.Extent.Count,
        Layer.Score => (long)Input.Channels * Output.Channels * Output.Extent.Count,
        _ => 0,
    };
}

/// <summary>Readings of a <see cref="Layer"/> that need no numbers: shape, receptive field, parameters, cost, table.</summary>
public static class LayerFolds
{
    private readonly record struct Cursor(Shape Shape, double FieldX, double FieldY, double FieldZ, double Jump)
    {
        internal Kernel Field => new((int)Math.Ceiling(FieldX), (int)Math.Ceiling(FieldY), (int)Math.Ceiling(FieldZ));

        internal Cursor Widen(Kernel k) => this with
        {
            FieldX = FieldX + (k.X - 1) * Jump,
            FieldY = FieldY + (k.Y - 1) * Jump,
            FieldZ = FieldZ + (k.Z - 1) * Jump,
        };
    }

    /// <summary>Every operation in the order of computation, branches where they leave the trunk.</summary>
    /// <exception cref="ArgumentException">The input does not fit: the message names the layer and both shapes.</exception>
    public static IReadOnlyList<PlacedLayer> Operations(this Layer network, Shape input)
    {
        var placed = new List<PlacedLayer>();
        Walk(network, "", new(input, 1, 1, 1, 1), new(), placed);
        foreach (var twice in placed.GroupBy(p => p.Path).Where(g => g.Count() > 1))
            throw new ArgumentException($"two operations are called '{twice.Key}'; tap names must be unique", nameof(network));
        return placed;
    }

    /// <summary>The shape of the main output: the same as the actual tensor's.</summary>
    /// <exception cref="ArgumentException">The input does not fit.</exception>
    public static Shape OutputShape(this Layer network, Shape input) =>
        Walk(network, "", new(input, 1, 1, 1, 1), new(), []).Shape;

    /// <summary>Where the main output and each side output end, by name; the main one is <c>main</c>.</summary>
    internal static IReadOnlyList<(string Name, Shape Shape)> Ends(this Layer network, Shape input)
    {
        var taps = new List<(string, Shape)>();
        var main = Walk(network, "", new(input, 1, 1, 1, 1), new(), [], taps).Shape;
        return [("main", main), .. taps];
    }

    /// <summary>Voxels of the input that one voxel of the main output sees along each axis.</summary>
    public static Kernel ReceptiveField(this Layer network, Shape input) => Walk(network, "", new(input, 1, 1, 1, 1), new(), []).Field;

    /// <summary>How many numbers the network learns.</summary>
    public static long Parameters(this Layer network) => network.Operations(Smallest(network)).Sum(o => o.Parameters);

    /// <summary>Channels of what flows in: what a leading <see cref="Layer.Input"/> says, else 1.</summary>
    public static int Channels(this Layer network) => network switch
    {
        Layer.Input i => i.Channels,
        Layer.Seq { Layers.Count: > 0 } s => s.Layers[0].Channels(),
        _ => 1,
    };

    /// <summary>Multiplications and additions of one forward pass, branches included.</summary>
    public static long MultiplyAdds(this Layer network, Shape input) => network.Operations(input).Sum(o => o.MultiplyAdds);

    /// <summary>The names of the side outputs in order; their number is the number of taps.</summary>
    public static IReadOnlyList<string> Taps(this Layer network) => network switch
    {
        Layer.Seq s => s.Layers.SelectMany(Taps).ToEquatableArray(),
        Layer.Skip s => s.Inner.Taps(),
        Layer.Tap t => t.Head.Taps().Append(t.Name).ToEquatableArray(),
        _ => EquatableArray<string>.Empty,
    };

    /// <summary>Every extent that the network takes is a multiple of this along each axis.</summary>
    public static int Stride(this Layer network) => Jumps(network, 1).Most;

    /// <summary>Voxels at a tile's border whose outputs may differ from those of the whole image: half of the widest field, and what strides shift it by.</summary>
    internal static Extent Margin(this Layer network)
    {
        var stride = network.Stride();
        var fields = network.Operations(Smallest(network)).Select(o => o.Field).ToList();
        int Of(int field) => (field / 2 + stride / 2 + stride - 1) / stride * stride;
        return fields.Count == 0 ? default : new(Of(fields.Max(f => f.X)), Of(fields.Max(f => f.Y)), Of(fields.Max(f => f.Z)));
    }

    /// <summary>The network as a Markdown table: operation, output, receptive field, parameters, multiply-adds.</summary>
    public static string Table(this Layer network, Shape input)
    {
        var operations = network.Operations(input);
        var text = new StringBuilder("| layer | operation | output | receptive field | parameters | GMAC |\n|---|---|---|---|---:|---:|\n");
        foreach (var o in operations)
            text.Append(CultureInfo.InvariantCulture, $"| {o.Path} | {Words(o.Layer)} | {o.Output} | {o.Field} | {o.Parameters:N0} | {o.MultiplyAdds / 1e9:F2} |\n");
        return text.Append(CultureInfo.InvariantCulture, $"| total | | | | {operations.Sum(o => o.Parameters):N0} | {operations.Sum(o => o.MultiplyAdds) / 1e9:F1} |\n").ToString();
    }

    /// <summary>A few lines for the eye: parameters, stride and taps, then the table for a cube of about 64 voxels per side; or why the network cannot be.</summary>
    public static string Describe(this Layer network)
    {
        try
        {
            var edge = (63 / network.Stride() + 1) * network.Stride();
            var taps = network.Taps();
            return FormattableString.Invariant($"{network.Parameters():N0} parameters, extents in multiples of {network.Stride()}")
                + (taps.Count > 0 ? $", taps {string.Join(", ", taps)}\n\n" : "\n\n") + network.Table(new(network.Channels(), new(edge, edge, edge)));
        }
        catch (ArgumentException e)
        {
            return e.Message;
        }
    }

    /// <summary>Names and shapes (PyTorch's layout) of the weights of one operation.</summary>
    internal static IEnumerable<(string Name, EquatableArray<int> Shape)> WeightShapes(PlacedLayer o)
    {
        var (inputs, outputs) = (o.Input.Channels, o.Output.Channels);
        EquatableArray<int>? kernel = o.Layer switch
        {
            Layer.Conv c => [outputs, inputs, c.Kernel.Z, c.Kernel.Y, c.Kernel.X],
            Layer.Up => [inputs, outputs, 3, 3, 3],
            Layer.Score => [outputs, inputs, 1, 1, 1],
            _ => null,
        };
        if (kernel is null) yield break;
        yield return (o.Path + "/weight", kernel);
        yield return (o.Path + "/bias", [outputs]);
        if (o.Layer is not Layer.Conv { Normalization: Normalization.Instance }) yield break;
        yield return (o.Path + "/scale", [outputs]);
        yield return (o.Path + "/shift", [outputs]);
    }

    /// <summary>Whether what it makes of a voxel depends on the whole tile around.</summary>
    internal static bool Normalizes(this Layer network) =>
        network.Operations(Smallest(network)).Any(o => o.Layer is Layer.Conv { Normalization: Normalization.Instance });

    /// <summary>Names and shapes of all weights of a network.</summary>
    internal static IEnumerable<(string Name, EquatableArray<int> Shape)> WeightShapes(this Layer network) =>
        network.Operations(Smallest(network)).SelectMany(WeightShapes);

    /// <summary>The name of the next operation of a kind within a scope: <c>conv1</c>, <c>conv2</c>, ...</summary>
    internal static string NextName(Dictionary<string, int> counts, string scope, Layer layer)
    {
        if (layer is Layer.Tap tap) return scope + tap.Name;
        var kind = layer.GetType().Name.ToLowerInvariant();
        counts[scope + kind] = counts.GetValueOrDefault(scope + kind) + 1;
        return FormattableString.Invariant($"{scope}{kind}{counts[scope + kind]}");
    }

    private static Cursor Walk(Layer layer, string scope, Cursor at, Dictionary<string, int> counts, List<PlacedLayer> placed, List<(string, Shape)>? taps = null)
    {
        if (layer is Layer.Seq seq) return seq.Layers.Aggregate(at, (c, l) => Walk(l, scope, c, counts, placed, taps));
        var path = NextName(counts, scope, layer);
        switch (layer)
        {
            case Layer.Tap tap:
                if (tap.Name.Length == 0 || !tap.Name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'))
                    throw new ArgumentException($"tap name '{tap.Name}': only letters, digits, '-' and '_'", nameof(layer));
                var end = Walk(tap.Head, path + "/", at, counts, placed, taps);
                taps?.Add((path, end.Shape));
                return at;
            case Layer.Skip skip:
                var inner = Walk(skip.Inner, path + "/", at, counts, placed, taps);
                if (inner.Shape.Extent != at.Shape.Extent || inner.Jump != at.Jump)
                    throw new ArgumentException($"{path}: the inner layer makes {inner.Shape} of {at.Shape}; a skip needs equal extents", nameof(layer));
                return inner with { Shape = at.Shape with { Channels = at.Shape.Channels + inner.Shape.Channels } };
            default:
                var next = Step(layer, path, at);
                placed.Add(new(path, layer, at.Shape, next.Shape, next.Field));
                return next;
        }
    }

    private static Cursor Step(Layer layer, string path, Cursor at)
    {
        ArgumentException Refuse(string why) => new($"{path}: {why}", nameof(layer));
        Extent e = at.Shape.Extent;
        switch (layer)
        {
            case Layer.Input i when i.Channels < 1 || i.Channels != at.Shape.Channels:
                throw Refuse($"{at.Shape.Channels} channels flow in where the network says {i.Channels}; they must be as many, and at least 1");
            case Layer.Input:
                return at;
            case Layer.Conv c when c.Features < 1 || c.Kernel.X < 1 || c.Kernel.X % 2 == 0 || c.Kernel.Y < 1 || c.Kernel.Y % 2 == 0 || c.Kernel.Z < 1 || c.Kernel.Z % 2 == 0:
                throw Refuse($"{c.Features} features with kernel {c.Kernel}; at least 1 and odd sizes are needed");
            case Layer.Conv c:
                return at.Widen(c.Kernel) with { Shape = new(c.Features, e) };
            case Layer.Pool p when p.Factor < 2 || e.X % p.Factor + e.Y % p.Factor + e.Z % p.Factor != 0:
                throw Refuse($"extent {e} is no multiple of the pooling factor {p.Factor} (≥ 2)");
            case Layer.Pool p:
                return at.Widen(Kernel.Cube(p.Factor)) with { Shape = at.Shape with { Extent = new(e.X / p.Factor, e.Y / p.Factor, e.Z / p.Factor) }, Jump = at.Jump * p.Factor };
            case Layer.Up u when u.Features < 1 || u.Factor is < 2 or > 3:
                throw Refuse($"{u.Features} features by factor {u.Factor}; at least 1, and 2 or 3, are needed");
            case Layer.Up u:
                return at.Widen(Kernel.Cube(2)) with { Shape = new(u.Features, Times(e, u.Factor)), Jump = at.Jump / u.Factor };
            case Layer.Resize r when r.Factor < 2:
                throw Refuse($"factor {r.Factor}; at least 2 is needed");
            case Layer.Resize r:
                return at.Widen(Kernel.Cube(2)) with { Shape = at.Shape with { Extent = Times(e, r.Factor) }, Jump = at.Jump / r.Factor };
            case Layer.Score s when s.Classes < 1:
                throw Refuse($"{s.Classes} classes; at least 1 is needed");
            case Layer.Score s:
                return at with { Shape = new(s.Classes, e) };
            default:
                throw Refuse($"unknown layer {layer.GetType().Name}");
        }
    }

    private static Extent Times(Extent e, int n) => new(e.X * n, e.Y * n, e.Z * n);

    /// <summary>Input voxels between neighbouring voxels here (jump), and the most there were on the way.</summary>
    private static (int Jump, int Most) Jumps(Layer layer, int jump)
    {
        switch (layer)
        {
            case Layer.Pool p: return (jump * p.Factor, jump * p.Factor);
            case Layer.Up u: return (Math.Max(1, jump / u.Factor), jump);
            case Layer.Resize r: return (Math.Max(1, jump / r.Factor), jump);
            case Layer.Skip s: return (jump, Jumps(s.Inner, jump).Most);
            case Layer.Tap t: return (jump, Jumps(t.Head, jump).Most);
            case Layer.Seq s:
                var most = jump;
                foreach (var part in s.Layers)
                {
                    (jump, var inner) = Jumps(part, jump);
                    most = Math.Max(most, inner);
                }
                return (jump, most);
            default: return (jump, jump);
        }
    }

    private static Shape Smallest(Layer network) => new(network.Channels(), Times(new(1, 1, 1), network.Stride()));

    private static string Words(Layer layer) => layer switch
    {
        Layer.Conv c => $"conv {c.Kernel}, {c.Features}"
            + (c.Normalization == Normalization.Instance ? ", instance norm" : "")
            + (c.Activation switch { Activation.Relu => ", ReLU", Activation.LeakyRelu => ", leaky ReLU", _ => "" }),
        Layer.Input i => FormattableString.Invariant($"input, {i.Channels}"),
        Layer.Pool p => FormattableString.Invariant($"max pool {p.Factor}"),
        Layer.Up u => FormattableString.Invariant($"deconv 3×3×3 ×{u.Factor}, {u.Features}") + (u.Activation == Activation.None ? "" : ", " + u.Activation),
        Layer.Score s => FormattableString.Invariant($"score, {s.Classes}"),
        Layer.Resize r => FormattableString.Invariant($"trilinear ×{r.Factor}"),
        _ => layer.GetType().Name,
    };
}
