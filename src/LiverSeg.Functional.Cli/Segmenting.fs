/// segment.
module LiverSeg.Functional.Cli.Segmenting

open System
open System.Diagnostics
open System.IO
open Argu
open LiverSeg.Functional
open LiverSeg.Functional.Cli.Arguments
open LiverSeg.Functional.Cli.Shell

/// One that comes with the program, by name, or a file's.
let modelOf (name: string option) =
    match name with
    | None
    | Some "liver" -> Pretrained.Liver
    | Some "dsn" -> Pretrained.Dsn
    | Some path -> Model.load path

/// The CRF's setting: a file's, or what was tuned for the shipped model.
let settingOf (path: string option) =
    let start = CrfSetting.Of([], CrfSetting.Shipped)

    match path with
    | Some path -> CrfSettingFile.Read(path, start)
    | None -> start

let pipeline (setting: CrfSetting option) threads keepAll =
    let crf = setting |> Option.defaultWith (fun () -> settingOf None)

    let tiles done' all =
        if done' = 0 then
            let age = DateTime.Now - Process.GetCurrentProcess().StartTime
            note (invariant $"first of {all} tiles begins {age.TotalSeconds:F2} s after the start")

        progress (invariant $"tile {done'} of {all}")

    PipelineOptions(
        Predict = PredictOptions(Threads = threads, Progress = Action<int, int>(tiles)),
        UseCrf = Option.isSome setting,
        Crf = crf.Options.WithThreads threads,
        Threshold = crf.Threshold,
        LargestComponent = not keepAll
    )

/// Where one scan's results go.
type private Target =
    {
        Mask: string
        Probability: string option
        Stats: string option
        Report: string option
        OverwriteOthers: bool
    }

/// One scan to one mask; gives the facts for the summary.
let private segmentOne (args: ParseResults<SegmentArgs>) (model: Model) (scan: Inputs.Scan) (target: Target) =
    let clock = Stopwatch.StartNew()
    let overwrite = args.Contains SegmentArgs.Overwrite
    let input, output = scan.Path, target.Mask
    VolumeFile.CheckOutput(output, overwrite)

    target.Probability
    |> Option.iter (VolumeFile.checkOutput target.OverwriteOthers)

    if Inputs.isDicomOutput output && not (VolumeFile.HoldsDicom input) then
        raise (
            FileErrorException(
                FileError(
                    Kind = FileErrorKind.Unsupported,
                    Code = "unsupported-output",
                    File = output,
                    Field = "ending",
                    Found = ".dcm for a scan that is no DICOM series",
                    Expected = "a DICOM series, which the segmentation can refer to",
                    Remedy = "write .nii.gz, .mha or .nrrd instead"
                )
            )
        )

    let threads = args.GetResult(SegmentArgs.Threads, 0)

    let setting =
        if args.Contains SegmentArgs.No_Crf then
            None
        else
            Some(settingOf (args.TryGetResult SegmentArgs.Crf))

    let model = setting |> Option.map _.FuseIn(model) |> Option.defaultValue model

    let options =
        pipeline setting threads (args.Contains SegmentArgs.Keep_All_Components)

    let wholeOnly =
        target.Probability.IsSome
        || target.Stats.IsSome
        || target.Report.IsSome
        || not (SlabPipeline.suits options)

    let info, plan = Bounding.planOf args model scan wholeOnly
    let model = plan.With model

    let mask, whole =
        if plan.Slices > 0 then
            let slab first count =
                VolumeFile.ReadSlab(input, first, count, scan.Dicom)

            let found = info.Grid.SegmentInSlabs(slab, plan.Slices, model, options)
            found.Warnings |> Seq.iter warn
            found.Mask, None
        else
            let ct = Inputs.read scan.Dicom input
            ct |> HuCheck.warnings |> List.iter warn
            let found = ct |> Pipeline.segmentWithScores options model
            found.Mask, (if wholeOnly then Some(ct, found.Scores) else None)

    progressEnd ()

    if Mask.count mask = 0L then
        warn $"{input}: no liver was found; the mask is empty"

    whole
    |> Option.iter (fun (ct, scores) ->
        target.Probability
        |> Option.iter (fun path -> scores.Write(path, target.OverwriteOthers))

        target.Stats
        |> Option.iter (fun path -> writeText target.OverwriteOthers path (ct.Describe(mask).ToJson()))

        target.Report
        |> Option.iter (fun folder ->
            let case =
                ReportCase.Unjudged(scan.Name, ct |> Hounsfield.windowed model.Window, mask)

            Report.Write(folder, "Liver of " + scan.Name, "liverseg", [| case |], [||], [||], target.OverwriteOthers)))

    // The mask comes last: where it is, all else is there too.
    if Inputs.isDicomOutput output then
        mask.WriteSegmentation(output, input, scan.Dicom, overwrite)
    else
        mask.Write(output, overwrite)

    note (
        invariant
            $"{input}: {clock.Elapsed.TotalSeconds:F2} s, peak {Process.GetCurrentProcess().PeakWorkingSet64 >>> 20} MiB"
    )

    {|
        input = Path.GetFileName input
        output = Path.GetFileName output
        volume_ml = Math.Round(mask.VolumeMl(), 3)
        weights_sha256 = model.Weights.Hash
    |}

