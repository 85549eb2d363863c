/// One scan of segment: its options, from the file to the mask and what is made beside it.
module LiverSeg.Functional.Cli.Verbs.SegmentScan

open System
open System.Diagnostics
open System.IO
open Argu
open LiverSeg.Functional
open LiverSeg.Functional.Cli
open LiverSeg.Functional.Cli.Terminal

[<RequireQualifiedAccess>]
type Args =
    | [<Mandatory;
        AltCommandLine("-i");
        Help("CT file, DICOM series (folder or zip), folder of CT files and zips, CSV (case,image), or a series of a DICOMweb service (https://HOST/dicom-web/studies/UID/series/UID); may be given many times.")>] Input of
        IMAGE: string
    | [<Mandatory;
        AltCommandLine("-o");
        Help("liver mask in the geometry of the CT, .dcm = DICOM segmentation, https://HOST/dicom-web/studies stores one there; a folder for many inputs.")>] Output of
        MASK: string
    | [<AltCommandLine("-m"); Help(Help.model)>] Model of FILE: string
    | [<Help("the model's first stage alone: several times as fast, less exact.")>] Fast
    | [<Help("also write the fused score map, before the CRF (float32), calibrated where the model has a temperature.")>] Probability of
        FILE: string
    | [<Help("leave the CRF out.")>] No_Crf
    | [<Help("JSON of CRF options, as tune-crf writes it.")>] Crf of FILE: string
    | [<Help("keep every component, not only the largest, what hangs on it by a thin neck, and parts as dense as contrast medium.")>] Keep_All_Components
    | [<Help("which series of a DICOM folder or zip: its number in the list that is printed, or its UID.")>] Series of
        NUMBER_OR_UID: string
    | [<Help(Help.anyImage)>] Any_Image
    | [<Help(Help.fillGaps)>] Fill_Gaps
    | [<Help("segment every series of a DICOM folder or zip; the output is a folder.")>] All_Series
    | [<Help("of many inputs' masks: nii.gz | nii | mha | nrrd | dcm (default: nii.gz); sc, also for one input: a folder of DICOM Secondary Captures, pictures with the liver's outline and volume.")>] Format of
        ENDING: string
    | [<Help("with many inputs: only every Nth of them, from the Kth on, counted from 0, for arrays of jobs; all parts together are all inputs, none twice.")>] Part of
        K_OF_N: string
    | [<Help("DICOM output: leave slices without liver out.")>] Omit_Empty_Frames
    | [<Help("DICOM output: take nothing of patient and study over, with UIDs that are hashes.")>] Anonymous
    | [<Help("bound of the memory, as 1500M or 2G; large scans are worked on in slabs, with the same mask (default: 19/20 of what the Slurm job or the control group allows).")>] Max_Memory of
        SIZE: string
    | [<Help("with --max-memory: the network's tiles may shrink too, which can change the mask a great deal.")>] Smaller_Tiles
    | [<Help("folder for an HTML page with pictures.")>] Report of DIR: string
    | [<Help("one HTML page to look at the scan and its mask; a folder for many inputs.")>] View of HTML: string
    | [<Help("write volume, HU statistics and extent as JSON.")>] Stats of FILE: string
    | [<Help("write what was done as JSON.")>] Json of FILE: string
    | [<Help("exit with code 9 when a mask is written but doubtful; the last line says why.")>] Strict
    | [<Help(Help.overwrite)>] Overwrite
    | [<Help(Help.threads)>] Threads of int
    | [<Help(Help.device)>] Device of string

    interface IArgParserTemplate with
        member this.Usage = Help.text this

/// The exit code of --strict.
let doubtfulCode = 9

/// Where one scan's results go.
type Target =
    {
        Mask: string
        /// Whether it is a folder of Secondary Captures instead of a file.
        IsCapture: bool
        Probability: string option
        Stats: string option
        Report: string option
        View: string option
        OverwriteOthers: bool
    }

