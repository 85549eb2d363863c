namespace LiverSeg.Functional

open System
open System.Threading

/// Settings of the CRF in JSON files.
[<RequireQualifiedAccess>]
module CrfSetting =
    /// The setting in a file; keys that it leaves out are as in the start.
    let read (start: CrfSetting) (path: string) = CrfSettingFile.Read(path, start)

    /// JSON text, every key.
    let toJson (setting: CrfSetting) = setting.ToJson()

    /// Some keys changed, as `["mu1", box 3.]`.
    let withKeys (changes: (string * obj) list) (setting: CrfSetting) =
        setting.With [| for key, value in changes -> struct (key, value) |]

/// The stages composed.
[<RequireQualifiedAccess>]
module Pipeline =
    /// A scan's liver: window, network, CRF, threshold, dense parts cut, largest component, holes filled, necks cut.
    let segment (options: PipelineOptions) (model: Model) (ct: Volume<Hu>) = ct.Segment(model, options).Mask

    /// The same, with the score map.
    let segmentWithScores (options: PipelineOptions) (model: Model) (ct: Volume<Hu>) = ct.Segment(model, options)

    /// The same with a listener and until it is cancelled.
    let segmentCancellable
        (progress: StageProgress -> unit)
        (cancel: CancellationToken)
        (options: PipelineOptions)
        (model: Model)
        (ct: Volume<Hu>)
        =
        ct.Segment(model, options, Action<StageProgress> progress, cancel)

    /// The mask of a score map that the model made before: what `segment` does after the network.
    let maskOf (options: PipelineOptions) (model: Model) (ct: Volume<Hu>) (scores: Volume<Probability>) =
        ct.MaskOf(scores, model, options)

    /// The mask of a score map by the options' refinement and clean-up.
    let clean (options: PipelineOptions) (image: Volume<Intensity>) (scores: Volume<Probability>) =
        scores.Clean(image, options)

    /// The mask without parts of at least so many millilitres that are denser than the rest by a part of the window.
    let cutDense by minMl (image: Volume<Intensity>) (mask: Volume<bool>) = mask.CutDense(image, by, minMl)

    /// The mask that a setting makes of main and side outputs: fused (eq. 4), refined, cut, cleaned.
    let apply (setting: CrfSetting) (options: PipelineOptions) (guide: Volume<Hu>) (scores: Prediction) =
        setting.Apply(scores, guide, options)

    /// The score map after the CRF, whose even bet is the setting's threshold: cut it at one half.
    let refined (setting: CrfSetting) (image: Volume<Intensity>) (scores: Volume<Probability>) =
        scores.Refined(image, setting)

    /// The same with every pair of voxels summed: slow, for small slices.
    let refinedExactly (setting: CrfSetting) (image: Volume<Intensity>) (scores: Volume<Probability>) =
        scores.RefinedExactly(image, setting)

/// From a scan in files to its mask.
[<RequireQualifiedAccess>]
module ScanSegmentation =
    /// How a scan can be worked on within a bound of memory; throws `MemoryBoundException` where it cannot.
    let plan (bound: MemoryPlanOptions) (options: PipelineOptions) (model: Model) (source: VolumeSource) =
        ScanSegmentation.Plan(source, model, options, bound)

    /// The mask and what was noticed, with all the memory there is.
    let run (options: PipelineOptions) (model: Model) (source: VolumeSource) =
        ScanSegmentation.Run(source, model, options)

    /// The same by a plan, with a listener and until it is cancelled.
    let runWith
        (progress: StageProgress -> unit)
        (cancel: CancellationToken)
        (plan: MemoryPlan)
        (options: PipelineOptions)
        (model: Model)
        (source: VolumeSource)
        =
        ScanSegmentation.Run(source, model, options, plan, Action<StageProgress> progress, cancel)

/// Scans of which only some slices are in memory at a time.
[<RequireQualifiedAccess>]
module SlabPipeline =
    /// Whether a scan can be cut into slabs for a model.
    let fits (model: Model) (grid: Grid) = SlabPipeline.Fits(grid, model)

    /// Whether the settings can be followed slab by slab.
    let suits (options: PipelineOptions) = SlabPipeline.Suits options

    /// The mask and the warnings, from a function that gives some slices: the first and how many.
    let segmentInSlabs (options: PipelineOptions) (model: Model) slices (read: int -> int -> Volume<Hu>) (grid: Grid) =
        grid.SegmentInSlabs((fun first count -> read first count), slices, model, options)
