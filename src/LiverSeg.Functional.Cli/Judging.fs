/// evaluate, stats, preview, score.
module LiverSeg.Functional.Cli.Judging

open System
open Argu
open LiverSeg.Functional
open LiverSeg.Functional.Cli.Arguments
open LiverSeg.Functional.Cli.Shell

let private metricsOptions (args: ParseResults<EvaluateArgs>) =
    let border =
        match args.GetResult(EvaluateArgs.Border, 18) with
        | 6 -> Border.Faces
        | 18 -> Border.FacesAndEdges
        | 26 -> Border.All
        | other -> raise (Usage $"--border {other}: 6, 18 or 26")

    let outside =
        match args.GetResult(EvaluateArgs.Outside, "object") with
        | "object" -> Outside.Object
        | "background" -> Outside.Background
        | other -> raise (Usage $"--outside {other}: object or background")

    MetricsOptions(
        Border = border,
        Outside = outside,
        ToleranceMm = args.GetResult(EvaluateArgs.Tolerance, 3.),
        Threads = args.GetResult(EvaluateArgs.Threads, 0)
    )

let private number (unit: string) digits (value: float option) =
    match value with
    | Some v ->
        v.ToString("F" + string digits, Globalization.CultureInfo.InvariantCulture)
        + unit
    | None -> "absent"

let private mm (value: Nullable<Mm>) =
    if value.HasValue then Some value.Value.Value else None

let printEvaluation (e: Evaluation) =
    facts
        [
            "Dice", number "" 4 (Some e.Dice)
            "VOE", number " %" 2 (Some e.VoePercent)
            "RVD", number " %" 2 (Option.ofNullable e.RvdPercent)
            "ASD", number " mm" 3 (mm e.AsdMm)
            "RMSD", number " mm" 3 (mm e.RmsdMm)
            "MSD", number " mm" 2 (mm e.MsdMm)
            "HD95", number " mm" 2 (mm e.Hd95Mm)
            "NSD", number "" 4 (Some e.Nsd)
            "score", number "" 2 (Some e.Score.Total)
            "volume",
            number " ml" 1 (Some e.PredictionMl)
            + ", truth "
            + number " ml" 1 (Some e.TruthMl)
        ]

    e.Notes |> Seq.iter (fun n -> say ("note: " + n))

/// What a mask is worth beside the reference; a file that cannot be read or compared counts as failed.
let judged options (c: PredictionFile) =
    try
        CaseResult.Of(
            c.Id,
            VolumeFile.ReadMask(c.Prediction, warn).Evaluate(VolumeFile.ReadMask(c.Truth, warn), options)
        )
    with
    | :? FileErrorException as e -> CaseResult.Failed(c.Id, e.Message)
    | :? ArgumentException as e -> CaseResult.Failed(c.Id, e.Message)

let evaluate (args: ParseResults<EvaluateArgs>) =
    match args.TryGetResult EvaluateArgs.Prediction, args.TryGetResult EvaluateArgs.Truth with
    | Some prediction, Some truth ->
        let options = metricsOptions args
        let p, t = VolumeFile.ReadMask(prediction, warn), VolumeFile.ReadMask(truth, warn)
        let e = p.Evaluate(t, options)

        args.TryGetResult EvaluateArgs.Json
        |> Option.iter (fun path -> writeText (args.Contains EvaluateArgs.Overwrite) path (e.ToJson()))

        printEvaluation e
        0
    | _ ->
        match args.TryGetResult EvaluateArgs.Cases with
        | None -> raise (Usage "evaluate needs --prediction and --truth, or --cases")
        | Some csv ->
            let options = metricsOptions args

            let table =
                ResultTable.Of("liverseg", CaseList.ReadPredictions csv |> Seq.map (judged options))

            args.TryGetResult EvaluateArgs.Json
            |> Option.iter (fun path -> writeText (args.Contains EvaluateArgs.Overwrite) path (table.ToJson()))

            say (table.ToMarkdown())
            if table.Failed > 0 then 3 else 0

let stats (args: ParseResults<StatsArgs>) =
    let ct, mask =
        VolumeFile.Read(args.GetResult StatsArgs.Input, warn), VolumeFile.ReadMask(args.GetResult StatsArgs.Mask, warn)

    let text = ct.Describe(mask).ToJson()

    match args.TryGetResult StatsArgs.Json with
    | Some path -> writeText (args.Contains StatsArgs.Overwrite) path text
    | None -> say text

    0

let preview (args: ParseResults<PreviewArgs>) =
    let image =
        VolumeFile.Read(args.GetResult PreviewArgs.Input, warn)
        |> Hounsfield.windowed Window.Liver

    let mask = VolumeFile.ReadMask(args.GetResult PreviewArgs.Mask, warn)

    let png =
        match args.TryGetResult PreviewArgs.Truth with
        | Some truth -> image.Draw(mask, VolumeFile.ReadMask(truth, warn))
        | None -> image.Draw mask

    OutputFile.WriteBytes(args.GetResult PreviewArgs.Output, png, args.Contains PreviewArgs.Overwrite)
    0

let private points (s: ChallengeScore) =
    [ s.Voe; s.Rvd; s.Asd; s.Rmsd; s.Msd; s.Total ]

let private pointsOfMeans (text: string) =
    let parse (text: string) =
        match Double.TryParse(text, Globalization.NumberStyles.Float, Globalization.CultureInfo.InvariantCulture) with
        | true, v -> v
        | _ -> raise (Usage $"--means: '{text}' is no number")

    match text.Split ',' |> Array.map parse with
    | [| voe; rvd; asd; rmsd; msd |] ->
        let s =
            ChallengeScore.Of(Nullable voe, Nullable rvd, Nullable(Mm asd), Nullable(Mm rmsd), Nullable(Mm msd))

        List.zip [ "VOE"; "RVD"; "ASD"; "RMSD"; "MSD"; "total" ] (points s)
        |> List.map (fun (name, value) -> name, invariant $"{value:F3}")
        |> facts

        0
    | other -> raise (Usage $"--means: {other.Length} numbers; five are needed: voe,rvd,asd,rmsd,msd")

let private pointsOfCases csv =
    let results = CaseList.readPredictions csv |> List.map (judged (MetricsOptions()))

    let scored = results |> List.filter _.Scored

    let row name values =
        "| "
        + name
        + " | "
        + String.Join(" | ", values |> List.map (fun v -> invariant $"{v:F2}"))
        + " |"

    say "| case | VOE | RVD | ASD | RMSD | MSD | points |"
    say "|---|---:|---:|---:|---:|---:|---:|"

    for c in results do
        say (
            if c.Scored then
                row c.Name (points c.Evaluation.Score)
            else
                $"| {c.Name} | failed: {c.Failure} | | | | | |"
        )

    if not scored.IsEmpty then
        scored
        |> List.map (fun c -> points c.Evaluation.Score)
        |> List.transpose
        |> List.map List.average
        |> row "mean"
        |> say

    say ""
    say $"{scored.Length} scored, {results.Length - scored.Length} failed"
    if scored.Length < results.Length then 3 else 0

let score (args: ParseResults<ScoreArgs>) =
    match args.TryGetResult ScoreArgs.Means, args.TryGetResult ScoreArgs.Cases with
    | Some means, None -> pointsOfMeans means
    | None, Some csv -> pointsOfCases csv
    | _ -> raise (Usage "score needs --means or --cases, one of them")
