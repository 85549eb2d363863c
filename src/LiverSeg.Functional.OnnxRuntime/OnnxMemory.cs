using System;

namespace LiverSeg.Functional;

/// <summary>What ONNX Runtime takes for a tile: a fold over the layers that adds what lives at once. Without an arena each value goes back after its last use.</summary>
internal sealed class OnnxMemory
{
    /// <summary>Of a deconvolution's 3×3×3 kernels: each input voxel is spread out before it is summed.</summary>
    private const int Spread = 27;

    private long _most, _outputs;

    /// <summary>The most that lives at once, in bytes: an upper estimate.</summary>
    internal static long Peak(Layer network, Shape input)
    {
        var memory = new OnnxMemory();
        var main = memory.Through(network, input, 0);
        return memory._most + memory._outputs + 2 * Bytes(main);
    }

    /// <param name="layer">What is computed.</param>
    /// <param name="x">Its input.</param>
    /// <param name="held">What lives meanwhile for later layers, in bytes.</param>
    private Shape Through(Layer layer, Shape x, long held)
    {
        if (layer is Layer.Seq seq)
        {
            foreach (var inner in seq.Layers) x = Through(inner, x, held);
            return x;
        }
        var made = layer.OutputShape(x);
        var (before, after) = (Bytes(x), Bytes(made));
        var needed = before + after;
        switch (layer)
        {
            case Layer.Conv { Normalization: Normalization.Instance }:
                needed += after;
                break;
            case Layer.Up u:
                needed += 4L * Spread * u.Features * x.Extent.Count;
                break;
            case Layer.Skip s:
                Through(s.Inner, x, held + before);
                needed += after - before; // what came from within, beside both as one
                break;
            case Layer.Tap t:
                _outputs += 2 * Bytes(Through(t.Head, x, held + before));
                break;
        }
        _most = Math.Max(_most, held + needed);
        return made;
    }

    private static long Bytes(Shape shape) => 4L * shape.Channels * shape.Extent.Count;
}
