namespace LiverSeg.Functional;

/// <summary>What is said in DICOM objects that are made of a series and a mask, and what is left out.</summary>
public sealed record DicomResultOptions
{
    /// <summary>Words about the mask, as what speaks against it; none where empty. What is not ASCII becomes '?'.</summary>
    public string Note { get; init; } = "";

    /// <summary><see cref="Model.Hash"/> of the model that made the mask, for the derivation; none where empty.</summary>
    public string WeightsHash { get; init; } = "";

    /// <summary>Leaves slices without liver out, unless all are. Default false: a reader without the series, too, then knows the whole grid, and readers of sparse frames read all of them as well.</summary>
    public bool OmitEmptyFrames { get; init; }

    /// <summary>Takes nothing of patient, study and series over but places and pixels: UIDs are hashes of the series' own. Default false.</summary>
    public bool IsAnonymous { get; init; }
}
