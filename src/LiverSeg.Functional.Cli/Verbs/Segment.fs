/// segment: CT in, liver mask out.
module LiverSeg.Functional.Cli.Verbs.Segment

open System
open System.Diagnostics
open System.IO
open System.Threading
open Argu
open LiverSeg.Functional
open LiverSeg.Functional.Cli
open LiverSeg.Functional.Cli.Terminal

[<RequireQualifiedAccess>]
type Args =
    | [<Mandatory;
        AltCommandLine("-i");
        Help("CT file, DICOM series (folder or zip), folder of CT files and zips, or CSV (case,image); may be given many times.")>] Input of
        IMAGE: string
    | [<Mandatory;
        AltCommandLine("-o");
        Help("liver mask in the geometry of the CT, .dcm = DICOM segmentation; a folder for many inputs.")>] Output of
        MASK: string
    | [<AltCommandLine("-m"); Help(Help.model)>] Model of FILE: string
    | [<Help("also write the fused score map, before the CRF (float32).")>] Probability of FILE: string
    | [<Help("leave the CRF out.")>] No_Crf
    | [<Help("JSON of CRF options, as tune-crf writes it.")>] Crf of FILE: string
    | [<Help("keep every component, not only the largest.")>] Keep_All_Components
    | [<Help("which series of a DICOM folder or zip: its number in the list that is printed, or its UID.")>] Series of
        NUMBER_OR_UID: string
    | [<Help(Help.anyImage)>] Any_Image
    | [<Help(Help.fillGaps)>] Fill_Gaps
    | [<Help("segment every series of a DICOM folder or zip; the output is a folder.")>] All_Series
    | [<Help("of many inputs' masks: nii.gz | nii | mha | nrrd | dcm (default: nii.gz).")>] Format of ENDING: string
    | [<Help("bound of the memory, as 1500M or 2G; large scans are worked on in slabs, with the same mask.")>] Max_Memory of
        SIZE: string
    | [<Help("with --max-memory: the network's tiles may shrink too, which can change the mask a great deal.")>] Smaller_Tiles
    | [<Help("folder for an HTML page with pictures.")>] Report of DIR: string
    | [<Help("write volume, HU statistics and extent as JSON.")>] Stats of FILE: string
    | [<Help("write what was done as JSON.")>] Json of FILE: string
    | [<Help("exit with code 9 when a mask is written but doubtful; the last line says why.")>] Strict
    | [<Help(Help.overwrite)>] Overwrite
    | [<Help(Help.threads)>] Threads of int
    | [<Help("auto | cpu (default: auto).")>] Device of string

    interface IArgParserTemplate with
        member this.Usage = Help.text this

/// The exit code of --strict.
let private doubtfulCode = 9

/// Where one scan's results go.
type private Target =
    {
        Mask: string
        Probability: string option
        Stats: string option
        Report: string option
        OverwriteOthers: bool
    }

let private check target (source: VolumeSource) =
    if Inputs.isDicomOutput target.Mask && not source.IsDicom then
        raise (
            FileErrorException(
                FileError(
                    Kind = FileErrorKind.Unsupported,
                    Code = "unsupported-output",
                    File = target.Mask,
                    Field = "ending",
                    Found = ".dcm for a scan that is no DICOM series",
                    Expected = "a DICOM series, which the segmentation can refer to",
                    Remedy = "write .nii.gz, .mha or .nrrd instead"
                )
            )
        )

let private refuse (source: VolumeSource) (bound: int64) (least: int64) wholeOnly smaller =
    let remedies =
        [
            "allow more"
            if wholeOnly then
                "leave --probability, --stats and --report out"
            if not smaller then
                "add --smaller-tiles for another, often worse mask"
            "crop the scan"
        ]

    raise (
        NotEnoughMemory(
            invariant
                $"{source.Path}: --max-memory: found {bound >>> 20} MiB, expected at least {least >>> 20} MiB for {source.Info.Grid.Extent}; "
            + String.Join(", or ", remedies)
        )
    )

let private optionsOf (args: ParseResults<Args>) =
    let setting =
        if args.Contains Args.No_Crf then
            None
        else
            Some(ModelArguments.refinement (args.TryGetResult Args.Crf))

    ModelArguments.pipeline setting (args.GetResult(Args.Threads, 0)) (args.Contains Args.Keep_All_Components)

