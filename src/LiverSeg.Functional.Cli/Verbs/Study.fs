/// study: CNN against DSN from the same starts, on the same crops.
module LiverSeg.Functional.Cli.Verbs.Study

open System
open Argu
open LiverSeg.Functional
open LiverSeg.Functional.Cli
open LiverSeg.Functional.Cli.Terminal

[<RequireQualifiedAccess>]
type Args =
    | [<Mandatory; Help("CSV of cases to learn from.")>] Cases of CSV: string
    | [<Mandatory; Help("CSV of cases to judge by after each epoch.")>] Validation of CSV: string
    | [<Help(Help.label + " " + Help.labels)>] Label of NUMBER_OR_NAME: string
    | [<Mandatory;
        AltCommandLine("-o");
        Help("folder for histories, models, plots and tables; a study that was stopped goes on.")>] Output of
        DIR: string
    | [<Help("how many starts (default: 3).")>] Seeds of int
    | [<Help("epochs a run (default: 10).")>] Epochs of int
    | [<Help("steps per epoch (default: 10).")>] Steps of int
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
    | [<Help(Help.device)>] Device of string

    interface IArgParserTemplate with
        member this.Usage = Help.text this

let private optionsOf (args: ParseResults<Args>) =
    let recipe = SupervisionStudy.Recipe

    let optimizer =
        match args.GetResult(Args.Optimizer, "sgd") with
        | "sgd" -> OptimizerKind.Sgd
        | "adam" -> OptimizerKind.Adam
        | other -> raise (Usage $"--optimizer {other}: sgd or adam")

    let options =
        recipe.With(
            optimizer = optimizer,
            diceWeight = Option.toNullable (args.TryGetResult Args.Dice),
            liverWeight = Option.toNullable (args.TryGetResult Args.Liver_Weight),
            gradientClip = Option.toNullable (args.TryGetResult Args.Clip),
            epochs = Option.toNullable (args.TryGetResult Args.Epochs),
            stepsPerEpoch = Option.toNullable (args.TryGetResult Args.Steps),
            crop = (args.TryGetResult Args.Crop |> Option.map Extent |> Option.toNullable),
            rate = (args.TryGetResult Args.Rate |> Option.map recipe.Rate.From |> Option.toObj),
            validateEvery = Option.toNullable (args.TryGetResult Args.Validate_Every),
            threads = Option.toNullable (JobLimits.optionalThreads (args.TryGetResult Args.Threads))
        )

    let bytes () =
        Model.untrained Architectures.Paper 0L |> Training.deviceBytes options

    options.With(device = DeviceArgument.choose (args.TryGetResult Args.Device) bytes)

let private studyOf (args: ParseResults<Args>) =
    let casesOf = Inputs.casesOf (args.TryGetResult Args.Label)

    SupervisionStudy(
        casesOf (args.GetResult Args.Cases),
        casesOf (args.GetResult Args.Validation),
        args.GetResult Args.Output,
        Seeds = args.GetResult(Args.Seeds, 3),
        Starts =
            (match args.TryGetResult Args.Start with
             | None -> [| "paper"; "he" |]
             | Some "paper" -> [| "paper" |]
             | Some "he" -> [| "he" |]
             | Some other -> raise (Usage $"--start {other}: paper or he")),
        Options = optionsOf args,
        Spacing = Spacing.Isotropic(args.GetResult(Args.Spacing, 6.)),
        Error = args.GetResult(Args.Error, 0.4),
        Cache = args.GetResult(Args.Cache, "")
    )

let run (args: ParseResults<Args>) =
    let study = studyOf args

    let finished (run: StudyRun) made =
        if made then
            out run.Name
            StudyPictures.writeCurves study

        StudyPictures.writeLayers warn study run

    stoppable "the state is saved; run again to go on" (fun cancel ->
        let tables = study |> SupervisionStudy.executeWith warn verbose cancel finished

        StudyPictures.writeCurves study
        out tables
        0)
