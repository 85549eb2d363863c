using System;
using System.Collections.Generic;
using System.Linq;

namespace LiverSeg.Functional;

/// <summary>Slices with the liver's outline, its volume and "research only" in the pixels, for <see cref="SecondaryCapture"/>.</summary>
public static class Capture
{
    // Letters need room: slices of fewer pixels are enlarged.
    private const int LeastSide = 256;
    private static readonly Rgb Outline = new(255, 60, 60), Ink = new(255, 235, 120);

    /// <summary>Draws the slice of a number from 0 on, in the slice's own rows and columns. The same input gives the same pixels.</summary>
    /// <param name="ct">The scan.</param>
    /// <param name="mask">The liver.</param>
    /// <param name="note">Words at the lower edge, as what speaks against the mask; none where empty.</param>
    /// <exception cref="ArgumentException">The grids differ.</exception>
    public static Func<int, CapturedSlice> Drawer(this Volume<Hu> ct, Volume<bool> mask, string note = "")
    {
        ct.Grid.EnsureSameGeometry(mask.Grid, nameof(mask));
        var (extent, direction) = (ct.Extent, ct.Grid.Direction);
        var scale = Math.Max(1, (LeastSide + Math.Min(extent.X, extent.Y) - 1) / Math.Min(extent.X, extent.Y));
        string[] facts = ["research only", FormattableString.Invariant($"liver {mask.VolumeMl():F1} ml")];
        return z =>
        {
            var canvas = new Canvas(extent.X * scale, extent.Y * scale, Rgb.Black);
            Slice(canvas, ct, mask, z, scale);
            var letters = Math.Max(1, Math.Min(canvas.Width, canvas.Height) / LeastSide);
            string[] head = [.. facts, FormattableString.Invariant($"slice {z + 1} of {extent.Z}")];
            for (var i = 0; i < head.Length; i++) Words(canvas, 2, 2 + i * 10 * letters, head[i], letters);
            var foot = Lines(SafeText.Printable(note), (canvas.Width - 4) / (6 * letters));
            for (var i = 0; i < foot.Count; i++) Words(canvas, 2, canvas.Height - (foot.Count - i) * 10 * letters, foot[i], letters);
            var middle = canvas.Height / 2 - 4 * letters;
            Words(canvas, 2, middle, SecondaryCapture.Sides(direction.X.Times(-1)), letters);
            var right = SecondaryCapture.Sides(direction.X);
            Words(canvas, canvas.Width - 6 * letters * right.Length - 2, middle, right, letters);
            return new(canvas.Width, canvas.Height, canvas.Pixels());
        };
    }

    private static void Slice(Canvas canvas, Volume<Hu> ct, Volume<bool> mask, int z, int scale)
    {
        var extent = ct.Extent;
        bool Out(int x, int y) => extent.Contains(x, y, z) && !mask[x, y, z];
        for (var y = 0; y < extent.Y; y++)
            for (var x = 0; x < extent.X; x++)
            {
                var part = (ct[x, y, z].Value - Window.Liver.Low.Value) / (double)Window.Liver.Width;
                var grey = double.IsNaN(part) ? (byte)0 : (byte)Math.Round(255 * Math.Clamp(part, 0, 1));
                var isEdge = mask[x, y, z] && (Out(x - 1, y) || Out(x + 1, y) || Out(x, y - 1) || Out(x, y + 1));
                canvas.Fill(x * scale, y * scale, scale, scale, isEdge ? Outline : new(grey, grey, grey));
            }
    }

    /// <summary>Letters on a dark ground, to be read on any tissue.</summary>
    private static void Words(Canvas canvas, int x, int y, string text, int letters)
    {
        canvas.Fill(x - letters, y - letters, (6 * text.Length + 1) * letters, 9 * letters, Rgb.Black);
        canvas.Text(x, y, text, Ink, letters);
    }

    /// <summary>Words in lines of at most so many letters, at most four.</summary>
    private static List<string> Lines(string text, int width)
    {
        var lines = new List<string>();
        foreach (var word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (lines.Count > 0 && lines[^1].Length + 1 + word.Length <= width) lines[^1] += " " + word;
            else lines.Add(word);
        }
        return [.. lines.Take(4)];
    }
}