/// How the scan is worked on; from here on the process keeps the bound.
let private planOf (args: ParseResults<Args>) source model options wholeOnly =
    let bound = args.TryGetResult Args.Max_Memory |> Option.map MemoryLimit.parse
    let smaller = args.Contains Args.Smaller_Tiles

    let limits =
        MemoryPlanOptions(BoundBytes = Option.toNullable bound, WholeOnly = wholeOnly, SmallerTiles = smaller)

    let plan =
        try
            source |> ScanSegmentation.plan limits options model
        with :? MemoryBoundException as e ->
            refuse source bound.Value e.MinBytes wholeOnly smaller

    verbose (invariant $"{source.Path}: {source.Info.Grid}, memory {plan}")
    bound |> Option.iter (fun bytes -> MemoryLimit.keep (bytes - plan.NativeBytes))
    plan

/// What speaks against a mask, after a mark; nothing where nothing does.
let private doubt mark (quality: Quality) =
    if not quality.HasLiver then $"{mark}{quality}"
    elif quality.IsDoubtful then $"{mark}doubtful: {quality}"
    else ""

/// What is made of the whole scan beside its mask.
let private writeOthers target name (model: Model) (result: ScanResult) =
    match result.TryGetWhole() with
    | true, ct, scores ->
        for path in Option.toList target.Probability do
            scores.Write(path, target.OverwriteOthers)

        for path in Option.toList target.Stats do
            writeText target.OverwriteOthers path (ct.Describe(result.Mask).ToJson())

        for folder in Option.toList target.Report do
            let image = ct |> Hounsfield.windowed model.Window
            let cases = [| ReportCase.Unjudged(name, image, result.Mask) |]

            Report.Write(
                folder,
                "Liver of " + name,
                "liverseg" + doubt "; " result.Quality,
                cases,
                [||],
                [||],
                target.OverwriteOthers
            )
    | _ -> ()

/// One scan to one mask; gives the facts for the summary.
let private segmentOne (args: ParseResults<Args>) (model: Model) cancel (scan: Inputs.Scan) (target: Target) =
    let clock = Stopwatch.StartNew()
    let overwrite = args.Contains Args.Overwrite
    VolumeFile.CheckOutput(target.Mask, overwrite)

    target.Probability
    |> Option.iter (VolumeFile.checkOutput target.OverwriteOthers)

    let source = Inputs.openScan cancel scan
    check target source
    let options = optionsOf args

    let wholeOnly =
        [ target.Probability; target.Stats; target.Report ] |> List.exists _.IsSome

    let plan = planOf args source model options wholeOnly

    let result =
        source
        |> ScanSegmentation.runWith ModelArguments.stages cancel plan options model

    progressEnd ()
    result.Warnings |> Seq.iter (fun text -> warn $"{scan.Path}: {text}")
    writeOthers target scan.Name model result
    // The mask comes last: where it is, all else is there too.
    if Inputs.isDicomOutput target.Mask then
        result.Mask.WriteSegmentation(target.Mask, source, overwrite)
    else
        result.Mask.Write(target.Mask, overwrite)

    let peak = Process.GetCurrentProcess().PeakWorkingSet64 >>> 20
    verbose (invariant $"{scan.Path}: {clock.Elapsed.TotalSeconds:F2} s, peak {peak} MiB")

    {|
        input = Path.GetFileName scan.Path
        output = Path.GetFileName target.Mask
        volume_ml = Math.Round(result.Mask.VolumeMl(), 3)
        doubtful = result.Quality.IsDoubtful
        certainty = Math.Round(result.Quality.Certainty, 4)
        findings =
            [
                for f in result.Quality.Findings ->
                    {|
                        reason = string f.Reason
                        text = f.Text
                    |}
            ]
        doubt = doubt "" result.Quality
        weights_sha256 = model.Hash
    |}

/// The endings of a batch's masks: those whose file is whole or absent, so that what is there is done.
let private formats = [ "nii.gz"; "nii"; "mha"; "nrrd"; "dcm" ]

let private targetIn (args: ParseResults<Args>) (format: string) (scan: Inputs.Scan) =
    let beside suffix =
        Option.map (fun (folder: string) -> Path.Combine(folder, scan.Name + suffix))

    {
        Mask = Path.Combine(args.GetResult Args.Output, scan.Name + "-liver." + format)
        Probability =
            args.TryGetResult Args.Probability
            |> beside ("-probability." + (if format = "dcm" then "nii.gz" else format))
        Stats = args.TryGetResult Args.Stats |> beside "-stats.json"
        Report = args.TryGetResult Args.Report |> beside ""
        // What a killed run left beside a mask that it did not finish is made again.
        OverwriteOthers = true
    }

