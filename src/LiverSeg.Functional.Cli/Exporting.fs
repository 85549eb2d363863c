/// export-onnx.
module LiverSeg.Functional.Cli.Exporting

open System.IO
open Argu
open LiverSeg.Functional
open LiverSeg.Functional.Cli.Arguments
open LiverSeg.Functional.Cli.Shell

let exportOnnx (args: ParseResults<ExportOnnxArgs>) =
    let model = Segmenting.modelOf (args.TryGetResult ExportOnnxArgs.Model)
    let path = args.GetResult ExportOnnxArgs.Output
    model.ExportOnnx(path, args.Contains ExportOnnxArgs.Overwrite)
    say (invariant $"{Path.GetFileName path}: ONNX opset 17, {model.Weights.ParameterCount} parameters")
    0
