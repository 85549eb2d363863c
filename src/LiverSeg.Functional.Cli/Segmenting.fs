/// segment, evaluate, info, convert.
module LiverSeg.Functional.Cli.Segmenting

open System
open System.Diagnostics
open System.IO
open Argu
open LiverSeg.Functional
open LiverSeg.Functional.Cli.Arguments
open LiverSeg.Functional.Cli.Shell

let private endings =
    [ ".nii.gz"; ".nii"; ".mhd"; ".mha"; ".nrrd"; ".nhdr"; ".hdr" ]

/// A file's name without the endings of image formats.
let private stem (path: string) =
    let name = string (Path.GetFileName path)

    endings
    |> List.tryFind (fun e -> name.EndsWith(e, StringComparison.OrdinalIgnoreCase))
    |> Option.map (fun e -> name[.. name.Length - e.Length - 1])
    |> Option.defaultValue name

let modelOf (path: string option) =
    match path with
    | Some path -> Model.load path
    | None -> Pretrained.Liver

/// The CRF's setting: a file's, or what was tuned for the shipped model.
let settingOf (path: string option) =
    let start = CrfSetting.Of([], CrfSetting.Shipped)

    match path with
    | Some path -> CrfSettingFile.Read(path, start)
    | None -> start

let pipeline (setting: CrfSetting option) threads keepAll =
    let crf = setting |> Option.defaultWith (fun () -> settingOf None)

    let tiles done' all =
        progress (invariant $"tile {done'} of {all}")

    PipelineOptions(
        Predict = PredictOptions(Threads = threads, Progress = Action<int, int>(tiles)),
        UseCrf = Option.isSome setting,
        Crf = crf.Options.WithThreads threads,
        Threshold = crf.Threshold,
        LargestComponent = not keepAll
    )

/// One scan to one mask; gives the facts for the summary.
let private segmentOne (args: ParseResults<SegmentArgs>) (model: Model) (input: string) (output: string) =
    let clock = Stopwatch.StartNew()
    let overwrite = args.Contains SegmentArgs.Overwrite

    if not overwrite && File.Exists output then
        raise (
            VolumeFileException(
                ReadError(
                    Kind = ReadErrorKind.InputOutput,
                    Code = "output-exists",
                    File = output,
                    Field = "output",
                    Found = "a file of that name",
                    Expected = "none",
                    Remedy = "add --overwrite or choose another output"
                )
            )
        )

    let ct = VolumeFile.Read(input, warn)
    ct |> Plausibility.doubts |> List.iter warn
    let read = clock.Elapsed.TotalSeconds
    let threads = args.GetResult(SegmentArgs.Threads, 0)

    let setting =
        if args.Contains SegmentArgs.No_Crf then
            None
        else
            Some(settingOf (args.TryGetResult SegmentArgs.Crf))

    let model = setting |> Option.map _.FuseIn(model) |> Option.defaultValue model

    let found =
        ct
        |> Pipeline.segmentWithScores (pipeline setting threads (args.Contains SegmentArgs.Keep_All_Components)) model

    progressEnd ()

    if Mask.count found.Mask = 0L then
        warn $"{input}: no liver was found; the mask is empty"

    found.Mask.Write(output, overwrite)

    args.TryGetResult SegmentArgs.Probability
    |> Option.iter (fun path -> found.Scores.Write(path, overwrite))

    args.TryGetResult SegmentArgs.Stats
    |> Option.iter (fun path -> writeText overwrite path (ct.Describe(found.Mask).ToJson()))

    args.TryGetResult SegmentArgs.Report
    |> Option.iter (fun folder ->
        let case =
            ReportCase.Unjudged(stem input, ct |> Hounsfield.windowed model.Window, found.Mask)

        Report.Write(folder, "Liver of " + stem input, "liverseg", [| case |], [||], [||], overwrite))

    note (invariant $"{input}: read {read:F2} s, all {clock.Elapsed.TotalSeconds:F2} s")

    {|
        input = Path.GetFileName input
        output = Path.GetFileName output
        volume_ml = Math.Round(found.Mask.VolumeMl(), 3)
        weights_sha256 = model.Weights.Hash
    |}

