// What the CRF and each later step do to each measure on real cases, with values chosen on all other patients:
//   dotnet fsi tests/oracles/crf_steps.fsx CASES.csv TRIALS.csv docs/results/crf-cases.md
// CASES.csv: case,image,mask,patient,scores as `liverseg crossval` and `folds.fsx judge` write it; TRIALS.csv: the table of `liverseg tune-crf --every 5 --rounds 1`.
#load "../../scripts/load.fsx"

open System
open System.IO
open LiverSeg.Functional

let casesFile, trialsFile, target =
    match fsi.CommandLineArgs with
    | [| _; c; t; o |] -> c, t, o
    | _ -> failwith "CASES.csv TRIALS.csv OUTPUT.md"

let cases = CaseList.read casesFile

let load (c: CaseFile) =
    VolumeFile.Read c.Image, VolumeFile.ReadProbability c.Scores, VolumeFile.ReadMask c.Mask

let every = 5

// Values are chosen on each fifth slice, measures are taken on all.
let thin =
    cases
    |> List.map (fun c ->
        let ct, scores, truth = load c
        CrfCase.Of(c.Id, c.Patient, ct, scores, truth).EverySlice every)

let values (v: float list) =
    v :> Collections.Generic.IReadOnlyList<float>

let search =
    CrfSearchOptions(
        Start = CrfOptions.Shipped,
        Rounds = 1,
        Threshold = values [ 0.4; 0.5; 0.6; 0.7 ],
        Mu1 = values [ 1.; 2.; 3.; 5. ],
        ThetaAlpha = values [ 5.; 10.; 20. ],
        ThetaBeta = values [ 10.; 20. ],
        Mu2 = values [ 1. ],
        ThetaGamma = values [ 1.; 2.; 3. ]
    )

let chosen =
    thin
    |> CrfSearch.nested search (CrfTrials.InFile trialsFile)
    |> List.map (fun h -> h.Patient, h.Choice.Best)
    |> Map

/// Without the CRF, and of what follows it only what is named.
let off =
    PipelineOptions(
        Refinement = CrfSetting.None,
        LargestComponent = false,
        FillHoles = false,
        NeckMm = 0.,
        DenserHu = 0.
    )

let steps =
    [
        "network, cut at ½",
        fun (p: Volume<Probability>) (_: Volume<Intensity>) (_: CrfSetting) -> p |> Mask.threshold 0.5
        "+ tissue only", fun p image _ -> p |> Pipeline.clean off image
        "+ largest component", fun p image _ -> p |> Pipeline.clean (off.With(largestComponent = true)) image
        "+ holes filled",
        fun p image _ -> p |> Pipeline.clean (off.With(largestComponent = true, fillHoles = true)) image
        "+ dense parts and necks cut: no CRF",
        fun p image _ -> p |> Pipeline.clean (PipelineOptions(Refinement = CrfSetting.None)) image
        "CRF of the program, all steps", fun p image _ -> p |> Pipeline.clean (PipelineOptions()) image
        "CRF chosen on others, cut at ½", fun p image s -> p |> Pipeline.refined s image |> Mask.threshold 0.5
        "+ all steps", fun p image s -> p |> Pipeline.clean (PipelineOptions(Refinement = s)) image
    ]

let tables =
    let rows =
        [
            for c in cases do
                let ct, scores, truth = load c
                let image = ct |> Hounsfield.windowed Window.Liver

                for name, make in steps do
                    name, CaseResult.Of(c.Id, make scores image chosen[c.Patient] |> Metrics.evaluate truth)

                eprintfn "%s" c.Id
        ]

    [
        for name, _ in steps ->
            ResultTable.Of(
                name,
                [
                    for n, r in rows do
                        if n = name then
                            r
                ]
            )
    ]

let measures =
    [
        "dice"
        "voe_percent"
        "rvd_percent"
        "asd_mm"
        "rmsd_mm"
        "msd_mm"
        "hd95_mm"
        "score"
    ]
    |> List.map Metric.Named

let number (m: Metric) (v: Nullable<float>) =
    if v.HasValue then
        v.Value.ToString("F" + string m.Decimals, Globalization.CultureInfo.InvariantCulture)
    else
        "absent"

let heading first =
    [
        "| " + first + " | " + String.Join(" | ", measures |> List.map _.Heading) + " |"
        "|---|" + String.replicate measures.Length "---:|"
    ]

let means =
    [
        for t in tables ->
            "| "
            + t.System
            + " | "
            + String.Join(
                " | ",
                [
                    for m in measures ->
                        match t.Summarise m with
                        | s when s.HasValue -> number m (Nullable s.Value.Mean)
                        | _ -> "absent"
                ]
            )
            + " |"
    ]

let perCase (t: ResultTable) =
    [
        for c in t.Cases ->
            "| "
            + c.Name
            + " | "
            + String.Join(" | ", [ for m in measures -> number m (c.Value m) ])
            + " |"
    ]

let table (end': string) =
    tables |> List.find (fun t -> t.System.EndsWith(end', StringComparison.Ordinal))

let settings =
    [
        for KeyValue(patient, s) in chosen ->
            let o = s.Options

            FormattableString.Invariant
                $"| {patient} | {s.Threshold} | {o.Mu1} | {o.ThetaAlpha} | {o.ThetaBeta} | {o.Mu2} | {o.ThetaGamma} |"
    ]

let marker = "<!-- measured -->"

let old =
    if File.Exists target then
        File.ReadAllText target
    else
        marker + "\n" + marker + "\n"

let first, last = old.IndexOf marker, old.LastIndexOf marker

let body =
    [
        $"{cases.Length} cases of {chosen.Count} patients, each scored by a network that has not seen the patient. Means:"
        ""
        yield! heading "step"
        yield! means
        ""
        "Each case without the CRF:"
        ""
        yield! heading "case"
        yield! perCase (table "no CRF")
        ""
        "and with the CRF whose values were chosen on all other patients, all steps:"
        ""
        yield! heading "case"
        yield! perCase (table "+ all steps")
        ""
        "What was chosen for each held-out patient (lengths in mm, θβ in HU):"
        ""
        "| patient | threshold | μ₁ | θα | θβ | μ₂ | θγ |"
        "|---|---:|---:|---:|---:|---:|---:|"
        yield! settings
    ]

File.WriteAllText(target, old[.. first - 1] + marker + "\n" + String.Join("\n", body) + "\n" + old[last..])
