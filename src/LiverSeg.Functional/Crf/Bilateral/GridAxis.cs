using System;

namespace LiverSeg.Functional;

/// <summary>One axis of the bilateral grid in space: nodes θ / c apart, and each pixel between two of them.</summary>
/// <remarks>The nodes lie symmetrically about the middle of the image, so that mirroring it mirrors the sums.</remarks>
internal sealed class GridAxis
{
    internal GridAxis(int pixels, double theta, double cellsPerTheta)
    {
        var h = theta / cellsPerTheta;
        Cells = Math.Max(1, (int)Math.Ceiling((pixels - 1) / h - 1e-9));
        (Cell, Share, Start) = (new int[pixels], new float[pixels], new int[Cells + 1]);
        for (var x = 0; x < pixels; x++)
        {
            var u = (x - (pixels - 1) / 2.0) / h + Cells / 2.0;
            Cell[x] = Math.Clamp((int)Math.Floor(u), 0, Cells - 1);
            Share[x] = (float)(u - Cell[x]);
        }
        Start[Cells] = pixels;
        for (var (c, x) = (Cells - 1, pixels); c >= 0; c--)
        {
            while (x > 0 && Cell[x - 1] >= c) x--;
            Start[c] = x;
        }
    }

    /// <summary>Intervals between nodes; there is one node more.</summary>
    internal int Cells { get; }

    /// <summary>The node before each pixel.</summary>
    internal int[] Cell { get; }

    /// <summary>How far each pixel is on the way to the next node, in [0, 1].</summary>
    internal float[] Share { get; }

    /// <summary>The first pixel of each interval.</summary>
    internal int[] Start { get; }

    /// <summary>
    /// Weights between nodes that, with linear shares on both ends, make a Gaussian of <paramref name="sigma"/> cells: the two
    /// linear steps widen it by 1/3 cell², which is taken off here; the weights sum to that of the Gaussian's samples.
    /// </summary>
    internal static float[] Blur(double sigma, double reach)
    {
        var variance = sigma * sigma - 1 / 3.0;
        var weights = new double[1 + (int)Math.Ceiling(reach * sigma)];
        double sum = 0;
        for (var k = 0; k < weights.Length; k++)
        {
            weights[k] = Math.Exp(-k * k / (2 * variance));
            sum += k == 0 ? weights[k] : 2 * weights[k];
        }
        var scale = sigma * Math.Sqrt(2 * Math.PI) / sum;
        return Array.ConvertAll(weights, w => (float)(w * scale));
    }
}
