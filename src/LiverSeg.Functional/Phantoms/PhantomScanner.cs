using System;
using System.Threading.Tasks;

namespace LiverSeg.Functional;

/// <summary>Gives organs their radiodensity, blurs them as a scanner does, and adds noise with CT-like grain.</summary>
internal static class PhantomScanner
{
    private const long Tissue = 21, Grain = 22, Texture = 23;

    internal static Volume<Hu> Scan(Volume<OrganLabel> organs, ContrastPhase phase, PhantomOptions options)
    {
        var random = new CounterRandom(options.Seed, Tissue);
        var density = new float[Enum.GetValues<Organ>().Length];
        foreach (var organ in Enum.GetValues<Organ>()) density[(int)organ] = (float)(Density(organ, phase) + random.NextNormal() * (organ == Organ.Air ? 0 : 5));
        var noise = options.Noise ?? random.Next(6, 22);
        var (e, spacing) = (organs.Extent, organs.Grid.Spacing);
        var area = e.X * e.Y;
        var clean = new float[organs.Voxels.Length];
        Parallel.For(0, e.Z, z =>
        {
            var texture = new CounterRandom(options.Seed, Texture, z);
            for (var i = z * area; i < (z + 1) * area; i++)
            {
                var organ = organs.Voxels[i].Value;
                var rough = organ switch { Organ.Bone => 110, Organ.Lung => 35, Organ.Bowel or Organ.Stomach => 18, Organ.InnerFat or Organ.Fat => 8, Organ.Air => 0, _ => 5 };
                clean[i] = density[(int)organ] + rough * (float)texture.NextNormal();
            }
        });
        // The in-plane point spread of a soft-tissue kernel is about 0.8 mm.
        var spread = (float)Math.Clamp(0.8 / spacing.X, 0.25, 1.2);
        var voxels = Volume.Allocate<Hu>(organs.Grid);
        Parallel.For(0, e.Z, z =>
        {
            var (slice, grain) = (clean.AsSpan(z * area, area).ToArray(), new float[area]);
            var key = new CounterRandom(options.Seed, Grain, z);
            for (var i = 0; i < area; i++) grain[i] = (float)key.NextNormal();
            Blur(slice, e.X, e.Y, spread);
            Blur(grain, e.X, e.Y, 0.7f);
            double squares = 0;
            foreach (var g in grain) squares += g * g;
            var scale = (float)(noise / Math.Sqrt(squares / area + 1e-12));
            for (var i = 0; i < area; i++) voxels[z * area + i] = new(MathF.Round(Math.Clamp(slice[i] + scale * grain[i], -1024, 3071)));
        });
        return new(organs.Grid, voxels);
    }

    /// <summary>Typical HU: native, arterial, portal venous.</summary>
    private static double Density(Organ organ, ContrastPhase phase)
    {
        double By(double native, double arterial, double portal) => phase switch { ContrastPhase.Native => native, ContrastPhase.Arterial => arterial, _ => portal };
        return organ switch
        {
            Organ.Air => -1000,
            Organ.Gas => -950,
            Organ.Fat or Organ.InnerFat => -100,
            Organ.Muscle => By(52, 58, 64),
            Organ.Bone => By(330, 340, 350),
            Organ.Lung => -840,
            Organ.Heart => By(42, 190, 140),
            Organ.Liver => By(56, 70, 110),
            Organ.Lesion => By(38, 50, 62),
            Organ.Cyst => 8,
            Organ.LiverVessel => By(42, 85, 158),
            Organ.Spleen => By(48, 115, 122),
            Organ.Stomach => By(28, 32, 36),
            Organ.Kidney => By(32, 150, 178),
            Organ.GallBladder => 10,
            Organ.Pancreas => By(40, 100, 92),
            Organ.Aorta => By(42, 290, 160),
            Organ.Vein => By(42, 75, 150),
            _ => By(28, 45, 55),
        };
    }

    /// <summary>A small separable Gaussian with radius 3.</summary>
    private static void Blur(float[] slice, int width, int height, float sigma)
    {
        Span<float> kernel = stackalloc float[4];
        float sum = 0;
        for (var k = 0; k < 4; k++) sum += (kernel[k] = MathF.Exp(-k * k / (2 * sigma * sigma))) * (k == 0 ? 1 : 2);
        for (var k = 0; k < 4; k++) kernel[k] /= sum;
        var line = new float[Math.Max(width, height)];
        for (var y = 0; y < height; y++) Along(slice, line, y * width, 1, width, kernel);
        for (var x = 0; x < width; x++) Along(slice, line, x, width, height, kernel);
    }

    private static void Along(float[] slice, float[] line, int start, int step, int count, ReadOnlySpan<float> kernel)
    {
        for (var i = 0; i < count; i++) line[i] = slice[start + i * step];
        for (var i = 0; i < count; i++)
        {
            var sum = kernel[0] * line[i];
            for (var k = 1; k < 4; k++) sum += kernel[k] * (line[Math.Max(0, i - k)] + line[Math.Min(count - 1, i + k)]);
            slice[start + i * step] = sum;
        }
    }
}
