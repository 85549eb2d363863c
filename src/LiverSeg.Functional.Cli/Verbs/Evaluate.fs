/// evaluate: SLiver07 metrics of a mask against a reference.
module LiverSeg.Functional.Cli.Verbs.Evaluate

open System
open System.Globalization
open Argu
open LiverSeg.Functional
open LiverSeg.Functional.Cli
open LiverSeg.Functional.Cli.Terminal

[<RequireQualifiedAccess>]
type Args =
    | [<AltCommandLine("-p"); Help("mask to judge.")>] Prediction of MASK: string
    | [<AltCommandLine("-t"); Help("reference mask on the same lattice.")>] Truth of MASK: string
    | [<Help("CSV with columns case,prediction,truth[,image][,label] for a table; with images the report has pictures and viewers.")>] Cases of
        CSV: string
    | [<Help("which label of both masks is the liver: number or name; a file with one value only is taken as it is.")>] Label of
        NUMBER_OR_NAME: string
    | [<Help("neighbours that make a border voxel: 6 | 18 | 26 (default: 18).")>] Border of int
    | [<Help("what lies outside of the image: object | background (default: object).")>] Outside of string
    | [<Help("tolerance of the surface overlap NSD in mm (default: 3).")>] Tolerance of MM: float
    | [<AltCommandLine("-i"); Help("the CT that both masks belong to, for --view and --report of one case.")>] Input of
        IMAGE: string
    | [<Help("folder for an HTML page with the table, plots, pictures and a viewer.")>] Report of DIR: string
    | [<Help("one HTML page to look at both masks on the CT.")>] View of HTML: string
    | [<Help("write the measures as JSON.")>] Json of FILE: string
    | [<Help(Help.overwrite)>] Overwrite
    | [<Help(Help.threads)>] Threads of int

    interface IArgParserTemplate with
        member this.Usage = Help.text this

let private optionsOf (args: ParseResults<Args>) =
    let border =
        match args.GetResult(Args.Border, 18) with
        | 6 -> Border.Faces
        | 18 -> Border.FacesAndEdges
        | 26 -> Border.All
        | other -> raise (Usage $"--border {other}: 6, 18 or 26")

    let outside =
        match args.GetResult(Args.Outside, "object") with
        | "object" -> Outside.Object
        | "background" -> Outside.Background
        | other -> raise (Usage $"--outside {other}: object or background")

    MetricsOptions(
        Border = border,
        Outside = outside,
        ToleranceMm = args.GetResult(Args.Tolerance, 3.),
        Threads = JobLimits.threads (args.TryGetResult Args.Threads)
    )

/// Ten lines and the notes.
let print (e: Evaluation) =
    let number (unit: string) digits (value: float) =
        value.ToString("F" + string digits, CultureInfo.InvariantCulture) + unit

    let percent (value: Nullable<float>) =
        if value.HasValue then
            number " %" 2 value.Value
        else
            "absent"

    let mm digits (value: Nullable<Mm>) =
        if value.HasValue then
            number " mm" digits value.Value.Value
        else
            "absent"

    table
        [
            "Dice", number "" 4 e.Dice
            "VOE", number " %" 2 e.VoePercent
            "RVD", percent e.RvdPercent
            "ASD", mm 3 e.AsdMm
            "RMSD", mm 3 e.RmsdMm
            "MSD", mm 2 e.MsdMm
            "HD95", mm 2 e.Hd95Mm
            "NSD", number "" 4 e.Nsd
            "score", number "" 2 e.Score.Total
            "volume", number " ml" 1 e.PredictionMl + ", truth " + number " ml" 1 e.TruthMl
        ]

    e.Notes |> Seq.iter (fun n -> out ("note: " + n))

/// Both masks on their scan.
let private pages (args: ParseResults<Args>) (prediction: string) (truth: string) (e: Evaluation) =
    let name = Inputs.stem (args.GetResult Args.Input)
    let ct = VolumeFile.Read(args.GetResult Args.Input, warn)
    let label = (Inputs.labelOf (args.TryGetResult Args.Label)).OrBinary
    let read = Lattice.readMask warn label ct.Grid
    let mask, reference = read prediction, read truth

    let scene =
        Viewer.scene name ct
        |> Viewer.withMask (Inputs.stem prediction) mask
        |> Viewer.withTruth reference
        |> Viewer.withNotes [ Report.line e ]

    let overwrite = args.Contains Args.Overwrite

    for path in Option.toList (args.TryGetResult Args.View) do
        scene |> Viewer.write false overwrite path

    for folder in Option.toList (args.TryGetResult Args.Report) do
        let image = ct |> Hounsfield.windowed Window.Liver

        let case =
            ReportCase.Of(name, image, mask, reference, optionsOf args)
            |> Report.withViewer scene

        Report.Write(folder, "Liver of " + name, "liverseg", [| case |], [||], [||], overwrite)

/// What can be said before any file is read.
let private checkPages (args: ParseResults<Args>) =
    for path in Option.toList (args.TryGetResult Args.View) do
        OutputFile.check (args.Contains Args.Overwrite) path

    let wanted =
        [
            if args.Contains Args.View then
                "--view"
            if args.Contains Args.Report then
                "--report"
        ]

    if not wanted.IsEmpty && not (args.Contains Args.Input) then
        raise (Usage $"{wanted.Head}: the masks alone show no scan; add --input CT")

    not wanted.IsEmpty

let run (args: ParseResults<Args>) =
    let save text =
        args.TryGetResult Args.Json
        |> Option.iter (fun path -> writeText (args.Contains Args.Overwrite) path text)

    match args.TryGetResult Args.Prediction, args.TryGetResult Args.Truth, args.TryGetResult Args.Cases with
    | Some prediction, Some truth, _ ->
        let withPages = checkPages args
        let options = optionsOf args
        let label = Inputs.labelOf (args.TryGetResult Args.Label)
        let e = prediction |> Metrics.ofFiles options warn label truth
        save (e.ToJson())

        if withPages then
            pages args prediction truth e

        print e
        0
    | _, _, Some _ when args.Contains Args.View -> raise (Usage "--view: of one case; with --cases there is --report")
    | _, _, Some csv ->
        let options = optionsOf args

        let files = Inputs.predictionsOf (args.TryGetResult Args.Label) csv

        let results =
            files
            |> Seq.map (CaseResult.ofFiles options warn)
            |> ResultTable.ofCases "liverseg"

        save (results.ToJson())

        for folder in Option.toList (args.TryGetResult Args.Report) do
            let cases =
                [|
                    for found, file in Seq.zip results.Cases files ->
                        if found.Scored then
                            // What is odd about the files has been said.
                            Report.ofFiles ignore file found
                        else
                            ReportCase.Of(found, [])
                |]

            Report.Write(folder, "Livers found and true", "liverseg", cases, [||], [||], args.Contains Args.Overwrite)

        out (results.ToMarkdown())
        if results.Failed > 0 then 3 else 0
    | _ -> raise (Usage "evaluate needs --prediction and --truth, or --cases")
