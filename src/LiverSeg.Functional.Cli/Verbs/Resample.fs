/// resample: a scan or a mask onto another's grid.
module LiverSeg.Functional.Cli.Verbs.Resample

open Argu
open LiverSeg.Functional
open LiverSeg.Functional.Cli
open LiverSeg.Functional.Cli.Terminal

[<RequireQualifiedAccess>]
type Args =
    | [<Mandatory; AltCommandLine("-i"); Help("scan or mask to resample.")>] Input of IMAGE: string
    | [<Mandatory; Help("image whose grid is wanted; only its header is read.")>] Like of IMAGE: string
    | [<Mandatory; AltCommandLine("-o"); Help("file to write; its ending chooses the format.")>] Output of FILE: string
    | [<Help("a mask, written as uint8: 1 inside, and nothing inside beyond its own voxels.")>] Mask
    | [<Help("which label of a mask: number or name; needs --mask.")>] Label of NUMBER_OR_NAME: string
    | [<Help("how a mask is read between its voxels: coverage, by more than half | nearest (default: coverage). Scans: linear, averaged where voxels grow.")>] By of
        string
    | [<Help(Help.series)>] Series of NUMBER_OR_UID: string
    | [<Help(Help.anyImage)>] Any_Image
    | [<Help(Help.fillGaps)>] Fill_Gaps
    | [<Help(Help.overwrite)>] Overwrite
    | [<Help(Help.threads)>] Threads of int

    interface IArgParserTemplate with
        member this.Usage = Help.text this

let private interpolationOf (args: ParseResults<Args>) =
    match args.GetResult(Args.By, "coverage") with
    | "coverage" -> Interpolation.Linear
    | "nearest" -> Interpolation.Nearest
    | other -> raise (Usage $"--by {other}: coverage or nearest")

/// How far, in millimetres, a grid reaches beyond another's voxels.
let private beyond (scan: Grid) (grid: Grid) =
    let outside at length spacing =
        max 0. (max (-0.5 - at) (at - float length + 0.5)) * spacing

    List.max
        [
            for x in [ 0; grid.Extent.X ] do
                for y in [ 0; grid.Extent.Y ] do
                    for z in [ 0; grid.Extent.Z ] do
                        let at = scan.ToIndex(grid.ToWorld(float x - 0.5, float y - 0.5, float z - 0.5))

                        outside at.X scan.Extent.X scan.Spacing.X
                        outside at.Y scan.Extent.Y scan.Spacing.Y
                        outside at.Z scan.Extent.Z scan.Spacing.Z
        ]

let run (args: ParseResults<Args>) =
    let input, output = args.GetResult Args.Input, args.GetResult Args.Output
    let overwrite, isMask = args.Contains Args.Overwrite, args.Contains Args.Mask
    let threads = JobLimits.threads (args.TryGetResult Args.Threads)

    if Inputs.isDicomOutput output then
        raise (
            Usage
                $"{output}: resample writes no DICOM; choose another ending, then convert --mask --reference SERIES writes the segmentation"
        )

    if not isMask && (args.Contains Args.Label || args.Contains Args.By) then
        raise (Usage "--label and --by are for masks; add --mask")

    let interpolation = interpolationOf args
    VolumeFile.CheckOutput(output, overwrite)

    let dicom =
        Inputs.dicomOf (args.TryGetResult Args.Series) (args.Contains Args.Any_Image) (args.Contains Args.Fill_Gaps)

    let grid = Inputs.gridOf dicom (args.GetResult Args.Like)

    if isMask then
        let label = Inputs.labelOf (args.TryGetResult Args.Label)
        let mask = input |> VolumeFile.readLabelWarned warn label
        let moved = mask.Onto(grid, interpolation, threads)

        if Mask.count mask > 0L && Mask.count moved = 0L then
            warn
                $"{input}: nothing of the mask is left on the other grid: it lies elsewhere, or covers nowhere more than half of a voxel"

        moved.Write(output, overwrite)
        out (invariant $"{mask.Grid} -> {grid}: {mask.VolumeMl():F1} ml -> {moved.VolumeMl():F1} ml")
    else
        let scan = VolumeFile.Open(input, dicom, warn).Read(warn)
        let beyond = beyond scan.Grid grid

        if beyond > 0.5 then
            warn (
                invariant
                    $"{input}: the other grid reaches up to {beyond:F1} mm beyond the scan; its border voxels go on there"
            )

        scan.Onto(grid, threads).Write(output, overwrite)
        out $"{scan.Grid} -> {grid}"

    0