let private check (args: ParseResults<Args>) target (source: VolumeSource) =
    let isDicom = target.IsCapture || Inputs.isDicomOutput target.Mask

    if args.Contains Args.Omit_Empty_Frames && not isDicom then
        raise (Usage "--omit-empty-frames: only for DICOM output, a name that ends in .dcm or --format sc")

    if isDicom && not source.IsDicom then
        raise (
            FileErrorException(
                FileError(
                    Kind = FileErrorKind.Unsupported,
                    Code = "unsupported-output",
                    File = target.Mask,
                    Field = "format",
                    Found = "DICOM for a scan that is no DICOM series",
                    Expected = "a DICOM series, which the result can refer to",
                    Remedy = "write .nii.gz, .mha or .nrrd instead"
                )
            )
        )

let private refuse (source: VolumeSource) (bound: int64, who: string) (least: int64) wholeOnly smaller =
    let remedies =
        [
            "allow more"
            if wholeOnly then
                "leave --probability, --stats, --report, --view and --format sc out"
            if not smaller then
                "add --smaller-tiles for another, often worse mask"
            "crop the scan"
        ]

    raise (
        NotEnoughMemory(
            invariant
                $"{source.Path}: {who}: found {bound >>> 20} MiB, expected at least {least >>> 20} MiB for {source.Info.Grid.Extent}; "
            + String.Join(", or ", remedies)
        )
    )

let private optionsOf (args: ParseResults<Args>) device =
    let setting =
        if args.Contains Args.No_Crf then
            None
        else
            Some(ModelArguments.refinement (args.TryGetResult Args.Crf))

    ModelArguments.pipeline
        setting
        device
        (JobLimits.threads (args.TryGetResult Args.Threads))
        (args.Contains Args.Keep_All_Components)

/// How the scan is worked on; from here on the process keeps the bound.
let private planOf (args: ParseResults<Args>) source model options wholeOnly =
    let bound =
        match args.TryGetResult Args.Max_Memory with
        | Some size -> Some(MemoryLimit.parse size, "--max-memory")
        // Something is left for what no plan knows of.
        | None -> JobLimits.memory () |> Option.map (fun (bytes, who) -> bytes / 20L * 19L, who)

    let smaller = args.Contains Args.Smaller_Tiles

    let limits =
        MemoryPlanOptions(
            BoundBytes = Option.toNullable (Option.map fst bound),
            WholeOnly = wholeOnly,
            SmallerTiles = smaller
        )

    let plan =
        try
            source |> ScanSegmentation.plan limits options model
        with :? MemoryBoundException as e ->
            refuse source bound.Value e.MinBytes wholeOnly smaller

    verbose (invariant $"{source.Path}: {source.Info.Grid}, memory {plan}")

    bound
    |> Option.iter (fun (bytes, who) ->
        verbose (invariant $"{who}: {bytes >>> 20} MiB")
        MemoryLimit.keep (bytes - plan.NativeBytes))

    plan

/// What speaks against a mask, after a mark; nothing where nothing does.
let private doubt mark (quality: Quality) =
    if not quality.HasLiver then $"{mark}{quality}"
    elif quality.IsDoubtful then $"{mark}doubtful: {quality}"
    else ""

/// What is told of a mask in a line: volume, Dice to expect, what speaks against it.
let private said (result: ScanResult) =
    let dice =
        result.Quality.PredictedDice
        |> Option.ofNullable
        |> Option.map (fun d -> $", Dice to expect {d}")
        |> Option.defaultValue ""

    invariant $"liver {result.Mask.VolumeMl():F1} ml"
    + dice
    + doubt "; " result.Quality

