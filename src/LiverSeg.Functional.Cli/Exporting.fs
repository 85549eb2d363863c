/// export-onnx.
module LiverSeg.Functional.Cli.Exporting

open System.IO
open Argu
open LiverSeg.Functional
open LiverSeg.Functional.Cli.Shell

[<RequireQualifiedAccess>]
type ExportOnnxArgs =
    | [<AltCommandLine("-m")>] Model of FILE: string
    | [<Mandatory; AltCommandLine("-o")>] Output of FILE: string
    | Overwrite

    interface IArgParserTemplate with
        member this.Usage =
            match this with
            | Model _ -> "model file (default: the one that comes with the program)."
            | Output _ -> "ONNX file to write (opset 17)."
            | Overwrite -> "replace the file if it exists."

let exportOnnx (args: ParseResults<ExportOnnxArgs>) =
    let model =
        args.TryGetResult ExportOnnxArgs.Model
        |> Option.map Model.load
        |> Option.defaultWith (fun () -> Pretrained.Liver)

    let path = args.GetResult ExportOnnxArgs.Output
    model.ExportOnnx(path, args.Contains ExportOnnxArgs.Overwrite)
    say (invariant $"{Path.GetFileName path}: ONNX opset 17, {model.Weights.ParameterCount} parameters")
    0
