/// convert: one format to another; voxels and geometry exact.
module LiverSeg.Functional.Cli.Verbs.Convert

open System.IO
open Argu
open LiverSeg.Functional
open LiverSeg.Functional.Cli
open LiverSeg.Functional.Cli.Terminal

[<RequireQualifiedAccess>]
type Args =
    | [<Mandatory; AltCommandLine("-i"); Help("image to read.")>] Input of IMAGE: string
    | [<Mandatory;
        AltCommandLine("-o");
        Help("file to write; its ending chooses the format; .dcm = DICOM segmentation of a mask.")>] Output of
        FILE: string
    | [<Help("a mask, written as uint8: 1 inside.")>] Mask
    | [<Help("which label of a mask: number or name; needs --mask, or a .dcm to write.")>] Label of
        NUMBER_OR_NAME: string
    | [<Help("the scan that a mask belongs to: it is put onto its grid; a DICOM segmentation refers to that series (folder or zip).")>] Reference of
        SCAN: string
    | [<Help(Help.series)>] Series of NUMBER_OR_UID: string
    | [<Help("also DICOM images other than CT.")>] Any_Image
    | [<Help(Help.overwrite)>] Overwrite

    interface IArgParserTemplate with
        member this.Usage = Help.text this

/// A DICOM segmentation has no Hounsfield units: it is a mask whether one says so or not.
let private isSegmentation (path: string) =
    try
        if File.Exists path then
            VolumeFile.Open path |> ignore

        false
    with :? FileErrorException as e ->
        e.Error.Field = "Modality" && e.Error.Found = "SEG"

let run (args: ParseResults<Args>) =
    let input, output = args.GetResult Args.Input, args.GetResult Args.Output
    let overwrite = args.Contains Args.Overwrite

    let dicom =
        Inputs.dicomOf (args.TryGetResult Args.Series) (args.Contains Args.Any_Image)

    let toDicom = Inputs.isDicomOutput output

    if toDicom && not (args.Contains Args.Reference) then
        raise (
            Usage
                $"{output}: DICOM is written for masks only, as a segmentation of a series; add --reference SERIES, or choose another ending"
        )

    let isMask = args.Contains Args.Mask || toDicom || isSegmentation input

    if args.Contains Args.Label && not isMask then
        raise (Usage "--label chooses a label of a mask; add --mask")

    if args.Contains Args.Reference && not isMask then
        raise (Usage "--reference is the scan of a mask; add --mask")

    let label = Inputs.labelOf (args.TryGetResult Args.Label)

    VolumeFile.CheckOutput(output, overwrite)

    if isMask then
        // --series then chooses among the reference's series.
        match args.TryGetResult Args.Reference with
        | Some reference ->
            let scan = VolumeFile.Open(reference, dicom)
            let mask = input |> Lattice.readMask warn label scan.Info.Grid

            if toDicom then
                mask.WriteSegmentation(output, scan, overwrite)
            else
                mask.Write(output, overwrite)
        | None -> (input |> VolumeFile.readLabelWarned warn label).Write(output, overwrite)
    else
        VolumeFile.Open(input, dicom, warn).Read(warn).Write(output, overwrite)

    0
