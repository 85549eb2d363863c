/// tune-crf: looks for CRF options on labelled cases.
module LiverSeg.Functional.Cli.Verbs.TuneCrf

open System
open System.IO
open Argu
open LiverSeg.Functional
open LiverSeg.Functional.Cli
open LiverSeg.Functional.Cli.Terminal

[<RequireQualifiedAccess>]
type Args =
    | [<Mandatory;
        Help("CSV with columns case,image,mask[,patient][,scores][,label]; scores are probability maps made before.")>] Cases of
        CSV: string
    | [<Help(Help.label + " " + Help.labels)>] Label of NUMBER_OR_NAME: string
    | [<Mandatory; AltCommandLine("-o"); Help("JSON of the best options, for segment --crf and refine --crf.")>] Output of
        FILE: string
    | [<AltCommandLine("-m"); Help("model file, liver or dsn, for cases without scores (default: liver).")>] Model of
        FILE: string
    | [<Help("table of all trials, kept after each one; a search goes on from it (default: OUTPUT.trials.csv).")>] Trials of
        CSV: string
    | [<Help("coordinate | grid (default: coordinate).")>] Search of string
    | [<Help("also choose for each patient on all others, and say what that gives.")>] Nested
    | [<Help("passes of the coordinate search (default: 2).")>] Rounds of int
    | [<Help("judge each n-th transverse slice only, which is n times as fast (default: 1).")>] Every of SLICES: int
    | [<Help("measure to make better: dice, voe_percent, asd_mm, ... (default: dice).")>] Goal of MEASURE: string
    | [<Help("JSON of CRF options to start from.")>] Start of FILE: string
    | [<Help("write the chosen values and the held-out ones as JSON.")>] Json of FILE: string
    | [<Help(Help.overwrite)>] Overwrite
    | [<Help(Help.threads)>] Threads of int
    | [<Help("for cases without scores: " + Help.device)>] Device of string

    interface IArgParserTemplate with
        member this.Usage = Help.text this

let private optionsOf (args: ParseResults<Args>) threads =
    let start = ModelArguments.refinement (args.TryGetResult Args.Start)

    CrfSearchOptions(
        Start = start.WithThreads(threads).Options,
        Rounds = args.GetResult(Args.Rounds, 2),
        Goal = Metric.Named(args.GetResult(Args.Goal, "dice"))
    )

let private casesOf (args: ParseResults<Args>) threads cancel =
    let model = lazy ModelArguments.model (args.TryGetResult Args.Model)

    let options =
        lazy
            PredictOptions(
                Device = DeviceArgument.forModel (args.TryGetResult Args.Device) model.Value,
                Threads = threads
            )

    let every =
        match args.GetResult(Args.Every, 1) with
        | n when n >= 1 -> n
        | n -> raise (Usage $"--every {n}: 1 or more")

    [
        for c in Inputs.casesOf (args.TryGetResult Args.Label) (args.GetResult Args.Cases) do
            if c.Scores = "" then
                verbose $"{c.Id}: predicting"

            // A row with a score map needs neither model nor device.
            let model, options =
                if c.Scores = "" then
                    model.Value, options.Value
                else
                    Pretrained.Liver, PredictOptions(Threads = threads)

            CrfCase.Load(c, model, options, warn, cancel).EverySlice every
    ]

let private summary (goal: Metric) (choice: CrfChoice) (held: CrfHeldOut list) =
    json
        {|
            goal = goal.Key
            value = choice.Value
            settings = choice.Settings
            held_out =
                [
                    for h in held ->
                        {|
                            patient = h.Patient
                            value = h.Value
                            setting = CrfTrials.Words h.Choice.Best
                        |}
                ]
        |}

let private tune (args: ParseResults<Args>) overwrite (output: string) cancel =
    let threads = JobLimits.threads (args.TryGetResult Args.Threads)
    let options = optionsOf args threads

    let search =
        match args.GetResult(Args.Search, "coordinate") with
        | "coordinate" -> CrfSearch.coordinateWith
        | "grid" -> CrfSearch.gridWith
        | other -> raise (Usage $"--search {other}: coordinate or grid")

    let cases = casesOf args threads cancel
    let trials = CrfTrials.InFile(args.GetResult(Args.Trials, output + ".trials.csv"))

    let heard (best: CrfChoice) =
        Progress.stage "tune" (invariant $"{best.Settings} settings, {options.Goal.Key} {best.Value:F4}")

    let choice = cases |> search heard cancel options trials
    Progress.finish ()
    out (invariant $"{choice.Settings} settings compared; {options.Goal.Key} {choice.Value:F4} with")
    out (choice.Best.ToJson().TrimEnd())
    writeText overwrite output (choice.Best.ToJson())

    let held =
        if args.Contains Args.Nested then
            cases |> CrfSearch.nestedWith heard cancel options trials
        else
            []

    Progress.finish ()

    for h in held do
        out (invariant $"{h.Patient} held out: {options.Goal.Key} {h.Value:F4} with {CrfTrials.Words h.Choice.Best}")

    args.TryGetResult Args.Json
    |> Option.iter (fun path -> writeText overwrite path (summary options.Goal choice held))

    0

let run (args: ParseResults<Args>) =
    let overwrite, output = args.Contains Args.Overwrite, args.GetResult Args.Output

    if File.Exists output && not overwrite then
        raise (Usage $"{output} exists; add --overwrite or choose another output")

    stoppable "the trials that are done are kept; the same command goes on" (tune args overwrite output)
