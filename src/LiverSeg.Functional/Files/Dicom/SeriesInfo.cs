using System;

namespace LiverSeg.Functional;

/// <summary>One series of a DICOM folder or zip, from its headers alone.</summary>
/// <remarks>Prints without the UID, which points to a patient.</remarks>
/// <param name="Number">From 1 on; chooses it in <see cref="DicomOptions.Series"/>.</param>
/// <param name="Uid">Its UID; chooses it in <see cref="DicomOptions.SeriesUid"/>.</param>
/// <param name="Slices">How many slices or frames.</param>
/// <param name="Columns">Voxels per row.</param>
/// <param name="Rows">Rows per slice.</param>
/// <param name="ColumnMm">From column to column; 0 where the files do not say.</param>
/// <param name="RowMm">From row to row; 0 where the files do not say.</param>
/// <param name="StepMm">From slice to slice on average, the thickness of a single one; 0 where the files do not say.</param>
public sealed record SeriesInfo(int Number, string Uid, int Slices, int Columns, int Rows, Mm ColumnMm, Mm RowMm, Mm StepMm)
{
    /// <summary>What tells it from other passes over the same series, as <c>AcquisitionNumber 2</c>; empty where the series is one.</summary>
    public string Pass { get; init; } = "";

    /// <summary>As <c>2: 120 slices of 512×512 @ 0.7×0.7×2.5 mm</c>.</summary>
    public override string ToString() =>
        FormattableString.Invariant($"{Number}: {Slices} slices of {Columns}×{Rows} @ {ColumnMm.Value:0.###}×{RowMm.Value:0.###}×{StepMm.Value:0.###} mm{(Pass.Length > 0 ? ", " : "")}{Pass}");
}
