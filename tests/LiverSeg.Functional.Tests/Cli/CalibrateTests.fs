module LiverSeg.Functional.Tests.CalibrateTests

open System
open System.IO
open Expecto
open LiverSeg.Functional
open LiverSeg.Functional.Tests.Folders
open LiverSeg.Functional.Tests.Cli

/// Two phantoms with score maps that are twice as sure as they may be.
let private scored (path: string -> string) =
    exits 0 [ "phantom"; "-o"; path ""; "--cases"; "2"; "--seed"; "9"; "--spacing"; "9" ]
    |> ignore

    let random = Random 3

    let row (line: string) =
        let cells = line.Split ','
        let truth = VolumeFile.ReadMask(path cells[2])

        let scores =
            Volume.Map(
                truth,
                fun inside ->
                    // As often wrong as e^−1.5 to 1 says, and said with e^±3.
                    let sure = random.NextDouble() < 1. / (1. + exp -1.5)
                    Probability(if inside = sure then 0.9526f else 0.0474f)
            )

        let file = cells[0] + "-scores.nii.gz"
        scores.Write(path file)
        line + "," + file

    let lines = File.ReadAllLines(path "cases.csv")

    File.WriteAllLines(
        path "scored.csv",
        lines |> Array.mapi (fun i line -> if i = 0 then line + ",scores" else row line)
    )

[<Tests>]
let tests =
    testSequenced
    <| testList
        "Cli calibrate"
        [
            testCase "the program: calibrate finds a temperature, which the model keeps and probabilities take"
            <| fun () ->
                inFolder (fun path ->
                    scored path
                    let quick = quickly.Value
                    let model = quick[List.findIndex ((=) "--model") quick + 1]

                    let said =
                        exits
                            0
                            [
                                "calibrate"
                                "--cases"
                                path "scored.csv"
                                "--model"
                                model
                                "-o"
                                path "calibrated.safetensors"
                                "--json"
                                path "calibration.json"
                                "--figure"
                                path "reliability.svg"
                                "--crf"
                                "default"
                            ]

                    Expect.stringContains said "phantom0009: calibration error" "each case"
                    Expect.stringContains said "fitted on the others" "held out"
                    Expect.stringContains said "after the CRF" "the CRF's own"
                    let calibrated = ModelFile.Load(path "calibrated.safetensors")
                    Expect.isTrue (abs (calibrated.Temperature - 2.) < 0.1) $"{calibrated.Temperature}"
                    Expect.stringContains (File.ReadAllText(path "calibration.json")) "held_out_log_loss" "figures"
                    Expect.stringStarts (File.ReadAllText(path "reliability.svg")) "<svg" "figure"

                    Expect.stringContains
                        (exits 0 [ "info"; "-i"; path "calibrated.safetensors" ])
                        "temperature"
                        "info"

                    let segment model name =
                        exits
                            0
                            [
                                "segment"
                                "-i"
                                path "phantom0009-ct.nii.gz"
                                "-o"
                                path (name + ".nii.gz")
                                "--model"
                                model
                                "--probability"
                                path (name + "-p.nii.gz")
                            ]
                        |> ignore

                    segment model "before"
                    segment (path "calibrated.safetensors") "after"

                    Expect.equal
                        (VolumeFile.ReadMask(path "after.nii.gz"))
                        (VolumeFile.ReadMask(path "before.nii.gz"))
                        "the mask stays"

                    Expect.equal
                        (VolumeFile.ReadProbability(path "after-p.nii.gz"))
                        (VolumeFile.ReadProbability(path "before-p.nii.gz").Tempered calibrated.Temperature)
                        "probabilities are tempered"

                    exits
                        5
                        [
                            "calibrate"
                            "--cases"
                            path "scored.csv"
                            "-o"
                            path "calibrated.safetensors"
                        ]
                    |> ignore)
        ]
