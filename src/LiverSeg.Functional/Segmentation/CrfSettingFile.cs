using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace LiverSeg.Functional;

/// <summary>Settings of the CRF as JSON: <c>{"mu1": 3, "theta_alpha": 20, "units": "mm", ..., "threshold": 0.5, "tau": {"after3": 0.1}}</c>.</summary>
/// <remarks>Law: read ∘ write = id. Keys that are left out keep their defaults; unknown ones are refused, so that no misspelt key is lost.</remarks>
public static class CrfSettingFile
{
    private static readonly (string Key, Func<CrfSetting, JsonNode> Get, Func<CrfSetting, JsonNode, CrfSetting> Set)[] Fields =
    [
        Of("mu1", o => o.Mu1, (o, v) => o with { Mu1 = Number(v) }),
        Of("mu2", o => o.Mu2, (o, v) => o with { Mu2 = Number(v) }),
        Of("theta_alpha", o => o.ThetaAlpha, (o, v) => o with { ThetaAlpha = Number(v) }),
        Of("theta_beta", o => o.ThetaBeta, (o, v) => o with { ThetaBeta = Number(v) }),
        Of("theta_gamma", o => o.ThetaGamma, (o, v) => o with { ThetaGamma = Number(v) }),
        Of("iterations", o => o.Iterations, (o, v) => o with { Iterations = Number(v) is >= 0 and <= 1000 and var t && t == Math.Floor(t) ? (int)t : throw new FormatException("a whole number in 0..1000") }),
        Of("units", o => o.Unit == CrfUnit.Millimetre ? "mm" : "voxel", (o, v) => o with { Unit = Word(v, ("voxel", CrfUnit.Voxel), ("mm", CrfUnit.Millimetre)) }),
        Of("normalization", o => o.Normalization.ToString().ToLowerInvariant(), (o, v) => o with { Normalization = Word(v, Normalizations) }),
        Of("dimensions", o => o.Reach == CrfRange.Volume ? 3 : 2, (o, v) => o with { Reach = Number(v) == 3 ? CrfRange.Volume : Number(v) == 2 ? CrfRange.TransverseSlice : throw new FormatException("2 or 3") }),
        Of("self_term", o => o.SelfTerm, (o, v) => o with { SelfTerm = v.GetValueKind() switch { JsonValueKind.True => true, JsonValueKind.False => false, _ => throw new FormatException("true or false") } }),
        Of("least_probability", o => o.MinProbability, (o, v) => o with { MinProbability = Number(v) }),
        Of("tolerance", o => o.Tolerance, (o, v) => o with { Tolerance = Number(v) }),
        ("threshold", s => s.Threshold, (s, v) => s with { Threshold = Number(v) is > 0 and < 1 and var t ? t : throw new FormatException("a number in (0, 1)") }),
    ];

    private static (string, CrfNormalization)[] Normalizations =>
        Array.ConvertAll(Enum.GetValues<CrfNormalization>(), n => (n.ToString().ToLowerInvariant(), n));

    /// <summary>The setting as JSON text, every key, always in the same order.</summary>
    public static string ToJson(this CrfSetting setting)
    {
        var o = new JsonObject();
        foreach (var (key, get, _) in Fields) o[key] = get(setting);
        o["tau"] = new JsonObject(setting.Fusion.Select(f => KeyValuePair.Create<string, JsonNode?>(f.Tap, f.Tau)));
        return o.ToJsonString(new(JsonSerializerDefaults.General) { WriteIndented = true, NewLine = "\n" }) + "\n";
    }

    /// <summary>The setting in a JSON file; what it leaves out is as in <paramref name="start"/>.</summary>
    /// <exception cref="FileErrorException">The file cannot be read, is no JSON, or has an unknown key or a value out of range.</exception>
    public static CrfSetting Read(string path, CrfSetting start)
    {
        var refuse = new FileErrors(path, "crf");
        JsonNode? node;
        try
        {
            node = JsonNode.Parse(File.ReadAllText(path), documentOptions: new() { MaxDepth = 8 });
        }
        catch (JsonException e)
        {
            throw refuse.Bad("text", "no JSON: " + e.Message, "a JSON object", "see docs/6-crf.fsx for the keys");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw refuse.InputOutput("file", "no access", "a readable JSON file", "check the path and its permissions", e);
        }
        if (node is not JsonObject o) throw refuse.Bad("text", "no object", "a JSON object", "see docs/6-crf.fsx for the keys");
        return Merge(start, o, (key, found, expected) => refuse.Bad(key, found, expected, "correct or remove the key"));
    }

    /// <summary>The setting with some keys changed.</summary>
    /// <exception cref="FormatException">A key is unknown or its value is out of range.</exception>
    public static CrfSetting With(this CrfSetting start, params IEnumerable<(string Key, object Value)> changes) =>
        Merge(start, new(changes.Select(c => KeyValuePair.Create(c.Key, JsonSerializer.SerializeToNode(c.Value)))),
            (key, found, expected) => new FormatException($"{key} is {found}; {expected} is needed"));

    private static CrfSetting Merge(CrfSetting start, JsonObject changes, Func<string, string, string, Exception> refusal)
    {
        foreach (var (key, value) in changes)
            try
            {
                start = Set(start, key, value ?? throw new FormatException("a value"));
                start.Options.Check();
            }
            catch (Exception e) when (e is FormatException or ArgumentException)
            {
                throw refusal(key, value?.ToJsonString() ?? "null", e.Message);
            }
        return start;
    }

    private static CrfSetting Set(CrfSetting setting, string key, JsonNode value)
    {
        if (key == "tau")
        {
            if (value is not JsonObject weights) throw new FormatException("an object of branch: weight");
            var fused = CrfSetting.Of(weights.Select(w => new TapWeight(w.Key, Number(w.Value ?? throw new FormatException("weights as numbers")))), setting.Options) with { Threshold = setting.Threshold };
            return fused.IsProper ? fused : throw new FormatException("weights of 0 or more, together 1 at most");
        }
        var field = Array.Find(Fields, f => f.Key == key);
        if (field.Set is null) throw new FormatException("one of " + string.Join(", ", Fields.Select(f => f.Key)) + ", tau");
        return field.Set(setting, value);
    }

    private static (string, Func<CrfSetting, JsonNode>, Func<CrfSetting, JsonNode, CrfSetting>) Of(string key, Func<CrfOptions, JsonNode> get, Func<CrfOptions, JsonNode, CrfOptions> set) =>
        (key, s => get(s.Options), (s, v) => s with { Options = set(s.Options, v) });

    private static double Number(JsonNode node) =>
        node is JsonValue v && v.TryGetValue<double>(out var number) && double.IsFinite(number) ? number : throw new FormatException("a number");

    private static T Word<T>(JsonNode node, params (string Name, T Value)[] choices)
    {
        if (node is JsonValue v && v.TryGetValue<string>(out var word))
            foreach (var (name, value) in choices)
                if (name == word) return value;
        throw new FormatException("one of " + string.Join(", ", choices.Select(c => c.Name)));
    }
}
