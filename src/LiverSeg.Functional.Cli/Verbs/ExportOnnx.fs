/// export-onnx: a model as ONNX, for programs without libtorch.
module LiverSeg.Functional.Cli.Verbs.ExportOnnx

open System.IO
open Argu
open LiverSeg.Functional
open LiverSeg.Functional.Cli
open LiverSeg.Functional.Cli.Terminal

[<RequireQualifiedAccess>]
type Args =
    | [<AltCommandLine("-m")>] Model of FILE: string
    | [<Mandatory; AltCommandLine("-o")>] Output of FILE: string
    | Overwrite

    interface IArgParserTemplate with
        member this.Usage =
            match this with
            | Model _ -> Help.model
            | Output _ -> "ONNX file to write (opset 17)."
            | Overwrite -> Help.overwrite

let run (args: ParseResults<Args>) =
    let model = ModelArguments.model (args.TryGetResult Args.Model)
    let path = args.GetResult Args.Output
    model.ExportOnnx(path, args.Contains Args.Overwrite)
    out (invariant $"{Path.GetFileName path}: ONNX opset 17, {model.Weights.ParameterCount} parameters")
    0
