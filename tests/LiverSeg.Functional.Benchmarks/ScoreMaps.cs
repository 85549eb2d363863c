using System;
using System.Runtime.InteropServices;

namespace LiverSeg.Functional.Benchmarks;

/// <summary>A synthetic scan with a score map as a network would give: soft at the border, wrong in places.</summary>
internal sealed record ScoreMap(string Name, Volume<Probability> Scores, Volume<Hu> Ct, Volume<bool> Liver)
{
    internal static ScoreMap Abdomen(string name, Spacing spacing, (double, double) field, long seed = 1)
    {
        var phantom = Phantom.Abdomen(new() { Spacing = spacing, Field = field, Seed = seed });
        var e = phantom.Ct.Extent;
        var liver = phantom.Liver;
        var logit = new float[e.Count];
        for (var i = 0; i < logit.Length; i++)
        {
            var organ = phantom.Organs.Voxels[i].Value;
            logit[i] = liver.Voxels[i] ? 8 : organ is Organ.Air or Organ.Lung ? -8 : organ is Organ.Spleen or Organ.Stomach ? -4 : -6.5f;
        }
        // Half a centimetre of doubt at borders, and slow errors of some logits.
        var reach = Math.Max(1, (int)Math.Round(5 / spacing.X));
        for (var pass = 0; pass < 2; pass++)
            for (var z = 0; z < e.Z; z++)
            {
                Box(logit.AsSpan(z * e.X * e.Y, e.X * e.Y), e.X, e.Y, 1, e.X, reach);
                Box(logit.AsSpan(z * e.X * e.Y, e.X * e.Y), e.Y, e.X, e.X, 1, reach);
            }
        var scores = new Probability[e.Count];
        for (var i = 0; i < logit.Length; i++)
        {
            double x = i % e.X * spacing.X, y = i / e.X % e.Y * spacing.Y, z = i / e.X / e.Y * spacing.Z;
            var error = 1.5 * Math.Sin(x / 9 + seed) * Math.Sin(y / 11 + z / 17) + 0.7 * Math.Sin(x / 3.1 + y / 4.3);
            scores[i] = new((float)(1 / (1 + Math.Exp(-logit[i] - error))));
        }
        return new(name, Volume.Of<Probability>(phantom.Ct.Grid, scores), phantom.Ct, liver);
    }

    internal ScoreMap Crop(string name, Region region) => new(name, Scores.Crop(region), Ct.Crop(region), Liver.Crop(region));

    /// <summary>The same on a larger field: air around, without doubt.</summary>
    internal ScoreMap Pad(string name, Region region) =>
        new(name, Scores.Pad(region, new(1e-3f)), Ct.Pad(region, new(-1000)), Liver.Pad(region, false));

    private static void Box(Span<float> plane, int length, int lines, int step, int next, int reach)
    {
        var line = new float[length];
        for (var l = 0; l < lines; l++)
        {
            for (var i = 0; i < length; i++) line[i] = plane[l * next + i * step];
            double sum = 0;
            for (var i = -reach; i <= reach; i++) sum += line[Math.Clamp(i, 0, length - 1)];
            for (var i = 0; i < length; i++)
            {
                plane[l * next + i * step] = (float)(sum / (2 * reach + 1));
                sum += line[Math.Min(length - 1, i + reach + 1)] - line[Math.Max(0, i - reach)];
            }
        }
    }
}
