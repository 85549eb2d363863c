/// info, convert.
module LiverSeg.Functional.Cli.Reading

open System
open System.IO
open Argu
open LiverSeg.Functional
open LiverSeg.Functional.Cli.Arguments
open LiverSeg.Functional.Cli.Shell

let private range (v: Volume<Hu>) =
    let mutable low = Single.PositiveInfinity
    let mutable high = Single.NegativeInfinity

    for hu in v.Voxels do
        low <- min low hu.Value
        high <- max high hu.Value

    low, high

let private infoOfImage (dicom: DicomOptions) (path: string) values =
    let info = VolumeFile.Info(path, dicom)
    let g = info.Grid
    info.Warnings |> Seq.iter warn

    [
        "format", info.Format
        "extent", string g.Extent
        "spacing", string g.Spacing
        "origin", string g.Origin
        "orientation", g.Direction.Code
        "stored as",
        $"{info.Type}"
        + (if info.BigEndian then ", big endian" else "")
        + $", {info.Packing}"
        "slope, intercept", invariant $"{info.Slope}, {info.Intercept}"
        if values then
            let v = Inputs.read dicom path
            let low, high = range v
            "values", invariant $"{low} .. {high}"
    ]

let private infoOfModel (path: string) =
    let model = Model.load path

    [
        "format", "model (safetensors)"
        "parameters", invariant $"{model.Weights.ParameterCount}"
        "weights sha256", model.Weights.Hash
        "window", $"{model.Window.Low} .. {model.Window.High}"
        "spacing",
        (if model.Spacing.HasValue then
             string model.Spacing.Value
         else
             "native")
        "tile", string model.Tile
        yield! model.Provenance |> Seq.map (fun f -> f.Name, f.Value)
    ]

/// Each image of a folder in one line, bad ones with their reason; the largest exit code.
let private infoOfFolder (path: string) =
    let rows =
        [
            for image in Inputs.imagesIn path do
                let name = string (Path.GetFileName image)

                try
                    let info = VolumeFile.Info image
                    name, 0, $"{info.Format}, {info.Grid}"
                with e ->
                    let code, line = explain e
                    name, code, oneLine line
        ]

    [
        "format", "folder of images"
        "images", invariant $"{rows.Length}"
        for name, _, line in rows do
            name, line
    ],
    (if rows.IsEmpty then
         2
     else
         rows |> List.map (fun (_, code, _) -> code) |> List.max)

let private seriesOf (path: string) (list: SeriesInfo list) =
    [
        "format", "DICOM, many series"
        "series", invariant $"{list.Length}"
        for s in list do
            invariant $"series {s.Number}", string s
    ]

let info (args: ParseResults<InfoArgs>) =
    let path = args.GetResult InfoArgs.Input
    let series = args.TryGetResult InfoArgs.Series

    let rows, code =
        if path.EndsWith(".safetensors", StringComparison.OrdinalIgnoreCase) then
            infoOfModel path, 0
        elif
            Directory.Exists path
            && Inputs.isMany path
            && not (Inputs.imagesIn path).IsEmpty
        then
            infoOfFolder path
        else
            try
                infoOfImage (Inputs.dicomOf series false) path (args.Contains InfoArgs.Values), 0
            with :? FileErrorException as e when e.Error.Code = "ambiguous-series" && series.IsNone ->
                seriesOf path (VolumeFile.listSeries path), 0

    args.TryGetResult InfoArgs.Json
    |> Option.iter (fun file -> writeText (args.Contains InfoArgs.Overwrite) file (json (dict rows)))

    facts rows
    code

/// A DICOM segmentation has no Hounsfield units: it is a mask whether one says so or not.
let private isSegmentation (path: string) =
    try
        File.Exists path
        && (VolumeFile.Info path |> ignore
            false)
    with :? FileErrorException as e ->
        e.Error.Field = "Modality" && e.Error.Found = "SEG"

let convert (args: ParseResults<ConvertArgs>) =
    let input, output =
        args.GetResult ConvertArgs.Input, args.GetResult ConvertArgs.Output

    let overwrite = args.Contains ConvertArgs.Overwrite

    let dicom =
        Inputs.dicomOf (args.TryGetResult ConvertArgs.Series) (args.Contains ConvertArgs.Any_Image)

    let toDicom = Inputs.isDicomOutput output

    if toDicom && not (args.Contains ConvertArgs.Reference) then
        raise (
            Usage
                $"{output}: DICOM is written for masks only, as a segmentation of a series; add --reference SERIES, or choose another ending"
        )

    VolumeFile.CheckOutput(output, overwrite)

    if toDicom then
        // --series then chooses among the reference's series.
        VolumeFile
            .ReadMask(input, warn)
            .WriteSegmentation(output, args.GetResult ConvertArgs.Reference, dicom, overwrite)
    elif args.Contains ConvertArgs.Mask || isSegmentation input then
        VolumeFile.ReadMask(input, warn).Write(output, overwrite)
    else
        (Inputs.read dicom input).Write(output, overwrite)

    0
