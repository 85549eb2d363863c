/// stats: volume, HU statistics, extent, components, cut-off flags.
module LiverSeg.Functional.Cli.Verbs.Stats

open Argu
open LiverSeg.Functional
open LiverSeg.Functional.Cli
open LiverSeg.Functional.Cli.Terminal

[<RequireQualifiedAccess>]
type Args =
    | [<Mandatory; AltCommandLine("-i"); Help("the CT.")>] Input of IMAGE: string
    | [<Mandatory; AltCommandLine("-m"); Help("a mask on its lattice.")>] Mask of MASK: string
    | [<Help(Help.label)>] Label of NUMBER_OR_NAME: string
    | [<Help("write to this file instead of the screen.")>] Json of FILE: string
    | [<Help(Help.overwrite)>] Overwrite

    interface IArgParserTemplate with
        member this.Usage = Help.text this

let run (args: ParseResults<Args>) =
    let ct = VolumeFile.Read(args.GetResult Args.Input, warn)
    let label = Inputs.labelOf (args.TryGetResult Args.Label)
    let mask = args.GetResult Args.Mask |> Lattice.readMask warn label ct.Grid
    let text = ct.Describe(mask).ToJson()

    match args.TryGetResult Args.Json with
    | Some path -> writeText (args.Contains Args.Overwrite) path text
    | None -> out text

    0
