/// cases, study, plot: what networks learn from, and how.
module LiverSeg.Functional.Cli.Learning

open System
open System.Collections.Generic
open System.IO
open Argu
open LiverSeg.Functional
open LiverSeg.Functional.Cli.Arguments
open LiverSeg.Functional.Cli.Shell

let cases (args: ParseResults<CasesArgs>) =
    let output, overwrite =
        args.GetResult CasesArgs.Output, args.Contains CasesArgs.Overwrite

    if File.Exists output && not overwrite then
        raise (Usage $"{output} exists; add --overwrite or choose another output")

    let found = CaseFolder.Find(args.GetResult CasesArgs.Input)
    say $"{found.Layout}: {found.Cases.Count} cases"

    let usable =
        [
            for c in found.Cases do
                let verdict =
                    if args.Contains CasesArgs.No_Check then
                        CaseVerdict([||], [||])
                    else
                        CaseFolder.Check c

                verdict.Doubts |> Seq.iter (fun d -> warn $"{c.Id}: {d}")

                verdict.Errors
                |> Seq.iter (fun e -> Console.Error.WriteLine $"liverseg: {c.Id}: {e}")

                if verdict.Errors.Count = 0 then
                    c
        ]

    usable |> CaseList.write overwrite output
    say $"{output}: {usable.Length} of {found.Cases.Count} cases can be used"
    if usable.Length = found.Cases.Count then 0 else 3

let private write overwrite (path: string) (plots: Plot list) title =
    if path.EndsWith(".html", StringComparison.OrdinalIgnoreCase) then
        writeText overwrite path (LearningCurves.Page(title, List.toArray plots))
    elif path.EndsWith(".png", StringComparison.OrdinalIgnoreCase) then
        let plot =
            plots
            |> List.tryFind (fun p -> p.Curves.Count > 0)
            |> Option.defaultValue plots.Head

        OutputFile.WriteBytes(path, Plots.toPng plot, overwrite)
    else
        raise (Usage $"--output {path}: a name that ends in .html or .png")

let plot (args: ParseResults<PlotArgs>) =
    let path, overwrite =
        args.GetResult PlotArgs.Output, args.Contains PlotArgs.Overwrite

    match args.TryGetResult PlotArgs.Kernels with
    | Some model when path.EndsWith(".png", StringComparison.OrdinalIgnoreCase) ->
        OutputFile.WriteBytes(path, LearningCurves.FirstKernels(Model.load model), overwrite)
    | _ ->
        let files = args.GetResult(PlotArgs.Histories, [])

        if files.IsEmpty then
            raise (Usage "plot needs history files, or --kernels and a .png")

        let names = args.GetResults PlotArgs.Name

        let name i (file: string) =
            List.tryItem i names
            |> Option.defaultWith (fun () ->
                let folder = Path.GetFileName(Path.GetDirectoryName(Path.GetFullPath file))
                $"{folder}/{Path.GetFileNameWithoutExtension file}")

        let runs =
            files
            |> List.mapi (fun i file -> LearningRun(name i file, TrainingHistory.Read file))
            |> List.toArray

        let gradients =
            runs
            |> Seq.filter (fun r -> r.Epochs |> Seq.exists (fun e -> e.LayerNorms.Count > 0))
            |> Seq.map LearningCurves.LayerGradients

        let plots =
            [
                LearningCurves.ValidationError runs
                LearningCurves.Loss runs
                yield! gradients
            ]
            |> List.filter (fun p -> p.Curves.Count > 0)

        write overwrite path plots (args.GetResult(PlotArgs.Title, "Learning curves"))

    0

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

    let options seed =
        TrainingOptions(
            Epochs = args.GetResult(StudyArgs.Epochs, 10),
            StepsPerEpoch = args.GetResult(StudyArgs.Steps, 10),
            Crop = crop,
            Rate = Schedule.Staircase(args.GetResult(StudyArgs.Rate, 0.1), 0.1, 50),
            LiverShare = 0.5,
            Augmentation = Augmentation.Paper,
            ValidateEvery = 1,
            Seed = seed,
            Threads = args.GetResult(StudyArgs.Threads, 0)
        )

    let plan =
        [
            for seed in 1L .. int64 (args.GetResult(StudyArgs.Seeds, 3)) do
                for init in [ "paper"; "he" ] do
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

        for wanted in [ "paper"; "he" ] do
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
