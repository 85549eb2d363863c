/// train: learns a model from cases.
module LiverSeg.Functional.Cli.Verbs.Train

open System
open System.Diagnostics
open System.IO
open Argu
open LiverSeg.Functional
open LiverSeg.Functional.Cli
open LiverSeg.Functional.Cli.Terminal

[<RequireQualifiedAccess>]
type Args =
    | [<Mandatory; Help("CSV with columns case,image,mask[,patient]; paths relative to the CSV.")>] Cases of CSV: string
    | [<Mandatory; AltCommandLine("-o"); Help("model file to write (safetensors).")>] Output of MODEL: string
    | [<Help("paper | practical | smoke (default: practical).")>] Preset of string
    | [<Help("compact | dsn | cnn | dsn-norm (default: compact, with preset paper: dsn).")>] Network of string
    | [<Help("epochs, instead of the preset's.")>] Epochs of int
    | [<Help("steps an epoch, instead of the preset's.")>] Steps of int
    | [<Help("highest learning rate, instead of the preset's.")>] Rate of float
    | [<Help("mixed | float32, instead of the preset's; large kernels are fast in float32, small ones in mixed on processors that have bfloat16.")>] Precision of
        string
    | [<Help("voxel spacing in mm that images are brought to; 0 = native (default: 3, with preset paper: 0).")>] Spacing of
        MM: float
    | [<Help("model whose weights to start from.")>] Start of MODEL: string
    | [<Help("go on from the checkpoint folder.")>] Resume
    | [<Help("folder for checkpoints (default: OUTPUT.checkpoints).")>] Checkpoint of DIR: string
    | [<Help("steps between states within an epoch (default: 0, at its end only).")>] Save_Every of STEPS: int
    | [<Help("CSV of cases to score now and then.")>] Validation of CSV: string
    | [<Help("folder that keeps prepared cases, so that the next training need not prepare them again.")>] Cache of
        DIR: string
    | [<Help("write one JSON line an epoch.")>] History of FILE: string
    | [<Help("seed of weights, crops and order (default: 0).")>] Seed of int64
    | [<Help(Help.threads)>] Threads of int
    | [<Help("replace the model file if it exists.")>] Overwrite
    | [<Help("NAME=VALUE kept in the model's provenance; may be given many times.")>] Fact of NAME_VALUE: string

    interface IArgParserTemplate with
        member this.Usage = Help.text this

/// The preset with what the command line says otherwise.
let private adjust (preset: TrainingOptions) (args: ParseResults<Args>) =
    let precision =
        match args.TryGetResult Args.Precision with
        | None -> preset.Precision
        | Some "float32" -> Precision.Float32
        | Some "mixed" -> Precision.Mixed
        | Some other -> raise (Usage $"--precision {other}: mixed or float32")

    let rate =
        match args.TryGetResult Args.Rate with
        | Some rate -> preset.Rate.From rate
        | None -> preset.Rate

    preset.With(
        epochs = args.GetResult(Args.Epochs, preset.Epochs),
        stepsPerEpoch = args.GetResult(Args.Steps, preset.StepsPerEpoch),
        seed = args.GetResult(Args.Seed, preset.Seed),
        threads = args.GetResult(Args.Threads, preset.Threads),
        rate = rate,
        precision = precision
    )

/// The cases of a list as a model wants them; `cache` is the folder where prepared ones are kept.
let load (cache: string option) (model: Model) (csv: string) =
    let cache = cache |> Option.map (fun folder -> CaseCache(folder, warn))

    let cases =
        [|
            for c in CaseList.read csv do
                verbose $"preparing {c.Id}"

                match cache with
                | Some cache -> CaseCache.prepare cache model c
                | None ->
                    TrainingCase.Prepare(c.Id, VolumeFile.Read(c.Image, warn), VolumeFile.ReadMask(c.Mask, warn), model)
        |]

    for cache in Option.toList cache do
        verbose $"{cache.Found} of {cases.Length} cases were found prepared in {cache.Folder}"

    cases

let historyLine (e: EpochRecord) =
    TrainingHistory.Line(e, Process.GetCurrentProcess().PeakWorkingSet64 / 1048576L)

