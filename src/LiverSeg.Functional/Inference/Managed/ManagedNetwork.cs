using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;

namespace LiverSeg.Functional;

/// <summary>A network of small kernels, computed without libtorch: the same numbers but for rounding (about 1e-5 of a probability), in less time and memory.</summary>
/// <remarks>Equal input gives equal bytes whatever the threads. For one call at a time.</remarks>
internal sealed class ManagedNetwork
{
    private const double Epsilon = 1e-5;
    private readonly Layer _network;
    private readonly Weights _weights;
    private readonly Dictionary<string, object> _prepared = [];
    private readonly FloatPool _pool = new();

    /// <param name="network">It must be <see cref="Suits"/>.</param>
    /// <param name="weights">Its weights.</param>
    internal ManagedNetwork(Layer network, Weights weights) => (_network, _weights) = (network, weights);

    /// <summary>Whether this processor has what the kernels are written for.</summary>
    internal static bool IsSupported => ProductBlock.IsSupported;

    /// <summary>Whether a network's main output is made of operations that are known here.</summary>
    internal static bool Suits(Layer network) => network switch
    {
        Layer.Seq s => s.Layers.All(Suits),
        Layer.Skip s => Suits(s.Inner),
        Layer.Conv c => c.Kernel == Kernel.Cube(3),
        Layer.Up u => u.Factor == 2,
        Layer.Input or Layer.Pool or Layer.Score or Layer.Tap => true,
        _ => false,
    };

    /// <summary>The main output of channels that lie each by itself.</summary>
    /// <param name="extent">The channels'.</param>
    /// <param name="channels">The image first.</param>
    /// <param name="threads">0 = one per processor.</param>
    /// <param name="cancel">Asks to stop between operations.</param>
    /// <returns>Taken from the pool; <see cref="Release"/> gives it back.</returns>
    internal FeatureMap Forward(Extent extent, IReadOnlyList<float[]> channels, int threads, CancellationToken cancel)
    {
        var maps = channels.Select(c => new FeatureMap(extent, 1, c)).ToArray();
        return Alone(Run(_network, "", maps, new(new(), maps, threads, cancel)));
    }

    internal void Release(FeatureMap map) => _pool.Give(map.Values);

    /// <summary>What the maps have taken so far.</summary>
    internal long MapBytes => 4 * _pool.Allocated;

    /// <summary>Compiles what a pass needs, beside other work.</summary>
    internal static void Begin(Model model) => ThreadPool.QueueUserWorkItem(static m =>
    {
        var (network, size) = (m.Network, m.Network.Stride());
        var tile = new Extent(size, size, size);
        new ManagedNetwork(network, m.Weights).Forward(tile, [.. Enumerable.Range(0, network.Channels()).Select(_ => new float[tile.Count])], 1, default);
    }, model, preferLocal: false);

    private readonly record struct Pass(Dictionary<string, int> Counts, FeatureMap[] Given, int Threads, CancellationToken Cancel);

    private FeatureMap[] Run(Layer layer, string scope, FeatureMap[] x, Pass pass)
    {
        if (layer is Layer.Seq seq) return seq.Layers.Aggregate(x, (before, l) =>
        {
            var next = Run(l, scope, before, pass);
            // What lies between two layers is of no more use.
            foreach (var map in before)
                if (!x.Contains(map, ReferenceEqualityComparer.Instance) && !next.Contains(map, ReferenceEqualityComparer.Instance)) Release(map);
            return next;
        });
        var path = LayerFolds.NextName(pass.Counts, scope, layer);
        pass.Cancel.ThrowIfCancellationRequested();
        Weight W(string name) => _weights[path + "/" + name];
        switch (layer)
        {
            case Layer.Input or Layer.Tap:
                return x;
            case Layer.Conv c:
                return [Convolve(c, Prepared(path, () => new WinogradConvolution(W("weight"), W("bias"))), x, W, pass)];
            case Layer.Pool p:
                return [VoxelOperations.Pool(Alone(x), p.Factor, _pool, pass.Threads)];
            case Layer.Up u:
                return [Prepared(path, () => new UpConvolution(W("weight"), W("bias"))).Apply(Alone(x), u.Activation, _pool, pass.Threads)];
            case Layer.Score:
                return [VoxelOperations.Score(Alone(x), W("weight"), W("bias"), _pool, pass.Threads)];
            case Layer.Skip s:
                return [.. x, .. Run(s.Inner, path + "/", x, pass)];
            default:
                throw new ArgumentException($"{layer.GetType().Name} is not known here", nameof(layer));
        }
    }

