/// study: CNN against DSN from the same starts, on the same crops.
module LiverSeg.Functional.Cli.Verbs.Study

open System
open System.Collections.Generic
open System.IO
open Argu
open LiverSeg.Functional
open LiverSeg.Functional.Cli
open LiverSeg.Functional.Cli.Terminal

[<RequireQualifiedAccess>]
type Args =
    | [<Mandatory; Help("CSV of cases to learn from.")>] Cases of CSV: string
    | [<Mandatory; Help("CSV of cases to judge by after each epoch.")>] Validation of CSV: string
    | [<Mandatory;
        AltCommandLine("-o");
        Help("folder for histories, models, plots and tables; a study that was stopped goes on.")>] Output of
        DIR: string
    | [<Help("how many starts (default: 3).")>] Seeds of int
    | [<Help("epochs a run (default: 10).")>] Epochs of int
    | [<Help("steps an epoch (default: 10).")>] Steps of int
    | [<Help("voxel spacing in mm (default: 6).")>] Spacing of MM: float
    | [<Help("voxels of a crop, multiples of 4 (default: 32 32 24).")>] Crop of X: int * Y: int * Z: int
    | [<Help("paper, N(0, 0.01^2), or he (default: both).")>] Start of NAME: string
    | [<Help("sgd (with momentum 0.9) or adam (default: sgd, the paper's).")>] Optimizer of NAME: string
    | [<Help("learning rate (default: the paper's 0.1).")>] Rate of float
    | [<Help("how much 1 - soft Dice is added to each loss (default: 0).")>] Dice of WEIGHT: float
    | [<Help("what liver voxels weigh in the likelihood (default: 1).")>] Liver_Weight of float
    | [<Help("longest gradient; 0 = any (default: 0).")>] Clip of LENGTH: float
    | [<Help("epochs between two validations (default: 1).")>] Validate_Every of EPOCHS: int
    | [<Help("validation error 1 - Dice to count epochs to (default: 0.4).")>] Error of float
    | [<Help(Help.asTrain)>] Cache of DIR: string
    | [<Help(Help.threads)>] Threads of int

    interface IArgParserTemplate with
        member this.Usage = Help.text this

/// One run of the study: a network, a start and a seed.
type private Run =
    {
        Network: string
        Start: string
        Seed: int64
    }

    member r.Name = $"{r.Network}-{r.Start}-{r.Seed}"

/// With branches (dsn) and without (cnn); the shared layers start from the same numbers.
let private start run =
    let all =
        match run.Start with
        | "paper" -> Weights.gaussian run.Seed 0.01 Architectures.Paper
        | _ -> Weights.he run.Seed Architectures.Paper

    match run.Network with
    | "dsn" -> Architectures.Paper, all
    | _ -> Architectures.Cnn, Weights(all |> Seq.filter (fun w -> not (w.Key.StartsWith "after")))

let private optionsOf (args: ParseResults<Args>) seed =
    let optimizer =
        match args.GetResult(Args.Optimizer, "sgd") with
        | "sgd" -> OptimizerKind.Sgd
        | "adam" -> OptimizerKind.Adam
        | other -> raise (Usage $"--optimizer {other}: sgd or adam")

    TrainingOptions(
        Optimizer = optimizer,
        DiceWeight = args.GetResult(Args.Dice, 0.),
        LiverWeight = args.GetResult(Args.Liver_Weight, 1.),
        GradientClip = args.GetResult(Args.Clip, 0.),
        Epochs = args.GetResult(Args.Epochs, 10),
        StepsPerEpoch = args.GetResult(Args.Steps, 10),
        Crop = (args.GetResult(Args.Crop, (32, 32, 24)) |> Extent),
        Rate = Schedule.Staircase(args.GetResult(Args.Rate, 0.1), 0.1, 50),
        LiverShare = 0.5,
        Augmentation = Augmentation.Paper,
        ValidateEvery = args.GetResult(Args.Validate_Every, 1),
        Seed = seed,
        Threads = args.GetResult(Args.Threads, 0)
    )