/// What is made of the whole scan beside its mask.
let private writeOthers target name (model: Model) (result: ScanResult) =
    match result.TryGetWhole() with
    | true, ct, scores ->
        for path in Option.toList target.Probability do
            scores.Tempered(model.Temperature).Write(path, target.OverwriteOthers)

        for path in Option.toList target.Stats do
            writeText target.OverwriteOthers path (ct.Describe(result.Mask).ToJson())

        let findings = result.Quality.Findings |> Seq.map _.Text

        let scene () =
            Viewer.scene name ct
            |> Viewer.withMask "liver" result.Mask
            |> Viewer.withProbability scores
            |> Viewer.withNotes findings

        for path in Option.toList target.View do
            scene () |> Viewer.write false target.OverwriteOthers path

        for folder in Option.toList target.Report do
            let image = ct |> Hounsfield.windowed model.Window

            let cases =
                [|
                    ReportCase.Unjudged(name, image, result.Mask)
                    |> Report.withNotes findings
                    |> Report.withViewer (scene ())
                |]

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

let private writeMask (args: ParseResults<Args>) target source (model: Model) (result: ScanResult) =
    let overwrite = args.Contains Args.Overwrite

    let said =
        DicomResultOptions(
            Note = doubt "" result.Quality,
            WeightsHash = model.Hash,
            OmitEmptyFrames = args.Contains Args.Omit_Empty_Frames,
            IsAnonymous = args.Contains Args.Anonymous
        )

    match result.TryGetWhole() with
    | true, ct, _ when target.IsCapture ->
        ct
        |> Capture.drawer said.Note result.Mask
        |> fun draw -> SecondaryCapture.write said overwrite source target.Mask draw result.Mask
        |> ignore
    | _ when Inputs.isDicomOutput target.Mask -> result.Mask.WriteSegmentation(target.Mask, source, overwrite, said)
    | _ -> result.Mask.Write(target.Mask, overwrite)

/// One scan to one mask; gives the facts for the summary, and what is said of it.
let segmentOne (args: ParseResults<Args>) (model: Model) device cancel (scan: Inputs.Scan) (target: Target) =
    let clock = Stopwatch.StartNew()
    let overwrite = args.Contains Args.Overwrite

    if target.IsCapture then
        SecondaryCapture.check overwrite target.Mask
    else
        VolumeFile.CheckOutput(target.Mask, overwrite)

    target.Probability
    |> Option.iter (VolumeFile.checkOutput target.OverwriteOthers)

    target.View |> Option.iter (OutputFile.check target.OverwriteOthers)

    Progress.stage "read" ""
    let source = Inputs.openScan cancel scan
    check args target source
    let options = optionsOf args device

    let wholeOnly =
        target.IsCapture
        || [ target.Probability; target.Stats; target.Report; target.View ]
           |> List.exists _.IsSome

    let plan = planOf args source model options wholeOnly

    let result =
        source
        |> ScanSegmentation.runWith ModelArguments.stages cancel plan options model

    Progress.stage "write" ""
    result.Warnings |> Seq.iter (fun text -> warn $"{scan.Path}: {text}")
    writeOthers target scan.Name model result
    // The mask comes last: where it is, all else is there too.
    writeMask args target source model result
    Progress.finish ()

    let peak = Process.GetCurrentProcess().PeakWorkingSet64 >>> 20

    let predicted (of': DiceEstimate -> float) =
        result.Quality.PredictedDice
        |> Option.ofNullable
        |> Option.map (fun dice -> Math.Round(of' dice, 4))
        |> Option.toNullable

    verbose (invariant $"{scan.Path}: {clock.Elapsed.TotalSeconds:F2} s, peak {peak} MiB")

    {|
        input = Path.GetFileName scan.Path
        // A folder of captures may be given with a slash behind it.
        output = Path.GetFileName(Path.TrimEndingDirectorySeparator target.Mask)
        volume_ml = Math.Round(result.Mask.VolumeMl(), 3)
        doubtful = result.Quality.IsDoubtful
        certainty = Math.Round(result.Quality.Certainty, 4)
        predicted_dice = predicted _.Value
        predicted_dice_low = predicted _.Low
        predicted_dice_high = predicted _.High
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
    |},
    said result
