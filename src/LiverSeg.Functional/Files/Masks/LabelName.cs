using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.Json;

namespace LiverSeg.Functional;

/// <summary>What a label is called.</summary>
/// <param name="Name">The name.</param>
/// <param name="Values">Its numbers: one, or more where a label is a region of others.</param>
/// <param name="Layer">Its layer, in files whose labels overlap.</param>
internal sealed record LabelName(string Name, EquatableArray<int> Values, int Layer = 0)
{
    private const int MostBytes = 1 << 20, MostNames = 4096;

    /// <summary>Whether this is the name, capitals or not.</summary>
    internal bool Is(string name) => Name.Trim().Equals(name, StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether it is a kind of growth, which counts as liver where the liver is 1 and it is 2, as in LiTS.</summary>
    internal bool IsLesion => (string[])["lesion", "tumor", "tumour", "cancer", "metast"] is var words && words.Any(w => Name.Contains(w, StringComparison.OrdinalIgnoreCase));

    /// <summary>The names of a seg.nrrd's segments, from its own keys.</summary>
    internal static EquatableArray<LabelName> OfSegments(IReadOnlyDictionary<string, string> keys)
    {
        var names = new List<LabelName>();
        for (var i = 0; i < MostNames && keys.TryGetValue(FormattableString.Invariant($"Segment{i}_Name"), out var name); i++)
        {
            int Number(string key, int absent) =>
                keys.TryGetValue(FormattableString.Invariant($"Segment{i}_{key}"), out var text) && int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var n) ? n : absent;
            // Before Slicer 4.11 each segment had a layer of its own, and no number.
            var numbered = keys.ContainsKey(FormattableString.Invariant($"Segment{i}_LabelValue"));
            names.Add(new(name, EquatableArray.Of([Number("LabelValue", 1)]), Number("Layer", numbered ? 0 : i)));
        }
        return names.ToEquatableArray();
    }

    /// <summary>The names that nnU-Net's dataset.json gives to the labels of a file: beside it, or above its folder of labels. None where there is no such file.</summary>
    internal static EquatableArray<LabelName> OfDataset(string path)
    {
        try
        {
            var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
            var labels = Path.GetFileName(folder) is var name && (name.StartsWith("labels", StringComparison.OrdinalIgnoreCase) || name == "gt_segmentations");
            foreach (var place in labels ? [folder, Path.GetDirectoryName(folder)!] : (string[])[folder])
                if (new FileInfo(Path.Combine(place, "dataset.json")) is { Exists: true, Length: < MostBytes } file)
                    return OfJson(File.ReadAllBytes(file.FullName));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            // Somebody else's file of that name: it names no labels.
        }
        return EquatableArray<LabelName>.Empty;
    }

    /// <summary><c>"labels": {"liver": 5}</c>, <c>{"whole liver": [1, 2]}</c> or, of old, <c>{"5": "liver"}</c>.</summary>
    private static EquatableArray<LabelName> OfJson(byte[] bytes)
    {
        using var json = JsonDocument.Parse(bytes);
        if (json.RootElement.ValueKind != JsonValueKind.Object || !json.RootElement.TryGetProperty("labels", out var labels) || labels.ValueKind != JsonValueKind.Object)
            return EquatableArray<LabelName>.Empty;
        var names = new List<LabelName>();
        foreach (var label in labels.EnumerateObject().Take(MostNames))
        {
            static int? Whole(JsonElement e) => e.ValueKind == JsonValueKind.Number && e.TryGetInt32(out var n) ? n : e.ValueKind == JsonValueKind.String && int.TryParse(e.GetString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out n) ? n : null;
            if (int.TryParse(label.Name, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var key) && label.Value.ValueKind == JsonValueKind.String)
                names.Add(new(label.Value.GetString()!, EquatableArray.Of([key])));
            else if (label.Value.ValueKind == JsonValueKind.Array)
                names.Add(new(label.Name, label.Value.EnumerateArray().Select(Whole).OfType<int>().ToEquatableArray()));
            else if (Whole(label.Value) is { } value)
                names.Add(new(label.Name, EquatableArray.Of([value])));
        }
        return names.Where(n => n.Values.Count > 0 && !n.Values.Contains(0)).ToEquatableArray();
    }
}
