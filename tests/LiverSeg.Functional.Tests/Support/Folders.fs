/// Folders of a test's own.
module LiverSeg.Functional.Tests.Folders

open System
open System.IO

/// A folder of its own that is gone afterwards.
let withFolder (work: string -> 'T) =
    let folder = Directory.CreateTempSubdirectory "liverseg-test-"

    try
        work folder.FullName
    finally
        folder.Delete true

/// Names in a folder that is gone afterwards.
let inFolder (work: (string -> string) -> 'T) =
    withFolder (fun folder -> work (fun name -> Path.Combine(folder, name)))

/// The repository's root: the folder with the solution, looked for upwards from the test program.
let repository =
    let rec up (d: DirectoryInfo) =
        if d.GetFiles("LiverSeg.Functional.sln").Length > 0 then
            d.FullName
        else
            up d.Parent

    up (DirectoryInfo AppContext.BaseDirectory)
