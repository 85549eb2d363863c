module LiverSeg.Functional.Tests.CsvTests

open Expecto
open FsCheck.FSharp
open LiverSeg.Functional
open LiverSeg.Functional.Tests.Generators

[<Tests>]
let tests =
    testList
        "Csv"
        [
            law "cells ∘ row = id"
            <| Prop.forAll (Arb.fromGen (Gen.nonEmptyListOf awkward)) (fun cells ->
                List.ofSeq (Csv.Cells((Csv.Row cells).TrimEnd '\n')) = cells)
            testCase "a spreadsheet takes no cell for a formula"
            <| fun () ->
                for text in [ "=1+1"; "+1"; "-1"; "@x" ] do
                    Expect.equal (Csv.SafeCell text) ("'" + text |> Csv.Cell) text
                    Expect.equal (Csv.Cells(Csv.SafeCell text) |> List.ofSeq) [ "'" + text ] "read back"
        ]
