using System;
using System.Collections.Generic;
using System.Threading.Tasks;

namespace LiverSeg.Functional;

/// <summary>One crop as numbers, x fastest: intensities and then what each guide says, truth (0 or 1) and whether the voxel is known (0 outside of the scan).</summary>
internal sealed record TrainingCrop(Extent Extent, float[] Image, float[] Truth, float[] Known);

/// <summary>Draws crops from prepared cases: a pure function of seed and step, so that a resumed run draws the same.</summary>
internal static class Sampler
{
    private const long Round = 1, Place = 2, Change = 3;

    /// <summary>The crop of a step: cases in a new random order each round, then place and change. Equal on any number of threads.</summary>
    internal static TrainingCrop Draw(IReadOnlyList<TrainingCase> cases, TrainingOptions options, long step, int threads = 1)
    {
        var (round, turn) = (step / cases.Count, (int)(step % cases.Count));
        var shuffle = new CounterRandom(options.Seed, Round, round);
        var order = new int[cases.Count];
        for (var i = 0; i < order.Length; i++)
        {
            var j = shuffle.NextInt(i + 1);
            (order[i], order[j]) = (order[j], i);
        }
        var chosen = cases[order[turn]];
        return Cut(chosen, Centre(chosen, options, step), options, step, threads);
    }

    /// <summary>A liver voxel or any place where the crop lies inside as far as the volume allows.</summary>
    private static Point Centre(TrainingCase chosen, TrainingOptions options, long step)
    {
        var random = new CounterRandom(options.Seed, Place, step);
        var (e, crop) = (chosen.Image.Extent, options.Crop);
        if (random.NextDouble() < options.LiverShare && chosen.LiverVoxels.Count > 0)
        {
            var at = chosen.LiverVoxels[random.NextInt(chosen.LiverVoxels.Count)];
            double Jitter(int size) => random.Next(-size / 4.0, size / 4.0);
            double x = at % e.X + Jitter(crop.X), y = at / e.X % e.Y + Jitter(crop.Y), z = at / (e.X * e.Y) + Jitter(crop.Z);
            return new(Within(x, e.X, crop.X), Within(y, e.Y, crop.Y), Within(z, e.Z, crop.Z));
        }
        double Anywhere(int length, int size) => length <= size ? (length - 1) / 2.0 : random.Next(size / 2.0, length - size / 2.0) - 0.5;
        return new(Anywhere(e.X, crop.X), Anywhere(e.Y, crop.Y), Anywhere(e.Z, crop.Z));
    }

    private static double Within(double centre, int length, int size) =>
        length <= size ? (length - 1) / 2.0 : Math.Clamp(centre, size / 2.0 - 0.5, length - size / 2.0 - 0.5);

    private static TrainingCrop Cut(TrainingCase chosen, Point centre, TrainingOptions options, long step, int threads)
    {
        var (e, size, change) = (chosen.Image.Extent, options.Crop, options.Augmentation);
        var random = new CounterRandom(options.Seed, Change, step);
        var map = Linear(change, ref random);
        var elastic = change.ElasticVoxels > 0 ? new ElasticField(change.ElasticVoxels, ref random) : null;
        double Stretch(double s) => Math.Pow(1 + s, random.Next(-1, 1));
        double contrast = Stretch(change.Contrast), brightness = random.Next(-1, 1) * change.Brightness, noise = random.NextDouble() * change.Noise;
        var noiseKey = (long)random.NextBits();
        var guides = new SeenGuide[chosen.Guides.Count];
        for (var g = 0; g < guides.Length; g++) guides[g] = new(chosen.Guides[g], change, ref random);

        var image = new float[size.Count * (1 + chosen.Guides.Count)];
        var (truth, known) = (new float[size.Count], new float[size.Count]);
        var plain = elastic is null && change is { RotationDegrees: 0, TiltDegrees: 0, Scale: 0 } && (guides.Length == 0 || change.GuideElasticVoxels == 0);
        Parallel.For(0, size.Z, Parallelism.Of(threads), z =>
        {
            var source = Volume.Floats(chosen.Image.Voxels);
            var mask = chosen.Truth.Voxels;
            var grain = new CounterRandom(noiseKey, z); // a slice has grain of its own, whoever computes it
            for (int y = 0, i = z * size.X * size.Y; y < size.Y; y++)
                for (var x = 0; x < size.X; x++, i++)
                {
                    double u = x - (size.X - 1) / 2.0, v = y - (size.Y - 1) / 2.0, w = z - (size.Z - 1) / 2.0;
                    var (du, dv, dw) = elastic?.At(u, v, w) ?? default;
                    double px = centre.X + map[0] * u + map[1] * v + map[2] * w + du;
                    double py = centre.Y + map[3] * u + map[4] * v + map[5] * w + dv;
                    double pz = centre.Z + map[6] * u + map[7] * v + map[8] * w + dw;
                    int nx = (int)Math.Round(px), ny = (int)Math.Round(py), nz = (int)Math.Round(pz);
                    if (!e.Contains(nx, ny, nz)) continue;
                    var nearest = (nz * e.Y + ny) * e.X + nx;
                    var value = plain ? source[nearest] : TentFilter.At(source, e, px, py, pz);
                    if (noise > 0) value += (float)(noise * grain.NextNormal());
                    image[i] = (float)Math.Clamp((value - 0.5) * contrast + 0.5 + brightness, 0, 1);
                    truth[i] = mask[nearest] ? 1 : 0;
                    known[i] = 1;
                    for (var g = 0; g < guides.Length; g++) image[i + (int)size.Count * (g + 1)] = plain ? guides[g].Of(nearest) : guides[g].At(u, v, w, px, py, pz);
                }
        });
        return new(size, image, truth, known);
    }

