namespace LiverSeg.Functional

/// Lists of cases as CSV.
[<RequireQualifiedAccess>]
module CaseList =
    /// The rows of a CSV with columns case,image,mask[,patient][,label].
    let read (path: string) = CaseList.Read path |> List.ofSeq

    /// Writes cases as such a CSV.
    let write (path: string) (cases: CaseFile seq) = CaseList.Write(path, cases)

    /// Writes cases as such a CSV over whatever stands there.
    let replace (path: string) (cases: CaseFile seq) =
        CaseList.Write(path, cases, overwrite = true)

    /// The rows of a CSV with columns case,prediction,truth[,image][,label].
    let readPredictions (path: string) =
        CaseList.ReadPredictions path |> List.ofSeq

    /// The scans of a CSV with columns case,image.
    let readScans (path: string) = CaseList.ReadScans path |> List.ofSeq

/// Cases in folders as they are published.
[<RequireQualifiedAccess>]
module DatasetFolder =
    /// The cases of a folder in one of the known layouts.
    let find (folder: string) = DatasetFolder.Find folder

    /// Whether a case can be learned from, and what is odd.
    let check (case: CaseFile) = DatasetFolder.Check case

/// Names of files made from names of cases, patients and scans.
[<RequireQualifiedAccess>]
module FileName =
    /// The name in letters, digits, dot, dash and underscore; it can lead out of no folder.
    let safe (name: string) = FileName.Safe name
