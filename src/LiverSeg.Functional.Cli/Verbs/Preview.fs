/// preview: three planes with contours as PNG.
module LiverSeg.Functional.Cli.Verbs.Preview

open Argu
open LiverSeg.Functional
open LiverSeg.Functional.Cli
open LiverSeg.Functional.Cli.Terminal

[<RequireQualifiedAccess>]
type Args =
    | [<Mandatory; AltCommandLine("-i")>] Input of IMAGE: string
    | [<Mandatory; AltCommandLine("-m")>] Mask of MASK: string
    | [<AltCommandLine("-t")>] Truth of MASK: string
    | [<Mandatory; AltCommandLine("-o")>] Output of PNG: string
    | Overwrite

    interface IArgParserTemplate with
        member this.Usage =
            match this with
            | Input _ -> "the CT."
            | Mask _ -> "the mask to draw in red."
            | Truth _ -> "the reference to draw in green."
            | Output _ -> "picture to write."
            | Overwrite -> Help.overwrite

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
