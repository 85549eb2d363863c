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

    /// The mask on another grid, by `Interpolation.Nearest` or by linear coverage.
    let maskOnto (interpolation: Interpolation) (grid: Grid) (mask: Volume<bool>) = mask.Onto(grid, interpolation)

/// Axes along the patient's left, back and head.
[<RequireQualifiedAccess>]
module Orient =
    /// Axes in LPS order; the same voxels.
    let toCanonical (volume: Volume<'T>) = Orient.ToCanonical volume

    /// Axes in the order and sense of another grid's.
    let matchOrientation (grid: Grid) (volume: Volume<'T>) = Orient.MatchOrientation(volume, grid)

/// Masks and score maps that lie on a scan's lattice but are stored otherwise: turned, mirrored, cut out, or with a rounded header.
[<RequireQualifiedAccess>]
module Lattice =
    /// The mask on another grid of its lattice: reordered, background where it has no voxels, cut off where the grid ends; `note` hears what was done.
    let onGrid (note: string -> unit) (grid: Grid) (mask: Volume<bool>) = Lattice.OnGrid(mask, grid, note)

    /// The same for a score map, probability 0 where it has no voxels.
    let scoresOnGrid (note: string -> unit) (grid: Grid) (scores: Volume<Probability>) =
        Lattice.OnGrid(scores, grid, note)

    /// Prediction and truth on one grid: the truth's, grown where the prediction reaches beyond it.
    let pair (note: string -> unit) (truth: Volume<bool>) (prediction: Volume<bool>) =
        let struct (p, t) = Lattice.Pair(prediction, truth, note)
        p, t

    /// A mask in a file on a scan's grid; throws `FileErrorException`.
    let readMask (warn: string -> unit) (label: MaskLabel) (grid: Grid) (path: string) =
        Lattice.ReadMask(path, grid, label, warn)

    /// A score map in a file on a scan's grid; a channel where it has several.
    let readProbability (warn: string -> unit) (channel: int option) (grid: Grid) (path: string) =
        Lattice.ReadProbability(path, grid, Option.toNullable channel, warn)

/// Whether a scan looks like Hounsfield units.
[<RequireQualifiedAccess>]
module HuCheck =
    /// What is odd, in words; empty for a usual CT.
    let warnings (ct: Volume<Hu>) = ct.Warnings() |> List.ofSeq
