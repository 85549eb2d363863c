/// refine, tune-crf.
module LiverSeg.Functional.Cli.Refining

open System
open System.IO
open Argu
open LiverSeg.Functional
open LiverSeg.Functional.Cli.Arguments
open LiverSeg.Functional.Cli.Shell

/// The file's setting with what the flags say put over it.
let private settingOf (args: ParseResults<RefineArgs>) =
    let file = Segmenting.settingOf (args.TryGetResult RefineArgs.Crf)

    let given =
        [
            let number key value =
                value |> Option.map (fun (v: float) -> key, v :> obj)

            yield!
                [
                    number "threshold" (args.TryGetResult RefineArgs.Threshold)
                    number "iterations" (args.TryGetResult RefineArgs.Iterations |> Option.map float)
                    number "mu1" (args.TryGetResult RefineArgs.Mu1)
                    number "mu2" (args.TryGetResult RefineArgs.Mu2)
                    number "theta_alpha" (args.TryGetResult RefineArgs.Theta_Alpha)
                    number "theta_beta" (args.TryGetResult RefineArgs.Theta_Beta)
                    number "theta_gamma" (args.TryGetResult RefineArgs.Theta_Gamma)
                    number "dimensions" (args.TryGetResult RefineArgs.Dimensions |> Option.map float)
                    args.TryGetResult RefineArgs.Units |> Option.map (fun w -> "units", w :> obj)
                    args.TryGetResult RefineArgs.Normalization
                    |> Option.map (fun w -> "normalization", w :> obj)
                ]
                |> List.choose id
        ]

    try
        file.With [| for key, value in given -> struct (key, value) |]
    with :? FormatException as e ->
        raise (Usage e.Message)

let refine (args: ParseResults<RefineArgs>) =
    let overwrite = args.Contains RefineArgs.Overwrite
    let threads = args.GetResult(RefineArgs.Threads, 0)
    let setting = settingOf args
    let ct = VolumeFile.Read(args.GetResult RefineArgs.Input, warn)
    let scores = VolumeFile.ReadProbability(args.GetResult RefineArgs.Scores, warn)
    let image = ct |> Hounsfield.windowed setting.Options.GuideWindow

    let options =
        PipelineOptions(
            Crf = setting.Options.WithThreads threads,
            Threshold = setting.Threshold,
            LargestComponent = not (args.Contains RefineArgs.Keep_All_Components),
            FillHoles = not (args.Contains RefineArgs.Keep_Holes)
        )

    let refined =
        if args.Contains RefineArgs.Exact then
            scores.RefinedExactly(image, options)
        else
            scores.Refined(image, options)

    let mask =
        refined.Clean(
            image,
            PipelineOptions(UseCrf = false, LargestComponent = options.LargestComponent, FillHoles = options.FillHoles)
        )

    mask.Write(args.GetResult RefineArgs.Output, overwrite)

    args.TryGetResult RefineArgs.Probability
    |> Option.iter (fun path -> refined.Write(path, overwrite))

    say (invariant $"{Path.GetFileName(args.GetResult RefineArgs.Output)}: liver {mask.VolumeMl():F1} ml")
    0

let private caseOf (model: Lazy<Model>) every threads (c: CaseFile) =
    let ct = VolumeFile.Read(c.Image, warn)
    let truth = VolumeFile.ReadMask(c.Mask, warn)

    let case =
        if c.Scores <> "" then
            CrfCase.Of(c.Id, c.Patient, ct, VolumeFile.ReadProbability(c.Scores, warn), truth)
        else
            note $"{c.Id}: predicting"
            let image = ct |> Hounsfield.windowed model.Value.Window
            CrfCase(c.Id, c.Patient, ct, image.PredictAll(model.Value, PredictOptions(Threads = threads)), truth)

    case.EverySlice every

let private sayChoice (choice: CrfChoice) (goal: Metric) =
    say (invariant $"{choice.Settings} settings compared; {goal.Key} {choice.Value:F4} with")
    say (choice.Best.ToJson().TrimEnd())

let tune (args: ParseResults<TuneCrfArgs>) =
    let overwrite = args.Contains TuneCrfArgs.Overwrite
    let output = args.GetResult TuneCrfArgs.Output

    if File.Exists output && not overwrite then
        raise (Usage $"{output} exists; add --overwrite or choose another output")

    let threads = args.GetResult(TuneCrfArgs.Threads, 0)
    let model = lazy Segmenting.modelOf (args.TryGetResult TuneCrfArgs.Model)

    let every =
        match args.GetResult(TuneCrfArgs.Every, 1) with
        | n when n >= 1 -> n
        | n -> raise (Usage $"--every {n}: 1 or more")

    let start = Segmenting.settingOf (args.TryGetResult TuneCrfArgs.Start)

    let options =
        CrfSearchOptions(
            Start = start.Options.WithThreads threads,
            Rounds = args.GetResult(TuneCrfArgs.Rounds, 2),
            Goal = Metric.Named(args.GetResult(TuneCrfArgs.Goal, "dice"))
        )

    let search =
        match args.GetResult(TuneCrfArgs.Search, "coordinate") with
        | "coordinate" -> CrfSearch.coordinate
        | "grid" -> CrfSearch.grid
        | other -> raise (Usage $"--search {other}: coordinate or grid")

    let cases =
        CaseList.read (args.GetResult TuneCrfArgs.Cases)
        |> List.map (caseOf model every threads)

    let trials =
        CrfTrials.InFile(args.GetResult(TuneCrfArgs.Trials, output + ".trials.csv"))

    let choice = cases |> search options trials
    sayChoice choice options.Goal
    writeText overwrite output (choice.Best.ToJson())

    let held =
        if args.Contains TuneCrfArgs.Nested then
            cases |> CrfSearch.nested options trials
        else
            []

    for h in held do
        say (invariant $"{h.Patient} held out: {options.Goal.Key} {h.Value:F4} with {CrfTrials.Words h.Choice.Best}")

    args.TryGetResult TuneCrfArgs.Json
    |> Option.iter (fun path ->
        json
            {|
                goal = options.Goal.Key
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
        |> writeText overwrite path)

    0
