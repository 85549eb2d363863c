/// What a person names as input, as scans with names.
module LiverSeg.Functional.Cli.Inputs

open System
open System.IO
open LiverSeg.Functional
open LiverSeg.Functional.Cli.Terminal

/// One scan: what its results are called, where it lies and which series of it is meant.
type Scan =
    {
        Name: string
        Path: string
        Dicom: DicomOptions
        /// Where its headers have been read already.
        Study: DicomStudy option
    }

/// What is read beside what is written: single DICOM files and zips.
let private endings = [ yield! VolumeFile.Endings; ".dcm"; ".zip" ]

let private has (ending: string) (path: string) =
    path.EndsWith(ending, StringComparison.OrdinalIgnoreCase)

/// Whether a mask is to be written as a DICOM segmentation.
let isDicomOutput (path: string) = has ".dcm" path

/// A file's name without the endings of image formats; a folder's own name.
let stem (path: string) =
    let name = string (Path.GetFileName(Path.TrimEndingDirectorySeparator path))

    endings
    |> List.tryFind (fun e -> has e name)
    |> Option.map (fun e -> name[.. name.Length - e.Length - 1])
    |> Option.defaultValue name

/// --series: the number in the list of series, or a UID.
let dicomOf (series: string option) anyImage fillGaps =
    match series with
    | None -> DicomOptions(AnyImage = anyImage, FillGaps = fillGaps)
    | Some text ->
        match Int32.TryParse text with
        | true, number when number > 0 -> DicomOptions(Series = number, AnyImage = anyImage, FillGaps = fillGaps)
        | _ when text.Contains '.' -> DicomOptions(SeriesUid = text, AnyImage = anyImage, FillGaps = fillGaps)
        | _ -> raise (Usage $"--series {text}: a number from 1 on, or a UID")

/// --label: a number or a name.
let labelOf (label: string option) =
    try
        label |> Option.map MaskLabel.Parse |> Option.defaultValue MaskLabel.Any
    with :? ArgumentException ->
        raise (Usage $"--label {label.Value}: a number other than 0, or a name")

/// Cases of a list; those that name no label have the one of --label.
let casesOf (label: string option) (csv: string) =
    let label = labelOf label

    [
        for c in CaseList.read csv ->
            CaseFile(
                c.Id,
                c.Image,
                c.Mask,
                c.Patient,
                Scores = c.Scores,
                Label = (if c.Label.IsAny then label else c.Label)
            )
    ]

/// Results of a list; those that name no label have the one of --label.
let predictionsOf (label: string option) (csv: string) =
    let label = labelOf label

    [
        for p in CaseList.readPredictions csv ->
            PredictionFile(
                p.Id,
                p.Prediction,
                p.Truth,
                Image = p.Image,
                Label = (if p.Label.IsAny then label else p.Label)
            )
    ]

/// The image that a mask belongs to: its grid from the header alone.
let gridOf dicom (path: string) =
    VolumeFile.Open(path, dicom, warn).Info.Grid

/// A folder without an image of another format is taken for a series unseen: `openScan`, which comes next, finds out.
let private isSeries (folder: string) =
    VolumeFile.imagesIn folder |> List.forall (has ".dcm")
    || VolumeFile.HoldsDicom folder

/// Whether an input stands for many scans whatever their number.
let isMany (path: string) =
    has ".csv" path || (Directory.Exists path && not (isSeries path))

/// Opens a scan, once for all that is done with it.
let openScan cancel (scan: Scan) =
    try
        match scan.Study with
        | Some study -> study.Open(scan.Dicom, warn)
        | None -> VolumeFile.Open(scan.Path, scan.Dicom, warn, cancel)
    with :? FileErrorException when Directory.Exists scan.Path && not (VolumeFile.HoldsDicom scan.Path) ->
        raise (Usage $"no image among the inputs: {scan.Path} holds none")

/// Names that come twice are told apart by their folders.
let private distinct (scans: Scan list) =
    let twice =
        scans |> List.countBy _.Name |> List.filter (fun (_, n) -> n > 1) |> Map.ofList

    let longer (s: Scan) =
        let full = Path.TrimEndingDirectorySeparator(Path.GetFullPath s.Path)
        let folder = string (Path.GetFileName(string (Path.GetDirectoryName full)))

        if twice.ContainsKey s.Name then
            FileName.safe (folder + "-" + s.Name)
        else
            s.Name

    let scans = scans |> List.map (fun s -> { s with Name = longer s })

    match scans |> List.countBy _.Name |> List.tryFind (fun (_, n) -> n > 1) with
    | Some(name, n) ->
        raise (Usage $"{n} inputs would both be called {name}; name the cases in a CSV with columns case,image")
    | None -> scans

/// The series of a path that holds DICOM; a folder that does not says so when it is opened as a scan.
let private studyOf anyImage (path: string) =
    if Directory.Exists path || VolumeFile.HoldsDicom path then
        try
            Some(VolumeFile.OpenStudy(path, anyImage))
        with :? FileErrorException ->
            None
    else
        None

/// All scans of the inputs, in their order.
let scansOf (dicom: DicomOptions) allSeries (inputs: string list) =
    let ofPath name path =
        let scan =
            {
                Name = name
                Path = path
                Dicom = dicom
                Study = None
            }

        match (if allSeries then studyOf dicom.AnyImage path else None) with
        | None -> [ scan ]
        | Some study ->
            [
                for s in study.Series ->
                    { scan with
                        Name = invariant $"{name}-series{s.Number}"
                        Dicom = DicomOptions(Series = s.Number, AnyImage = dicom.AnyImage, FillGaps = dicom.FillGaps)
                        Study = Some study
                    }
            ]

    let named path = ofPath (FileName.safe (stem path)) path

    inputs
    |> List.collect (fun input ->
        if has ".csv" input then
            CaseList.readScans input
            |> List.collect (fun row -> ofPath (FileName.safe row.Id) row.Image)
        elif isMany input then
            VolumeFile.imagesIn input |> List.collect named
        else
            named input)
    |> distinct
