module LiverSeg.Functional.Tests.TorchRuntimeTests

open System
open System.IO
open Expecto
open LiverSeg.Functional
open LiverSeg.Functional.Tests.Folders

[<Tests>]
let tests =
    testList
        "TorchRuntime"
        [
            testCase "a libtorch in another folder is another one, the same file under two names is not"
            <| fun () ->
                inFolder (fun path ->
                    let library folder =
                        Path.Combine(path folder, "libtorch_cpu.so")

                    for folder in [ "chosen"; "own"; "linked"; "none" ] do
                        Directory.CreateDirectory(path folder) |> ignore

                    File.WriteAllText(library "chosen", "one libtorch")
                    File.WriteAllText(library "own", "another libtorch")
                    File.CreateSymbolicLink(library "linked", library "chosen") |> ignore

                    let isAnother folder =
                        TorchRuntime.IsAnother(path folder, path "chosen")

                    Expect.isTrue (isAnother "own") "another file"
                    Expect.isFalse (isAnother "chosen") "itself"
                    Expect.isFalse (isAnother "linked") "a link to it"
                    Expect.isFalse (isAnother "none") "no libtorch at all"

                    // Package caches link files hard: equal in length and time.
                    File.Copy(library "chosen", library "own", overwrite = true)
                    File.SetLastWriteTimeUtc(library "own", File.GetLastWriteTimeUtc(library "chosen"))
                    Expect.isFalse (isAnother "own") "one file twice")
        ]
