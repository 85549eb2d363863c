/// --device: what networks are computed on.
module LiverSeg.Functional.Cli.DeviceArgument

open LiverSeg.Functional
open LiverSeg.Functional.Cli.Terminal

/// The device that is named and answers; none for auto, which is the default.
let named (text: string option) =
    match text with
    | None
    | Some "auto" -> None
    | Some text ->
        match Device.tryParse text with
        | Some device ->
            Devices.ensure device
            Some device
        | None -> raise (Usage $"--device {text}: auto, cpu, cuda or cuda:N")

/// The device, for work that takes so much of its memory.
let choose (text: string option) (bytes: unit -> int64) =
    match named text with
    | Some device -> device
    | None ->
        let missing = Devices.whyNoCuda ()
        // Where no device answers, nothing need be worked out.
        let choice = Devices.choose (if missing = "" then bytes () else 0L)

        // Who built the program for CUDA wants to know; for all others there is nothing to choose.
        if choice.Reason = "" then
            verbose $"device {choice.Device}: {missing}"
        elif choice.Device.IsCpu then
            note $"device {choice.Device}: {choice.Reason}"
        else
            note $"device {choice.Reason}; --device cpu computes on the CPU"

        choice.Device

/// For a model that is applied.
let forModel text (model: Model) =
    choose text (fun () -> Model.deviceBytes model)

/// For a network that learns.
let forTraining text (model: Model) (options: TrainingOptions) =
    choose text (fun () -> Training.deviceBytes options model)
