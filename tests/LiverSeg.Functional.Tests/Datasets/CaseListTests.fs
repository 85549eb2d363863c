module LiverSeg.Functional.Tests.CaseListTests

open System.IO
open Expecto
open FsCheck.FSharp
open LiverSeg.Functional
open LiverSeg.Functional.Tests.Generators
open LiverSeg.Functional.Tests.Folders

let private rows =
    Gen.zip3 (Gen.listOf awkward) (Gen.listOf awkward) (Gen.elements [ false; true ])
    |> Gen.map (fun (ids, files, scored) ->
        [
            for i, id in List.indexed ids do
                let file = "/data/" + (files |> List.tryItem i |> Option.defaultValue "ct")

                CaseFile(
                    $"{i}{id}",
                    file + ".nii",
                    file + "-liver.nii",
                    (if i % 2 = 0 then id else $"{i}{id}"),
                    Scores = (if scored && i % 3 = 0 then file + "-p.nii" else "")
                )
        ])

[<Tests>]
let tests =
    testList
        "CaseList"
        [
            law "read ∘ write = id for absolute paths"
            <| Prop.forAll (Arb.fromGen rows) (fun cases ->
                inFolder (fun path ->
                    cases |> CaseList.write (path "cases.csv")
                    CaseList.read (path "cases.csv") = cases))
            testCase "relative paths count from the list's folder, and a list is not replaced unasked"
            <| fun () ->
                inFolder (fun path ->
                    let list = path "cases.csv"
                    [ CaseFile("a", "a-ct.nii", "a-liver.nii", "a") ] |> CaseList.write list

                    Expect.equal
                        (CaseList.read list)
                        [ CaseFile("a", path "a-ct.nii", path "a-liver.nii", "a") ]
                        "beside the list"

                    Expect.throwsT<FileErrorException> (fun () -> [] |> CaseList.write list) "kept"
                    Expect.isTrue (File.Exists list) "still there")
        ]
