/// study: CNN against DSN from the same starts, on the same crops.
module LiverSeg.Functional.Cli.Studying

open System
open System.Collections.Generic
open System.IO
open Argu
open LiverSeg.Functional
open LiverSeg.Functional.Cli.Arguments
open LiverSeg.Functional.Cli.Shell

/// With branches (DSN) and without (CNN); the shared layers start from the same numbers.
let private start network init seed =
    let all =
        match init with
        | "paper" -> Weights.gaussian seed 0.01 Dsn.Paper
        | _ -> Weights.he seed Dsn.Paper

    match network with
    | "dsn" -> Dsn.Paper, all
    | _ -> Dsn.Cnn, Weights(all |> Seq.filter (fun w -> not (w.Key.StartsWith "after")))

let private runName network init seed = $"{network}-{init}-{seed}"

let private mean (values: float list) =
    if values.IsEmpty then nan else List.average values

/// Tables of a study from its histories alone.
let private tables error (runs: (string * string * int64 * LearningRun) list) =
    let number (v: float) =
        if Double.IsNaN v then "-" else invariant $"{v:F3}"

    let power (v: float) =
        if Double.IsNaN v then
            "-"
        else
            v.ToString("0.0e-0", Globalization.CultureInfo.InvariantCulture)

    let groups = runs |> List.groupBy (fun (network, init, _, _) -> network, init)

    let epochs =
        [
            for (network, init), members in groups do
                let reached =
                    members |> List.map (fun (_, _, _, r) -> Option.ofNullable (r.EpochsTo error))

                let last =
                    members
                    |> List.choose (fun (_, _, _, r) ->
                        r.Epochs
                        |> Seq.tryLast
                        |> Option.bind (fun e -> Option.ofNullable e.ValidationDice))
                    |> List.map (fun d -> 1. - d)

                let best =
                    members
                    |> List.choose (fun (_, _, _, r) ->
                        r.Epochs
                        |> Seq.choose (fun e -> Option.ofNullable e.ValidationDice)
                        |> Seq.sortDescending
                        |> Seq.tryHead)
                    |> List.map (fun d -> 1. - d)

                let text =
                    reached
                    |> List.map (fun e -> e |> Option.map string |> Option.defaultValue "never")
                    |> String.concat ", "

                $"| {network} | {init} | {members.Length} | {text} | {number (mean best)} | {number (mean last)} |"
        ]

    let layers =
        [
            for (network, init), members in groups do
                let at pick layer =
                    members
                    |> List.choose (fun (_, _, _, r) -> pick r.Epochs)
                    |> List.choose (fun (e: EpochRecord) ->
                        match e.LayerNorms.TryGetValue layer with
                        | true, v -> Some v
                        | _ -> None)
                    |> mean

                let names =
                    members
                    |> List.collect (fun (_, _, _, r) ->
                        [
                            for e in r.Epochs do
                                yield! e.LayerNorms.Keys
                        ])
                    |> List.distinct
                    |> List.sort

                for layer in names do
                    $"| {network} | {init} | {layer} | {power (at Seq.tryHead layer)} | {power (at Seq.tryLast layer)} |"
        ]

    String.Join(
        "\n",
        [
            invariant
                $"| network | start | runs | epochs to 1 - Dice <= {error:F2}, by seed | best 1 - Dice, mean | last 1 - Dice, mean |"
            "|---|---|---|---|---|---|"
            yield! epochs
            ""
            "| network | start | layer | gradient length, first epoch | last epoch |"
            "|---|---|---|---|---|"
            yield! layers
        ]
    )
    + "\n"

