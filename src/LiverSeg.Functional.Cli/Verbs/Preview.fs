/// preview: three planes with contours as PNG.
module LiverSeg.Functional.Cli.Verbs.Preview

open Argu
open LiverSeg.Functional
open LiverSeg.Functional.Cli
open LiverSeg.Functional.Cli.Terminal

[<RequireQualifiedAccess>]
type Args =
    | [<Mandatory; AltCommandLine("-i"); Help("the CT.")>] Input of IMAGE: string
    | [<Mandatory; AltCommandLine("-m"); Help("the mask to draw in red.")>] Mask of MASK: string
    | [<AltCommandLine("-t"); Help("the reference to draw in green.")>] Truth of MASK: string
    | [<Mandatory; AltCommandLine("-o"); Help("picture to write.")>] Output of PNG: string
    | [<Help(Help.overwrite)>] Overwrite

    interface IArgParserTemplate with
        member this.Usage = Help.text this

let run (args: ParseResults<Args>) =
    let image =
        VolumeFile.Read(args.GetResult Args.Input, warn)
        |> Hounsfield.windowed Window.Liver

    let mask = VolumeFile.ReadMask(args.GetResult Args.Mask, warn)

    let png =
        match args.TryGetResult Args.Truth with
        | Some truth -> image.Draw(mask, VolumeFile.ReadMask(truth, warn))
        | None -> image.Draw mask

    OutputFile.WriteBytes(args.GetResult Args.Output, png, args.Contains Args.Overwrite)
    0
