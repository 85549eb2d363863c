// Five folds by patient of the recipe with two stages, on the scans of the model's card:
//   dotnet fsi tests/oracles/folds.fsx prepare DATA WORK          lists, masks without a liver and parts of scans above and below it (DATA/CASE/ct.nii.gz, liver.nii.gz)
//   tests/oracles/folds.sh WORK X 1 2                             trains folds 1 and 2 (one thread, hours), and with Y 3 4 the others; on scans without a mask with masks of the fold's own
//   dotnet fsi tests/oracles/folds.fsx judge DATA WORK            each scan by a network that has not seen the patient: WORK/tables, WORK/judged, WORK/scores.csv
//   dotnet fsi tests/oracles/crossval_page.fsx WORK/tables docs/results/crossval.md
#load "../../scripts/load.fsx"
#load "patients.fsx"

open System.IO
open LiverSeg.Functional
open Patients

let command, data, work =
    match fsi.CommandLineArgs with
    | [| _; command; data; work |] -> command, Path.GetFullPath data, Path.GetFullPath work
    | _ -> failwith "prepare | judge, DATA, WORK"

// Looked at: no liver in these slices, from the first to before the second, counted from the feet.
let parts =
    [
        "chest_lidc0001", "ctonly_lidc0001", 74, 133
        "chest_lidc0004", "ctonly_lidc0004", 68, 120
        "chest_acrin042", "ctonly_acrin042", 58, 135
        "chest_ohif_wb", "ctonly_ohif_wb", 110, 174
        "bowel_cort_liver", "ctonly_cort_liver", 0, 66
        "bowel_ohif_wb", "ctonly_ohif_wb", 0, 66
    ]

// Scans without a mask, by the fold whose own mask of them was looked at and is one of the liver, but for a rim.
let unlabelled = [ "lidc0001"; "lidc0003"; "lidc0004"; "lidc0005" ]

let unlabelledOf fold =
    unlabelled
    @ (Map.ofList
        [
            1, [ "lidc0002" ]
            2, [ "lidc0002"; "nlst_ohif"; "cort_liver" ]
            4, [ "nlst_ohif" ]
        ]
       |> Map.tryFind fold
       |> Option.defaultValue [])

let legs = [ "neg_sts013"; "neg_sts039" ]
let slabs = [ "amos0001_slab"; "amos0013_slab" ]

let at (parts: string list) = Path.Combine(List.toArray parts)
let ct = ct data
let ctOnly name = ct $"ctonly_{name}"
let liver = liver data
let labelled = labelled data

let prepare () =
    let made name = at [ work; "without"; name ]

    let empty (volume: Volume<Hu>) =
        Volume.Init(volume.Grid, fun _ _ _ -> false)

    for name in legs do
        Volume.read (ct name)
        |> empty
        |> VolumeFile.replaceMask (made $"{name}-liver.nii.gz")

    for name, source, first, next in parts do
        let part = VolumeFile.Open(ct source).Slab(first, next - first)
        part |> VolumeFile.replace (made $"{name}-ct.nii.gz")
        part |> empty |> VolumeFile.replaceMask (made $"{name}-liver.nii.gz")

    let others =
        [
            for name in slabs do
                labelled name
            for name in legs do
                row name (ct name) (made $"{name}-liver.nii.gz") name
            for name, _, _, _ in parts do
                row name (made $"{name}-ct.nii.gz") (made $"{name}-liver.nii.gz") name
            yield! phantoms (at [ work; "without" ])
        ]

    /// Scans of all folds but these, each twice as often as the others.
    let without folds =
        let scans = held |> List.filter (fun (k, _) -> k > 0 && not (List.contains k folds))

        [
            for suffix in [ ""; "_again" ] do
                for name in List.collect snd scans do
                    row (name + suffix) (ct name) (liver name) (patient name)
        ]
        @ others
        |> list

    for name, folds in ("X", [ 1; 2 ]) :: ("Y", [ 3; 4 ]) :: [ for k in 1..4 -> $"{k}", [ k ] ] do
        without folds |> write (at [ work; $"train{name}.csv" ])

    "case,image"
    :: [
        for name in List.collect unlabelledOf [ 1..4 ] |> List.distinct do
            $"{name},{ctOnly name}"
    ]
    |> write (at [ work; "unlabelled.csv" ])

    for k in 1..4 do
        without [ k ]
        @ [
            for name in unlabelledOf k do
                row $"own_{name}" (ctOnly name) (at [ work; $"own{k}"; $"{name}-liver.nii.gz" ]) $"own_{name}"
        ]
        |> write (at [ work; $"train{k}own.csv" ])

