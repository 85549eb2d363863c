module LiverSeg.Functional.Tests.StudyTests

open System.IO
open Expecto
open LiverSeg.Functional
open LiverSeg.Functional.Tests.Folders
open LiverSeg.Functional.Tests.Cli

[<Tests>]
let tests =
    testSequenced
    <| testList
        "Cli study"
        [
            testCase
                "a study learns CNN and DSN from one start, tells both in tables and pictures, and is not done twice"
            <| fun () ->
                inFolder (fun path ->
                    exits 0 [ "phantom"; "-o"; path "data"; "--spacing"; "12" ] |> ignore
                    let cases = path "data/cases.csv"

                    let study more =
                        [
                            "study"
                            "--cases"
                            cases
                            "--validation"
                            cases
                            "-o"
                            path "out"
                            "--seeds"
                            "1"
                            "--epochs"
                            "2"
                            "--steps"
                            "2"
                            "--crop"
                            "16"
                            "16"
                            "8"
                            "--spacing"
                            "12"
                            "--threads"
                            "1"
                        ]
                        @ more

                    let tables = exits 0 (study [ "--start"; "paper" ])
                    Expect.stringContains tables "| cnn | paper | 1 | never |" "a row a network"
                    Expect.stringContains tables "| dsn | paper | 1 | never |" "a row a network"

                    for name in [ "error-paper"; "loss-paper" ] do
                        Expect.isTrue (File.Exists(path $"out/{name}.png")) name

                    for network in [ "cnn"; "dsn" ] do
                        for kind in [ "gradients"; "kernels"; "features" ] do
                            Expect.isTrue
                                (File.Exists(path $"out/{kind}-{network}-paper-1.png"))
                                $"{kind} of {network}"

                    let gradient network layer =
                        (TrainingHistory.Read(path $"out/{network}-paper-1.jsonl")).[0].LayerNorms[layer]

                    // From N(0, 0.01²) the branch is what reaches the first layer.
                    Expect.isGreaterThan (gradient "dsn" "conv1") (100. * gradient "cnn" "conv1") "deep supervision"
                    let written = File.GetLastWriteTimeUtc(path "out/dsn-paper-1.jsonl")

                    Expect.equal
                        (exits 0 (study [ "--start"; "paper" ]))
                        (tables[tables.IndexOf '|' ..])
                        "the same tables"

                    Expect.equal (File.GetLastWriteTimeUtc(path "out/dsn-paper-1.jsonl")) written "not once more"
                    exits 2 (study [ "--start"; "zero" ]) |> ignore
                    exits 2 (study [ "--optimizer"; "newton" ]) |> ignore)
        ]
