namespace LiverSeg.Functional

/// Radiodensity to contrast.
[<RequireQualifiedAccess>]
module Hounsfield =
    /// At or below `low` 0, at or above `high` 1, linear between.
    let window (low: float32<HU>, high: float32<HU>) (ct: Volume<Hu>) =
        ct.Window(Window(Hu(float32 low), Hu(float32 high)))

    /// The same with a window value, as `Window.Liver`.
    let windowed (window: Window) (ct: Volume<Hu>) = ct.Window window

/// Other voxel spacings and grids.
[<RequireQualifiedAccess>]
module Resample =
    /// The scan at another spacing over the same extent.
    let toSpacing (x: float<mm>, y: float<mm>, z: float<mm>) (ct: Volume<Hu>) =
        ct.ToSpacing(Spacing(float x, float y, float z))

    /// The scan on another grid.
    let onto (grid: Grid) (ct: Volume<Hu>) = ct.Onto grid

    /// The mask on another grid by the nearest voxel.
    let maskOnto (grid: Grid) (mask: Volume<bool>) = mask.Onto grid

    /// The mask on another grid through its linear coverage.
    let smoothly (grid: Grid) (mask: Volume<bool>) = mask.Smoothly grid

/// Axes along the patient's left, back and head.
[<RequireQualifiedAccess>]
module Orient =
    /// Axes in LPS order; the same voxels.
    let toCanonical (volume: Volume<'T>) = Orient.ToCanonical volume

    /// Axes in the order and sense of another grid's.
    let like (grid: Grid) (volume: Volume<'T>) = Orient.Like(volume, grid)

/// Rounds off a mask's surface.
[<RequireQualifiedAccess>]
module MaskSmoothing =
    /// Inside where a Gaussian of this σ sees more inside than outside.
    let smooth (sigma: float<mm>) (mask: Volume<bool>) = mask.Smooth(float sigma)