/// Puts an epoch's line at its place: what a run that is resumed does again replaces what stood there.
let keepLine (history: ResizeArray<string>) (e: EpochRecord) =
    if history.Count >= e.Epoch then
        history.RemoveRange(e.Epoch - 1, history.Count - e.Epoch + 1)

    history.Add(historyLine e)

let private provenance (args: ParseResults<Args>) preset network (options: TrainingOptions) start =
    let origin =
        match start with
        | Some(model: Model) -> $", from the weights {model.Weights.Hash[..15]}.."
        | None -> ""

    [|
        ProvenanceEntry("use", "research only; no clinical use")
        ProvenanceEntry("cases", CaseList.read (args.GetResult Args.Cases) |> List.map _.Id |> String.concat " ")
        ProvenanceEntry(
            "recipe",
            invariant
                $"preset {preset}, network {network}, {options.Epochs} epochs of {options.StepsPerEpoch} steps, crop {options.Crop}, seed {options.Seed}, {options.Rate}, {options.Precision}{origin}"
        )
        for text in args.GetResults Args.Fact do
            match text.IndexOf '=' with
            | i when i > 0 -> ProvenanceEntry(text[.. i - 1], text[i + 1 ..])
            | _ -> raise (Usage $"--fact {text}: NAME=VALUE")
    |]

let run (args: ParseResults<Args>) =
    let presetName = args.GetResult(Args.Preset, "practical")

    let preset =
        match presetName with
        | "paper" -> TrainingOptions.Paper
        | "practical" -> TrainingOptions.Practical
        | "smoke" -> TrainingOptions.Smoke
        | other -> raise (Usage $"--preset {other}: paper, practical or smoke")

    let faithful = presetName = "paper"

    let networkName =
        args.GetResult(Args.Network, (if faithful then "dsn" else "compact"))

    let network = Architectures.named networkName
    let options = adjust preset args
    let output = args.GetResult Args.Output

    if File.Exists output && not (args.Contains Args.Overwrite) then
        raise (Usage $"{output} exists; add --overwrite or choose another output")

    let fresh =
        if faithful then
            Weights.gaussian options.Seed 0.01 network
        else
            Weights.he options.Seed network

    let start = args.TryGetResult Args.Start |> Option.map Model.load

    let model =
        match start with
        | Some model -> model
        | None ->
            match args.GetResult(Args.Spacing, (if faithful then 0. else 3.)) with
            | 0. -> Model(network, fresh)
            | mm -> Model(network, fresh, Spacing = Spacing.Isotropic mm, Tile = Extent(160, 160, 128))

    let cache = args.TryGetResult Args.Cache
    let cases = load cache model (args.GetResult Args.Cases)

    let validation =
        args.TryGetResult Args.Validation
        |> Option.map (load cache model)
        |> Option.defaultValue [||]

    let checkpoints =
        CheckpointFolder(
            args.GetResult(Args.Checkpoint, output + ".checkpoints"),
            args.Contains Args.Resume,
            SaveEverySteps = args.GetResult(Args.Save_Every, 0)
        )

    let history = ResizeArray()

    // What an interrupted run had written stays in the history.
    match args.TryGetResult Args.History with
    | Some path when args.Contains Args.Resume && File.Exists path -> history.AddRange(File.ReadAllLines path)
    | _ -> ()

    let heard (e: EpochRecord) =
        keepLine history e
        let loss = e.Losses["main"]

        let dice =
            if e.ValidationDice.HasValue then
                invariant $", validation Dice {e.ValidationDice.Value:F4}"
            else
                ""

        out (invariant $"epoch {e.Epoch} of {options.Epochs}: loss {loss:F4}, rate {e.Rate:E2}{dice}, {e.Seconds:F0} s")

        args.TryGetResult Args.History
        |> Option.iter (fun path -> writeText true path (String.Join("\n", history) + "\n"))

    stoppable "the state is saved; run again with --resume" (fun cancel ->
        let trained =
            Training.Fit(model, cases, options, validation, Action<EpochRecord>(heard), checkpoints, cancel)

        trained.Model
            .WithProvenance(provenance args presetName networkName options start)
            .Save(output, overwrite = true)

        out $"{output}: weights {trained.Model.Weights.Hash}"
        0)
