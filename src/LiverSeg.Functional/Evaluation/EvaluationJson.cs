using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace LiverSeg.Functional;

/// <summary>Evaluations and statistics as JSON with stable keys; what is absent is null, never NaN.</summary>
/// <remarks>The same value gives the same bytes on every run and machine.</remarks>
public static class EvaluationJson
{
    /// <summary>Keys <c>voe_percent, rvd_percent, asd_mm, rmsd_mm, msd_mm, hd95_mm, dice, jaccard, sensitivity, precision, nsd, score, scores, volume_ml, notes</c>.</summary>
    public static string ToJson(this Evaluation evaluation) => JsonText.Write(json => json.Evaluation(evaluation));

    /// <summary>Keys <c>voxels, volume_ml, components, largest_part, hu, box_voxels, box_mm, centre_mm, cut_off</c>.</summary>
    public static string ToJson(this MaskStatistics statistics) => JsonText.Write(json => json.Statistics(statistics));
}

/// <summary>Small words over <see cref="Utf8JsonWriter"/>.</summary>
internal static class JsonText
{
    private static readonly JsonWriterOptions Options = new() { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    internal static string Write(System.Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Options)) write(json);
        return Encoding.UTF8.GetString(buffer.WrittenSpan) + "\n";
    }

    internal static void Optional(this Utf8JsonWriter json, string key, double? value)
    {
        if (value is { } v) json.WriteNumber(key, v);
        else json.WriteNull(key);
    }

    internal static void Evaluation(this Utf8JsonWriter json, Evaluation evaluation)
    {
        json.WriteStartObject();
        json.EvaluationMembers(evaluation);
        json.WriteEndObject();
    }

    internal static void EvaluationMembers(this Utf8JsonWriter json, Evaluation evaluation)
    {
        json.WriteNumber("voe_percent", evaluation.VoePercent);
        json.Optional("rvd_percent", evaluation.RvdPercent);
        json.Optional("asd_mm", evaluation.AsdMm?.Value);
        json.Optional("rmsd_mm", evaluation.RmsdMm?.Value);
        json.Optional("msd_mm", evaluation.MsdMm?.Value);
        json.Optional("hd95_mm", evaluation.Hd95Mm?.Value);
        json.WriteNumber("dice", evaluation.Dice);
        json.WriteNumber("jaccard", evaluation.Jaccard);
        json.Optional("sensitivity", evaluation.Sensitivity);
        json.Optional("precision", evaluation.Precision);
        json.WriteNumber("nsd", evaluation.Nsd);
        json.WriteNumber("score", evaluation.Score.Total);
        json.WritePropertyName("scores");
        json.Score(evaluation.Score);
        json.WriteStartObject("volume_ml");
        json.WriteNumber("prediction", evaluation.PredictionMl);
        json.WriteNumber("truth", evaluation.TruthMl);
        json.WriteNumber("difference", evaluation.DifferenceMl);
        json.WriteEndObject();
        json.WriteStartArray("notes");
        foreach (var note in evaluation.Notes) json.WriteStringValue(note);
        json.WriteEndArray();
    }

    internal static void Score(this Utf8JsonWriter json, ChallengeScore score)
    {
        json.WriteStartObject();
        json.WriteNumber("voe", score.Voe);
        json.WriteNumber("rvd", score.Rvd);
        json.WriteNumber("asd", score.Asd);
        json.WriteNumber("rmsd", score.Rmsd);
        json.WriteNumber("msd", score.Msd);
        json.WriteEndObject();
    }

    internal static void Statistics(this Utf8JsonWriter json, MaskStatistics s)
    {
        json.WriteStartObject();
        json.WriteNumber("voxels", s.Voxels);
        json.WriteNumber("volume_ml", s.VolumeMl);
        json.WriteNumber("components", s.Components);
        json.WriteNumber("largest_part", s.LargestPart);
        if (s.Density is { } d)
        {
            json.WriteStartObject("hu");
            json.WriteNumber("mean", d.Mean);
            json.WriteNumber("sd", d.StandardDeviation);
            json.WriteNumber("min", d.Min.Value);
            json.WriteNumber("p5", d.P5);
            json.WriteNumber("p25", d.P25);
            json.WriteNumber("median", d.Median);
            json.WriteNumber("p75", d.P75);
            json.WriteNumber("p95", d.P95);
            json.WriteNumber("max", d.Max.Value);
            json.WriteEndObject();
        }
        else json.WriteNull("hu");
        json.WriteStartObject("box_voxels");
        json.Triple("first", s.Box.X, s.Box.Y, s.Box.Z);
        json.Triple("size", s.Box.Extent.X, s.Box.Extent.Y, s.Box.Extent.Z);
        json.WriteEndObject();
        json.Triple("box_mm", s.BoxMm.X, s.BoxMm.Y, s.BoxMm.Z);
        if (s.Centre is { } centre) json.Triple("centre_mm", centre.X, centre.Y, centre.Z);
        else json.WriteNull("centre_mm");
        json.WriteStartArray("cut_off");
        foreach (var side in s.CutOff) json.WriteStringValue(side);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Triple(this Utf8JsonWriter json, string key, double x, double y, double z)
    {
        json.WriteStartArray(key);
        json.WriteNumberValue(x);
        json.WriteNumberValue(y);
        json.WriteNumberValue(z);
        json.WriteEndArray();
    }
}