/// The endings of a batch's masks: those whose file is whole or absent, so that what is there is done.
let private formats = [ "nii.gz"; "nii"; "mha"; "nrrd"; "dcm" ]

let private segmentMany (args: ParseResults<SegmentArgs>) model (scans: Inputs.Scan list) =
    let folder = args.GetResult SegmentArgs.Output
    let overwrite = args.Contains SegmentArgs.Overwrite
    let format = (args.GetResult(SegmentArgs.Format, "nii.gz")).TrimStart '.'

    if not (List.contains format formats) then
        raise (Usage $"""--format {format}: one of {String.Join(", ", formats)}""")

    if File.Exists folder then
        raise (Usage $"-o {folder}: a file; many inputs need a folder")

    let beside (folder: string option) suffix (scan: Inputs.Scan) =
        folder |> Option.map (fun folder -> Path.Combine(folder, scan.Name + suffix))

    let target (scan: Inputs.Scan) =
        {
            Mask = Path.Combine(folder, scan.Name + "-liver." + format)
            Probability =
                beside
                    (args.TryGetResult SegmentArgs.Probability)
                    ("-probability." + (if format = "dcm" then "nii.gz" else format))
                    scan
            Stats = beside (args.TryGetResult SegmentArgs.Stats) "-stats.json" scan
            Report = beside (args.TryGetResult SegmentArgs.Report) "" scan
            // What a killed run left beside a mask that it did not finish is made again.
            OverwriteOthers = true
        }

    let byName = scans |> List.map (fun s -> s.Name, s) |> Map.ofList

    let work name =
        let scan = byName[name]
        let result = segmentOne args model scan (target scan)
        string result.output, result.volume_ml

    let outcomes, code =
        Batch.run
            (Path.Combine(folder, "segment-summary.csv"))
            [
                for s in scans do
                    s.Name, s.Path, (target s).Mask
            ]
            overwrite
            work

    args.TryGetResult SegmentArgs.Json
    |> Option.iter (fun path ->
        writeText
            true
            path
            (json
                {|
                    cases =
                        [
                            for o in outcomes ->
                                {|
                                    case = o.Case
                                    input = o.Input
                                    output = o.Output
                                    status = o.Status
                                    code = o.Code
                                    reason = o.Reason
                                    volume_ml = o.VolumeMl |> Option.toNullable
                                |}
                        ]
                    weights_sha256 = model.Weights.Hash
                |}))

    code

let segment (args: ParseResults<SegmentArgs>) =
    Runtime.Begin() // while the scan is read
    let model = modelOf (args.TryGetResult SegmentArgs.Model)

    match args.TryGetResult SegmentArgs.Device with
    | None
    | Some "auto"
    | Some "cpu" -> ()
    | Some other -> raise (Usage $"--device {other}: this build computes on the CPU; use auto or cpu")

    match args.TryGetResult SegmentArgs.Max_Memory with
    | Some size -> Bounding.sizeOf size |> ignore
    | None when args.Contains SegmentArgs.Smaller_Tiles ->
        raise (Usage "--smaller-tiles: only with --max-memory SIZE; without a bound tiles are the model's")
    | None -> ()

    let given = args.GetResults SegmentArgs.Input
    let dicom = Inputs.dicomOf (args.TryGetResult SegmentArgs.Series) false
    let allSeries = args.Contains SegmentArgs.All_Series

    match Inputs.scansOf dicom allSeries given, given with
    | [], _ -> raise (Usage "no image among the inputs")
    | [ scan ], [ only ] when not (allSeries || Inputs.isMany only) ->
        let overwrite = args.Contains SegmentArgs.Overwrite
        let summary = args.TryGetResult SegmentArgs.Json

        let target =
            {
                Mask = args.GetResult SegmentArgs.Output
                Probability = args.TryGetResult SegmentArgs.Probability
                Stats = args.TryGetResult SegmentArgs.Stats
                Report = args.TryGetResult SegmentArgs.Report
                OverwriteOthers = args.Contains SegmentArgs.Overwrite
            }

        let result = segmentOne args model scan target
        summary |> Option.iter (fun path -> writeText overwrite path (json result))
        say (invariant $"{result.output}: liver {result.volume_ml:F1} ml")
        0
    | scans, _ -> segmentMany args model scans
