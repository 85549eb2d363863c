using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.InteropServices;

namespace LiverSeg.Functional;

/// <summary>A <see cref="Layer"/> as an ONNX graph: one more fold, whose steps are the standard's operators.</summary>
/// <remarks>Values are named as weights are, by the path in words.</remarks>
internal sealed class OnnxGraph
{
    private const int Float = 1, Int64 = 7;
    private const float Epsilon = 1e-5f;
    private readonly OnnxWriter _graph = new();
    private readonly Dictionary<string, int> _counts = [];
    private readonly List<(string Name, string Value)> _taps = [];
    private readonly Func<string, bool> _wanted;
    private readonly bool _byAxes;

    private OnnxGraph(Func<string, bool> wanted, bool byAxes) => (_wanted, _byAxes) = (wanted, byAxes);

    /// <summary>Input <c>image</c>; outputs <c>liver</c> (fused probability), <c>logits</c> and one <c>logits.TAP</c> a side output.</summary>
    internal static OnnxWriter Of(Model model) => Of(model, _ => true, fused: true);

    /// <summary>The same without <c>liver</c>, with some taps only, and with means that are taken axis by axis.</summary>
    internal static OnnxWriter Logits(Model model, IReadOnlyList<string> taps) => Of(model, taps.Contains, fused: false);

    private static OnnxWriter Of(Model model, Func<string, bool> wanted, bool fused)
    {
        var g = new OnnxGraph(wanted, byAxes: !fused);
        foreach (var (name, weight) in model.Weights)
            g._graph.Message(5, Tensor(name, Float, weight.Shape.Select(d => (long)d), MemoryMarshal.AsBytes(weight.Values)));
        g.Node("Identity", "logits", [g.Run(model.Network, "", "image")]);
        foreach (var (name, value) in g._taps) g.Node("Identity", "logits." + name, [value]);
        if (fused) g.Fuse(model);
        g._graph.Text(2, "liverseg");
        g._graph.Message(11, Value("image", model.Network.Channels()));
        if (fused) g._graph.Message(12, Value("liver", 1));
        g._graph.Message(12, Value("logits", 2));
        foreach (var (name, _) in g._taps) g._graph.Message(12, Value("logits." + name, 2));
        return g._graph;
    }

    /// <summary>Eq. 4: (1 − Σ τ) softmax(main) + Σ τ softmax(branch); of it the second class.</summary>
    private void Fuse(Model model)
    {
        var terms = new List<string>();
        void Term(string logits, double weight)
        {
            if (weight == 0) return;
            var path = "fused/" + logits;
            Node("Softmax", path + "/softmax", [logits], Whole("axis", 1));
            Constant(path + "/weight", (float)weight);
            Node("Mul", path, [path + "/softmax", path + "/weight"]);
            terms.Add(path);
        }
        Term("logits", 1 - model.Fusion.Sum(f => f.Tau));
        foreach (var f in model.Fusion) Term("logits." + f.Tap, f.Tau);
        Node("Sum", "fused", terms);
        _graph.Message(5, Tensor("fused/class", Int64, [1], BitConverter.GetBytes(1L)));
        Node("Gather", "liver", ["fused", "fused/class"], Whole("axis", 1));
    }

    private string Run(Layer layer, string scope, string x)
    {
        if (layer is Layer.Seq seq) return seq.Layers.Aggregate(x, (value, l) => Run(l, scope, value));
        var path = LayerFolds.NextName(_counts, scope, layer);
        string[] Learned() => [x, path + "/weight", path + "/bias"];
        switch (layer)
        {
            case Layer.Conv c:
                long[] half = [c.Kernel.Z / 2, c.Kernel.Y / 2, c.Kernel.X / 2];
                var y = Node("Conv", path, Learned(), Wholes("pads", [.. half, .. half]));
                if (c.Normalization == Normalization.Instance)
                    y = _byAxes ? Normalize(y, path) : Node("InstanceNormalization", path + "/normalized", [y, path + "/scale", path + "/shift"], Real("epsilon", Epsilon));
                return Activate(y, path, c.Activation);
            case Layer.Input:
                return x;
            case Layer.Pool p:
                return Node("MaxPool", path, [x], Wholes("kernel_shape", Thrice(p.Factor)), Wholes("strides", Thrice(p.Factor)));
            case Layer.Up u:
                return Activate(Node("ConvTranspose", path, Learned(), Wholes("strides", Thrice(u.Factor)), Wholes("pads", [1, 1, 1, 1, 1, 1]), Wholes("output_padding", Thrice(u.Factor - 1))), path, u.Activation);
            case Layer.Score:
                return Node("Conv", path, Learned());
            case Layer.Resize r:
                Constant(path + "/scales", 1, 1, r.Factor, r.Factor, r.Factor);
                return Node("Resize", path, [x, "", path + "/scales"], Word("mode", "linear"), Word("coordinate_transformation_mode", "half_pixel"));
            case Layer.Skip s:
                return Node("Concat", path, [x, Run(s.Inner, path + "/", x)], Whole("axis", 1));
            case Layer.Tap t when !t.Head.Taps().Append(t.Name).Any(_wanted):
                return x;
            case Layer.Tap t:
                _taps.Add((t.Name, Run(t.Head, path + "/", x)));
                return x;
            default:
                throw new ArgumentException($"unknown layer {layer.GetType().Name}", nameof(layer));
        }
    }