let private imagesIn (folder: string) =
    Directory.GetFiles folder
    |> Array.filter (fun f ->
        endings
        |> List.exists (fun e -> f.EndsWith(e, StringComparison.OrdinalIgnoreCase)))
    |> Array.sort
    |> List.ofArray

let segment (args: ParseResults<SegmentArgs>) =
    let model = modelOf (args.TryGetResult SegmentArgs.Model)

    match args.TryGetResult SegmentArgs.Device with
    | None
    | Some "auto"
    | Some "cpu" -> ()
    | Some other -> raise (Usage $"--device {other}: this build computes on the CPU; use auto or cpu")

    let given = args.GetResults SegmentArgs.Input

    // A folder without image files is a DICOM series.
    let inputs =
        [
            for i in given do
                match (if Directory.Exists i then imagesIn i else []) with
                | [] -> i
                | images -> yield! images
        ]

    let output = args.GetResult SegmentArgs.Output

    let report results =
        args.TryGetResult SegmentArgs.Json
        |> Option.iter (fun path -> writeText (args.Contains SegmentArgs.Overwrite) path (json results))

    match inputs with
    | [] -> raise (Usage "no image among the inputs")
    | [ input ] when given = [ input ] ->
        let result = segmentOne args model input output
        report result
        say (invariant $"{result.output}: liver {result.volume_ml:F1} ml")
        0
    | many ->
        // One bad case never stops the others, and finished ones are not done again.
        let mutable worst = 0

        let results =
            [
                for input in many do
                    let target = Path.Combine(output, stem input + "-liver.nii.gz")

                    if File.Exists target && not (args.Contains SegmentArgs.Overwrite) then
                        say $"{Path.GetFileName target}: kept from before"
                    else
                        try
                            let result = segmentOne args model input target
                            say (invariant $"{result.output}: liver {result.volume_ml:F1} ml")
                            yield result
                        with e ->
                            let code, line = explain e
                            worst <- max worst code
                            Console.Error.WriteLine("liverseg: " + line)
            ]

        report results
        worst

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

let private judged options (c: PredictionFile) =
    try
        CaseResult.Of(
            c.Id,
            VolumeFile.ReadMask(c.Prediction, warn).Evaluate(VolumeFile.ReadMask(c.Truth, warn), options)
        )
    with
    | :? VolumeFileException as e -> CaseResult.Failed(c.Id, e.Message)
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

let private infoOfImage (path: string) values =
    let info = VolumeFile.Info path
    let g = info.Grid
    info.Warnings |> Seq.iter warn

    [
        "format", info.Format
        "extent", string g.Extent
        "spacing", string g.Spacing
        "origin", string g.Origin
        "orientation", g.Direction.Code
        "stored as",
        $"{info.Type}"
        + (if info.BigEndian then ", big endian" else "")
        + $", {info.Packing}"
        "slope, intercept", invariant $"{info.Slope}, {info.Intercept}"
        if values then
            let v = VolumeFile.Read(path)
            let hu = v.Voxels.ToArray() |> Array.map _.Value
            "values", invariant $"{Array.min hu} .. {Array.max hu}"
    ]

let private infoOfModel (path: string) =
    let model = Model.load path

    [
        "format", "model (safetensors)"
        "parameters", invariant $"{model.Weights.ParameterCount}"
        "weights sha256", model.Weights.Hash
        "window", $"{model.Window.Low} .. {model.Window.High}"
        "spacing",
        (if model.Spacing.HasValue then
             string model.Spacing.Value
         else
             "native")
        "tile", string model.Tile
        yield! model.Provenance |> Seq.map (fun f -> f.Name, f.Value)
    ]

let info (args: ParseResults<InfoArgs>) =
    let path = args.GetResult InfoArgs.Input

    let rows =
        if path.EndsWith(".safetensors", StringComparison.OrdinalIgnoreCase) then
            infoOfModel path
        else
            infoOfImage path (args.Contains InfoArgs.Values)

    args.TryGetResult InfoArgs.Json
    |> Option.iter (fun file -> writeText (args.Contains InfoArgs.Overwrite) file (json (dict rows)))

    facts rows
    0

let convert (args: ParseResults<ConvertArgs>) =
    let volume = VolumeFile.Read(args.GetResult ConvertArgs.Input, warn)
    volume.Write(args.GetResult ConvertArgs.Output, args.Contains ConvertArgs.Overwrite)
    0
