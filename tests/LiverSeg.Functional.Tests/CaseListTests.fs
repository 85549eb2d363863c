module LiverSeg.Functional.Tests.CaseListTests

open System.IO
open Expecto
open FsCheck
open FsCheck.FSharp
open LiverSeg.Functional
open LiverSeg.Functional.Tests.Generators
open LiverSeg.Functional.Tests.Cli

/// Names with all that a row could trip over, but line breaks and outer blanks.
let private name =
    Gen.elements (List.ofSeq "abc,\"'; =+-@é.")
    |> Gen.nonEmptyListOf
    |> Gen.map (fun cs -> "x" + System.String(Array.ofList cs) + "x")

let private rows =
    Gen.zip3 (Gen.listOf name) (Gen.listOf name) (Gen.elements [ false; true ])
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
                    cases |> CaseList.write false (path "cases.csv")
                    CaseList.read (path "cases.csv") = cases))
            law "cells ∘ row = id"
            <| Prop.forAll (Arb.fromGen (Gen.nonEmptyListOf name)) (fun cells ->
                List.ofSeq (Csv.Cells((Csv.Row cells).TrimEnd '\n')) = cells)
            testCase "relative paths count from the list's folder, and a list is not replaced unasked"
            <| fun () ->
                inFolder (fun path ->
                    let list = path "cases.csv"
                    [ CaseFile("a", "a-ct.nii", "a-liver.nii", "a") ] |> CaseList.write false list

                    Expect.equal
                        (CaseList.read list)
                        [ CaseFile("a", path "a-ct.nii", path "a-liver.nii", "a") ]
                        "beside the list"

                    Expect.throwsT<FileErrorException> (fun () -> [] |> CaseList.write false list) "kept"
                    Expect.isTrue (File.Exists list) "still there")
            testCase "a spreadsheet takes no cell for a formula"
            <| fun () ->
                for text in [ "=1+1"; "+1"; "-1"; "@x" ] do
                    Expect.equal (Csv.SafeCell text) ("'" + text |> Csv.Cell) text
                    Expect.equal (Csv.Cells(Csv.SafeCell text) |> List.ofSeq) [ "'" + text ] "read back"
        ]
