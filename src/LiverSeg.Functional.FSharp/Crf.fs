namespace LiverSeg.Functional

open System
open System.Threading

/// The fully connected conditional random field that refines score maps.
[<RequireQualifiedAccess>]
module Crf =
    /// Refined probabilities, guided by the windowed scan.
    let refine (options: CrfOptions) (guide: Volume<Intensity>) (scores: Volume<Probability>) =
        scores.Refine(guide, options)

    /// Refined probabilities, guided by the scan in HU.
    let refineHu (options: CrfOptions) (guide: Volume<Hu>) (scores: Volume<Probability>) = scores.Refine(guide, options)

    /// The same with a listener for (slices done, in all) and until it is cancelled.
    let refineWith
        (progress: int -> int -> unit)
        (cancel: CancellationToken)
        (options: CrfOptions)
        (guide: Volume<Intensity>)
        (scores: Volume<Probability>)
        =
        scores.Refine(guide, options, Action<int, int> progress, cancel)

    /// The same for any number of labels: one score map per label, guided by the scan in HU.
    let refineLabels (options: CrfOptions) (guide: Volume<Hu>) (scores: Volume<Probability> list) =
        Crf.RefineLabels(scores, guide, options) |> List.ofSeq

    /// Every pair of voxels summed: slow, for small slices.
    let exact (options: CrfOptions) (guide: Volume<Hu>) (scores: Volume<Probability>) = scores.Exact(guide, options)

    /// The energy of a labelling (eq. 5).
    let energy (options: CrfOptions) (guide: Volume<Hu>) (scores: Volume<Probability>) (mask: Volume<bool>) =
        mask.Energy(scores, guide, options)
