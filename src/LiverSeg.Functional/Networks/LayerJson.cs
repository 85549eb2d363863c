using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json.Nodes;

namespace LiverSeg.Functional;

/// <summary>A layer as JSON and back: the description inside a model file. Law: parse ∘ print = id.</summary>
internal static class LayerJson
{
    private const int MaxFeatures = 65536, MaxKernel = 255, MaxDepth = 48, MaxLayers = 10000;

    internal static JsonNode Print(Layer layer) => layer switch
    {
        Layer.Conv c => Node("conv", ("features", c.Features), ("kernel", new JsonArray(c.Kernel.X, c.Kernel.Y, c.Kernel.Z)), ("activation", Word(c.Activation)), ("normalization", Word(c.Normalization))),
        Layer.Input i => Node("input", ("channels", i.Channels)),
        Layer.Pool p => Node("pool", ("factor", p.Factor)),
        Layer.Up u => Node("up", ("features", u.Features), ("factor", u.Factor), ("activation", Word(u.Activation))),
        Layer.Score s => Node("score", ("classes", s.Classes)),
        Layer.Resize r => Node("resize", ("factor", r.Factor)),
        Layer.Seq s => Node("seq", ("layers", new JsonArray([.. s.Layers.Select(Print)]))),
        Layer.Tap t => Node("tap", ("name", t.Name), ("head", Print(t.Head))),
        Layer.Skip s => Node("skip", ("inner", Print(s.Inner))),
        _ => throw new ArgumentException($"unknown layer {layer.GetType().Name}", nameof(layer)),
    };

    /// <summary>Reads what <see cref="Print"/> wrote.</summary>
    /// <exception cref="FormatException">The text is no layer; the message says where.</exception>
    internal static Layer Parse(JsonNode? node)
    {
        var left = MaxLayers;
        return Parse(node, 0, ref left);
    }

    private static Layer Parse(JsonNode? node, int depth, ref int left)
    {
        if (depth > MaxDepth || --left < 0) throw new FormatException($"layers nest deeper than {MaxDepth} or are more than {MaxLayers}");
        if (node is not JsonObject o) throw new FormatException("a layer must be a JSON object");
        var word = Text(o, "layer");
        switch (word)
        {
            case "conv":
                if (o["kernel"] is not JsonArray { Count: 3 } k) throw new FormatException("conv: kernel must be three numbers");
                int Size(int i) => Whole(k[i], "kernel", MaxKernel);
                return new Layer.Conv(Whole(o["features"], "features", MaxFeatures), new(Size(0), Size(1), Size(2)))
                {
                    Activation = Choice<Activation>(o, "activation"),
                    Normalization = Choice<Normalization>(o, "normalization"),
                };
            case "input": return new Layer.Input(Whole(o["channels"], "channels", MaxFeatures));
            case "pool": return new Layer.Pool(Whole(o["factor"], "factor", 16));
            case "up": return new Layer.Up(Whole(o["features"], "features", MaxFeatures), Whole(o["factor"], "factor", 16)) { Activation = Choice<Activation>(o, "activation") };
            case "score": return new Layer.Score(Whole(o["classes"], "classes", MaxFeatures));
            case "resize": return new Layer.Resize(Whole(o["factor"], "factor", 16));
            case "tap": return new Layer.Tap(Text(o, "name"), Parse(o["head"], depth + 1, ref left));
            case "skip": return new Layer.Skip(Parse(o["inner"], depth + 1, ref left));
            case "seq":
                if (o["layers"] is not JsonArray parts) throw new FormatException("seq: layers must be an array");
                var layers = new List<Layer>();
                foreach (var part in parts) layers.Add(Parse(part, depth + 1, ref left));
                return new Layer.Seq(layers);
            default: throw new FormatException($"unknown layer '{word}'");
        }
    }

    private static JsonObject Node(string word, params (string Name, JsonNode Value)[] fields)
    {
        var o = new JsonObject { ["layer"] = word };
        foreach (var (name, value) in fields) o[name] = value;
        return o;
    }

    private static string Word<T>(T choice) where T : struct, Enum => choice.ToString().ToLowerInvariant();

    private static T Choice<T>(JsonObject o, string field) where T : struct, Enum
    {
        var word = Text(o, field);
        foreach (var value in Enum.GetValues<T>())
            if (Word(value) == word) return value;
        throw new FormatException($"{field}: '{word}' is none of {string.Join(", ", Enum.GetValues<T>().Select(Word))}");
    }

    private static string Text(JsonObject o, string field) =>
        o[field] is JsonValue v && v.TryGetValue(out string? text) ? text : throw new FormatException($"{field} must be a text");

    private static int Whole(JsonNode? node, string field, int most) =>
        node is JsonValue v && v.TryGetValue(out int n) && n >= 1 && n <= most ? n : throw new FormatException($"{field} must be a whole number in 1..{most}");
}
