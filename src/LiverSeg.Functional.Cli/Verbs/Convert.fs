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
    | [<Help("the scan that a mask belongs to (a DICOM series: folder or zip): the mask is put onto its grid, and a segmentation to write refers to it.")>] Reference of
        SCAN: string
    | [<Help(Help.series)>] Series of NUMBER_OR_UID: string
    | [<Help(Help.anyImage)>] Any_Image
    | [<Help(Help.fillGaps)>] Fill_Gaps
    | [<Help(Help.overwrite)>] Overwrite

    interface IArgParserTemplate with
        member this.Usage = Help.text this

/// The scan; none where the input is a DICOM segmentation or structure set, which is a mask whether one says so or not.
let private scanOf dicom (path: string) =
    try
        Some(VolumeFile.Open(path, dicom, warn))
    with :? FileErrorException as e when
        e.Error.Field = "Modality"
        && (e.Error.Found = "SEG" || e.Error.Found = "RTSTRUCT") ->
        None

let run (args: ParseResults<Args>) =
    let input, output = args.GetResult Args.Input, args.GetResult Args.Output
    let overwrite = args.Contains Args.Overwrite

    let dicom =
        Inputs.dicomOf (args.TryGetResult Args.Series) (args.Contains Args.Any_Image) (args.Contains Args.Fill_Gaps)

    let toDicom = Inputs.isDicomOutput output

    if toDicom && not (args.Contains Args.Reference) then
        raise (
            Usage
                $"{output}: DICOM is written for masks only, as a segmentation of a series; add --reference SERIES, or choose another ending"
        )

    let scan =
        if args.Contains Args.Mask || toDicom then
            None
        else
            scanOf dicom input

    if args.Contains Args.Label && scan.IsSome then
        raise (Usage "--label chooses a label of a mask; add --mask")

    if args.Contains Args.Reference && scan.IsSome then
        raise (Usage "--reference is the scan of a mask; add --mask")

    let label = Inputs.labelOf (args.TryGetResult Args.Label)
    VolumeFile.CheckOutput(output, overwrite)

    match scan, args.TryGetResult Args.Reference with
    | Some scan, _ -> scan.Read(warn).Write(output, overwrite)
    | None, None -> (VolumeFile.readLabelWarned warn label input).Write(output, overwrite)
    | None, Some reference ->
        // --series then chooses among the reference's series.
        let series = VolumeFile.Open(reference, dicom, warn)
        let mask = input |> Lattice.readMask warn label series.Info.Grid

        if toDicom then
            mask.WriteSegmentation(output, series, overwrite)
        else
            mask.Write(output, overwrite)

    0
