namespace LiverSeg.Functional;

/// <summary>Models that come with the library.</summary>
public static class Pretrained
{
    /// <summary>The paper's network with its random start: finds nothing.</summary>
    public static Model Untrained { get; } = new(Dsn.Paper, Weights.Gaussian(Dsn.Paper, 0));
}