let judge () =
    let keep name suffix =
        at [ work; "judged"; $"{name}{suffix}.nii.gz" ]

    let judged =
        [
            for k, names in held do
                let fold name =
                    if k = 0 then
                        Pretrained.Liver
                    else
                        Model.load (at [ work; $"{name}{k}.safetensors" ])

                let model, before = fold "own", fold "second"

                for name in names do
                    let scan = Volume.read (ct name)
                    let image = scan |> Hounsfield.windowed model.Window
                    let truth = Lattice.ReadMask(liver name, scan.Grid)
                    let whole = scan.Segment(model, PipelineOptions())
                    let scores = whole.Scores

                    let scoresOf (model: Model) =
                        (scan.Segment(model, PipelineOptions(Refinement = CrfSetting.None))).Scores

                    let once = Model.withUsual (Option.ofNullable model.UsualCertainty) None
                    let first = model |> Model.firstStage |> scoresOf

                    let resultOf options scores suffix =
                        let mask = scores |> Pipeline.clean options image
                        mask |> VolumeFile.replaceMask (keep name suffix)
                        mask |> Metrics.evaluate truth |> CaseResult.ofEvaluation name

                    let result setting =
                        resultOf (PipelineOptions(Refinement = setting))

                    scores |> VolumeFile.replaceProbability (keep name "-p")
                    eprintfn "%s" name

                    name,
                    whole.Quality,
                    [
                        result CrfSetting.Shipped first "-first"
                        result CrfSetting.None scores "-raw"
                        result CrfSetting.Shipped scores ""
                        resultOf (PipelineOptions(NeckMm = 0)) scores "-uncut"
                        resultOf (PipelineOptions(DenserHu = 0)) scores "-dense"
                        resultOf (PipelineOptions()) (scoresOf before) "-before"
                        resultOf (PipelineOptions()) (model |> once |> scoresOf) "-once"
                    ]
        ]

    let table system i =
        judged
        |> List.map (fun (_, _, results) -> List.item i results)
        |> ResultTable.ofCases system

    let first, raw, crf =
        table "first stage+CRF" 0, table "two stages" 1, table "two stages+CRF" 2

    let put name text =
        OutputFile.replaceText (at [ work; "tables"; $"{name}.md" ]) text

    put "folds-first" (ResultTable.toMarkdown first)
    put "folds-raw" (ResultTable.toMarkdown raw)
    put "folds" (ResultTable.toMarkdown crf)

    let told (quality: Quality) =
        match Option.ofNullable quality.PredictedDice with
        | Some e -> $"%.3f{e.Value} (%.3f{e.Low} to %.3f{e.High})"
        | None -> "–"

    [
        "| case | Dice | Dice told | doubted for |"
        "| --- | ---: | ---: | --- |"
        for (name, quality, _), (row: CaseResult) in List.zip judged (List.ofSeq crf.Cases) do
            $"| {name} | %.4f{row.Evaluation.Dice} | {told quality} | {quality} |"
    ]
    |> String.concat "\n"
    |> put "folds-doubt"

    let step (words: string) i =
        let evaluations =
            judged |> List.map (fun (_, _, results) -> (List.item i results).Evaluation)

        let mean pick = List.averageBy pick evaluations

        let asd, msd =
            mean (fun e -> e.AsdMm.Value.Value), mean (fun e -> e.MsdMm.Value.Value)

        let least = evaluations |> List.map _.Dice |> List.min
        $"| {words} | %.4f{mean _.Dice} | %.2f{mean _.VoePercent} | %.2f{asd} | %.1f{msd} | %.4f{least} |"

    [
        "| mean of eleven scans | Dice | VOE, % | ASD, mm | MSD, mm | least Dice |"
        "| --- | ---: | ---: | ---: | ---: | ---: |"
        step "before scans with masks of the fold's own: both stages, CRF, dense parts and necks cut" 5
        step "first stage, CRF, dense parts and necks cut" 0
        step "both stages, dense parts and necks cut, no CRF" 1
        step "both stages, CRF, dense parts cut" 3
        step "both stages, CRF, necks cut" 4
        step "both stages, CRF, dense parts and necks cut, bright livers looked at once" 6
        step "both stages, CRF, dense parts and necks cut: the program" 2
    ]
    |> String.concat "\n"
    |> put "folds-steps"

    put "folds-table1" ([ first; raw; crf ] |> PaperTable.table1 |> PaperTable.toMarkdown)

    "case,image,mask,patient,scores"
    :: [
        for name, _, _ in judged do
            labelled name + "," + keep name "-p"
    ]
    |> write (at [ work; "scores.csv" ])

    printfn "%s" (ResultTable.toMarkdown crf)

match command with
| "prepare" -> prepare ()
| "judge" -> judge ()
| other -> failwith $"{other}: prepare or judge"
