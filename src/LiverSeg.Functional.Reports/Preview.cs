using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;

namespace LiverSeg.Functional;

/// <summary>Pictures of a mask on its CT as PNG: truth green, result red, the patient's right side on the left.</summary>
/// <remarks>Planes are to scale, whatever the grid's axes and spacing. The same input gives the same bytes.</remarks>
public static class Preview
{
    private const int Pixels = 400, Head = 12;
    private const double MarginMm = 25;
    private static readonly Rgb Truth = new(0, 215, 70), Result = new(255, 50, 50), Ink = new(235, 235, 235);

    /// <summary>Three planes through the middle of the mask, with its contour in red.</summary>
    /// <exception cref="ArgumentException">The grids differ.</exception>
    public static ReadOnlyMemory<byte> Draw(this Volume<Intensity> image, Volume<bool> mask) => Three(new(image, mask, null));

    /// <summary>Three planes through the middle of the truth, with both contours.</summary>
    /// <exception cref="ArgumentException">The grids differ.</exception>
    public static ReadOnlyMemory<byte> Draw(this Volume<Intensity> image, Volume<bool> mask, Volume<bool> truth) => Three(new(image, mask, truth));

    /// <summary>The axial slices in which prediction and truth differ in most voxels, worst first; slices that agree are left out.</summary>
    /// <param name="prediction">The mask to judge.</param>
    /// <param name="truth">The mask to judge by.</param>
    /// <param name="count">How many at most.</param>
    /// <exception cref="ArgumentException">The grids differ.</exception>
    public static IReadOnlyList<int> WorstSlices(this Volume<bool> prediction, Volume<bool> truth, int count)
    {
        truth.Grid.EnsureSameGeometry(prediction.Grid, nameof(prediction));
        var wrong = prediction.WrongVoxels(truth);
        return Enumerable.Range(0, wrong.Length).Where(s => wrong[s] > 0).OrderByDescending(s => wrong[s]).Take(count).ToEquatableArray();
    }

    /// <summary>How many voxels differ in each axial slice.</summary>
    internal static long[] WrongVoxels(this Volume<bool> prediction, Volume<bool> truth)
    {
        var axis = AnatomicalPlane.Of(PlaneKind.Axial, truth.Grid, Region.Whole(truth.Extent), Pixels).Through;
        var wrong = new long[AnatomicalPlane.Pick(truth.Extent.X, truth.Extent.Y, truth.Extent.Z, axis)];
        ReadOnlySpan<bool> a = prediction.Voxels, b = truth.Voxels;
        var i = 0;
        for (var z = 0; z < truth.Extent.Z; z++)
            for (var y = 0; y < truth.Extent.Y; y++)
                for (var x = 0; x < truth.Extent.X; x++, i++)
                    if (a[i] != b[i]) wrong[AnatomicalPlane.Pick(x, y, z, axis)]++;
        return wrong;
    }

    /// <summary>The worst axial slices side by side, worst first, with both contours; at most <paramref name="count"/>, two rows.</summary>
    /// <exception cref="ArgumentException">The grids differ.</exception>
    public static ReadOnlyMemory<byte> DrawWorst(this Volume<Intensity> image, Volume<bool> prediction, Volume<bool> truth, int count = 6)
    {
        var scene = new Scene(image, prediction, truth);
        var slices = prediction.WorstSlices(truth, count);
        return slices.Count == 0
            ? Message("prediction and truth agree in every voxel").Png()
            : Beside([.. slices.Select(s => scene.Panel(PlaneKind.Axial, s, 300))], (slices.Count + 1) / 2, new Rgb(20, 20, 20)).Png();
    }

    /// <summary>
    /// The prediction's surface from the front, from the right and from below, coloured by its signed distance to the truth's: blue
    /// where it lies inside of the truth, red where outside.
    /// </summary>
    /// <param name="prediction">The mask to judge.</param>
    /// <param name="truth">The mask to judge by.</param>
    /// <param name="fullColourMm">The distance at which the colour is full.</param>
    /// <exception cref="ArgumentException">The grids differ.</exception>
    public static ReadOnlyMemory<byte> DrawDistances(this Volume<bool> prediction, Volume<bool> truth, double fullColourMm = 10)
    {
        truth.Grid.EnsureSameGeometry(prediction.Grid, nameof(prediction));
        return (SurfaceView.Draw(prediction, truth, fullColourMm) ?? Message("there is no pair of surfaces to measure")).Png();
    }

    /// <summary>Canvases in rows, from the left.</summary>
    internal static Canvas Beside(Canvas[] panels, int columns, Rgb paper)
    {
        const int gap = 6;
        int width = panels.Max(p => p.Width), height = panels.Max(p => p.Height), rows = (panels.Length + columns - 1) / columns;
        var all = new Canvas(columns * (width + gap) - gap, rows * (height + gap) - gap, paper);
        for (var i = 0; i < panels.Length; i++)
            all.Paste(panels[i], i % columns * (width + gap) + (width - panels[i].Width) / 2, i / columns * (height + gap));
        return all;
    }

