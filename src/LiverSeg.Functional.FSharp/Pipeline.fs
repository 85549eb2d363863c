namespace LiverSeg.Functional

/// The stages composed.
[<RequireQualifiedAccess>]
module Pipeline =
    /// A scan's liver: window, network, threshold, largest component, holes filled.
    let segment (options: PipelineOptions) (model: Model) (ct: Volume<Hu>) = ct.Segment(model, options).Mask

    /// The same, with the score map.
    let segmentWithScores (options: PipelineOptions) (model: Model) (ct: Volume<Hu>) = ct.Segment(model, options)

    /// The mask of a score map by the options' threshold and clean-up.
    let clean (options: PipelineOptions) (image: Volume<Intensity>) (scores: Volume<Probability>) =
        scores.Clean(image, options)

    /// The score map after the CRF, whose even bet is the options' threshold.
    let refined (options: PipelineOptions) (image: Volume<Intensity>) (scores: Volume<Probability>) =
        scores.Refined(image, options)

    /// The same with every pair of voxels summed: slow, for small slices.
    let refinedExactly (options: PipelineOptions) (image: Volume<Intensity>) (scores: Volume<Probability>) =
        scores.RefinedExactly(image, options)

/// The liver's box by a cheap pass.
[<RequireQualifiedAccess>]
module LiverRegion =
    /// The box, or the whole scan with the reason when in doubt.
    let find (options: RegionOptions) (finder: Model) (ct: Volume<Hu>) = ct.Find(finder, options)

/// Whether a scan looks like Hounsfield units.
[<RequireQualifiedAccess>]
module Plausibility =
    /// What is odd, in words; empty for a usual CT.
    let doubts (ct: Volume<Hu>) = ct.Doubts() |> List.ofSeq

/// Lists of cases as CSV.
[<RequireQualifiedAccess>]
module CaseList =
    /// The rows of a CSV with columns case,image,mask[,patient].
    let read (path: string) = CaseList.Read path |> List.ofSeq

    /// Writes cases as such a CSV; an existing file is kept and an error thrown unless it may be replaced.
    let write (overwrite: bool) (path: string) (cases: CaseFile seq) = CaseList.Write(path, cases, overwrite)

    /// The rows of a CSV with columns case,prediction,truth.
    let readPredictions (path: string) =
        CaseList.ReadPredictions path |> List.ofSeq

    /// The scans of a CSV with columns case,image.
    let readScans (path: string) = CaseList.ReadScans path |> List.ofSeq

/// Scans of which only some slices are in memory at a time.
[<RequireQualifiedAccess>]
module SlabPipeline =
    /// Whether a scan can be cut into slabs for a model.
    let fits (model: Model) (grid: Grid) = SlabPipeline.Fits(grid, model)

    /// Whether the settings can be followed slab by slab.
    let suits (options: PipelineOptions) = SlabPipeline.Suits options

    /// The mask and the doubts, from a function that gives some slices: the first and how many.
    let segmentInSlabs (options: PipelineOptions) (model: Model) slices (read: int -> int -> Volume<Hu>) (grid: Grid) =
        grid.SegmentInSlabs((fun first count -> read first count), slices, model, options)

/// Leave one patient out.
[<RequireQualifiedAccess>]
module CrossValidation =
    /// A fold a patient; the first list is learned from in every fold.
    let folds (always: CaseFile list) (cases: CaseFile list) =
        CrossValidation.Folds(cases, always) |> List.ofSeq
