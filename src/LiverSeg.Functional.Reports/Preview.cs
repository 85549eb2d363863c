using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using SkiaSharp;

namespace LiverSeg.Functional;

/// <summary>Pictures of a mask on its CT as PNG: truth green, result red, the patient's right side on the left.</summary>
/// <remarks>Planes are to scale, whatever the grid's axes and spacing. The same input gives the same bytes on every run of a version.</remarks>
public static class Preview
{
    private const int Pixels = 400, Head = 20, LeastWidth = 190;
    private const float Letters = 12;
    private const double MarginMm = 25;
    private static readonly SKColor Truth = new(0, 215, 70), Result = new(255, 50, 50), Ink = new(235, 235, 235);

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
            ? Pictures.Message("prediction and truth agree in every voxel").Png()
            : Pictures.Beside([.. slices.Select(s => scene.Panel(PlaneKind.Axial, s, 300))], (slices.Count + 1) / 2, Pictures.Dark).Png();
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
        return (SurfaceView.Draw(prediction, truth, fullColourMm) ?? Pictures.Message("there is no pair of surfaces to measure")).Png();
    }

    private static ReadOnlyMemory<byte> Three(Scene scene) =>
        Pictures.Beside([.. new[] { PlaneKind.Axial, PlaneKind.Coronal, PlaneKind.Sagittal }.Select(kind => scene.Panel(kind, null, Pixels))], 3, Pictures.Dark).Png();

    /// <summary>An image with one or two masks, and the part of it that is shown.</summary>
    internal sealed class Scene
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

        internal SKBitmap Panel(PlaneKind kind, int? slice, int pixels)
        {
            var plane = AnatomicalPlane.Of(kind, _image.Grid, _part, pixels);
            var at = slice ?? Middle(plane.Through);
            var picture = Pictures.Blank(Math.Max(plane.Width, LeastWidth), plane.Height + Head, Pictures.Dark);
            using var canvas = new SKCanvas(picture);
            Paint(canvas, plane, at, 0, Head);
            float line = Head - 6, end = picture.Width - 3;
            canvas.Text(FormattableString.Invariant($"{kind} {at}  {plane.Sides.Left}-{plane.Sides.Right}"), 3, line, Letters, Ink);
            canvas.Text("result", end, line, Letters, Result, SKTextAlign.Right);
            if (_truth is not null) canvas.Text("truth", end - Pictures.Measure("result ", Letters), line, Letters, Truth, SKTextAlign.Right);
            return picture;
        }

        /// <summary>The plane through the middle, without words, in the middle of a box.</summary>
        internal SKBitmap Fitted(PlaneKind kind, int width, int height)
        {
            var longest = Math.Max(width, height);
            var free = AnatomicalPlane.Of(kind, _image.Grid, _part, longest);
            var plane = AnatomicalPlane.Of(kind, _image.Grid, _part, (int)(longest * Math.Min((double)width / free.Width, (double)height / free.Height)));
            var picture = Pictures.Blank(width, height, Pictures.Dark);
            using var canvas = new SKCanvas(picture);
            Paint(canvas, plane, Middle(plane.Through), (width - plane.Width) / 2, (height - plane.Height) / 2);
            return picture;
        }

        private void Paint(SKCanvas canvas, AnatomicalPlane plane, int at, int left, int top)
        {
            var box = SKRect.Create(left, top, plane.Width, plane.Height);
            canvas.Greys(Greys(plane, at), plane.Columns, box, smooth: true);
            if (_truth is not null) Contour(canvas, plane, _truth, at, box, 2.6f, Truth);
            Contour(canvas, plane, _mask, at, box, 1.4f, Result);
        }

        private int Middle(int axis) =>
            AnatomicalPlane.Pick(_box.X + _box.Extent.X / 2, _box.Y + _box.Extent.Y / 2, _box.Z + _box.Extent.Z / 2, axis);

        private byte[] Greys(AnatomicalPlane plane, int at)
        {
            var greys = new byte[plane.Columns * plane.Rows];
            for (var i = 0; i < greys.Length; i++)
            {
                var (x, y, z) = plane.Voxel(i % plane.Columns, i / plane.Columns, at);
                // What is not a number is black.
                greys[i] = _image[x, y, z].Value is var v && float.IsFinite(v) ? (byte)Math.Round(255 * Math.Clamp(v, 0, 1)) : (byte)0;
            }
            return greys;
        }

        private static void Contour(SKCanvas canvas, AnatomicalPlane plane, Volume<bool> mask, int at, SKRect box, float width, SKColor colour)
        {
            bool Inside(int column, int row) => plane.Voxel(column, row, at) is var (x, y, z) && mask[x, y, z];
            using var path = Outline.Of(plane.Columns, plane.Rows, Inside, box.Left, box.Top, box.Width / plane.Columns, box.Height / plane.Rows);
            canvas.Save();
            canvas.ClipRect(box);
            canvas.Stroke(path, width, colour);
            canvas.Restore();
        }
    }
}
