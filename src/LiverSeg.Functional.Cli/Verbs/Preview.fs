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
    | [<Help("which label of both masks is the liver: number or name; a file with one value only is taken as it is.")>] Label of
        NUMBER_OR_NAME: string
    | [<Mandatory; AltCommandLine("-o"); Help("picture to write.")>] Output of PNG: string
    | [<Help(Help.overwrite)>] Overwrite

    interface IArgParserTemplate with
        member this.Usage = Help.text this

let run (args: ParseResults<Args>) =
    let image =
        VolumeFile.Read(args.GetResult Args.Input, warn)
        |> Hounsfield.windowed Window.Liver

    let label = Inputs.labelOf (args.TryGetResult Args.Label)
    let label = if args.Contains Args.Truth then label.OrBinary else label
    let read = Lattice.readMask warn label image.Grid
    let mask = read (args.GetResult Args.Mask)

    let png =
        match args.TryGetResult Args.Truth with
        | Some truth -> image.Draw(mask, read truth)
        | None -> image.Draw mask

    OutputFile.WriteBytes(args.GetResult Args.Output, png, args.Contains Args.Overwrite)
    0
