/// crossval: a folder for each network and patient, each made alone, all merged into tables.
module LiverSeg.Functional.Cli.Verbs.Crossval

open System
open Argu
open LiverSeg.Functional
open LiverSeg.Functional.Cli
open LiverSeg.Functional.Cli.Terminal

[<RequireQualifiedAccess>]
type Args =
    | [<Mandatory; Help("CSV with columns case,image,mask[,patient][,label].")>] Cases of CSV: string
    | [<Mandatory;
        AltCommandLine("-o");
        Help("folder: one below it a network and patient; what is there already is not made again.")>] Output of
        DIR: string
    | [<Help(Help.label + " " + Help.labels)>] Label of NUMBER_OR_NAME: string
    | [<Help("cases that every fold learns from, as phantoms.")>] Always of CSV: string
    | [<Help("as for train, separated by commas (default: compact).")>] Networks of string
    | [<Help("make one fold only, by number from 0 or by patient.")>] Fold of string
    | [<Help("make no fold, only the tables of those that are there.")>] Merge
    | [<Help("folder for a page with the tables, the curves and each case's pictures and viewer; renewed at every run.")>] Report of
        DIR: string
    | [<Help("JSON of CRF options for the rows with CRF.")>] Crf of FILE: string
    | [<Help(Help.asTrain)>] Preset of string
    | [<Help(Help.asTrain)>] Epochs of int
    | [<Help(Help.asTrain)>] Steps of int
    | [<Help(Help.asTrain)>] Rate of float
    | [<Help(Help.asTrain)>] Precision of string
    | [<Help(Help.asTrain)>] Spacing of MM: float
    | [<Help("output folder of an earlier crossval of the same patients: each fold goes on from its model there.")>] Start of
        DIR: string
    | [<Help("as for train; all folds may share it.")>] Cache of DIR: string
    | [<Help(Help.asTrain)>] Seed of int64
    | [<Help(Help.asTrain)>] Threads of int
    | [<Help(Help.asTrain)>] Device of string

    interface IArgParserTemplate with
        member this.Usage = Help.text this

let private presetOf (args: ParseResults<Args>) (networks: string[]) mergeOnly =
    let preset =
        Train.presetOf
            (args.TryGetResult Args.Preset)
            {
                Network = None
                Epochs = args.TryGetResult Args.Epochs
                Steps = args.TryGetResult Args.Steps
                Rate = args.TryGetResult Args.Rate
                Precision = args.TryGetResult Args.Precision
                Spacing = args.TryGetResult Args.Spacing
                Seed = args.TryGetResult Args.Seed
                Threads = JobLimits.optionalThreads (args.TryGetResult Args.Threads)
                Device = DeviceArgument.named (args.TryGetResult Args.Device)
            }

    // Of all networks the largest, whether it learns or is applied.
    let bytes () =
        networks
        |> Array.map (fun name ->
            let model = preset.With(network = name).Untrained()
            max (Training.deviceBytes preset.Options model) (Model.deviceBytes model))
        |> Array.max

    if mergeOnly then
        preset
    else
        let device = bytes |> DeviceArgument.choose (args.TryGetResult Args.Device)
        preset.With(options = preset.Options.With(device = device))

let private planOf (args: ParseResults<Args>) mergeOnly =
    let networks =
        args.GetResult(Args.Networks, "compact").Split(',', StringSplitOptions.TrimEntries)

    let options =
        CrossValidationOptions(
            Output = args.GetResult Args.Output,
            Networks = networks,
            Preset = presetOf args networks mergeOnly,
            Only = Option.toArray (args.TryGetResult Args.Fold),
            // Tables need no model to go on from.
            Start = (if mergeOnly then "" else args.GetResult(Args.Start, "")),
            Cache = args.GetResult(Args.Cache, ""),
            Refinement = ModelArguments.refinement (args.TryGetResult Args.Crf)
        )

    let casesOf = Inputs.casesOf (args.TryGetResult Args.Label)

    let always =
        args.TryGetResult Args.Always |> Option.map casesOf |> Option.defaultValue []

    casesOf (args.GetResult Args.Cases) |> CrossValidation.plan options always

let private tell (plan: CrossValidationPlan) (progress: FoldProgress) =
    let network, fold = progress.Network, progress.Fold
    let epochs = plan.Options.Preset.Options.Epochs

    let folds =
        [
            for n in plan.Options.Networks do
                for f in plan.Chosen -> n, f.Patient
        ]

    // All folds are one work.
    let learned seconds epoch =
        let before = epochs * List.findIndex ((=) (network, fold.Patient)) folds
        Progress.took seconds "learn" "epoch" (before + epoch) (epochs * folds.Length)

    match progress with
    | FoldPattern.Started -> out $"{network}, {fold.Patient} held out: {fold.Training.Count} cases to learn from"
    | FoldPattern.Prepared text ->
        verbose text
        Progress.stage $"{network}, {fold.Patient}: prepare" text
    | FoldPattern.Learned epoch ->
        out (Train.epochLine epochs epoch)
        learned epoch.Seconds epoch.Epoch
    | FoldPattern.Trained model ->
        out $"{plan.ModelFileOf(network, fold)}: weights {model.Hash}"
        Progress.stage $"{network}, {fold.Patient}: predict" ""
    | FoldPattern.Predicted case -> out $"{case.Id}: predicted"

let private merge (report: string option) (plan: CrossValidationPlan) =
    let result = plan |> CrossValidation.mergeWith warn

    for table in result.Tables do
        out (table.ToMarkdown())

    out (result.Table1.ToMarkdown())

    let heard (case: CaseFile) = Progress.stage "report" case.Id

    for folder in Option.toList report do
        plan |> CrossValidationReport.writeWith heard warn folder result

    Progress.finish ()

    if result.Failed > 0 then
        warn "some folds are missing; they count as failed"

let run (args: ParseResults<Args>) =
    let oneFold = args.Contains Args.Fold
    let mergeOnly = args.Contains Args.Merge && not oneFold
    let plan = planOf args mergeOnly

    if oneFold && args.Contains Args.Report then
        raise (Usage "--report: of all folds; leave --fold out, or make the page later by --merge")

    stoppable "the state is saved; run again to go on" (fun cancel ->
        if not mergeOnly then
            for network in plan.Options.Networks do
                for fold in plan.Chosen do
                    plan |> CrossValidation.runFoldWith warn cancel (tell plan) network fold

        if not oneFold then
            merge (args.TryGetResult Args.Report) plan

        0)
