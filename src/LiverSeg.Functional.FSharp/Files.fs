namespace LiverSeg.Functional

open System
open System.Collections.Generic
open System.Net.Http
open System.Threading

/// Why a file was refused, to match on.
[<RequireQualifiedAccess>]
module FileError =
    /// An error is of one of four kinds: `match VolumeFile.tryRead path with Error(FileError.Unsupported e) -> e.Remedy | ..`.
    let (|BadFile|Unsupported|InputOutput|Integrity|) (error: FileError) =
        match error.Kind with
        | FileErrorKind.Unsupported -> Unsupported error
        | FileErrorKind.InputOutput -> InputOutput error
        | FileErrorKind.Integrity -> Integrity error
        | _ -> BadFile error

    /// The word that scripts can rely on, as `Error(FileError.Code "truncated")`.
    let (|Code|) (error: FileError) = error.Code

    /// What a reader or writer threw: `with FileError.Thrown error -> ..`.
    let (|Thrown|_|) (e: exn) =
        match e with
        | :? FileErrorException as refused -> Some refused.Error
        | _ -> None

/// Results as files: written beside their place and moved into it, so that no half file is ever seen. `write..` keeps a file that exists and throws
/// `FileErrorException`, `replace..` writes over it; so it is with all that writes.
[<RequireQualifiedAccess>]
module OutputFile =
    /// Refuses a path that cannot be written, before any work is done.
    let check overwrite (path: string) = OutputFile.Check(path, overwrite)

    /// Text.
    let writeText (path: string) (text: string) =
        OutputFile.WriteText(path, text, overwrite = false)

    /// Text, over whatever stands there.
    let replaceText (path: string) (text: string) =
        OutputFile.WriteText(path, text, overwrite = true)

    /// Bytes.
    let writeBytes (path: string) (bytes: ReadOnlyMemory<byte>) =
        OutputFile.WriteBytes(path, bytes, overwrite = false)

    /// Bytes, over whatever stands there.
    let replaceBytes (path: string) (bytes: ReadOnlyMemory<byte>) =
        OutputFile.WriteBytes(path, bytes, overwrite = true)

/// Hashes of content.
[<RequireQualifiedAccess>]
module ContentHash =
    /// SHA-256 (FIPS 180-4) as 64 lower-case hexadecimal digits.
    let sha256 (bytes: byte[]) = ContentHash.Sha256(ReadOnlySpan bytes)

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

/// Volumes as files. The throwing functions throw `FileErrorException`; their `try` twins give a `Result`.
[<RequireQualifiedAccess>]
module VolumeFile =
    let private result (ok, value, error: FileError) = if ok then Ok value else Error error

    /// Opens a scan: the header is read and checked, the voxels when they are asked for (`VolumeSource.read`).
    let ``open`` (path: string) = VolumeFile.Open path

    /// The same for one series of a DICOM folder, zip or file, with a listener for what is odd.
    let openWith (dicom: DicomOptions) (warn: string -> unit) (path: string) = VolumeFile.Open(path, dicom, warn)

    /// A scan in Hounsfield units.
    let read (path: string) = VolumeFile.Read path

    /// The same with a listener for what is odd.
    let readWarned (warn: string -> unit) (path: string) = VolumeFile.Read(path, warn)

    /// A mask: the file's only value beside 0, or 1 and 2 as liver and lesion.
    let readMask (path: string) = VolumeFile.ReadMask path

    /// One label of a file as a mask.
    let readLabel (label: MaskLabel) (path: string) = VolumeFile.ReadMask(path, label)

    /// The same with a listener for what is odd.
    let readLabelWarned (warn: string -> unit) (label: MaskLabel) (path: string) =
        VolumeFile.ReadMask(path, label, warn)

    /// The DICOM segmentations and structure sets of a file, folder or zip, and what each marks.
    let listSegmentations (path: string) =
        VolumeFile.ListSegmentations path |> List.ofSeq

    /// A score map in [0, 1].
    let readProbability (path: string) = VolumeFile.ReadProbability path

    /// One channel of a map of several classes, from 0 on.
    let readChannel (channel: int) (path: string) =
        VolumeFile.ReadProbability(path, channel)

    /// A scan, or why not.
    let tryRead (path: string) = VolumeFile.TryRead path |> result

    /// A mask, or why not.
    let tryReadMask (path: string) = VolumeFile.TryReadMask path |> result

    /// A score map, or why not.
    let tryReadProbability (path: string) =
        VolumeFile.TryReadProbability path |> result

    /// Writes a scan.
    let write (path: string) (volume: Volume<Hu>) = volume.Write path

    /// Writes a scan over whatever stands there.
    let replace (path: string) (volume: Volume<Hu>) = volume.Write(path, overwrite = true)

    /// Writes a mask.
    let writeMask (path: string) (mask: Volume<bool>) = mask.Write path

    /// Writes a mask over whatever stands there.
    let replaceMask (path: string) (mask: Volume<bool>) = mask.Write(path, overwrite = true)

    /// Writes a score map.
    let writeProbability (path: string) (scores: Volume<Probability>) = scores.Write path

    /// Writes a score map over whatever stands there.
    let replaceProbability (path: string) (scores: Volume<Probability>) = scores.Write(path, overwrite = true)

    /// Writes a mask as a DICOM segmentation of a series.
    let writeSegmentation (series: VolumeSource) (path: string) (mask: Volume<bool>) =
        mask.WriteSegmentation(path, series)

    /// The same with a note, the weights' hash, without empty frames or anonymous, over whatever stands there.
    let replaceSegmentation (options: DicomResultOptions) (series: VolumeSource) (path: string) (mask: Volume<bool>) =
        mask.WriteSegmentation(path, series, true, options)

    /// Refuses an output that cannot be written: unknown ending, or a file in the way.
    let checkOutput (overwrite: bool) (path: string) = VolumeFile.CheckOutput(path, overwrite)

    /// The series of a DICOM folder, zip or file.
    let listSeries (path: string) =
        VolumeFile.ListSeries path |> List.ofSeq

    /// The headers of all DICOM series of a folder, zip or file, read once; any of them can be opened then (`DicomStudy.openSeries`).
    let openStudy (path: string) = VolumeFile.OpenStudy path

    /// The images, DICOM files and zips that lie in a folder itself; not what operating systems leave beside them.
    let imagesIn (folder: string) =
        VolumeFile.ImagesIn folder |> List.ofSeq

    /// Whether a path holds DICOM, so that a folder is one scan rather than many.
    let holdsDicom (path: string) = VolumeFile.HoldsDicom path

