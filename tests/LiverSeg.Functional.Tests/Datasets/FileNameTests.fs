module LiverSeg.Functional.Tests.FileNameTests

open System.IO
open System.Text
open Expecto
open FsCheck.FSharp
open LiverSeg.Functional
open LiverSeg.Functional.Tests.Generators

[<Tests>]
let tests =
    testList
        "FileName"
        [
            testCase "letters of any script stay"
            <| fun () ->
                for name in [ "患者二"; "пациент-3"; "Müller.v2"; "नमस्ते" ] do
                    Expect.equal (FileName.Safe name) name name

                Expect.equal (FileName.Safe "a b/c:d") "a_b_c_d" "what file systems mind does not"
                Expect.equal (FileName.Safe "../x") "_x" "no way out"
            law "a safe name is one name of at most 160 bytes, and safe already"
            <| Prop.forAll (Arb.fromGen awkward) (fun name ->
                let safe = FileName.Safe(name + name + name)

                safe = FileName.Safe safe
                && Encoding.UTF8.GetByteCount safe <= 160
                && Path.GetFileName safe = safe
                && not (safe.StartsWith '.'))
        ]
