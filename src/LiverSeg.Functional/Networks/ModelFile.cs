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
    private const string Format = "liverseg-model-1";
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
        string field = "format";
        try
        {
            string Field(string name) => file.Metadata.TryGetValue(field = name, out var text) ? text : throw new FormatException("missing");
            if (Field("format") != Format) throw new FormatException($"'{Field("format")}' is not '{Format}'");
            var network = LayerJson.Parse(JsonNode.Parse(Field("network"), documentOptions: new() { MaxDepth = 128 }));
            var window = Numbers(Field("window"), 2);
            var tile = Numbers(Field("tile"), 3);
            var spacing = Field("spacing") == "native" ? null : Numbers(Field("spacing"), 3);
            var fusion = (JsonNode.Parse(Field("fusion")) as JsonObject ?? throw new FormatException("no object"))
                .Select(t => new TapWeight(t.Key, t.Value!.GetValue<double>()));
            var provenance = (JsonNode.Parse(Field("provenance")) as JsonObject ?? throw new FormatException("no object"))
                .Select(t => new ProvenanceEntry(t.Key, t.Value!.GetValue<string>()));
            if (spacing is not null && spacing.Any(s => !(s > 0.01 && s < 100))) throw new FormatException("spacing outside of 0.01..100 mm");
            if (tile.Any(t => t is < 1 or > 4096)) throw new FormatException("tile outside of 1..4096");
            field = "weights";
            return new(network, file.Tensors)
            {
                Window = new(new((float)window[0]), new((float)window[1])),
                Tile = new((int)tile[0], (int)tile[1], (int)tile[2]),
                Spacing = spacing is null ? null : new(spacing[0], spacing[1], spacing[2]),
                Fusion = [.. fusion],
                Provenance = [.. provenance],
            };
        }
        catch (Exception e) when (e is FormatException or ArgumentException or JsonException or InvalidOperationException or OverflowException)
        {
            throw Safetensors.Refuse(path, FileErrorKind.BadFile, "bad-model", field, e.Message.Split('\n')[0], "a model of this program");
        }
    }

    internal static Safetensors Describe(Model model)
    {
        var spacing = model.Spacing;
        return new(
            new Dictionary<string, string>
            {
                ["format"] = Format,
                ["network"] = LayerJson.Print(model.Network).ToJsonString(),
                ["window"] = Text(model.Window.Low.Value, model.Window.High.Value),
                ["spacing"] = spacing is { } s ? Text(s.X, s.Y, s.Z) : "native",
                ["tile"] = Text(model.Tile.X, model.Tile.Y, model.Tile.Z),
                ["fusion"] = new JsonObject(model.Fusion.Select(f => KeyValuePair.Create(f.Tap, (JsonNode?)f.Tau))).ToJsonString(),
                ["provenance"] = new JsonObject(model.Provenance.Select(f => KeyValuePair.Create(f.Name, (JsonNode?)f.Value))).ToJsonString(),
            },
            model.Weights);
    }

    private static string Text(params double[] numbers) => string.Join(' ', numbers.Select(n => n.ToString("R", CultureInfo.InvariantCulture)));

    private static double[] Numbers(string text, int count)
    {
        var numbers = text.Split(' ').Select(t => double.Parse(t, NumberStyles.Float, CultureInfo.InvariantCulture)).ToArray();
        return numbers.Length == count && numbers.All(double.IsFinite) ? numbers : throw new FormatException($"{count} finite numbers expected");
    }
}
