namespace LiverSeg.Functional

/// The fully connected conditional random field that refines score maps.
[<RequireQualifiedAccess>]
module Crf =
    /// Refined probabilities, guided by the windowed scan.
    let refine (options: CrfOptions) (guide: Volume<Intensity>) (scores: Volume<Probability>) =
        scores.Refine(guide, options)

    /// Refined probabilities, guided by the scan in HU.
    let refineHu (options: CrfOptions) (guide: Volume<Hu>) (scores: Volume<Probability>) = scores.Refine(guide, options)

    /// The same for any number of labels: one score map a label, guided by the scan in HU.
    let refineLabels (options: CrfOptions) (guide: Volume<Hu>) (scores: Volume<Probability> list) =
        Crf.RefineLabels(scores, guide, options) |> List.ofSeq

    /// Every pair of voxels summed: slow, for small slices.
    let exact (options: CrfOptions) (guide: Volume<Hu>) (scores: Volume<Probability>) = scores.Exact(guide, options)

    /// The energy of a labelling (eq. 5).
    let energy (options: CrfOptions) (guide: Volume<Hu>) (scores: Volume<Probability>) (mask: Volume<bool>) =
        mask.Energy(scores, guide, options)

/// Looks for weights and lengths of the CRF on cases whose score maps were made once.
[<RequireQualifiedAccess>]
module CrfSearch =
    /// One parameter after the other; the trials grow.
    let coordinate (options: CrfSearchOptions) (trials: CrfTrials) (cases: CrfCase list) =
        CrfSearch.Coordinate(cases, options, trials)

    /// Every combination.
    let grid (options: CrfSearchOptions) (trials: CrfTrials) (cases: CrfCase list) =
        CrfSearch.Grid(cases, options, trials)

    /// For each patient a search on all others.
    let nested (options: CrfSearchOptions) (trials: CrfTrials) (cases: CrfCase list) =
        CrfSearch.Nested(cases, options, trials) |> List.ofSeq

    /// What a setting is worth on one case.
    let value (options: CrfSearchOptions) (setting: CrfSetting) (case: CrfCase) =
        CrfSearch.Value(case, setting, options)

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
