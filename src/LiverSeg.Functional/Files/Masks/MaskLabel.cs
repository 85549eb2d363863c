using System;
using System.Globalization;

namespace LiverSeg.Functional;

/// <summary>Which voxels of a file are the mask: those of one label, by number or by name, or those of the only label there is.</summary>
/// <remarks>Prints as it is parsed: <c>5</c>, <c>liver</c>, and nothing for <see cref="Any"/>. Law: parse ∘ print = id but for <see cref="OrBinary"/>.</remarks>
public readonly record struct MaskLabel
{
    private readonly string? _name;

    private MaskLabel(int value, string? name, bool lenient) => (Value, _name, IsLenient) = (value, name, lenient);

    /// <summary>
    /// No label is named, the default: the file's only value beside 0, or 1 and 2 as liver and lesion; where the file names its labels, the one called liver.
    /// Several other values are no mask.
    /// </summary>
    public static MaskLabel Any => default;

    /// <summary>The label's number; 0 where it has none.</summary>
    public int Value { get; }

    /// <summary>The label's name; empty where it has none.</summary>
    public string Name => _name ?? "";

    /// <summary>Whether no label is named.</summary>
    public bool IsAny => Value == 0 && Name.Length == 0;

    /// <summary>The same label, but a file with one value only is a mask whatever that value is, with a warning: for two files of which one may be a plain mask.</summary>
    public MaskLabel OrBinary => new(Value, _name, lenient: !IsAny);

    internal bool IsLenient { get; }

    /// <summary>The voxels that equal this number.</summary>
    /// <exception cref="ArgumentOutOfRangeException">0, which is the background.</exception>
    public static MaskLabel Number(int value) => value != 0 ? new(value, null, lenient: false) : throw new ArgumentOutOfRangeException(nameof(value), "label 0 is the background");

    /// <summary>The voxels of the label with this name, capitals or not; names come from the header of a seg.nrrd, or from nnU-Net's dataset.json beside the file or above its folder.</summary>
    /// <exception cref="ArgumentException">The name is empty or a number.</exception>
    public static MaskLabel Named(string name) =>
        name.Trim() is { Length: > 0 } trimmed && !IsNumber(trimmed, out _) ? new(0, trimmed, lenient: false) : throw new ArgumentException($"'{name}' is no name of a label", nameof(name));

    /// <summary>A number, or a name; empty text is <see cref="Any"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">0, which is the background.</exception>
    public static MaskLabel Parse(string text) => text.Trim() is { Length: > 0 } word ? IsNumber(word, out var number) ? Number(number) : Named(word) : Any;

    /// <summary>The number or the name.</summary>
    public override string ToString() => Value != 0 ? Value.ToString(CultureInfo.InvariantCulture) : Name;

    private static bool IsNumber(string text, out int number) => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number);
}