    /// <summary>Rotation, tilt and scale as a 3×3 matrix (rows x, y, z) from crop to volume offsets.</summary>
    private static double[] Linear(Augmentation change, ref CounterRandom random)
    {
        var turn = (change.QuarterTurns ? random.NextInt(4) * 90 : 0) + random.Next(-1, 1) * change.RotationDegrees;
        double a = turn * Math.PI / 180, b = random.Next(-1, 1) * change.TiltDegrees * Math.PI / 180, c = random.Next(-1, 1) * change.TiltDegrees * Math.PI / 180;
        double sx = Math.Pow(1 + change.Scale, random.Next(-1, 1)), sy = Math.Pow(1 + change.Scale, random.Next(-1, 1)), sz = Math.Pow(1 + change.Scale, random.Next(-1, 1));
        double ca = Math.Cos(a), sa = Math.Sin(a), cb = Math.Cos(b), sb = Math.Sin(b), cc = Math.Cos(c), sc = Math.Sin(c);
        // Quarter turns must hit voxel centres exactly.
        if (change is { RotationDegrees: 0 }) (ca, sa) = (Math.Round(ca), Math.Round(sa));
        return
        [
            sx * ca * cb, sy * (ca * sb * sc - sa * cc), sz * (ca * sb * cc + sa * sc),
            sx * sa * cb, sy * (sa * sb * sc + ca * cc), sz * (sa * sb * cc - ca * sc),
            -sx * sb, sy * cb * sc, sz * cb * cc,
        ];
    }

    /// <summary>What a guide says, made worse: guides know the scans that are learned from better than those to come.</summary>
    private sealed class SeenGuide
    {
        private readonly Volume<Probability> _guide;
        private readonly ElasticField? _displaced;
        private readonly bool _lost;

        internal SeenGuide(Volume<Probability> guide, Augmentation change, ref CounterRandom random)
        {
            _guide = guide;
            _lost = random.NextDouble() < change.GuideLoss;
            _displaced = change.GuideElasticVoxels > 0 ? new(change.GuideElasticVoxels, ref random) : null;
        }

        internal float Of(int voxel) => _lost ? 0 : _guide.Voxels[voxel].Value;

        internal float At(double u, double v, double w, double px, double py, double pz)
        {
            if (_lost) return 0;
            var (du, dv, dw) = _displaced?.At(u, v, w) ?? default;
            return TentFilter.At(Volume.Floats(_guide.Voxels), _guide.Extent, px + du, py + dv, pz + dw);
        }
    }

    /// <summary>A smooth displacement: a few plane waves with random directions, wavelengths and phases.</summary>
    private sealed class ElasticField
    {
        private const int Waves = 4;
        private readonly double[] _wave = new double[Waves * 7];

        internal ElasticField(double deviation, ref CounterRandom random)
        {
            for (var i = 0; i < Waves; i++)
            {
                var length = random.Next(30, 80);
                for (var k = 0; k < 3; k++) _wave[i * 7 + k] = random.NextNormal() * 2 * Math.PI / length / Math.Sqrt(3);
                _wave[i * 7 + 3] = random.Next(0, 2 * Math.PI);
                // A wave of amplitude A has variance A² / 2.
                for (var k = 4; k < 7; k++) _wave[i * 7 + k] = random.NextNormal() * deviation * Math.Sqrt(2.0 / Waves);
            }
        }

        internal (double X, double Y, double Z) At(double x, double y, double z)
        {
            double dx = 0, dy = 0, dz = 0;
            for (var i = 0; i < _wave.Length; i += 7)
            {
                var s = Math.Sin(_wave[i] * x + _wave[i + 1] * y + _wave[i + 2] * z + _wave[i + 3]);
                dx += s * _wave[i + 4];
                dy += s * _wave[i + 5];
                dz += s * _wave[i + 6];
            }
            return (dx, dy, dz);
        }
    }
}
