namespace LiverSeg.Functional;

/// <summary>How bright livers were on the scans that a model learned from: each counts with the median of its voxels.</summary>
/// <param name="Median">As many were brighter as darker.</param>
/// <param name="Brightest">None was brighter.</param>
public readonly record struct UsualHu(Hu Median, Hu Brightest);
