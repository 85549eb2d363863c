/// stats: volume, HU statistics, extent, components, cut-off flags.
module LiverSeg.Functional.Cli.Verbs.Stats

open Argu
open LiverSeg.Functional
open LiverSeg.Functional.Cli
open LiverSeg.Functional.Cli.Terminal

[<RequireQualifiedAccess>]
type Args =
    | [<Mandatory; AltCommandLine("-i")>] Input of IMAGE: string
    | [<Mandatory; AltCommandLine("-m")>] Mask of MASK: string
    | Json of FILE: string
    | Overwrite

    interface IArgParserTemplate with
        member this.Usage =
            match this with
            | Input _ -> "the CT."
            | Mask _ -> "a mask on its grid."
            | Json _ -> "write to this file instead of the screen."
            | Overwrite -> Help.overwrite

let run (args: ParseResults<Args>) =
    let ct = VolumeFile.Read(args.GetResult Args.Input, warn)
    let mask = VolumeFile.ReadMask(args.GetResult Args.Mask, warn)
    let text = ct.Describe(mask).ToJson()

    match args.TryGetResult Args.Json with
    | Some path -> writeText (args.Contains Args.Overwrite) path text
    | None -> out text

    0
