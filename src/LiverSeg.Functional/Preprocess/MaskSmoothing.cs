using System;
using System.Threading.Tasks;

namespace LiverSeg.Functional;

/// <summary>Rounds off a mask's surface.</summary>
public static class MaskSmoothing
{
    /// <summary>
    /// Inside where a Gaussian around the voxel sees more inside than outside: spikes and pits narrower than about σ go, flat faces stay.
    /// </summary>
    /// <remarks>Laws: empty and full masks stay; the complement of the result is the result of the complement, ties apart; turning the mask turns the result.</remarks>
    /// <param name="mask">The mask.</param>
    /// <param name="sigmaMm">σ in mm, cut at 3 σ; 0 changes nothing. Beyond the image's border nothing is seen.</param>
    /// <param name="threads">Threads; 0 = one a processor. Results do not depend on it.</param>
    /// <exception cref="ArgumentException">σ is negative or not finite.</exception>
    public static Volume<bool> Smooth(this Volume<bool> mask, double sigmaMm, int threads = 0)
    {
        if (!(sigmaMm >= 0) || !double.IsFinite(sigmaMm)) throw new ArgumentException(FormattableString.Invariant($"σ {sigmaMm}; a finite number of mm, 0 or more, is needed"), nameof(sigmaMm));
        var box = mask.BoundingBox();
        if (sigmaMm == 0 || box.Extent.Count == 0) return mask;
        var s = mask.Grid.Spacing;
        float[] x = Samples(sigmaMm / s.X), y = Samples(sigmaMm / s.Y), z = Samples(sigmaMm / s.Z);
        var e = mask.Extent;
        // Farther from the mask than the Gaussian reaches nothing can become inside.
        (int Low, int High) Room(int start, int length, int reach, int size) => (Math.Max(0, start - reach + 1), Math.Min(size, start + length + reach - 1));
        var (x0, x1) = Room(box.X, box.Extent.X, x.Length, e.X);
        var (y0, y1) = Room(box.Y, box.Extent.Y, y.Length, e.Y);
        var (z0, z1) = Room(box.Z, box.Extent.Z, z.Length, e.Z);
        int w = x1 - x0, h = y1 - y0, d = z1 - z0, area = w * h;
        float[] a = new float[area * d], b = new float[area * d];
        var options = Workers.Of(threads);
        Parallel.For(0, d, options, k =>
        {
            for (var j = 0; j < h; j++)
                for (var i = 0; i < w; i++) a[k * area + j * w + i] = mask[x0 + i, y0 + j, z0 + k] ? 1 : 0;
            for (var j = 0; j < h; j++) Line(a.AsSpan(k * area + j * w, w), b.AsSpan(k * area + j * w, w), x, x0, e.X);
            NeighbourSums.Across(b.AsSpan(k * area, area), a.AsSpan(k * area, area), h, w, y);
            for (var j = 0; j < h; j++) Scale(a.AsSpan(k * area + j * w, w), Share(y, y0 + j, e.Y));
        });
        Parallel.For(0, d, options, k =>
        {
            NeighbourSums.Line(a, b.AsSpan(k * area, area), k, d, area, z);
            Scale(b.AsSpan(k * area, area), Share(z, z0 + k, e.Z));
        });
        var voxels = Volume.Allocate<bool>(mask.Grid);
        Parallel.For(0, d, options, k =>
        {
            for (var j = 0; j < h; j++)
            {
                var row = ((z0 + k) * e.Y + y0 + j) * e.X + x0;
                for (var i = 0; i < w; i++) voxels[row + i] = b[k * area + j * w + i] > 0.5f;
            }
        });
        return new(mask.Grid, voxels);
    }

    /// <summary>The Gaussian's samples at 0, 1, 2, .. voxels up to 3 σ.</summary>
    private static float[] Samples(double sigma)
    {
        var samples = new float[1 + (int)(3 * sigma)];
        for (var i = 0; i < samples.Length; i++) samples[i] = (float)Math.Exp(-i * (double)i / (2 * sigma * sigma));
        return samples;
    }

    /// <summary>One over the samples that fall into the image.</summary>
    private static float Share(float[] samples, int at, int size)
    {
        var sum = samples[0];
        for (var k = 1; k < samples.Length; k++) sum += (at - k >= 0 ? samples[k] : 0) + (at + k < size ? samples[k] : 0);
        return 1 / sum;
    }

    private static void Line(ReadOnlySpan<float> source, Span<float> target, float[] samples, int start, int size)
    {
        for (var i = 0; i < target.Length; i++)
        {
            var sum = source[i] * samples[0];
            for (var k = 1; k < samples.Length; k++) sum += samples[k] * ((i >= k ? source[i - k] : 0) + (i + k < source.Length ? source[i + k] : 0));
            target[i] = sum * Share(samples, start + i, size);
        }
    }

    private static void Scale(Span<float> values, float factor)
    {
        for (var i = 0; i < values.Length; i++) values[i] *= factor;
    }
}
