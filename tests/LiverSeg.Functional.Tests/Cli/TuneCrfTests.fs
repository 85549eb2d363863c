module LiverSeg.Functional.Tests.TuneCrfTests

open System.IO
open Expecto
open LiverSeg.Functional.Tests.Folders
open LiverSeg.Functional.Tests.Cli

[<Tests>]
let tests =
    testSequenced
    <| testList
        "Cli tune-crf"
        [
            testCase "the program: tune-crf writes options that segment takes"
            <| fun () ->
                inFolder (fun path ->
                    exits 0 [ "phantom"; "-o"; path ""; "--cases"; "2"; "--seed"; "9"; "--spacing"; "9" ]
                    |> ignore

                    // The true masks stand for score maps: no network is needed here.
                    File.WriteAllText(
                        path "scored.csv",
                        File.ReadAllLines(path "cases.csv")
                        |> Array.mapi (fun i line ->
                            line + "," + (if i = 0 then "scores" else line.Split(',')[2]) + "\n")
                        |> String.concat ""
                    )

                    let tune more =
                        exits
                            0
                            ([
                                "tune-crf"
                                "--cases"
                                path "scored.csv"
                                "-o"
                                path "crf.json"
                                "--every"
                                "4"
                                "--rounds"
                                "1"
                             ]
                             @ more)
                        |> ignore

                    tune [ "--nested"; "--json"; path "result.json" ]
                    let trials = File.ReadAllText(path "crf.json.trials.csv")
                    let chosen = File.ReadAllText(path "crf.json")
                    tune [ "--overwrite" ]

                    Expect.equal
                        (File.ReadAllText(path "crf.json.trials.csv"))
                        trials
                        "known trials are not made again"

                    Expect.equal (File.ReadAllText(path "crf.json")) chosen "the same choice"
                    Expect.stringContains (File.ReadAllText(path "result.json")) "phantom0010" "held out"

                    exits
                        0
                        ([
                            "segment"
                            "-i"
                            path "phantom0009-ct.nii.gz"
                            "-o"
                            path "o.nii.gz"
                            "--crf"
                            path "crf.json"
                         ]
                         @ quickly.Value)
                    |> ignore)
        ]
