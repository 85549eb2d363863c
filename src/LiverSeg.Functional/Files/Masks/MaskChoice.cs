using System;
using System.Collections.Generic;
using System.Linq;

namespace LiverSeg.Functional;

/// <summary>Which values of a file are the mask: what <see cref="MaskLabel"/> promises, decided by what the file holds and what its labels are called.</summary>
/// <param name="Info">The header.</param>
/// <param name="Names">What labels are called; none where nobody says it.</param>
/// <param name="Refuse">Makes the errors.</param>
internal readonly record struct MaskChoice(VolumeInfo Info, EquatableArray<LabelName> Names, FileErrors Refuse)
{
    private const string Liver = "liver";
    private const int MostListed = 10, MostLetters = 40;

    /// <summary>Reads the file's values as inside and outside: the wanted ones, or without such all but 0.</summary>
    internal delegate bool[] Reading(HashSet<float>? wanted, MaskValues found);

    /// <summary>The layer of a segmentation whose segments overlap, one of so many.</summary>
    internal static int Layer(int layers, MaskLabel label, EquatableArray<LabelName> names, Action<string>? warn, FileErrors refuse) =>
        Named(label, names, warn, refuse) is var layer && layer >= 0 && layer < layers
            ? layer
            : throw refuse.Bad("layer", layer, FormattableString.Invariant($"0 to {layers - 1}, the file's layers"), "choose another segment with --label NAME, or mend the header");

    private static int Named(MaskLabel label, EquatableArray<LabelName> names, Action<string>? warn, FileErrors refuse)
    {
        var named = names.Where(n => label.Value != 0 ? n.Values.Contains(label.Value) : n.Is(label.IsAny ? Liver : label.Name)).Select(n => n.Layer).Distinct().ToArray();
        if (named.Length == 1)
        {
            if (label.IsAny && names.Count > 1) warn?.Invoke($"{refuse.File}: several segments, {List(names)}; the one called liver is taken");
            return named[0];
        }
        if (label.IsAny && names.Count == 1) return names[0].Layer;
        var found = $"layers with {List(names)}";
        if (label.IsAny) throw refuse.NoMask("ambiguous-mask", found, "one layer, or a segment called liver", "choose a segment with --label NAME");
        throw refuse.NoMask("no-such-label", found, named.Length == 0 ? $"one with the label {label}" : $"the label {label} in one layer only", "choose a segment with --label NAME");
    }

    /// <summary>The mask of a label.</summary>
    /// <param name="label">The label.</param>
    /// <param name="warn">Hears what a person would want to know.</param>
    /// <param name="reading">Reads all values, a second time where the first shows that others are meant.</param>
    internal bool[] Read(MaskLabel label, Action<string>? warn, Reading reading)
    {
        var found = new MaskValues();
        var wanted = Wanted(label);
        // Where the liver is 1 and its lesions are 2, both are liver as long as there is nothing else.
        var lesions = label.IsAny && wanted is { Count: 1 } && wanted.Contains(1) && Names.Any(n => n.IsLesion && n.Values is [2]);
        var mask = reading(lesions ? null : wanted, found);
        var scaled = found.Count == 0 && found.Soft.Lowest == found.Soft.Highest && Info.Type is not (StoredType.Float32 or StoredType.Float64);
        if (found.Soft.Voxels > 0 && !scaled) throw Soft(found.Soft);
        if (wanted is null)
        {
            if (!label.IsAny && found.Count > 1) throw NotNamed(label, found);
            if (!label.IsAny && found.Count == 1) warn?.Invoke(Only(label, found));
            return found.Count < 2 || IsPair(found) && Names.Count == 0 ? mask : throw Ambiguous(found);
        }
        if (lesions)
        {
            if (found.Count < 2 || IsPair(found)) return mask;
            mask = reading(wanted, new());
        }
        if (label.IsLenient && found.Count == 1 && !wanted.Any(found.Has))
        {
            warn?.Invoke(Only(label, found));
            return reading(null, new());
        }
        var name = label.IsAny ? Liver : label.ToString();
        if (found.Count > 0 && !wanted.Any(found.Has)) warn?.Invoke($"{Refuse.File}: no voxel has the label {name}, and the mask is empty; there is {List(found)}");
        else if (label.IsAny && found.Whole.Any(v => !wanted.Contains(v.Value))) warn?.Invoke($"{Refuse.File}: several labels, {List(found)}; the one called liver is taken");
        return mask;
    }

    /// <summary>The values that are inside as far as that can be said before reading; absent where all but 0 may be.</summary>
    private HashSet<float>? Wanted(MaskLabel label)
    {
        if (label.Value != 0) return [label.Value];
        var named = Names.Where(n => n.Is(label.IsAny ? Liver : label.Name)).ToArray();
        if (named.Length == 1) return [.. named[0].Values.Select(v => (float)v)];
        if (label.IsAny || label.IsLenient) return null;
        if (named.Length > 1) throw Refuse.NoMask("no-such-label", $"{named.Length} labels called {label}", "one", "choose it with --label NUMBER");
        throw Names.Count > 0
            ? Refuse.NoMask("no-such-label", $"the labels {List(Names)}", $"one called {label}", "choose one of them with --label NAME")
            : Refuse.NoMask("no-such-label", "no names of labels", $"one called {label}, in the header of a .seg.nrrd or in nnU-Net's dataset.json", "choose the label with --label NUMBER");
    }

    private static bool IsPair(MaskValues found) => found.Count == 2 && found.Has(1) && found.Has(2);

    private FileErrorException Ambiguous(MaskValues found) =>
        Refuse.NoMask("ambiguous-mask", $"several labels: {List(found)}", "one label, or 1 and 2 as liver and lesion", Names.Count > 0 ? "choose one with --label NAME or --label NUMBER" : "choose one with --label NUMBER");

    private FileErrorException NotNamed(MaskLabel label, MaskValues found) =>
        Refuse.NoMask("no-such-label", $"several labels, none called {label}: {List(found)}", $"one called {label}", "choose one with --label NUMBER");

    private FileErrorException Soft((long Voxels, float Lowest, float Highest) soft) =>
        Refuse.NoMask(
            "soft-mask",
            FormattableString.Invariant($"{soft.Voxels} voxels between {soft.Lowest} and {soft.Highest} that are no whole numbers"),
            "a mask, whose values are labels",
            "a map of probabilities becomes a mask by refine -i CT -p MAP -o MASK; of a resampled mask take the original");

    private string Only(MaskLabel label, MaskValues found) => $"{Refuse.File}: no label {label} but one value only, {List(found)}: it is taken as the mask";

    /// <summary>As <c>1 spleen (210 ml), 5 liver (1500 ml)</c>.</summary>
    private string List(MaskValues found)
    {
        var (whole, spacing, names) = (found.Whole, Info.Grid.Spacing, Names);
        var each = spacing.X * spacing.Y * spacing.Z / 1000;
        string Called(float value) => names.FirstOrDefault(n => n.Values is [var v] && v == value) is { } name ? " " + Short(name.Name) : "";
        var listed = whole.Take(MostListed).Select(v => FormattableString.Invariant($"{v.Value:R}{Called(v.Value)} ({Ml(v.Voxels * each)} ml)"));
        return string.Join(", ", listed) + (whole.Count > MostListed ? ", .." : "");
    }

    private static string Ml(double ml) => FormattableString.Invariant(ml >= 100 ? $"{ml:F0}" : ml >= 0.1 ? $"{ml:0.##}" : (FormattableString)$"{ml:0.####}");

    private static string List(EquatableArray<LabelName> names) =>
        string.Join(", ", names.Take(MostListed).Select(n => $"{Short(n.Name)} ({string.Join(" and ", n.Values)})")) + (names.Count > MostListed ? ", .." : "");

    private static string Short(string name) => (name.Length > MostLetters ? name[..MostLetters] + ".." : name).ReplaceControls();
}
