using System;
using System.Linq;

namespace LiverSeg.Functional;

/// <summary>What a segmentation or structure set was drawn on, in numbers: UIDs are not for people.</summary>
internal static class DicomReferences
{
    internal static string Of(DicomData data)
    {
        var series = (data[0x00081115]?.Items ?? []).ToList();
        var images = series.Sum(s => s[0x0008114A]?.Items.Count ?? 0);
        // A structure set: frame of reference, study, series, contour image (PS3.3, C.8.8.5).
        foreach (var own in (data[0x30060010]?.Items ?? []).SelectMany(f => f[0x30060012]?.Items ?? []).SelectMany(s => s[0x30060014]?.Items ?? []))
        {
            series.Add(own);
            images += own[0x30060016]?.Items.Count ?? 0;
        }
        return series.Count == 0 ? "nothing that it names" : FormattableString.Invariant($"{series.Count} series, {images} images");
    }
}
