module LiverSeg.Functional.Tests.PatternsTests

open System
open System.IO
open Expecto
open LiverSeg.Functional

let private grid = Grid.Of(Extent(4, 3, 2), Spacing(1., 2., 5.))

[<Tests>]
let tests =
    testList
        "Facade"
        [
            testCase "matching on words meets every operation once"
            <| fun () ->
                let rec words (network: Layer) =
                    match network with
                    | LayerPattern.Seq layers -> List.collect words layers
                    | LayerPattern.Tap(_, inner)
                    | LayerPattern.Skip inner -> words inner
                    | LayerPattern.Conv c -> [ c :> Layer ]
                    | LayerPattern.Up u -> [ u ]
                    | LayerPattern.Score s -> [ s ]
                    | LayerPattern.Fixed other -> [ other ]

                for network in [ Architectures.Paper; Architectures.compact [ 4; 8; 8 ] ] do
                    let placed = network |> Layer.operations (Shape(1, Extent(64, 64, 64)))
                    Expect.equal (words network) (placed |> List.map _.Layer) "in order"

                Expect.equal (words (Layer.resize 2)) [ Layer.resize 2 ] "one word"
            testCase "every read error is of one kind, and its code can be matched"
            <| fun () ->
                let kind path =
                    match VolumeFile.tryRead path with
                    | Ok _ -> "read"
                    | Error(FileError.BadFile(FileError.Code code)) -> "bad file: " + code
                    | Error(FileError.Unsupported _) -> "unsupported"
                    | Error(FileError.InputOutput _) -> "input/output"
                    | Error(FileError.Integrity _) -> "integrity"

                let path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid()}.nii")
                Expect.equal (kind path) "input/output" "no file"
                File.WriteAllBytes(path, Array.zeroCreate 400)

                try
                    Expect.stringStarts (kind path) "bad file: " "zeros"

                    let thrown =
                        try
                            VolumeFile.read path |> ignore
                            None
                        with FileError.Thrown error ->
                            Some error

                    Expect.equal
                        (thrown |> Option.map Error)
                        (VolumeFile.tryRead path |> Result.map ignore |> Some)
                        "what read throws is what tryRead gives"
                finally
                    File.Delete path
            testCase "a case is scored or failed"
            <| fun () ->
                let mask = Volume.constant grid true

                let words =
                    function
                    | CaseResult.Scored e -> $"{e.Dice}"
                    | CaseResult.Failed reason -> reason

                Expect.equal (words (CaseResult.failed "c" "no file")) "no file" "failed"
                Expect.equal (words (CaseResult.ofEvaluation "c" (mask |> Metrics.evaluate mask))) "1" "scored"
        ]
