using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace LiverSeg.Functional;

/// <summary>Models as files: safetensors, with network, preparation and provenance in the metadata and a hash over everything.</summary>
public static class ModelFile
{
    /// <summary>Programs before 0.2 refuse the second by its name: they know of no guides.</summary>
    private const string Format = "liverseg-model-1", GuidedFormat = "liverseg-model-2";
    private const long MaxBytes = 1L << 30;

    /// <summary>The model in a file. Law: load ∘ save is the identity.</summary>
    /// <exception cref="FileErrorException">The file is missing, malformed, damaged or of another kind.</exception>
    public static Model Load(string path)
    {
        try
        {
            var length = FileSize.Of(path);
            if (length > MaxBytes) throw Safetensors.Refuse(path, FileErrorKind.BadFile, "bad-model", "length", $"{length} bytes", $"at most {MaxBytes}");
            return Parse(File.ReadAllBytes(path), path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Safetensors.Refuse(path, FileErrorKind.InputOutput, "cannot-read", "file", e is FileNotFoundException or DirectoryNotFoundException ? "nothing" : "no access", "a readable file", "check the path and its permissions");
        }
    }

    /// <summary>The same without an exception; on failure the model is an untrained network.</summary>
    public static bool TryLoad(string path, out Model model, out FileError error)
    {
        try
        {
            (model, error) = (Load(path), FileError.None);
            return true;
        }
        catch (FileErrorException e)
        {
            (model, error) = (new(Architectures.Cnn, Weights.Gaussian(Architectures.Cnn, 0)), e.Error);
            return false;
        }
    }

    /// <summary>Writes the model: under a temporary name first, so that no half file ever has the final name.</summary>
    /// <exception cref="FileErrorException">The file exists and <paramref name="overwrite"/> is false, or it cannot be written.</exception>
    public static void Save(this Model model, string path, bool overwrite = false) =>
        AtomicFile.Write(path, overwrite, stream => Describe(model).Write(stream));

    internal static Model Parse(ReadOnlySpan<byte> bytes, string path)
    {
        var file = Safetensors.Read(bytes, path);
        var field = "format";
        try
        {
            return ModelOf(file, ref field);
        }
        catch (Exception e) when (e is FormatException or ArgumentException or JsonException or InvalidOperationException or OverflowException)
        {
            throw Safetensors.Refuse(path, FileErrorKind.BadFile, "bad-model", field, e.Message.Split('\n')[0], "a model of this program");
        }
    }

    /// <summary>Before the names of a guide's metadata and weights; no tap's name holds a colon.</summary>
    private static string GuidePrefix(int guide) => FormattableString.Invariant($"guide{guide + 1}:");

    private static Model ModelOf(Safetensors file, ref string field)
    {
        string Field(string name, ref string field) => file.Metadata.TryGetValue(field = name, out var text) ? text : throw new FormatException("missing");
        if (Field("format", ref field) is not (Format or GuidedFormat) and var format) throw new FormatException($"'{format}' is not '{Format}'");
        var network = LayerJson.Parse(JsonNode.Parse(Field("network", ref field), documentOptions: new() { MaxDepth = 128 }));
        var window = Numbers(Field("window", ref field), 2);
        if (!((float)window[0] < (float)window[1])) throw new FormatException("a window's low must be below its high");
        var tile = Numbers(Field("tile", ref field), 3);
        if (tile.Any(t => t is < 1 or > 4096)) throw new FormatException("tile outside of 1..4096");
        var spacing = Field("spacing", ref field) == "native" ? null : Numbers(Field("spacing", ref field), 3);
        if (spacing is not null && spacing.Any(s => !(s > 0.01 && s < 100))) throw new FormatException("spacing outside of 0.01..100 mm");
        var fusion = (JsonNode.Parse(Field("fusion", ref field)) as JsonObject ?? throw new FormatException("no object"))
            .Select(t => new TapWeight(t.Key, t.Value!.GetValue<double>()));
        var provenance = (JsonNode.Parse(Field("provenance", ref field)) as JsonObject ?? throw new FormatException("no object"))
            .Select(t => new ProvenanceEntry(t.Key, t.Value!.GetValue<string>()));
        var guides = new List<Model>();
        while (Part(file, GuidePrefix(guides.Count)) is { } part) guides.Add(ModelOf(part, ref field));
        var guided = guides.Count > 0;
        var (gate, share) = guided ? (Numbers(Field("gate", ref field), 1)[0], Numbers(Field("guide_share", ref field), 1)[0]) : (0.05, 0);
        var temperature = file.Metadata.ContainsKey("temperature") ? Numbers(Field("temperature", ref field), 1)[0] : 1;
        double? certainty = file.Metadata.ContainsKey("usual_certainty") ? Numbers(Field("usual_certainty", ref field), 1)[0] : null;
        var usual = file.Metadata.ContainsKey("usual_hu") ? Numbers(Field("usual_hu", ref field), 2) : null;
        field = "weights";
        var model = new Model(network, new(file.Tensors.Where(w => !w.Key.Contains(':', StringComparison.Ordinal))), guides)
        {
            Tile = new((int)tile[0], (int)tile[1], (int)tile[2]),
            Spacing = spacing is null ? null : new(spacing[0], spacing[1], spacing[2]),
            Provenance = [.. provenance],
        };
        // One after the other, so that a value out of its range names its field.
        Model With(string name, ref string field, Func<Model, Model> change)
        {
            field = name;
            return model = change(model);
        }
        With("window", ref field, m => m with { Window = new(new((float)window[0]), new((float)window[1])) });
        With("fusion", ref field, m => m with { Fusion = [.. fusion] });
        With("gate", ref field, m => m with { Gate = gate });
        With("guide_share", ref field, m => m with { GuideShare = share });
        With("temperature", ref field, m => m with { Temperature = temperature });
        With("usual_certainty", ref field, m => m with { UsualCertainty = certainty });
        return With("usual_hu", ref field, m => m with { UsualHu = usual is null ? null : new(new((float)usual[0]), new((float)usual[1])) });
    }

    /// <summary>What stands under a prefix, or nothing.</summary>
    private static Safetensors? Part(Safetensors file, string prefix)
    {
        bool Under(string name) => name.StartsWith(prefix, StringComparison.Ordinal);
        var metadata = file.Metadata.Where(m => Under(m.Key)).ToDictionary(m => m.Key[prefix.Length..], m => m.Value);
        return metadata.Count == 0 ? null : new(metadata, new(file.Tensors.Where(w => Under(w.Key)).Select(w => KeyValuePair.Create(w.Key[prefix.Length..], w.Value))));
    }

    internal static Safetensors Describe(Model model)
    {
        var spacing = model.Spacing;
        var metadata = new Dictionary<string, string>
        {
            ["format"] = model.Guides.Count > 0 ? GuidedFormat : Format,
            ["network"] = LayerJson.Print(model.Network).ToJsonString(),
            ["window"] = Text(model.Window.Low.Value, model.Window.High.Value),
            ["spacing"] = spacing is { } s ? Text(s.X, s.Y, s.Z) : "native",
            ["tile"] = Text(model.Tile.X, model.Tile.Y, model.Tile.Z),
            ["fusion"] = new JsonObject(model.Fusion.Select(f => KeyValuePair.Create(f.Tap, (JsonNode?)f.Tau))).ToJsonString(),
            ["provenance"] = new JsonObject(model.Provenance.Select(f => KeyValuePair.Create(f.Name, (JsonNode?)f.Value))).ToJsonString(),
        };
        // Left out where it says nothing: files of models without one stay as they were.
        if (model.Temperature != 1) metadata["temperature"] = Text(model.Temperature);
        if (model.UsualCertainty is { } certainty) metadata["usual_certainty"] = Text(certainty);
        if (model.UsualHu is { } usual) metadata["usual_hu"] = Text(usual.Median.Value, usual.Brightest.Value);
        if (model.Guides.Count == 0) return new(metadata, model.Weights);
        (metadata["gate"], metadata["guide_share"]) = (Text(model.Gate), Text(model.GuideShare));
        IEnumerable<KeyValuePair<string, Weight>> weights = model.Weights;
        for (var i = 0; i < model.Guides.Count; i++)
        {
            var (guide, prefix) = (Describe(model.Guides[i]), GuidePrefix(i));
            foreach (var (name, text) in guide.Metadata) metadata[prefix + name] = text;
            weights = weights.Concat(guide.Tensors.Select(w => KeyValuePair.Create(prefix + w.Key, w.Value)));
        }
        return new(metadata, new(weights));
    }

    private static string Text(params double[] numbers) => string.Join(' ', numbers.Select(n => n.ToString("R", CultureInfo.InvariantCulture)));

    private static double[] Numbers(string text, int count)
    {
        var numbers = text.Split(' ').Select(t => double.Parse(t, NumberStyles.Float, CultureInfo.InvariantCulture)).ToArray();
        return numbers.Length == count && numbers.All(double.IsFinite) ? numbers : throw new FormatException($"{count} finite numbers expected");
    }
}