    /// <summary>Instance normalisation of means of rows, then of planes: ONNX Runtime's own adds millions of voxels to one number of 24 bits, which shifts scores by 3e-4.</summary>
    private string Normalize(string x, string path)
    {
        string Mean(string of, string name) => new[] { 4L, 3, 2 }.Aggregate(of, (value, axis) => Node("ReduceMean", $"{name}/{axis}", [value], Wholes("axes", [axis])));
        _graph.Message(5, Tensor(path + "/axes", Int64, [3], MemoryMarshal.AsBytes<long>([1, 2, 3])));
        string Spread(string name) => Node("Unsqueeze", path + name + "/spread", [path + name, path + "/axes"]);
        Constant(path + "/epsilon", Epsilon);
        var centred = Node("Sub", path + "/centred", [x, Mean(x, path + "/mean")]);
        var variance = Mean(Node("Mul", path + "/squares", [centred, centred]), path + "/variance");
        var deviation = Node("Sqrt", path + "/deviation", [Node("Add", path + "/variance/epsilon", [variance, path + "/epsilon"])]);
        var scaled = Node("Mul", path + "/scaled", [centred, Node("Div", path + "/factor", [Spread("/scale"), deviation])]);
        return Node("Add", path + "/normalized", [scaled, Spread("/shift")]);
    }

    private string Activate(string x, string path, Activation activation) => activation switch
    {
        Activation.Relu => Node("Relu", path + "/relu", [x]),
        Activation.LeakyRelu => Node("LeakyRelu", path + "/relu", [x], Real("alpha", 0.01f)),
        _ => x,
    };

    private string Node(string operation, string output, IEnumerable<string> inputs, params ReadOnlySpan<OnnxWriter> attributes)
    {
        var node = new OnnxWriter();
        foreach (var input in inputs) node.Text(1, input);
        node.Text(2, output).Text(3, output + ":" + operation).Text(4, operation);
        foreach (var attribute in attributes) node.Message(5, attribute);
        _graph.Message(1, node);
        return output;
    }

    private void Constant(string name, params float[] values) =>
        _graph.Message(5, Tensor(name, Float, [values.Length], MemoryMarshal.AsBytes(values.AsSpan())));

    private static long[] Thrice(int n) => [n, n, n];

    private static OnnxWriter Real(string name, float value) => new OnnxWriter().Text(1, name).Real(2, value).Number(20, 1);

    private static OnnxWriter Whole(string name, long value) => new OnnxWriter().Text(1, name).Number(3, value).Number(20, 2);

    private static OnnxWriter Word(string name, string value) => new OnnxWriter().Text(1, name).Text(4, value).Number(20, 3);

    private static OnnxWriter Wholes(string name, long[] values) =>
        values.Aggregate(new OnnxWriter().Text(1, name), (a, v) => a.Number(8, v)).Number(20, 7);

    private static OnnxWriter Tensor(string name, int type, IEnumerable<long> shape, ReadOnlySpan<byte> numbers) =>
        shape.Aggregate(new OnnxWriter(), (t, d) => t.Number(1, d)).Number(2, type).Text(8, name).Bytes(9, numbers);

    /// <summary>(batch, channels, z, y, x), all but the channels free.</summary>
    private static OnnxWriter Value(string name, int channels)
    {
        var shape = new OnnxWriter();
        foreach (var axis in new[] { "batch", "", "z", "y", "x" })
            shape.Message(1, axis.Length > 0 ? new OnnxWriter().Text(2, axis) : new OnnxWriter().Number(1, channels));
        return new OnnxWriter().Text(1, name).Message(2, new OnnxWriter().Message(1, new OnnxWriter().Number(1, Float).Message(2, shape)));
    }
}