let private mean (values: float list) =
    if values.IsEmpty then nan else List.average values

let private errors (r: LearningRun) =
    [
        for e in r.Epochs do
            if e.ValidationDice.HasValue then
                1. - e.ValidationDice.Value
    ]

/// Epochs to an error, best and last error: a row a network and start.
let private epochTable error (runs: (Run * LearningRun) list) =
    let number (v: float) =
        if Double.IsNaN v then "-" else invariant $"{v:F3}"

    [
        invariant
            $"| network | start | runs | epochs to 1 - Dice <= {error:F2}, by seed | best 1 - Dice, mean | last 1 - Dice, mean |"
        "|---|---|---|---|---|---|"
        for (network, start), members in runs |> List.groupBy (fun (run, _) -> run.Network, run.Start) do
            let told = members |> List.map snd

            let reached =
                told
                |> List.map (fun r ->
                    Option.ofNullable (r.EpochsTo error)
                    |> Option.map string
                    |> Option.defaultValue "never")
                |> String.concat ", "

            let over pick =
                told
                |> List.map errors
                |> List.filter (List.isEmpty >> not)
                |> List.map pick
                |> mean
                |> number

            $"| {network} | {start} | {told.Length} | {reached} | {over List.min} | {over List.last} |"
    ]

/// Gradient lengths in the first and in the last epoch, means over seeds: a row a layer.
let private gradientTable (runs: (Run * LearningRun) list) =
    let power (v: float) =
        if Double.IsNaN v then
            "-"
        else
            v.ToString("0.0e-0", Globalization.CultureInfo.InvariantCulture)

    let groups = runs |> List.groupBy (fun (run, _) -> run.Network, run.Start)

    let names =
        [
            for _, r in runs do
                for e in r.Epochs do
                    yield! e.LayerNorms.Keys
        ]
        |> List.distinct
        |> List.sort

    let at pick (layer: string) members =
        members
        |> List.choose (fun (_, r: LearningRun) -> pick r.Epochs)
        |> List.choose (fun (e: EpochRecord) ->
            match e.LayerNorms.TryGetValue layer with
            | true, v -> Some v
            | _ -> None)
        |> mean
        |> power

    let row (cells: string list) = "| " + String.Join(" | ", cells) + " |"
    let columns cells = groups |> List.collect cells

    [
        yield
            row (
                "layer"
                :: columns (fun ((network, start), _) -> [ $"{network} {start}, first epoch"; "last" ])
            )
        yield row ("---" :: columns (fun _ -> [ "---"; "---" ]))

        for layer in names do
            yield
                row (
                    layer
                    :: columns (fun (_, members) -> [ at Seq.tryHead layer members; at Seq.tryLast layer members ])
                )
    ]

/// Tables and curves of a study from its histories alone.
let private summarise (folder: string) error starts plan =
    let path (name: string) = Path.Combine(folder, name)

    let runs =
        [
            for run: Run in plan do
                let file = path (run.Name + ".jsonl")

                if File.Exists file then
                    run, LearningRun(run.Name, TrainingHistory.Read file)
        ]

    let tables = [ yield! epochTable error runs; ""; yield! gradientTable runs ]
    writeText true (path "tables.md") (String.Join("\n", tables) + "\n")

    for wanted in starts do
        let chosen = runs |> List.filter (fun (run, _) -> run.Start = wanted)

        if not chosen.IsEmpty then
            // All seeds of a network in one colour.
            let coloured =
                chosen
                |> List.map (fun (run, r) -> LearningRun(run.Network.ToUpperInvariant(), r.Epochs))
                |> List.toArray

            let error = LearningCurves.ValidationError coloured
            let loss = LearningCurves.Loss coloured

            let gradients =
                [
                    for run, r in chosen do
                        if run.Seed = 1L then
                            run.Name, LearningCurves.LayerGradients r
                ]

            for name, plot in [ $"error-{wanted}", error; $"loss-{wanted}", loss ] do
                OutputFile.WriteBytes(path (name + ".png"), Plots.toPng plot, true)

            for name, plot in gradients do
                OutputFile.WriteBytes(path $"gradients-{name}.png", Plots.toPng plot, true)

            writeText
                true
                (path $"curves-{wanted}.html")
                (LearningCurves.Page(
                    $"Learning from the start '{wanted}'",
                    [| error; loss; yield! List.map snd gradients |]
                ))

