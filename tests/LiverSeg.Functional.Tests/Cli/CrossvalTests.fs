/// The program makes the folds of leaving one patient out one by one.
module LiverSeg.Functional.Tests.CrossvalTests

open System.IO
open Expecto
open LiverSeg.Functional
open LiverSeg.Functional.Tests.Folders
open LiverSeg.Functional.Tests.Cli

let private smoke =
    [
        "--preset"
        "smoke"
        "--epochs"
        "1"
        "--steps"
        "1"
        "--spacing"
        "8"
        "--threads"
        "1"
    ]

[<Tests>]
let tests =
    testSequenced
    <| testList
        "Cli crossval"
        [
            testCase "the program: folds made one by one merge into tables, always the same"
            <| fun () ->
                inFolder (fun path ->
                    exits 0 [ "phantom"; "-o"; path "in"; "--cases"; "2"; "--spacing"; "8" ]
                    |> ignore

                    let run more =
                        exits 0 ([ "crossval"; "--cases"; path "in/cases.csv"; "-o"; path "cv" ] @ smoke @ more)
                        |> ignore

                    run [ "--fold"; "0" ]
                    Expect.isFalse (File.Exists(path "cv/table1.md")) "no table of one fold"
                    let model = File.ReadAllBytes(path "cv/compact/phantom0000/model.safetensors")
                    run [ "--fold"; "phantom0001" ]
                    run [ "--merge"; "--report"; path "page" ]
                    let page = File.ReadAllText(path "page/index.html")

                    for part in
                        [
                            "Bland"
                            "All networks"
                            "Training loss"
                            "published"
                            "phantom0000-view.html"
                            "phantom0001-view.html"
                        ] do
                        Expect.stringContains page part "the report"

                    run [ "--merge"; "--report"; path "page" ]
                    Expect.equal (File.ReadAllText(path "page/index.html")) page "the same page again"

                    let tables () =
                        Directory.GetFiles(path "cv") |> Array.sort |> Array.map File.ReadAllText

                    let once = tables ()
                    Expect.stringContains (File.ReadAllText(path "cv/table1.md")) "compact DSN+CRF" "a row"
                    run []
                    Expect.equal (tables ()) once "the same tables"

                    Expect.equal
                        (File.ReadAllBytes(path "cv/compact/phantom0000/model.safetensors"))
                        model
                        "a fold is not made again"

                    exits
                        2
                        [
                            "crossval"
                            "--cases"
                            path "in/cases.csv"
                            "-o"
                            path "cv"
                            "--always"
                            path "in/cases.csv"
                        ]
                    |> ignore)
            testCase "the program: names that would share files are refused before anything is made"
            <| fun () ->
                inFolder (fun path ->
                    let refused rows =
                        CaseList.replace
                            (path "cases.csv")
                            [ for id, patient in rows -> CaseFile(id, path "a.nii", path "b.nii", patient) ]

                        let said = exits 2 [ "crossval"; "--cases"; path "cases.csv"; "-o"; path "cv" ]
                        Expect.isFalse (Directory.Exists(path "cv")) "nothing made"
                        said

                    Expect.stringContains (refused [ "a", "p 1"; "b", "p_1" ]) "folders would be called p_1" "patients"

                    Expect.stringContains
                        (refused [ "scan 1", "p"; "scan_1", "p"; "c", "q" ])
                        "folder of p would be called scan_1"
                        "cases")
            testCase "the program: a second course goes on from a fold's own first one, and from no other"
            <| fun () ->
                inFolder (fun path ->
                    exits 0 [ "phantom"; "-o"; path "in"; "--cases"; "2"; "--spacing"; "8" ]
                    |> ignore

                    let crossval code output more =
                        exits code ([ "crossval"; "--cases"; path "in/cases.csv"; "-o"; path output ] @ smoke @ more)

                    let second =
                        [
                            "--start"
                            path "first"
                            "--rate"
                            "1e-3"
                            "--seed"
                            "2"
                            "--fold"
                            "phantom0001"
                        ]

                    Expect.stringContains (crossval 2 "second" second) "make that fold first" "nothing to go on from"
                    crossval 0 "first" [ "--fold"; "phantom0001" ] |> ignore
                    let finer = crossval 2 "second" (second @ [ "--spacing"; "4" ])
                    Expect.stringContains finer "it learned with voxels 8×8×8 mm, this recipe's are 4×4×4 mm" "spacing"
                    crossval 0 "second" (second @ [ "--cache"; path "cache" ]) |> ignore
                    let made = path "second/compact/phantom0001"

                    exits
                        0
                        ([
                            "train"
                            "--cases"
                            Path.Combine(made, "train.csv")
                            "-o"
                            path "byhand.safetensors"
                            "--start"
                            path "first/compact/phantom0001/model.safetensors"
                            "--rate"
                            "1e-3"
                            "--seed"
                            "2"
                         ]
                         @ smoke)
                    |> ignore

                    let weights file = (Model.load file).Weights.Hash

                    Expect.equal
                        (weights (Path.Combine(made, "model.safetensors")))
                        (weights (path "byhand.safetensors"))
                        "what train makes of the same"

                    Expect.notEqual
                        (weights (Path.Combine(made, "model.safetensors")))
                        (weights (path "first/compact/phantom0001/model.safetensors"))
                        "it learned"

                    Expect.equal (Directory.GetFiles(path "cache").Length) 1 "prepared cases are kept"
                    Expect.stringContains (crossval 2 "first" second) "the output folder" "not onto itself"

                    // The earlier fold's lists say what its model has seen.
                    let fold name =
                        path $"first/compact/phantom0001/{name}.csv"

                    File.Copy(path "in/cases.csv", path "in/all.csv")
                    let all = CaseList.read (path "in/all.csv")
                    let honest, held = File.ReadAllBytes(fold "train"), CaseList.read (fold "heldout")

                    let refused name rows why =
                        CaseList.replace (fold name) rows
                        Expect.stringContains (crossval 2 "third" second) why "not honest"
                        Expect.isFalse (Directory.Exists(path "third")) "before anything is made"

                    refused "train" all "learned from phantom0001"

                    refused
                        "train"
                        [
                            CaseFile("otherscan", path "other.nii", path "other-mask.nii", "phantom0001")
                        ]
                        "another case of phantom0001"

                    File.WriteAllBytes(fold "train", honest)
                    refused "heldout" [ all[0] ] "phantom0001 was not held out there"
                    File.Delete(fold "heldout")
                    Expect.stringContains (crossval 2 "third" second) "heldout.csv; make" "nobody knows"
                    // More may have been held out than now; and a scan may have got another name.
                    CaseList.replace
                        (fold "heldout")
                        (CaseFile("more", path "more.nii", path "more-mask.nii", "phantom0001")
                         :: [ for c in held -> CaseFile("renamed", c.Image, c.Mask, c.Patient) ])

                    crossval 0 "third" second |> ignore)
        ]
