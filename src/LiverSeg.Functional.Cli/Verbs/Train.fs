/// train: learns a model from cases.
module LiverSeg.Functional.Cli.Verbs.Train

open System
open System.IO
open Argu
open LiverSeg.Functional
open LiverSeg.Functional.Cli
open LiverSeg.Functional.Cli.Terminal

[<RequireQualifiedAccess>]
type Args =
    | [<Mandatory; Help("CSV with columns case,image,mask[,patient][,label]; paths relative to the CSV.")>] Cases of
        CSV: string
    | [<Help(Help.label + " " + Help.labels)>] Label of NUMBER_OR_NAME: string
    | [<Mandatory; AltCommandLine("-o"); Help("model file to write (safetensors).")>] Output of MODEL: string
    | [<Help("paper | practical | smoke (default: practical).")>] Preset of string
    | [<Help("compact | dsn | cnn | dsn-norm (default: compact, with preset paper: dsn).")>] Network of string
    | [<Help("epochs, instead of the preset's.")>] Epochs of int
    | [<Help("steps per epoch, instead of the preset's.")>] Steps of int
    | [<Help("highest learning rate, instead of the preset's.")>] Rate of float
    | [<Help("mixed | float32, instead of the preset's; large kernels are fast in float32, small ones in mixed on processors that have bfloat16; practical takes mixed there and float32 elsewhere.")>] Precision of
        string
    | [<Help("voxel spacing in mm that images are brought to; 0 = native (default: that of the model to start from, without one 3, with preset paper 0).")>] Spacing of
        MM: float
    | [<Help("model whose weights to start from.")>] Start of MODEL: string
    | [<Help("coarser model that looks first: what it says becomes an input channel, and only where it sees something is learned; takes the place of the guide of the model to start from.")>] Guide of
        MODEL: string
    | [<Help("go on from the checkpoint folder.")>] Resume
    | [<Help("folder for checkpoints (default: OUTPUT.checkpoints).")>] Checkpoint of DIR: string
    | [<Help("steps between states within an epoch (default: 0, at its end only).")>] Save_Every of STEPS: int
    | [<Help("CSV of cases to score now and then.")>] Validation of CSV: string
    | [<Help("folder that keeps prepared cases, so that the next training need not prepare them again.")>] Cache of
        DIR: string
    | [<Help("write one JSON line per epoch.")>] History of FILE: string
    | [<Help("seed of weights, crops and order (default: 0).")>] Seed of int64
    | [<Help(Help.threads)>] Threads of int
    | [<Help(Help.device)>] Device of string
    | [<Help("replace the model file if it exists.")>] Overwrite
    | [<Help("NAME=VALUE kept in the model's provenance; may be given many times.")>] Fact of NAME_VALUE: string

    interface IArgParserTemplate with
        member this.Usage = Help.text this

/// What train and crossval change of a preset.
type Changes =
    {
        Network: string option
        Epochs: int option
        Steps: int option
        Rate: float option
        Precision: string option
        Spacing: float option
        Seed: int64 option
        Threads: int option
        /// None is auto.
        Device: Device option
    }

/// The preset of a name with what the command line says otherwise.
let presetOf (name: string option) (changes: Changes) =
    let preset = TrainingPreset.named (defaultArg name "practical")

    let precision =
        match changes.Precision with
        | None -> preset.Options.Precision
        | Some "float32" -> Precision.Float32
        | Some "mixed" ->
            let onCpu = changes.Device |> Option.forall _.IsCpu

            if onCpu && TrainingOptions.Practical.Precision <> Precision.Mixed then
                warn
                    "--precision mixed: this processor has no bfloat16, in which a step takes 30 times as long as in float32 and more"

            Precision.Mixed
        | Some other -> raise (Usage $"--precision {other}: mixed or float32")

    let options =
        preset.Options.With(
            epochs = Option.toNullable changes.Epochs,
            stepsPerEpoch = Option.toNullable changes.Steps,
            seed = Option.toNullable changes.Seed,
            threads = Option.toNullable changes.Threads,
            rate = (changes.Rate |> Option.map preset.Options.Rate.From |> Option.toObj),
            precision = precision,
            device = Option.toNullable changes.Device
        )

    let changed = preset.With(options = options, network = Option.toObj changes.Network)

    match changes.Spacing with
    | None -> changed
    | Some 0. -> changed.AtSpacing(Nullable())
    | Some mm -> changed.AtSpacing(Spacing.Isotropic mm)

