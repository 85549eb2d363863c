using System;

namespace LiverSeg.Functional;

/// <summary>Models that come with the library. Research use only; the provenance of each names data and recipe.</summary>
public static class Pretrained
{
    private static readonly Lazy<Model> Cascade = new(() => Load("liver.safetensors")), Paper = new(() => Load("dsn.safetensors"));

    /// <summary>
    /// The default model, for whole CTs: two compact deeply supervised networks, the first at 3 mm, the second at 1.5 mm where the first sees something.
    /// <see cref="Model.FirstStage"/> is the first alone: faster, less exact.
    /// </summary>
    public static Model Liver => Cascade.Value;

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
