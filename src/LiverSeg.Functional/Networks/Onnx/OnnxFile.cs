using System.Collections.Generic;
using System.IO;

namespace LiverSeg.Functional;

/// <summary>Models for other programs: ONNX, opset 17, IR version 8, which ONNX Runtime runs without libtorch.</summary>
public static class OnnxFile
{
    private const int IrVersion = 8, Opset = 17;

    /// <summary>Writes network and weights as ONNX: under a temporary name first, so that no half file ever has the final name.</summary>
    /// <remarks>
    /// Input <c>image</c>: float32, (batch, 1, z, y, x), the windowed scan in [0, 1] with axes along L, P, S at the model's spacing, each
    /// extent a multiple of the network's stride. Outputs: <c>liver</c>, the fused probability (eq. 4); <c>logits</c>, the main output
    /// of two classes; one <c>logits.NAME</c> a tap. The file's metadata hold window, spacing, tile, fusion and provenance in the words
    /// of the model file. Windowing, resampling, tiling and clean-up are not part of it. Law: equal to <see cref="Predictor"/> to 1e-4.
    /// </remarks>
    /// <param name="model">What is written.</param>
    /// <param name="path">Usually ending with <c>.onnx</c>.</param>
    /// <param name="overwrite">Whether an existing file is replaced.</param>
    /// <exception cref="FileErrorException">The file exists and <paramref name="overwrite"/> is false, or it cannot be written.</exception>
    public static void ExportOnnx(this Model model, string path, bool overwrite = false) =>
        AtomicFile.Write(path, overwrite, stream => Write(model, stream));

    internal static void Write(Model model, Stream stream)
    {
        var file = File(OnnxGraph.Of(model));
        var facts = ModelFile.Describe(model).Metadata;
        foreach (var name in new[] { "format", "window", "spacing", "tile", "fusion", "provenance" })
            file.Message(14, new OnnxWriter().Text(1, name).Text(2, facts[name]));
        file.Message(14, new OnnxWriter().Text(1, "weights_sha256").Text(2, model.Weights.Hash));
        file.CopyTo(stream);
    }

    /// <summary>The network alone in memory: <c>logits</c>, and <c>logits.NAME</c> for the taps that are wanted; the others' heads are not computed.</summary>
    internal static byte[] Logits(Model model, IReadOnlyList<string> taps)
    {
        using var stream = new MemoryStream();
        File(OnnxGraph.Logits(model, taps)).CopyTo(stream);
        return stream.ToArray();
    }

    private static OnnxWriter File(OnnxWriter graph) =>
        new OnnxWriter().Number(1, IrVersion).Text(2, "LiverSeg.Functional").Message(7, graph).Message(8, new OnnxWriter().Text(1, "").Number(2, Opset));
}
