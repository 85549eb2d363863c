/// --model, --network and --crf: what a person names, as the library's values.
module LiverSeg.Functional.Cli.ModelArguments

open System
open System.Diagnostics
open LiverSeg.Functional
open LiverSeg.Functional.Cli.Terminal

/// One that comes with the program, by name, or a file's.
let model (name: string option) =
    match name with
    | None
    | Some "liver" -> Pretrained.Liver
    | Some "dsn" -> Pretrained.Dsn
    | Some path -> Model.load path

/// The same, or with --fast its first stage alone.
let staged name fast =
    match model name with
    | whole when not fast -> whole
    | whole when whole.Guides.Count > 0 -> whole.FirstStage
    | _ -> raise (Usage "--fast: the model has one stage; leave the option out")

/// The setting in a file; what it leaves out, and all without a file, is what was tuned for the shipped model.
let refinement (path: string option) =
    match path with
    | Some path -> path |> CrfSetting.read CrfSetting.Shipped
    | None -> CrfSetting.Shipped

/// From score maps to masks; without a setting, no CRF.
let pipeline (setting: CrfSetting option) device threads keepAll =
    PipelineOptions(
        Predict = PredictOptions(Device = device, Threads = threads, Warn = warn),
        Refinement = (setting |> Option.defaultValue CrfSetting.None).WithThreads threads,
        LargestComponent = not keepAll
    )

/// The line of progress of a segmentation.
let stages (stage: StageProgress) =
    match stage.Stage with
    | "predict" ->
        if stage.Done = 0 then
            let age = DateTime.Now - Process.GetCurrentProcess().StartTime
            verbose (invariant $"first of {stage.Total} tiles begins {age.TotalSeconds:F2} s after the start")

        Progress.part "predict" "tile" stage.Done stage.Total
    | name -> Progress.part name "slice" stage.Done stage.Total
