using System;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Threading.Tasks;

namespace LiverSeg.Functional;

/// <summary>The range of radiodensities that becomes contrast.</summary>
/// <remarks><c>default</c> is the empty window at 0 HU, which no stage accepts.</remarks>
/// <param name="Low">Becomes 0, and all below.</param>
/// <param name="High">Becomes 1, and all above.</param>
public readonly record struct Window(Hu Low, Hu High)
{
    /// <summary>−160..240 HU: the abdominal window of many liver segmentation teams; the paper names none.</summary>
    public static Window Liver { get; } = new(new(-160), new(240));

    /// <summary>High − Low in HU.</summary>
    public float Width => High.Value - Low.Value;
}

/// <summary>Radiodensity → contrast.</summary>
public static class Hounsfield
{
    /// <summary>Values at or below <c>Low</c> become 0, at or above <c>High</c> become 1, linear between; NaN becomes 0.</summary>
    /// <remarks>Monotone; keeps the grid; shifting scan and window together changes nothing.</remarks>
    /// <exception cref="ArgumentException">The window is empty or not finite.</exception>
    public static Volume<Intensity> Window(this Volume<Hu> ct, Window window)
    {
        if (!(window.Width > 0) || !float.IsFinite(window.Width))
            throw new ArgumentException($"window {window.Low} .. {window.High}; Low < High is needed", nameof(window));
        var voxels = Volume.Allocate<Intensity>(ct.Grid);
        var area = ct.Extent.X * ct.Extent.Y;
        Parallel.For(0, ct.Extent.Z, z =>
        {
            var source = Volume.Floats(ct.Slice(z));
            var target = MemoryMarshal.Cast<Intensity, float>(voxels.AsSpan(z * area, area));
            var (low, width) = (new Vector<float>(window.Low.Value), new Vector<float>(window.Width));
            var i = 0;
            for (; i <= source.Length - Vector<float>.Count; i += Vector<float>.Count)
            {
                var value = (new Vector<float>(source[i..]) - low) / width;
                Vector.Min(Vector.ConditionalSelect(Vector.GreaterThan(value, Vector<float>.Zero), value, Vector<float>.Zero), Vector<float>.One).CopyTo(target[i..]);
            }
            for (; i < source.Length; i++)
            {
                var value = (source[i] - window.Low.Value) / window.Width;
                target[i] = value > 0 ? Math.Min(value, 1) : 0;
            }
        });
        return new(ct.Grid, voxels);
    }
}