let private summary (model: Model) (outcomes: Batch.Outcome list) =
    json
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
                            doubt = o.Doubt
                        |}
                ]
            weights_sha256 = model.Hash
        |}

let private segmentMany (args: ParseResults<Args>) model (cancel: CancellationToken) (scans: Inputs.Scan list) =
    let folder = args.GetResult Args.Output
    let format = (args.GetResult(Args.Format, "nii.gz")).TrimStart '.'

    if not (List.contains format formats) then
        raise (Usage $"""--format {format}: one of {String.Join(", ", formats)}""")

    let ends (ending: string) =
        folder.EndsWith(ending, StringComparison.OrdinalIgnoreCase)

    if File.Exists folder || Seq.exists ends VolumeFile.Endings then
        raise (Usage $"-o {folder}: the name of a file; many inputs need a folder")

    let byName = scans |> List.map (fun s -> s.Name, s) |> Map.ofList

    let work name =
        cancel.ThrowIfCancellationRequested()
        let scan = byName[name]
        let one = segmentOne args model cancel scan (targetIn args format scan)
        one.volume_ml, one.doubt

    let cases =
        scans |> List.map (fun s -> s.Name, s.Path, (targetIn args format s).Mask)

    let outcomes, code =
        Batch.run (Path.Combine(folder, "segment-summary.csv")) cases (args.Contains Args.Overwrite) work

    args.TryGetResult Args.Json
    |> Option.iter (fun path -> writeText true path (summary model outcomes))

    if
        code = 0
        && args.Contains Args.Strict
        && outcomes |> List.exists (fun o -> o.Doubt <> "")
    then
        doubtfulCode
    else
        code

let private segmentAlone (args: ParseResults<Args>) model cancel scan =
    let overwrite = args.Contains Args.Overwrite

    let result =
        segmentOne
            args
            model
            cancel
            scan
            {
                Mask = args.GetResult Args.Output
                Probability = args.TryGetResult Args.Probability
                Stats = args.TryGetResult Args.Stats
                Report = args.TryGetResult Args.Report
                OverwriteOthers = overwrite
            }

    args.TryGetResult Args.Json
    |> Option.iter (fun path -> writeText overwrite path (json result))

    let mark = if result.doubt = "" then "" else "; "
    out (invariant $"{result.output}: liver {result.volume_ml:F1} ml{mark}{result.doubt}")

    if args.Contains Args.Strict && result.doubtful then
        doubtfulCode
    else
        0

/// A folder that is there, or a name that can be nothing else.
let private isFolder (path: string) =
    Directory.Exists path || Path.EndsInDirectorySeparator path

let run (args: ParseResults<Args>) =
    Runtime.Begin() // while the scan is read
    let model = ModelArguments.model (args.TryGetResult Args.Model)

    match args.GetResult(Args.Device, "auto") with
    | "auto"
    | "cpu" -> ()
    | other -> raise (Usage $"--device {other}: this build computes on the CPU; use auto or cpu")

    match args.TryGetResult Args.Max_Memory with
    | Some size -> MemoryLimit.parse size |> ignore
    | None when args.Contains Args.Smaller_Tiles ->
        raise (Usage "--smaller-tiles: only with --max-memory SIZE; without a bound tiles are the model's")
    | None -> ()

    let given = args.GetResults Args.Input

    let dicom =
        Inputs.dicomOf (args.TryGetResult Args.Series) (args.Contains Args.Any_Image) (args.Contains Args.Fill_Gaps)

    let allSeries = args.Contains Args.All_Series

    match Inputs.scansOf dicom allSeries given, given with
    | _, [] -> raise (Usage "missing argument '--input'; liverseg segment --help names its options")
    | [], _ -> raise (Usage "no image among the inputs")
    | [ scan ], [ only ] when not (allSeries || Inputs.isMany only || isFolder (args.GetResult Args.Output)) ->
        stoppable "no mask was written" (fun cancel -> segmentAlone args model cancel scan)
    | scans, _ ->
        stoppable "finished cases are kept; the same command goes on with the others" (fun cancel ->
            segmentMany args model cancel scans)
