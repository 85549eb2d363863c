/// calibrate: how far scores are from probabilities on labelled cases, and the temperature that brings them nearest.
module LiverSeg.Functional.Cli.Verbs.Calibrate

open Argu
open LiverSeg.Functional
open LiverSeg.Functional.Cli
open LiverSeg.Functional.Cli.Terminal

[<RequireQualifiedAccess>]
type Args =
    | [<Mandatory;
        Help("CSV with columns case,image,mask[,patient][,scores][,label], of patients that the model has not learned from; scores are maps made before, without a temperature.")>] Cases of
        CSV: string
    | [<Help(Help.label + " " + Help.labels)>] Label of NUMBER_OR_NAME: string
    | [<AltCommandLine("-m"); Help("model file, liver or dsn (default: liver).")>] Model of FILE: string
    | [<AltCommandLine("-o"); Help("write the model with the temperature fitted on all cases.")>] Output of FILE: string
    | [<Help("write the figures of every case as JSON.")>] Json of FILE: string
    | [<Help("draw the reliability diagram as SVG.")>] Figure of FILE: string
    | [<Help("say too how the scores are calibrated after the CRF, with these options (JSON as tune-crf writes it, or default).")>] Crf of
        FILE: string
    | [<Help(Help.overwrite)>] Overwrite
    | [<Help(Help.threads)>] Threads of int
    | [<Help(Help.device)>] Device of string

    interface IArgParserTemplate with
        member this.Usage = Help.text this

type private Counted =
    {
        Case: string
        Patient: string
        Scores: ScoreCounts
        Refined: ScoreCounts option
    }

let private count (args: ParseResults<Args>) (model: Model) cancel =
    let threads = JobLimits.threads (args.TryGetResult Args.Threads)

    let options =
        PredictOptions(Device = DeviceArgument.forModel (args.TryGetResult Args.Device) model, Threads = threads)

    let refinement =
        match args.TryGetResult Args.Crf with
        | None -> None
        | Some "default" -> Some CrfSetting.Shipped
        | Some path -> Some(ModelArguments.refinement (Some path))

    [
        for file in Inputs.casesOf (args.TryGetResult Args.Label) (args.GetResult Args.Cases) do
            verbose file.Id
            let case = CrfCase.Load(file, model, options, warn, cancel, branches = false)

            {
                Case = file.Id
                Patient = file.Patient
                Scores = ScoreCounts.ofScores case.Truth case.Scores.Fused
                Refined =
                    refinement
                    |> Option.map (fun setting ->
                        case.Scores.Fused.Refined(
                            case.Guide.Window model.Window,
                            setting.WithThreads threads,
                            cancel = cancel
                        )
                        |> ScoreCounts.ofScores case.Truth)
            }
    ]

let private figure (cases: Counted list) temperature =
    let all = cases |> List.map _.Scores |> ScoreCounts.sum

    Plots.reliability
        "Reliability"
        [
            "as they are", ScoreCounts.reliability 15 all
            invariant $"temperature {temperature:F2}", ScoreCounts.reliabilityAt temperature 15 all
        ]

let private report (args: ParseResults<Args>) overwrite (model: Model) cancel =
    let cases = count args model cancel

    if cases |> List.forall (fun c -> c.Scores.Voxels = 0L) then
        raise (Usage "--cases: no case has a voxel with a score of 0.001 or more; a case with a liver is needed")

    let temperature = cases |> List.map _.Scores |> Temperature.fit

    let onOthers =
        cases |> List.map (fun c -> c.Patient, c.Scores) |> Temperature.fitOnOthers

    let rows =
        [
            for case, held in List.zip cases onOthers do
                let at t =
                    ScoreCounts.calibrationErrorAt t case.Scores, ScoreCounts.logLossAt t case.Scores

                let error, loss = at 1.

                out (
                    invariant $"{case.Case}: calibration error {error:F4}, log loss {loss:F4}"
                    + (held
                       |> Option.map (fun t ->
                           let error, loss = at t
                           invariant $"; {error:F4}, {loss:F4} with {t:F2}, fitted on the others")
                       |> Option.defaultValue "")
                    + (case.Refined
                       |> Option.map (fun r -> invariant $"; after the CRF {r.CalibrationError():F4}, {r.LogLoss():F4}")
                       |> Option.defaultValue "")
                )

                {|
                    case = case.Case
                    patient = case.Patient
                    voxels = case.Scores.Voxels
                    calibration_error = error
                    log_loss = loss
                    held_out_temperature = held
                    held_out_calibration_error = held |> Option.map (at >> fst)
                    held_out_log_loss = held |> Option.map (at >> snd)
                    crf_calibration_error = case.Refined |> Option.map _.CalibrationError()
                    crf_log_loss = case.Refined |> Option.map _.LogLoss()
                |}
        ]

    out (invariant $"temperature {temperature:F3} fits all {cases.Length} cases best")

    args.TryGetResult Args.Json
    |> Option.iter (fun path ->
        writeText
            overwrite
            path
            (json
                {|
                    temperature = temperature
                    cases = rows
                |}))

    args.TryGetResult Args.Figure
    |> Option.iter (fun path -> figure cases temperature |> Plots.toSvg |> writeText overwrite path)

    args.TryGetResult Args.Output
    |> Option.iter (fun path -> (Model.withTemperature temperature model).Save(path, overwrite))

    0

let run (args: ParseResults<Args>) =
    let overwrite = args.Contains Args.Overwrite

    [
        args.TryGetResult Args.Output
        args.TryGetResult Args.Json
        args.TryGetResult Args.Figure
    ]
    |> List.choose id
    |> List.iter (OutputFile.check overwrite)

    stoppable "nothing was written" (report args overwrite (ModelArguments.model (args.TryGetResult Args.Model)))