/// The first layer's kernels, and what it makes of the slice with most liver.
let private pictures (path: string -> string) name (model: Model) (case: TrainingCase) threads =
    let extent = case.Truth.Extent

    let liver z =
        case.Truth |> Volume.slab z 1 |> Mask.count

    let height =
        float (Seq.maxBy liver (seq { 0 .. extent.Z - 1 }))
        / float (max 1 (extent.Z - 1))

    OutputFile.WriteBytes(path $"kernels-{name}.png", LearningCurves.FirstKernels model, true)

    OutputFile.WriteBytes(
        path $"features-{name}.png",
        LearningCurves.LayerFeatures(model, case.Image, height = height, threads = threads),
        true
    )

let run (args: ParseResults<Args>) =
    let folder = args.GetResult Args.Output
    let path (name: string) = Path.Combine(folder, name)
    let spacing = Spacing.Isotropic(args.GetResult(Args.Spacing, 6.))
    optionsOf args 1L |> ignore

    let starts =
        match args.TryGetResult Args.Start with
        | None -> [ "paper"; "he" ]
        | Some("paper" | "he" as one) -> [ one ]
        | Some other -> raise (Usage $"--start {other}: paper or he")

    let plan =
        [
            for seed in 1L .. int64 (args.GetResult(Args.Seeds, 3)) do
                for start in starts do
                    for network in [ "cnn"; "dsn" ] ->
                        {
                            Network = network
                            Start = start
                            Seed = seed
                        }
        ]

    let modelOf run =
        let network, weights = start run
        Model(network, weights, Spacing = spacing)

    let prepared csv =
        lazy (Train.load (args.TryGetResult Args.Cache) (modelOf plan.Head) csv)

    let cases = prepared (args.GetResult Args.Cases)
    let validation = prepared (args.GetResult Args.Validation)

    let tell () =
        summarise folder (args.GetResult(Args.Error, 0.4)) starts plan

    let learn (run: Run) modelFile =
        let historyFile, checkpoints =
            path (run.Name + ".jsonl"), path (run.Name + ".checkpoints")

        let history = List<string>()

        if File.Exists historyFile then
            history.AddRange(File.ReadAllLines historyFile)

        let heard (e: EpochRecord) =
            Train.keepLine history e
            writeText true historyFile (String.Join("\n", history) + "\n")

        let trained =
            Training.Fit(
                modelOf run,
                cases.Value,
                optionsOf args run.Seed,
                validation.Value,
                Action<EpochRecord>(heard),
                CheckpointFolder checkpoints
            )

        trained.Model.Save(modelFile, overwrite = true)

        if Directory.Exists checkpoints then
            Directory.Delete(checkpoints, true)

    for run in plan do
        let modelFile = path (run.Name + ".safetensors")

        if not (File.Exists modelFile) then
            try
                learn run modelFile
            with :? TrainingDivergedException as e ->
                warn $"{run.Name}: {e.Message}"

            out run.Name
            tell ()

        if File.Exists modelFile && not (File.Exists(path $"features-{run.Name}.png")) then
            pictures path run.Name (Model.load modelFile) validation.Value[0] (args.GetResult(Args.Threads, 0))

    tell ()
    out (File.ReadAllText(path "tables.md"))
    0
