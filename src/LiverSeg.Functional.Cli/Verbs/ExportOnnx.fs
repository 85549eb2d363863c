/// export-onnx: a model as ONNX, for programs without libtorch.
module LiverSeg.Functional.Cli.Verbs.ExportOnnx

open System.IO
open Argu
open LiverSeg.Functional
open LiverSeg.Functional.Cli
open LiverSeg.Functional.Cli.Terminal

[<RequireQualifiedAccess>]
type Args =
    | [<AltCommandLine("-m"); Help(Help.model)>] Model of FILE: string
    | [<Help("of a model in two stages the first; without, the last, whose second channel is what the first says.")>] Fast
    | [<Mandatory; AltCommandLine("-o"); Help("ONNX file to write (opset 17).")>] Output of FILE: string
    | [<Help(Help.overwrite)>] Overwrite

    interface IArgParserTemplate with
        member this.Usage = Help.text this

let run (args: ParseResults<Args>) =
    let model =
        ModelArguments.staged (args.TryGetResult Args.Model) (args.Contains Args.Fast)

    let path = args.GetResult Args.Output
    model.ExportOnnx(path, args.Contains Args.Overwrite)
    out (invariant $"{Path.GetFileName path}: ONNX opset 17, {model.Weights.ParameterCount} parameters")
    0
