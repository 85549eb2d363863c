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
            law "cells of a table with semicolons or tabs are those of the one with commas"
            <| Prop.forAll (Arb.fromGen (Gen.nonEmptyListOf (Gen.choose (0, 999)))) (fun numbers ->
                [ ';'; '\t' ]
                |> List.forall (fun separator ->
                    let cells = numbers |> List.map (fun n -> $"{n},5")
                    List.ofSeq (Csv.Cells(System.String.Join(separator, cells), separator)) = cells))
            testCase "a spreadsheet takes no cell for a formula"
            <| fun () ->
                for text in [ "=1+1"; "+1"; "-1"; "@x" ] do
                    Expect.equal (Csv.SafeCell text) ("'" + text |> Csv.Cell) text
                    Expect.equal (Csv.Cells(Csv.SafeCell text) |> List.ofSeq) [ "'" + text ] "read back"
        ]