/// A scan that was opened.
[<RequireQualifiedAccess>]
module VolumeSource =
    /// What its header says.
    let info (source: VolumeSource) = source.Info

    /// The whole scan in HU.
    let read (source: VolumeSource) = source.Read()

    /// The same with a listener for what is odd, until it is cancelled.
    let readWith (warn: string -> unit) (cancel: CancellationToken) (source: VolumeSource) = source.Read(warn, cancel)

    /// One label of it as a mask.
    let readLabel (label: MaskLabel) (source: VolumeSource) = source.ReadMask label

    /// Some of its slices: the first, from 0 on, and how many.
    let slab first count (source: VolumeSource) = source.Slab(first, count)

/// Which voxels of a file are a mask.
[<RequireQualifiedAccess>]
module MaskLabel =
    /// Whether no label is named, a number is, or a name.
    let (|Any|Number|Named|) (label: MaskLabel) =
        if label.IsAny then Any
        elif label.Value <> 0 then Number label.Value
        else Named label.Name

/// The DICOM series of a folder, zip or file.
[<RequireQualifiedAccess>]
module DicomStudy =
    /// What there is.
    let series (study: DicomStudy) = List.ofSeq study.Series

    /// One series as a scan, by its number from 1 on.
    let openSeries (number: int) (study: DicomStudy) =
        study.Open(DicomOptions(Series = number))

/// Scans from an archive and segmentations back to it (DICOMweb, PS3.18). Each call waits for its answer; in C# they are tasks.
[<RequireQualifiedAccess>]
module DicomWeb =
    /// A client for a server: credentials from the environment or ~/.netrc, TLS verified, redirections to other servers not followed.
    let client (address: string) = DicomWeb.Client(Uri address)

    /// The series of a service, or of a study of it, that fit all filters, as `[ "Modality", "CT" ]`.
    let find (filters: (string * string) list) (address: string) (http: HttpClient) =
        DicomWeb.FindAsync(http, Uri address, dict filters |> Dictionary, DicomWebOptions()).GetAwaiter().GetResult()
        |> List.ofSeq

    /// Fetches a study or series into a folder, a file an instance; what lies there already is not fetched again.
    let get (folder: string) (address: string) (http: HttpClient) =
        DicomWeb.GetAsync(http, Uri address, folder, DicomWebOptions()).GetAwaiter().GetResult()
        |> List.ofSeq

    /// Stores DICOM files: all are taken, or an error is thrown.
    let put (files: string list) (address: string) (http: HttpClient) =
        DicomWeb.PutAsync(http, Uri address, Array.ofList files, DicomWebOptions()).GetAwaiter().GetResult()

/// Pictures of a result as DICOM, for viewers that show no segmentations.
[<RequireQualifiedAccess>]
module SecondaryCapture =
    /// Refuses a folder that cannot be written.
    let check (overwrite: bool) (folder: string) =
        SecondaryCapture.Check(folder, overwrite)

    /// Writes a picture a slice, drawn by `draw`, and gives the files: `ct |> Capture.drawer "" mask` draws.
    let write
        (options: DicomResultOptions)
        overwrite
        (series: VolumeSource)
        (folder: string)
        (draw: int -> CapturedSlice)
        mask
        =
        SecondaryCapture.Write(mask, folder, series, draw, overwrite, options)
        |> List.ofSeq
