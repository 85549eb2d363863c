using System;
using System.IO;

namespace LiverSeg.Functional;

/// <summary>Models that come with the library.</summary>
public static class Pretrained
{
    private const string Resource = "liver.safetensors";
    private static readonly Lazy<Model> Loaded = new(Load);

    /// <summary>
    /// The default model: a compact deeply supervised network for whole CTs. Research use only; its provenance names data and recipe.
    /// </summary>
    public static Model Liver => Loaded.Value;

    private static Model Load()
    {
        using var stream = typeof(Pretrained).Assembly.GetManifestResourceStream(Resource)!;
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return ModelFile.Parse(bytes, Resource);
    }
}
