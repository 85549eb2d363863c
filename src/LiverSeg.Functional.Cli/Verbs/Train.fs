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
    | [<Mandatory>] Cases of CSV: string
    | [<Mandatory; AltCommandLine("-o")>] Output of MODEL: string
    | Preset of string
    | Network of string
    | Epochs of int
    | Steps of int
    | Rate of float
    | Precision of string
    | Spacing of MM: float
    | Start of MODEL: string
    | Resume
    | Checkpoint of DIR: string
    | Save_Every of STEPS: int
    | Validation of CSV: string
    | Cache of DIR: string
    | History of FILE: string
    | Seed of int64
    | Threads of int
    | Overwrite
    | Fact of NAME_VALUE: string

    interface IArgParserTemplate with
        member this.Usage =
            match this with
            | Cases _ -> "CSV with columns case,image,mask[,patient]; paths relative to the CSV."
            | Output _ -> "model file to write (safetensors)."
            | Preset _ -> "paper | practical | smoke (default: practical)."
            | Network _ -> "compact | dsn | cnn | dsn-norm (default: compact, with preset paper: dsn)."
            | Epochs _ -> "epochs, instead of the preset's."
            | Steps _ -> "steps an epoch, instead of the preset's."
            | Rate _ -> "highest learning rate, instead of the preset's."
            | Precision _ ->
                "mixed | float32, instead of the preset's; large kernels are fast in float32, small ones in mixed on processors that have bfloat16."
            | Spacing _ ->
                "voxel spacing in mm that images are brought to; 0 = native (default: 3, with preset paper: 0)."
            | Start _ -> "model whose weights to start from."
            | Resume -> "go on from the checkpoint folder."
            | Checkpoint _ -> "folder for checkpoints (default: OUTPUT.checkpoints)."
            | Save_Every _ -> "steps between states within an epoch (default: 0, at its end only)."
            | Validation _ -> "CSV of cases to score now and then."
            | Cache _ -> "folder that keeps prepared cases, so that the next training need not prepare them again."
            | History _ -> "write one JSON line an epoch."
            | Seed _ -> "seed of weights, crops and order (default: 0)."
            | Threads _ -> Help.threads
            | Overwrite -> "replace the model file if it exists."
            | Fact _ -> "NAME=VALUE kept in the model's provenance; may be given many times."

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
    }

/// The preset of a name with what the command line says otherwise.
let presetOf (name: string option) (changes: Changes) =
    let preset = TrainingPreset.named (defaultArg name "practical")

    let precision =
        match changes.Precision with
        | None -> preset.Options.Precision
        | Some "float32" -> Precision.Float32
        | Some "mixed" -> Precision.Mixed
        | Some other -> raise (Usage $"--precision {other}: mixed or float32")

    let options =
        preset.Options.With(
            epochs = Option.toNullable changes.Epochs,
            stepsPerEpoch = Option.toNullable changes.Steps,
            seed = Option.toNullable changes.Seed,
            threads = Option.toNullable changes.Threads,
            rate = (changes.Rate |> Option.map preset.Options.Rate.From |> Option.toObj),
            precision = precision
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
        Threads = args.TryGetResult Args.Threads
    }

let private factOf (text: string) =
    match text.IndexOf '=' with
    | i when i > 0 -> ProvenanceEntry(text[.. i - 1], text[i + 1 ..])
    | _ -> raise (Usage $"--fact {text}: NAME=VALUE")

let private runOf (args: ParseResults<Args>) output =
    let preset = presetOf (args.TryGetResult Args.Preset) (changesOf args)
    let start = args.TryGetResult Args.Start
    let checkpoints = args.GetResult(Args.Checkpoint, output + ".checkpoints")

    TrainingRun(
        (match start with
         | Some file -> Model.load file
         | None -> preset.Untrained()),
        CaseList.read (args.GetResult Args.Cases),
        Continued = start.IsSome,
        Validation =
            (args.TryGetResult Args.Validation
             |> Option.map CaseList.read
             |> Option.defaultValue []),
        Options = preset.Options,
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
        Network = preset.Network,
        Provenance = [| for text in args.GetResults Args.Fact -> factOf text |]
    )

let run (args: ParseResults<Args>) =
    let output = args.GetResult Args.Output

    if File.Exists output && not (args.Contains Args.Overwrite) then
        raise (Usage $"{output} exists; add --overwrite or choose another output")

    let training = runOf args output

    stoppable "the state is saved; run again with --resume" (fun cancel ->
        let heard = epochLine training.Options.Epochs >> out
        let trained = training |> TrainingRun.executeWith warn verbose cancel heard
        out $"{output}: weights {trained.Model.Weights.Hash}"
        0)
