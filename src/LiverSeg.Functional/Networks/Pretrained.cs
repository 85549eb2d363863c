using System;

namespace LiverSeg.Functional;

/// <summary>Models that come with the library. Research use only; the provenance of each names data and recipe.</summary>
public static class Pretrained
{
    private static readonly Lazy<Model> Compact = new(() => Load("liver.safetensors")), Paper = new(() => Load("dsn.safetensors"));

    /// <summary>
    /// The default model: a compact deeply supervised network for whole CTs.
    /// </summary>
    public static Model Liver => Compact.Value;

    /// <summary>
    /// The topology of Dou et al. 2016 with instance normalisation after each convolution (<see cref="Functional.Architectures.Normalized"/>): what the
    /// paper's large kernels see, on the default model's data.
    /// </summary>
    public static Model Dsn => Paper.Value;

    private static Model Load(string resource)
    {
        using var stream = typeof(Pretrained).Assembly.GetManifestResourceStream(resource)!;
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return ModelFile.Parse(bytes, resource);
    }
}
