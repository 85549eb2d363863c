using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using System.Text.Json;

namespace LiverSeg.Functional;

/// <summary>What a training came to, epoch by epoch, as a text file: one JSON object a line.</summary>
/// <remarks>Law: reading what was written gives the same epochs (seconds to a hundredth).</remarks>
public static class TrainingHistory
{
    /// <summary>
    /// The line of an epoch. Keys <c>epoch, losses {main, taps}, rate, eta_factor, gradient_norm, layer_norms {layer}, validation_dice,
    /// skipped, seconds, peak_mib</c>.
    /// </summary>
    /// <param name="epoch">The epoch.</param>
    /// <param name="peakMib">The most memory that the process has held, in MiB.</param>
    public static string Line(EpochRecord epoch, long peakMib)
    {
        var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            void Table(string name, IReadOnlyDictionary<string, double> values)
            {
                json.WriteStartObject(name);
                foreach (var (key, value) in values.OrderBy(v => v.Key, StringComparer.Ordinal)) json.WriteNumber(key, value);
                json.WriteEndObject();
            }
            json.WriteStartObject();
            json.WriteNumber("epoch", epoch.Epoch);
            Table("losses", epoch.Losses);
            json.WriteNumber("rate", epoch.Rate);
            json.WriteNumber("eta_factor", epoch.EtaFactor);
            json.WriteNumber("gradient_norm", epoch.GradientNorm);
            Table("layer_norms", epoch.LayerNorms);
            if (epoch.ValidationDice is { } dice) json.WriteNumber("validation_dice", dice);
            else json.WriteNull("validation_dice");
            json.WriteNumber("skipped", epoch.Skipped);
            json.WriteNumber("seconds", Math.Round(epoch.Seconds, 2));
            json.WriteNumber("peak_mib", peakMib);
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    /// <summary>The epochs of a history file, in its order; keys that an older file lacks are empty.</summary>
    /// <exception cref="FileErrorException">The file cannot be read, or a line is no epoch.</exception>
    public static IReadOnlyList<EpochRecord> Read(string path)
    {
        var refuse = new FileErrors(path, "history");
        string[] lines;
        try
        {
            lines = [.. File.ReadAllLines(path).Where(l => l.Trim().Length > 0)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw refuse.InputOutput("file", "no access", "a readable history file", "check the path and its permissions", e);
        }
        return lines.Select((line, i) =>
        {
            try
            {
                return Parse(line);
            }
            catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
            {
                throw refuse.Bad(FormattableString.Invariant($"line {i + 1}"), "no epoch", "one JSON object per epoch, as training writes it", "give a history file");
            }
        }).ToEquatableArray();
    }

    private static EpochRecord Parse(string line)
    {
        using var text = JsonDocument.Parse(line);
        var root = text.RootElement;
        double Number(string name) => root.GetProperty(name).GetDouble();
        Dictionary<string, double> Table(string name) =>
            root.TryGetProperty(name, out var table) ? table.EnumerateObject().ToDictionary(p => p.Name, p => p.Value.GetDouble(), StringComparer.Ordinal) : [];
        return new(
            root.GetProperty("epoch").GetInt32(), Table("losses"), Number("rate"), Number("eta_factor"), Number("gradient_norm"),
            root.TryGetProperty("validation_dice", out var dice) && dice.ValueKind == JsonValueKind.Number ? dice.GetDouble() : null, Number("seconds"))
        {
            LayerNorms = Table("layer_norms"),
            Skipped = root.TryGetProperty("skipped", out var skipped) ? skipped.GetInt32() : 0,
        };
    }
}
