using System.IO;

namespace LiverSeg.Functional;

/// <summary>One row of a case list.</summary>
/// <param name="Id">Names the case.</param>
/// <param name="Image">Path of the scan.</param>
/// <param name="Mask">Path of the liver mask.</param>
/// <param name="Patient">Scans of one patient share it; defaults to the case.</param>
public sealed record CaseFile(string Id, string Image, string Mask, string Patient)
{
    /// <summary>Path of a score map that was made before; empty when the list has none.</summary>
    public string Scores { get; init; } = "";

    /// <summary>Which label of the mask is the liver.</summary>
    public MaskLabel Label { get; init; }
}

/// <summary>One result to judge.</summary>
/// <param name="Id">Names the case.</param>
/// <param name="Prediction">Path of the mask to judge.</param>
/// <param name="Truth">Path of the reference.</param>
public sealed record PredictionFile(string Id, string Prediction, string Truth)
{
    /// <summary>Path of the scan that both belong to; empty when the list has none. Measures need none, pictures do.</summary>
    public string Image { get; init; } = "";

    /// <summary>Which label is the liver, in both files; one that holds a single value may be a plain mask (<see cref="MaskLabel.OrBinary"/>).</summary>
    public MaskLabel Label { get; init; }
}

/// <summary>One scan to segment.</summary>
/// <param name="Id">Names the case.</param>
/// <param name="Image">Path of the scan.</param>
public sealed record ScanFile(string Id, string Image);