/// The line of an epoch.
let epochLine epochs (e: EpochRecord) =
    let loss = e.Losses["main"]

    let dice =
        if e.ValidationDice.HasValue then
            invariant $", validation Dice {e.ValidationDice.Value:F4}"
        else
            ""

    invariant $"epoch {e.Epoch} of {epochs}: loss {loss:F4}, rate {e.Rate:E2}{dice}, {e.Seconds:F0} s"

let private changesOf (args: ParseResults<Args>) =
    {
        Network = args.TryGetResult Args.Network
        Epochs = args.TryGetResult Args.Epochs
        Steps = args.TryGetResult Args.Steps
        Rate = args.TryGetResult Args.Rate
        Precision = args.TryGetResult Args.Precision
        Spacing = args.TryGetResult Args.Spacing
        Seed = args.TryGetResult Args.Seed
        Threads = JobLimits.optionalThreads (args.TryGetResult Args.Threads)
        Device = DeviceArgument.named (args.TryGetResult Args.Device)
    }

let private factOf (text: string) =
    match text.IndexOf '=' with
    | i when i > 0 -> ProvenanceEntry(text[.. i - 1], text[i + 1 ..])
    | _ -> raise (Usage $"--fact {text}: NAME=VALUE")

let private runOf (args: ParseResults<Args>) output =
    let preset = presetOf (args.TryGetResult Args.Preset) (changesOf args)
    let start = args.TryGetResult Args.Start
    let casesOf = Inputs.casesOf (args.TryGetResult Args.Label)
    let checkpoints = args.GetResult(Args.Checkpoint, output + ".checkpoints")

    if start.IsSome && args.Contains Args.Network then
        raise (Usage "--network: the model to start from has its own; leave the option out")

    let alone =
        match start, args.TryGetResult Args.Spacing with
        | Some file, None -> Model.load file
        | Some file, Some _ -> (Model.load file).AtSpacing preset.Spacing
        | None, _ -> preset.Untrained()

    let guided =
        match args.TryGetResult Args.Guide with
        | Some file when alone.Guides.Count > 0 -> alone.WithGuide(ModelArguments.model (Some file))
        | Some file -> alone.GuidedBy(ModelArguments.model (Some file))
        | None -> alone

    let device =
        DeviceArgument.forTraining (args.TryGetResult Args.Device) guided preset.Options

    TrainingRun(
        guided,
        casesOf (args.GetResult Args.Cases),
        Continued = start.IsSome,
        Validation =
            (args.TryGetResult Args.Validation
             |> Option.map casesOf
             |> Option.defaultValue []),
        Options = preset.Options.With(device = device),
        Cache = args.GetResult(Args.Cache, ""),
        Checkpoints =
            CheckpointFolder(
                checkpoints,
                args.Contains Args.Resume,
                SaveEverySteps = args.GetResult(Args.Save_Every, 0)
            ),
        HistoryFile = args.GetResult(Args.History, ""),
        Output = output,
        Overwrite = args.Contains Args.Overwrite,
        Preset = preset.Name,
        Network = (if start.IsSome then "" else preset.Network),
        Provenance = [| for text in args.GetResults Args.Fact -> factOf text |]
    )

let run (args: ParseResults<Args>) =
    let output = args.GetResult Args.Output

    if File.Exists output && not (args.Contains Args.Overwrite) then
        raise (Usage $"{output} exists; add --overwrite or choose another output")

    let training = runOf args output

    let voxels =
        match Option.ofNullable training.Start.Spacing with
        | Some spacing -> $"{spacing}"
        | None -> "as they are"

    let guide =
        if training.Start.Guides.Count > 0 then
            ", behind a guide"
        else
            ""

    out $"learns with voxels {voxels}{guide}"

    stoppable "the state is saved; run again with --resume" (fun cancel ->
        let epochs = training.Options.Epochs

        let heard (epoch: EpochRecord) =
            out (epochLine epochs epoch)
            Progress.took epoch.Seconds "learn" "epoch" epoch.Epoch epochs

        let note text =
            verbose text
            Progress.stage "prepare" text

        let trained = training |> TrainingRun.executeWith warn note cancel heard
        out $"{output}: weights {trained.Model.Hash}"
        0)
