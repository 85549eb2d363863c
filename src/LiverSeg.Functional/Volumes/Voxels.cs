using System;
using System.Globalization;

namespace LiverSeg.Functional;

/// <summary>Radiodensity in Hounsfield units: air is −1000, water 0, liver with contrast about 100.</summary>
/// <remarks><c>default</c> is 0 HU.</remarks>
/// <param name="Value">Hounsfield units.</param>
public readonly record struct Hu(float Value)
{
    /// <summary>As <c>-160 HU</c>.</summary>
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture) + " HU";
}

/// <summary>Contrast after windowing, in [0, 1]: 0 at or below the window, 1 at or above it.</summary>
/// <remarks><c>default</c> is 0.</remarks>
/// <param name="Value">In [0, 1].</param>
public readonly record struct Intensity(float Value)
{
    /// <summary>As <c>0.5</c>.</summary>
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);
}

/// <summary>How likely a voxel belongs to the liver, in [0, 1]; the background has the rest.</summary>
/// <remarks><c>default</c> is 0.</remarks>
/// <param name="Value">In [0, 1].</param>
public readonly record struct Probability(float Value)
{
    /// <summary>As <c>0.5</c>.</summary>
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);
}

/// <summary>A length in millimetres.</summary>
/// <remarks><c>default</c> is 0 mm.</remarks>
/// <param name="Value">Millimetres.</param>
public readonly record struct Mm(double Value) : IComparable<Mm>
{
    /// <summary>Shorter lengths come first.</summary>
    public int CompareTo(Mm other) => Value.CompareTo(other.Value);

    /// <summary>As <c>1.5 mm</c>.</summary>
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture) + " mm";
}
