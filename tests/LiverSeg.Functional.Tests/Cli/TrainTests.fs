module LiverSeg.Functional.Tests.TrainTests

open System
open System.IO
open Expecto
open LiverSeg.Functional
open LiverSeg.Functional.Tests.Folders
open LiverSeg.Functional.Tests.Cli

[<Tests>]
let tests =
    testSequenced
    <| testList
        "Cli train"
        [
            testCase "the program: a smoke training writes a model that segments"
            <| fun () ->
                inFolder (fun path ->
                    exits 0 [ "phantom"; "-o"; path "in"; "--cases"; "2"; "--spacing"; "6" ]
                    |> ignore

                    exits
                        0
                        [
                            "train"
                            "--cases"
                            path "in/cases.csv"
                            "-o"
                            path "m.safetensors"
                            "--preset"
                            "smoke"
                            "--spacing"
                            "6"
                            "--history"
                            path "h.jsonl"
                        ]
                    |> ignore

                    Expect.equal (File.ReadAllLines(path "h.jsonl").Length) 2 "a line per epoch"
                    exits 0 [ "info"; "-i"; path "m.safetensors" ] |> ignore

                    exits
                        0
                        [
                            "segment"
                            "-i"
                            path "in/phantom0000-ct.nii.gz"
                            "-o"
                            path "o.nii.gz"
                            "--model"
                            path "m.safetensors"
                        ]
                    |> ignore)
            testCase "a run that diverges has exit code 6 and leaves no model"
            <| fun () ->
                inFolder (fun path ->
                    exits 0 [ "phantom"; "-o"; path "data"; "--spacing"; "12" ] |> ignore

                    let text =
                        exits
                            6
                            [
                                "train"
                                "--cases"
                                path "data/cases.csv"
                                "-o"
                                path "model.safetensors"
                                "--preset"
                                "smoke"
                                "--network"
                                "cnn"
                                "--steps"
                                "20"
                                "--spacing"
                                "12"
                                "--rate"
                                "1e30"
                                "--threads"
                                "1"
                            ]

                    Expect.stringContains text "diverged: " "which error"
                    Expect.stringContains text "lower rate" "remedy"
                    Expect.isFalse (File.Exists(path "model.safetensors")) "no model"

                    for wrong in [ [ "--precision"; "half" ]; [ "--preset"; "quick" ] ] do
                        exits
                            2
                            ([ "train"; "--cases"; path "data/cases.csv"; "-o"; path "m.safetensors" ]
                             @ wrong)
                        |> ignore)
            testCase "a start keeps its voxels unless others are named, takes another guide, and has its own network"
            <| fun () ->
                inFolder (fun path ->
                    exits 0 [ "phantom"; "-o"; path "in"; "--spacing"; "8" ] |> ignore

                    let train code name more =
                        exits
                            code
                            ([ "train"; "--cases"; path "in/cases.csv"; "-o"; path name ]
                             @ [ "--preset"; "smoke"; "--epochs"; "1"; "--steps"; "1"; "--threads"; "1" ]
                             @ more)

                    let made name more =
                        let said = train 0 name more
                        let model = Model.load (path name)
                        Expect.stringContains said $"learns with voxels {model.Spacing.Value}" "said"
                        Expect.equal (said.Contains ", behind a guide") (model.Guides.Count > 0) "said"
                        model

                    let start = [ "--start"; path "first" ]
                    let mm (value: float) = Nullable(Spacing.Isotropic value)
                    let first = made "first" [ "--spacing"; "12" ]
                    Expect.equal first.Spacing (mm 12.) "named"
                    Expect.equal (made "again" start).Spacing (mm 12.) "its own"
                    let second = made "second" (start @ [ "--spacing"; "8"; "--guide"; path "first" ])
                    Expect.equal second.Spacing (mm 8.) "named for the second stage"
                    Expect.equal second.Guides[0] first "the guide as it is"

                    let third = made "third" [ "--start"; path "second"; "--guide"; path "again" ]

                    Expect.equal third.Spacing (mm 8.) "still"
                    Expect.equal third.Guides.Count 1 "in the other's place"
                    Expect.equal third.Guides[0].Hash (Model.load (path "again")).Hash "the other guide"

                    Expect.stringContains
                        (train 2 "none" (start @ [ "--network"; "dsn" ]))
                        "--network: the model to start from has its own"
                        "refused")
            testCase "the program: the same weights with a cache, filled or not, as without"
            <| fun () ->
                inFolder (fun path ->
                    exits 0 [ "phantom"; "-o"; path "in"; "--cases"; "2"; "--spacing"; "8" ]
                    |> ignore

                    let train name more =
                        exits
                            0
                            ([
                                "train"
                                "--cases"
                                path "in/cases.csv"
                                "-o"
                                path name
                                "--preset"
                                "smoke"
                                "--epochs"
                                "1"
                                "--steps"
                                "2"
                                "--spacing"
                                "8"
                                "--threads"
                                "1"
                             ]
                             @ more)
                        |> fun said -> File.ReadAllBytes(path name), said

                    let cached = [ "--cache"; path "cache"; "--verbose" ]
                    let without, _ = train "plain" []
                    let filling, said = train "filling" cached
                    Expect.equal filling without "while it is filled"
                    Expect.stringContains said "0 of 2 cases were found prepared" "said"

                    let times () =
                        Directory.GetFiles(path "cache", "*.case") |> Array.map File.GetLastWriteTimeUtc

                    let made = times ()
                    Expect.equal made.Length 2 "an entry per case"
                    let filled, said = train "filled" cached
                    Expect.equal filled without "filled"
                    Expect.stringContains said "2 of 2 cases were found prepared" "said"
                    Expect.equal (times ()) made "used, not made again")
        ]
