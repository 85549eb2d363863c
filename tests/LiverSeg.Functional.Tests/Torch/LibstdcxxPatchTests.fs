module LiverSeg.Functional.Tests.LibstdcxxPatchTests

open System
open System.IO
open System.Text
open Expecto
open LiverSeg.Functional

let private original =
    [ "runtimes/linux-x64/native"; "." ]
    |> List.map (fun folder -> Path.Combine(AppContext.BaseDirectory, folder, "libLibTorchSharp.so"))
    |> List.tryFind File.Exists

let private holds (text: string) (bytes: byte[]) =
    MemoryExtensions.IndexOf(ReadOnlySpan bytes, ReadOnlySpan(Encoding.ASCII.GetBytes(text + "\000")))
    >= 0

[<Tests>]
let tests =
    testList
        "Runtime"
        [
            testCase "the adapted library asks for another function and is the same otherwise"
            <| fun () ->
                match original with
                | None -> skiptest "skipped: TorchSharp's library for Linux x64 is not here"
                | Some path ->
                    let library = File.ReadAllBytes path
                    let adapted = LibstdcxxPatch.Apply(ReadOnlySpan library)
                    Expect.equal adapted.Length library.Length "length"
                    Expect.isTrue (holds "_ZSt21ios_base_library_initv" library) "asked for before"
                    Expect.isFalse (holds "_ZSt21ios_base_library_initv" adapted) "asked for after"
                    let changed = Array.map2 (<>) library adapted |> Array.filter id |> Array.length
                    // the name, the symbol's version, the flag of the version's need
                    Expect.isLessThanOrEqual changed (28 + 2 + 2) "bytes changed"

                    Expect.throwsT<NotSupportedException>
                        (fun () -> LibstdcxxPatch.Apply(ReadOnlySpan adapted) |> ignore)
                        "once is enough"
            testCase "what is no library of the expected kind is refused"
            <| fun () ->
                for bytes in [ [||]; Array.zeroCreate 64; Encoding.ASCII.GetBytes(String('E', 200)) ] do
                    Expect.throwsT<NotSupportedException>
                        (fun () -> LibstdcxxPatch.Apply(ReadOnlySpan bytes) |> ignore)
                        $"{bytes.Length} bytes"
        ]