let study (args: ParseResults<StudyArgs>) =
    let folder = args.GetResult StudyArgs.Output
    let path (name: string) = Path.Combine(folder, name)
    let spacing = args.GetResult(StudyArgs.Spacing, 6.)

    let modelOf network init seed =
        let layer, weights = start network init seed
        Model(layer, weights, Spacing = Spacing.Isotropic spacing)

    let any = modelOf "cnn" "he" 1L
    let cases = lazy (Making.load any (args.GetResult StudyArgs.Cases))
    let validation = lazy (Making.load any (args.GetResult StudyArgs.Validation))

    let crop = args.GetResult(StudyArgs.Crop, (32, 32, 24)) |> Extent

    let optimizer =
        match args.GetResult(StudyArgs.Optimizer, "sgd") with
        | "sgd" -> OptimizerKind.Sgd
        | "adam" -> OptimizerKind.Adam
        | other -> raise (Usage $"--optimizer {other}: sgd or adam")

    let options seed =
        TrainingOptions(
            Optimizer = optimizer,
            DiceWeight = args.GetResult(StudyArgs.Dice, 0.),
            LiverWeight = args.GetResult(StudyArgs.Liver_Weight, 1.),
            GradientClip = args.GetResult(StudyArgs.Clip, 0.),
            Epochs = args.GetResult(StudyArgs.Epochs, 10),
            StepsPerEpoch = args.GetResult(StudyArgs.Steps, 10),
            Crop = crop,
            Rate = Schedule.Staircase(args.GetResult(StudyArgs.Rate, 0.1), 0.1, 50),
            LiverShare = 0.5,
            Augmentation = Augmentation.Paper,
            ValidateEvery = args.GetResult(StudyArgs.Validate_Every, 1),
            Seed = seed,
            Threads = args.GetResult(StudyArgs.Threads, 0)
        )

    let starts =
        match args.TryGetResult StudyArgs.Start with
        | None -> [ "paper"; "he" ]
        | Some("paper" | "he" as one) -> [ one ]
        | Some other -> raise (Usage $"--start {other}: paper or he")

    let plan =
        [
            for seed in 1L .. int64 (args.GetResult(StudyArgs.Seeds, 3)) do
                for init in starts do
                    for network in [ "cnn"; "dsn" ] -> network, init, seed
        ]

    let summarise () =
        let runs =
            [
                for network, init, seed in plan do
                    let file = path (runName network init seed + ".jsonl")

                    if File.Exists file then
                        network, init, seed, LearningRun(runName network init seed, TrainingHistory.Read file)
            ]

        writeText true (path "tables.md") (tables (args.GetResult(StudyArgs.Error, 0.4)) runs)

        for wanted in starts do
            let chosen =
                runs
                |> List.filter (fun (_, init, _, _) -> init = wanted)
                |> List.map (fun (_, _, _, r) -> r)
                |> List.toArray

            if chosen.Length > 0 then
                let error = LearningCurves.ValidationError chosen
                OutputFile.WriteBytes(path $"error-{wanted}.png", Plots.toPng error, true)
                OutputFile.WriteBytes(path $"loss-{wanted}.png", Plots.toPng (LearningCurves.Loss chosen), true)

                let first =
                    chosen
                    |> Array.filter (fun r -> r.Name.EndsWith "-1")
                    |> Array.map LearningCurves.LayerGradients

                writeText
                    true
                    (path $"curves-{wanted}.html")
                    (LearningCurves.Page(
                        $"Learning from the start '{wanted}'",
                        [| error; LearningCurves.Loss chosen; yield! first |]
                    ))

                for r in chosen |> Array.filter (fun r -> r.Name.EndsWith "-1") do
                    OutputFile.WriteBytes(
                        path $"gradients-{r.Name}.png",
                        Plots.toPng (LearningCurves.LayerGradients r),
                        true
                    )

    for network, init, seed in plan do
        let name = runName network init seed
        let modelFile = path (name + ".safetensors")

        if not (File.Exists modelFile) then
            let history = List<string>()
            let historyFile = path (name + ".jsonl")
            let folder = path (name + ".checkpoints")

            if File.Exists historyFile then
                history.AddRange(File.ReadAllLines historyFile)

            let heard (e: EpochRecord) =
                if history.Count >= e.Epoch then
                    history.RemoveRange(e.Epoch - 1, history.Count - e.Epoch + 1)

                history.Add(Making.historyLine e)
                writeText true historyFile (String.Join("\n", history) + "\n")

            try
                let trained =
                    Training.Fit(
                        modelOf network init seed,
                        cases.Value,
                        options seed,
                        validation.Value,
                        Action<EpochRecord>(heard),
                        CheckpointFolder folder
                    )

                trained.Model.Save(modelFile, overwrite = true)
                OutputFile.WriteBytes(path $"kernels-{name}.png", LearningCurves.FirstKernels trained.Model, true)

                if Directory.Exists folder then
                    Directory.Delete(folder, true)
            with :? TrainingDivergedException as e ->
                warn $"{name}: {e.Message}"

            say name
            summarise ()

    summarise ()
    say (File.ReadAllText(path "tables.md"))
    0
