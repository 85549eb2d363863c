/// info: what is in a file, from its header alone.
module LiverSeg.Functional.Cli.Verbs.Info

open System
open System.IO
open Argu
open LiverSeg.Functional
open LiverSeg.Functional.Cli
open LiverSeg.Functional.Cli.Terminal

[<RequireQualifiedAccess>]
type Args =
    | [<Mandatory;
        AltCommandLine("-i");
        Help("image, model file, DICOM folder or zip, or folder of images; only headers are read.")>] Input of
        IMAGE: string
    | [<Help("write the facts as JSON.")>] Json of FILE: string
    | [<Help("read the voxels too and give their range.")>] Values
    | [<Help(Help.series)>] Series of NUMBER_OR_UID: string
    | [<Help(Help.anyImage)>] Any_Image
    | [<Help(Help.fillGaps)>] Fill_Gaps
    | [<Help(Help.overwrite)>] Overwrite

    interface IArgParserTemplate with
        member this.Usage = Help.text this

let private range (ct: Volume<Hu>) =
    let mutable low = Single.PositiveInfinity
    let mutable high = Single.NegativeInfinity

    for hu in ct.Voxels do
        low <- min low hu.Value
        high <- max high hu.Value

    invariant $"{low} .. {high}"

let private ofImage (dicom: DicomOptions) (path: string) values =
    let source = VolumeFile.Open(path, dicom, warn)
    let info = source.Info
    let grid = info.Grid

    [
        "format", info.Format
        "extent", string grid.Extent
        "spacing", string grid.Spacing
        "origin", string grid.Origin
        "orientation", grid.Direction.Code
        "stored as",
        $"{info.Type}"
        + (if info.BigEndian then ", big endian" else "")
        + $", {info.Packing}"
        "slope, intercept", invariant $"{info.Slope}, {info.Intercept}"
        if values then
            "values", source.Read warn |> range
    ]

let private ofModel (path: string) =
    let model = Model.load path

    [
        "format", "model (safetensors)"
        "parameters", invariant $"{model.Weights.ParameterCount}"
        "weights sha256", model.Hash
        "window", $"{model.Window.Low} .. {model.Window.High}"
        "spacing",
        (if model.Spacing.HasValue then
             string model.Spacing.Value
         else
             "native")
        "tile", string model.Tile
        if model.Guides.Count > 0 then
            "gate", invariant $"{model.Gate}"
            "guides' share", invariant $"{model.GuideShare}"

        if model.Temperature <> 1. then
            "temperature", invariant $"{model.Temperature}"

        if model.UsualCertainty.HasValue then
            "usual certainty", invariant $"{model.UsualCertainty.Value:F4}"

        if model.UsualHu.HasValue then
            let usual = model.UsualHu.Value
            "usual livers", invariant $"median {usual.Median.Value:F0} HU, brightest {usual.Brightest.Value:F0} HU"

        for guide in model.Guides do
            "guide", string guide
        yield! model.Provenance |> Seq.map (fun f -> f.Name, f.Value)
    ]

/// Each image of a folder in one line, bad ones with their reason; the largest exit code.
let private ofFolder (images: string list) =
    let row (image: string) =
        let name = string (Path.GetFileName image)

        try
            let info = (VolumeFile.Open image).Info
            (name, $"{info.Format}, {info.Grid}"), 0
        with e ->
            let code, line = explain e
            (name, oneLine line), code

    let rows, codes = images |> List.map row |> List.unzip

    [
        "format", "folder of images"
        "images", invariant $"{rows.Length}"
        yield! rows
    ],
    List.max codes

let private ofSeries (series: SeriesInfo list) =
    [
        "format", "DICOM, many series"
        "series", invariant $"{series.Length}"
        for s in series do
            invariant $"series {s.Number}", string s
    ]

/// DICOM segmentations and structure sets: what each marks, and where.
let private ofSegmentations (found: SegmentationInfo list) =
    [
        for i, s in List.indexed found do
            let before =
                if found.Length > 1 then
                    invariant $"segmentation {i + 1}, "
                else
                    ""

            before + "format", s.Format

            match Option.ofNullable s.Grid with
            | Some grid ->
                before + "extent", string grid.Extent
                before + "spacing", string grid.Spacing
                before + "origin", string grid.Origin
                before + "orientation", grid.Direction.Code
            | None -> ()

            let parts = if s.Grid.HasValue then "frames" else "contours"
            before + "refers to", s.RefersTo
            before + "segments", invariant $"{s.Segments.Count}"

            for segment in s.Segments do
                before + invariant $"segment {segment.Number}", invariant $"{segment}, {segment.Parts} {parts}"
    ]

let run (args: ParseResults<Args>) =
    let path, series = args.GetResult Args.Input, args.TryGetResult Args.Series

    let images =
        if Directory.Exists path && Inputs.isMany path then
            VolumeFile.imagesIn path
        else
            []

    let rows, code =
        if path.EndsWith(".safetensors", StringComparison.OrdinalIgnoreCase) then
            ofModel path, 0
        elif not images.IsEmpty then
            ofFolder images
        else
            try
                let dicom =
                    Inputs.dicomOf series (args.Contains Args.Any_Image) (args.Contains Args.Fill_Gaps)

                ofImage dicom path (args.Contains Args.Values), 0
            with
            | :? FileErrorException as e when e.Error.Code = "ambiguous-series" && series.IsNone ->
                ofSeries (List.ofSeq (VolumeFile.OpenStudy(path, args.Contains Args.Any_Image)).Series), 0
            | :? FileErrorException as e when e.Error.Field = "Modality" ->
                match VolumeFile.listSegmentations path with
                | [] -> reraise ()
                | found -> ofSegmentations found, 0

    args.TryGetResult Args.Json
    |> Option.iter (fun file -> writeText (args.Contains Args.Overwrite) file (json (dict rows)))

    table rows
    code