    private static Canvas Message(string text)
    {
        var canvas = new Canvas(text.Length * 6 + 20, 30, Rgb.White);
        canvas.Text(10, 11, text, Rgb.Black);
        return canvas;
    }

    private static ReadOnlyMemory<byte> Three(Scene scene) =>
        Beside([.. new[] { PlaneKind.Axial, PlaneKind.Coronal, PlaneKind.Sagittal }.Select(kind => scene.Panel(kind, null, Pixels))], 3, new Rgb(20, 20, 20)).Png();

    /// <summary>An image with one or two masks, and the part of it that is shown.</summary>
    private sealed class Scene
    {
        private readonly Volume<Intensity> _image;
        private readonly Volume<bool> _mask;
        private readonly Volume<bool>? _truth;
        private readonly Region _part, _box;

        internal Scene(Volume<Intensity> image, Volume<bool> mask, Volume<bool>? truth)
        {
            image.Grid.EnsureSameGeometry(mask.Grid, nameof(mask));
            if (truth is not null) image.Grid.EnsureSameGeometry(truth.Grid, nameof(truth));
            (_image, _mask, _truth) = (image, mask, truth);
            var parallel = new ParallelOptions();
            var box = BoundingBox.Of(mask, parallel);
            if (truth is not null) box = BoundingBox.Of(truth, parallel) is { IsEmpty: false } t ? BoundingBox.Union(box, t) : box;
            var spacing = image.Grid.Spacing;
            int Margin(double mm) => (int)Math.Min(1e6, MarginMm / mm);
            var whole = Region.Whole(image.Extent);
            (_box, _part) = box.IsEmpty ? (whole, whole) : (box, box.Grow(new(Margin(spacing.X), Margin(spacing.Y), Margin(spacing.Z)), image.Extent));
        }

        internal Canvas Panel(PlaneKind kind, int? slice, int pixels)
        {
            var plane = AnatomicalPlane.Of(kind, _image.Grid, _part, pixels);
            var at = slice ?? Middle(plane.Through);
            var canvas = new Canvas(Math.Max(plane.Width, 150), plane.Height + Head, new Rgb(20, 20, 20));
            for (var y = 0; y < plane.Height; y++)
                for (var x = 0; x < plane.Width; x++)
                {
                    var grey = (byte)Math.Round(255 * Math.Clamp(Sample(plane, x, y, at), 0, 1));
                    canvas[x, y + Head] = new(grey, grey, grey);
                }
            if (_truth is not null) Contour(canvas, plane, _truth, at, 3, Truth);
            Contour(canvas, plane, _mask, at, 1, Result);
            canvas.Text(2, 2, FormattableString.Invariant($"{kind} {at}  {plane.Sides.Left}-{plane.Sides.Right}"), Ink);
            canvas.Text(canvas.Width - 38, 2, "result", Result);
            if (_truth is not null) canvas.Text(canvas.Width - 72, 2, "truth", Truth);
            return canvas;
        }

        private int Middle(int axis) =>
            AnatomicalPlane.Pick(_box.X + _box.Extent.X / 2, _box.Y + _box.Extent.Y / 2, _box.Z + _box.Extent.Z / 2, axis);

        /// <summary>Linear between the four voxels round a pixel.</summary>
        private double Sample(AnatomicalPlane plane, int x, int y, int at)
        {
            var (u, v) = plane.At(x, y);
            double i = Math.Floor(u), j = Math.Floor(v), p = u - i, q = v - j;
            double Voxel(double a, double b)
            {
                var (vx, vy, vz) = plane.Index((int)a, (int)b, at);
                var e = _image.Extent;
                return _image[Math.Clamp(vx, 0, e.X - 1), Math.Clamp(vy, 0, e.Y - 1), Math.Clamp(vz, 0, e.Z - 1)].Value is var f && float.IsFinite(f) ? f : 0;
            }
            return (1 - q) * ((1 - p) * Voxel(i, j) + p * Voxel(i + 1, j)) + q * ((1 - p) * Voxel(i, j + 1) + p * Voxel(i + 1, j + 1));
        }

        /// <summary>Pixels of the mask within so many pixels of one that is not.</summary>
        private static void Contour(Canvas canvas, AnatomicalPlane plane, Volume<bool> mask, int at, int thickness, Rgb colour)
        {
            var inside = new bool[plane.Width * plane.Height];
            for (var y = 0; y < plane.Height; y++)
                for (var x = 0; x < plane.Width; x++)
                {
                    var (u, v) = plane.At(x, y);
                    var (i, j, k) = plane.Index((int)Math.Round(u), (int)Math.Round(v), at);
                    inside[y * plane.Width + x] = mask.Extent.Contains(i, j, k) && mask[i, j, k];
                }
            bool Out(int x, int y) => (uint)x < (uint)plane.Width && (uint)y < (uint)plane.Height && !inside[y * plane.Width + x];
            for (var y = 0; y < plane.Height; y++)
                for (var x = 0; x < plane.Width; x++)
                    if (inside[y * plane.Width + x]
                        && Enumerable.Range(1, thickness).Any(d => Out(x - d, y) || Out(x + d, y) || Out(x, y - d) || Out(x, y + d)))
                        canvas[x, y + Head] = colour;
        }
    }
}
