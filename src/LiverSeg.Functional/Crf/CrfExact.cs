using System;
using System.Runtime.InteropServices;
using System.Threading.Tasks;

namespace LiverSeg.Functional;

public static partial class Crf
{
    /// <summary>The most voxels that a field (a transverse slice, or the volume) may have for the exact sums: 64², which takes 128 MiB.</summary>
    public const int ExactLimit = 64 * 64;

    /// <summary>
    /// The same mean field with every pair of voxels summed one by one in double precision: slow, O(n²) an iteration, and the
    /// measure of <see cref="Refine(Volume{Probability}, Volume{Hu}, CrfOptions, Action{int, int}?, System.Threading.CancellationToken)"/>.
    /// </summary>
    /// <exception cref="ArgumentException">As for Refine, and for fields of more than <see cref="ExactLimit"/> voxels.</exception>
    public static Volume<Probability> Exact(this Volume<Probability> scores, Volume<Hu> guide, CrfOptions options) =>
        Exact(scores, guide, 1, options);

    /// <inheritdoc cref="Exact(Volume{Probability}, Volume{Hu}, CrfOptions)"/>
    public static Volume<Probability> Exact(this Volume<Probability> scores, Volume<Intensity> guide, CrfOptions options) =>
        Exact(scores, guide, options.GuideWindow.Width, options);

    private static Volume<Probability> Exact<T>(Volume<Probability> scores, Volume<T> guide, double hu, CrfOptions options) where T : unmanaged, IEquatable<T>
    {
        Check(scores, guide, options);
        var fields = CrfPlanes.Of(scores.Grid, options.Reach);
        var n = fields.Extent.Count;
        if (n > ExactLimit)
            throw new ArgumentException(FormattableString.Invariant($"{n} voxels in a field of {scores.Grid}; the exact sums take {ExactLimit} at most: crop it, or use Refine"), nameof(scores));
        var result = Volume.Allocate<Probability>(scores.Grid);
        if (options.Iterations == 0) return scores;
        float[] p = new float[n], g = new float[n];
        for (var field = 0; field < fields.Count; field++)
        {
            fields.Gather(Volume.Floats(scores.Voxels), field, p);
            fields.Gather(Volume.Floats(guide.Voxels), field, g);
            var q = new ExactField(fields, Array.ConvertAll(g, v => v * hu), options).MeanField(p);
            fields.Scatter(Array.ConvertAll(q, v => (float)v), field, MemoryMarshal.Cast<Probability, float>(result.AsSpan()));
        }
        return new(scores.Grid, result);
    }

    /// <summary>φ of every pair of a field's voxels, the sum of both scaled kernels.</summary>
    private sealed class ExactField
    {
        private readonly CrfOptions _options;
        private readonly int _n;
        private readonly double[,] _phi;

        internal ExactField(CrfPlanes fields, double[] guide, CrfOptions options)
        {
            (_options, _n) = (options, guide.Length);
            _phi = new double[_n, _n];
            var width = fields.Extent.X;
            var height = fields.Extent.Y;
            double Apart(int i, int j, double theta)
            {
                var (x, y, z) = fields.Voxels(theta, options.Unit);
                double dx = (i % width - j % width) / x, dy = (i / width % height - j / width % height) / y, dz = (i / width / height - j / width / height) / z;
                return (dx * dx + dy * dy + dz * dz) / 2;
            }
            AddKernel(options.Mu1, (i, j) => Math.Exp(-Apart(i, j, options.ThetaAlpha) - Math.Pow((guide[i] - guide[j]) / options.ThetaBeta, 2) / 2));
            AddKernel(options.Mu2, (i, j) => Math.Exp(-Apart(i, j, options.ThetaGamma)));
            for (var i = 0; i < _n && !options.SelfTerm; i++) _phi[i, i] = 0;
        }

        private void AddKernel(double mu, Func<int, int, double> kernel)
        {
            var sums = new double[_n];
            Rows(i => { for (var j = 0; j < _n; j++) sums[i] += kernel(i, j); });
            Rows(i => { for (var j = 0; j < _n; j++) _phi[i, j] += mu * kernel(i, j) * Scale(sums[i], sums[j]); });
        }

        private double Scale(double to, double from) => _options.Normalization switch
        {
            CrfNormalization.Symmetric => 1 / Math.Sqrt(to * from),
            CrfNormalization.Before => 1 / from,
            CrfNormalization.After => 1 / to,
            _ => 1,
        };

        /// <summary>Q of label 1 after the iterations: each is softmax(−U + φ Q) over both labels.</summary>
        internal double[] MeanField(float[] p)
        {
            var least = _options.MinProbability;
            var unary = Array.ConvertAll(p, v => Math.Clamp(v, least, 1 - least));
            var q = unary;
            for (var t = 0; t < _options.Iterations; t++)
            {
                var (before, after) = (q, new double[_n]);
                Rows(i =>
                {
                    double one = 0, zero = 0;
                    for (var j = 0; j < _n; j++)
                    {
                        one += _phi[i, j] * before[j];
                        zero += _phi[i, j] * (1 - before[j]);
                    }
                    after[i] = 1 / (1 + (1 - unary[i]) / unary[i] * Math.Exp(zero - one));
                });
                q = after;
            }
            return q;
        }

        private void Rows(Action<int> row) => Parallel.For(0, _n, Parallelism.Of(_options.Threads), row);
    }
}
