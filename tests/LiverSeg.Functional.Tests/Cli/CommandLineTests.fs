module LiverSeg.Functional.Tests.CommandLineTests

open System
open System.IO
open System.Text.RegularExpressions
open Expecto
open LiverSeg.Functional
open LiverSeg.Functional.Tests.Folders
open LiverSeg.Functional.Tests.Cli

let private verbs =
    [
        "segment"
        "refine"
        "tune-crf"
        "calibrate"
        "cases"
        "train"
        "crossval"
        "study"
        "plot"
        "evaluate"
        "stats"
        "preview"
        "score"
        "info"
        "convert"
        "resample"
        "dicomweb"
        "export-onnx"
        "phantom"
        "doctor"
        "demo"
    ]

/// What stderr says of a wrong usage: one line, nothing on stdout.
let private refused args =
    let code, out, err = cli args
    let all = String.Join(" ", List.toArray args)
    Expect.equal code 2 (all + ": " + err)
    Expect.equal out "" (all + ": nothing on stdout")
    Expect.equal (err.TrimEnd().Split '\n').Length 1 (all + ": one line")
    Expect.stringStarts err "liverseg: usage: " all
    err

[<Tests>]
let tests =
    testSequenced
    <| testList
        "command line"
        [
            testCase "--version names the program and the weights, and needs no verb"
            <| fun () ->
                let text = exits 0 [ "--version" ]
                Expect.isTrue (Regex.IsMatch(text, @"^liverseg [0-9]+\.[0-9]+\.[0-9]+, weights [0-9a-f]{16}\s*$")) text
                Expect.stringContains text Pretrained.Liver.Hash[..15] "the shipped weights"
            testCase "-h, --help and help are one page; nothing at all is the same page with exit code 2"
            <| fun () ->
                let page = exits 2 []

                for args in [ [ "-h" ]; [ "--help" ]; [ "help" ] ] do
                    Expect.equal (exits 0 args) page (String.Join(" ", args))

                for verb in verbs do
                    Expect.stringContains page verb "every verb is named"
                    let own = exits 0 [ verb; "-h" ]
                    Expect.stringStarts own "USAGE: liverseg" verb
                    Expect.equal (exits 0 [ verb; "--help" ]) own verb
                    Expect.equal (exits 0 [ "help"; verb ]) own verb
            testCase "--option=value is --option value, also with = within the value or within a value that follows"
            <| fun () ->
                inFolder (fun path ->
                    exits 0 [ "phantom"; $"""--output={path "a=b"}"""; "--spacing=12"; "--seed=3" ]
                    |> ignore

                    exits 0 [ "phantom"; "--output"; path "c"; "--spacing"; "12"; "--seed"; "3" ]
                    |> ignore

                    let ct folder =
                        File.ReadAllBytes(Path.Combine(path folder, "phantom0003-ct.nii.gz"))

                    Expect.equal (ct "a=b") (ct "c") "the same"

                    Expect.equal
                        (exits 0 [ "score"; "--means=5,0,1,1,10" ])
                        (exits 0 [ "score"; "--means"; "5,0,1,1,10" ])
                        "points"

                    let cases = Path.Combine(path "c", "cases.csv")

                    exits
                        0
                        [
                            "train"
                            $"--cases={cases}"
                            $"""--output={path "m.safetensors"}"""
                            "--preset=smoke"
                            "--network=cnn"
                            "--steps=1"
                            "--epochs=1"
                            "--spacing=12"
                            "--threads=1"
                            "--fact"
                            "one=1=1"
                            "--fact=two=2=2"
                        ]
                    |> ignore

                    let facts =
                        [ for f in (Model.load (path "m.safetensors")).Provenance -> f.Name, f.Value ]

                    Expect.contains facts ("one", "1=1") "a value with ="
                    Expect.contains facts ("two", "2=2") "after =")
            testCase "a wrong verb or option is one line with the nearest right one"
            <| fun () ->
                for args, hint in
                    [
                        [ "segmnt"; "-i"; "x" ], "unknown verb 'segmnt'; did you mean 'segment'?"
                        [ "eval" ], "unknown verb 'eval'; did you mean 'evaluate'?"
                        [ "version" ], "did you mean '--version'?"
                        [ "--verion" ], "did you mean '--version'?"
                        [ "segment"; "--ouput"; "x" ], "unknown option '--ouput' of segment; did you mean '--output'?"
                        [ "segment"; "-i"; "x"; "-o"; "y"; "--no-crff" ], "did you mean '--no-crf'?"
                        [ "segment"; "-i"; "x"; "-o"; "y"; "--thread=2" ], "did you mean '--threads'?"
                        [ "segment"; "-i"; "x"; "-o"; "y"; "--overwrite=yes" ], "did you mean '--overwrite'?"
                        [ "plot"; "a.jsonl"; "--naem"; "x"; "-o"; "y.png" ], "did you mean '--name'?"
                    ] do
                    Expect.stringContains (refused args) hint "the hint"

                for args in
                    [
                        [ "nothinglikeit" ]
                        [ "segment"; "--nothinglikeit" ]
                        [ "segment" ]
                        [ "info"; "-i" ]
                        [ "train" ]
                        [ "segment"; "-i"; "x"; "-o"; "y"; "--threads"; "many" ]
                        [ "info"; "-i"; "a"; "b" ]
                        [ "-q" ]
                    ] do
                    let text = refused args
                    Expect.isFalse (text.Contains "did you mean") text
                    Expect.isFalse (text.Contains "USAGE") text
            testCase "refine says that tau of a --crf file does not count"
            <| fun () ->
                inFolder (fun path ->
                    let p = Phantom.abdomen (PhantomOptions(Seed = 4L, Spacing = Spacing.Isotropic 12.))
                    p.Ct |> VolumeFile.write (path "ct.nii")

                    Volume.init p.Ct.Grid (fun x y z -> Probability(if p.Liver[x, y, z] then 0.9f else 0.1f))
                    |> VolumeFile.writeProbability (path "scores.nii")

                    let refine name (json: string) =
                        File.WriteAllText(path "crf.json", json)

                        exits
                            0
                            [
                                "refine"
                                "-i"
                                path "ct.nii"
                                "-p"
                                path "scores.nii"
                                "-o"
                                path name
                                "--crf"
                                path "crf.json"
                            ]

                    let warned = refine "with.nii" """{"tau": {"after3": 0.2}}"""
                    Expect.stringContains warned "tau of after3 does not count" "said"
                    Expect.isFalse ((refine "without.nii" "{}").Contains "tau") "not said"

                    Expect.equal
                        (File.ReadAllBytes(path "with.nii"))
                        (File.ReadAllBytes(path "without.nii"))
                        "one mask")
        ]
