namespace LiverSeg.Functional

/// Why a file was refused, to match on.
[<RequireQualifiedAccess>]
module ReadError =
    /// An error is of one of four kinds: `match VolumeFile.tryRead path with Error(ReadError.Unsupported e) -> e.Remedy | ..`.
    let (|BadFile|Unsupported|InputOutput|Integrity|) (error: ReadError) =
        match error.Kind with
        | ReadErrorKind.Unsupported -> Unsupported error
        | ReadErrorKind.InputOutput -> InputOutput error
        | ReadErrorKind.Integrity -> Integrity error
        | _ -> BadFile error

    /// The word that scripts can rely on, as `Error(ReadError.Code "truncated")`.
    let (|Code|) (error: ReadError) = error.Code

    /// What a reader or writer threw: `with ReadError.Thrown error -> ..`.
    let (|Thrown|_|) (e: exn) =
        match e with
        | :? VolumeFileException as refused -> Some refused.Error
        | _ -> None

/// Results as files: written beside their place and moved into it, so that no half file is ever seen.
[<RequireQualifiedAccess>]
module OutputFile =
    /// Text, over whatever stands there.
    let writeText (path: string) (text: string) =
        OutputFile.WriteText(path, text, overwrite = true)

    /// Bytes, over whatever stands there.
    let writeBytes (path: string) (bytes: System.ReadOnlyMemory<byte>) =
        OutputFile.WriteBytes(path, bytes, overwrite = true)

/// Rows of CSV files.
[<RequireQualifiedAccess>]
module Csv =
    /// One row with its line end.
    let row (cells: string seq) = Csv.Row cells

    /// One cell, quoted where it must be.
    let cell (text: string) = Csv.Cell text

    /// A cell that no spreadsheet takes for a formula.
    let safeCell (text: string) = Csv.SafeCell text

    /// The cells of a row.
    let cells (line: string) = Csv.Cells line |> List.ofSeq

/// Volumes as files. The throwing functions throw `VolumeFileException`; their `try` twins give a `Result`.
[<RequireQualifiedAccess>]
module VolumeFile =
    let private result (ok, value, error: ReadError) = if ok then Ok value else Error error

    /// A scan in Hounsfield units.
    let read (path: string) = VolumeFile.Read path

    /// A mask: other than zero is inside.
    let readMask (path: string) = VolumeFile.ReadMask path

    /// A score map in [0, 1].
    let readProbability (path: string) = VolumeFile.ReadProbability path

    /// What the header says; no voxel is read.
    let info (path: string) = VolumeFile.Info path

    /// A scan, or why not.
    let tryRead (path: string) = VolumeFile.TryRead path |> result

    /// A mask, or why not.
    let tryReadMask (path: string) = VolumeFile.TryReadMask path |> result

    /// A score map, or why not.
    let tryReadProbability (path: string) =
        VolumeFile.TryReadProbability path |> result

    /// Writes a scan; an existing file is kept and an error thrown.
    let write (path: string) (volume: Volume<Hu>) = volume.Write path

    /// Writes a mask.
    let writeMask (path: string) (mask: Volume<bool>) = mask.Write path

    /// Writes a score map.
    let writeProbability (path: string) (scores: Volume<Probability>) = scores.Write path

    /// One series of a DICOM folder, zip or file, and what beside CT.
    let readDicom (options: DicomOptions) (path: string) = VolumeFile.ReadDicom(path, options)

    /// Writes a mask as a DICOM segmentation of a series.
    let writeSegmentation (options: DicomOptions) (series: string) (path: string) (mask: Volume<bool>) =
        mask.WriteSegmentation(path, series, options)

    /// Some slices of a scan: the first, from 0 on, and how many.
    let readSlab (first: int) (count: int) (path: string) = VolumeFile.ReadSlab(path, first, count)

    /// Refuses an output that cannot be written: unknown ending, or a file in the way.
    let checkOutput (overwrite: bool) (path: string) = VolumeFile.CheckOutput(path, overwrite)

    /// The series of a DICOM folder, zip or file.
    let listSeries (path: string) =
        VolumeFile.ListSeries path |> List.ofSeq

    /// Whether a path holds DICOM, so that a folder is one scan rather than many.
    let holdsDicom (path: string) = VolumeFile.HoldsDicom path