    private FeatureMap Convolve(Layer.Conv layer, WinogradConvolution convolution, FeatureMap[] x, Func<string, Weight> weight, Pass pass)
    {
        var extent = x[0].Extent;
        var made = new FeatureMap(extent, layer.Features, _pool.Take((int)extent.Count * layer.Features)) { Slope = FeatureMap.SlopeOf(layer.Activation) };
        var sums = convolution.Apply(x, made, pass.Threads);
        if (layer.Normalization != Normalization.Instance) return made;
        var (n, scale, shift) = ((double)made.Extent.Count, new float[made.Features], new float[made.Features]);
        for (var f = 0; f < made.Features; f++)
        {
            var mean = sums[f] / n;
            var factor = weight("scale").Values[f] / Math.Sqrt(Math.Max(0, sums[made.Features + f] / n - mean * mean) + Epsilon);
            (scale[f], shift[f]) = ((float)factor, (float)(weight("shift").Values[f] - mean * factor));
        }
        return made with { Scale = scale, Shift = shift };
    }

    private T Prepared<T>(string path, Func<T> make) where T : class
    {
        if (!_prepared.TryGetValue(path, out var made)) _prepared.Add(path, made = make());
        return (T)made;
    }

    /// <summary>Maps side by side as one.</summary>
    private FeatureMap Alone(FeatureMap[] maps)
    {
        if (maps.Length == 1) return maps[0];
        var (extent, features) = (maps[0].Extent, maps.Sum(m => m.Features));
        var values = _pool.Take((int)extent.Count * features);
        var first = 0;
        foreach (var map in maps)
        {
            for (var i = 0; i < extent.Count; i++)
                for (var f = 0; f < map.Features; f++) values[i * features + first + f] = map.Read(i * map.Features, f);
            first += map.Features;
        }
        return new(extent, features, values);
    }

    /// <summary>What a forward pass of a tile takes: every map that lives at once with others of its size, the channels, and the threads' workspaces.</summary>
    internal static long PeakBytes(Layer network, Extent tile)
    {
        var channels = network.Channels();
        var (live, most) = (new Dictionary<long, int>(), new Dictionary<long, int>());
        PlannedMap Take(Extent extent, int features)
        {
            var map = new PlannedMap(extent, features);
            live[map.Length] = live.GetValueOrDefault(map.Length) + 1;
            most[map.Length] = Math.Max(most.GetValueOrDefault(map.Length), live[map.Length]);
            return map;
        }
        PlannedMap[] Made(Layer layer, PlannedMap[] x)
        {
            var (e, features) = (x[0].Extent, x.Sum(m => m.Features));
            return layer switch
            {
                Layer.Seq s => s.Layers.Aggregate(x, (before, l) =>
                {
                    var next = Made(l, before);
                    foreach (var map in before.Except(x).Except(next)) live[map.Length]--;
                    return next;
                }),
                Layer.Skip s => [.. x, .. Made(s.Inner, x)],
                Layer.Conv c => [Take(e, c.Features)],
                Layer.Pool p => [Take(new(e.X / p.Factor, e.Y / p.Factor, e.Z / p.Factor), features)],
                Layer.Up u => [Take(new(u.Factor * e.X, u.Factor * e.Y, u.Factor * e.Z), u.Features)],
                Layer.Score s => [Take(e, s.Classes)],
                _ => x,
            };
        }
        Made(network, [.. Enumerable.Range(0, channels).Select(_ => new PlannedMap(tile, 1))]);
        return 4 * (most.Sum(m => m.Key * m.Value) + (2 * channels + 2) * tile.Count) + Workspaces;
    }

    private const long Workspaces = 24L << 20;

    /// <summary>A map before there is one; equal to itself only.</summary>
    private sealed class PlannedMap(Extent extent, int features)
    {
        internal Extent Extent => extent;

        internal int Features => features;

        internal long Length => extent.Count * features;
    }
}
