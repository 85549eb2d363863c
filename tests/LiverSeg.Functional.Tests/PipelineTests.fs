module LiverSeg.Functional.Tests.PipelineTests

open System
open System.IO
open Expecto
open LiverSeg.Functional
open LiverSeg.Functional.Tests.Cli

let private phantom =
    lazy Phantom.abdomen (PhantomOptions(Seed = 77L, Spacing = Spacing.Isotropic 3.5))

[<Tests>]
let tests =
    testSequenced
    <| testList
        "Pipeline"
        [
            testCase "segment is its parts composed"
            <| fun () ->
                let ct, model = phantom.Value.Ct, Pretrained.Liver
                let image = ct |> Hounsfield.windowed model.Window
                let tissue = image |> Volume.map (fun i -> i.Value > 0f)

                let composed =
                    image
                    |> Model.predict model
                    |> Crf.refine CrfSetting.Shipped image
                    |> Mask.threshold 0.5
                    |> Mask.``and`` tissue
                    |> Mask.largestComponent
                    |> Mask.fillHoles

                Expect.equal (ct |> Pipeline.segment (PipelineOptions()) model) composed "the same mask"
            testCase "the default model finds a phantom's liver that it was not trained on"
            <| fun () ->
                let found =
                    phantom.Value.Ct |> Pipeline.segment (PipelineOptions()) Pretrained.Liver

                let dice = (found |> Metrics.evaluate phantom.Value.Liver).Dice
                Expect.isGreaterThan dice 0.85 "Dice"
            testCase "the paper's network that ships is that network, and finds a phantom's liver by the name dsn"
            <| fun () ->
                let model = Pretrained.Dsn
                Expect.equal model.Network Architectures.Normalized "topology"
                Expect.isTrue (model.Provenance |> Seq.exists (fun f -> f.Value.Contains "research only")) "its use"

                inFolder (fun path ->
                    phantom.Value.Ct |> VolumeFile.write (path "ct.nii")

                    exits 0 [ "segment"; "-i"; path "ct.nii"; "-o"; path "m.nii"; "--model"; "dsn" ]
                    |> ignore

                    let found = Volume.readMask (path "m.nii")
                    Expect.isGreaterThan (found |> Metrics.evaluate phantom.Value.Liver).Dice 0.85 "Dice"

                    let whole = phantom.Value.Ct |> Pipeline.segment (PipelineOptions()) Pretrained.Dsn

                    Expect.isTrue (whole.Voxels.SequenceEqual found.Voxels) "the same mask by the library")
            testCase "turned and mirrored scans give the same mask in the patient"
            <| fun () ->
                let ct, model = phantom.Value.Ct, Pretrained.Liver
                let expected = ct |> Pipeline.segment (PipelineOptions()) model

                for axes, flips in
                    [
                        [| 0; 1; 2 |], [| true; true; false |]
                        [| 2; 0; 1 |], [| false; true; false |]
                    ] do
                    let turned = ct |> Orient.matchOrientation (Orient.Turned(ct.Grid, axes, flips))
                    let found = turned |> Pipeline.segment (PipelineOptions()) model
                    Expect.equal found.Grid turned.Grid "grid"
                    Expect.isTrue ((found |> Orient.matchOrientation ct.Grid).Voxels.SequenceEqual expected.Voxels) "voxels"
            testCase "a scan without liver gives an empty mask, not an error"
            <| fun () ->
                let air =
                    Volume.constant (Grid.Of(Extent(40, 40, 20), Spacing.Isotropic 3.)) (Hu -1000f)

                Expect.equal (air |> Pipeline.segment (PipelineOptions()) Pretrained.Liver |> Mask.count) 0L "empty"
            testCase "volumes of odd shapes come through"
            <| fun () ->
                for e in [ Extent(1, 1, 1); Extent(5, 40, 1); Extent(3, 2, 50) ] do
                    let v = Volume.constant (Grid.Of(e, Spacing.Isotropic 2.)) (Hu 60f)
                    Expect.equal (v |> Pipeline.segment (PipelineOptions()) Pretrained.Liver).Grid v.Grid $"{e}"
            testCase "the program: phantom, segment, evaluate, info, convert, in one folder"
            <| fun () ->
                inFolder (fun path ->
                    exits 0 [ "phantom"; "-o"; path ""; "--cases"; "1"; "--seed"; "9"; "--spacing"; "4" ]
                    |> ignore

                    let ct, mask = path "phantom0009-ct.nii.gz", path "mask.nii.gz"

                    exits
                        0
                        [
                            "segment"
                            "-i"
                            ct
                            "-o"
                            mask
                            "--json"
                            path "s.json"
                            "--stats"
                            path "stats.json"
                            "--probability"
                            path "p.nii.gz"
                        ]
                    |> ignore

                    Expect.equal (Volume.readMask mask).Grid (Volume.read ct).Grid "grid, voxel for voxel"
                    exits 5 [ "segment"; "-i"; ct; "-o"; mask ] |> ignore

                    exits
                        0
                        [
                            "evaluate"
                            "-p"
                            mask
                            "-t"
                            path "phantom0009-liver.nii.gz"
                            "--json"
                            path "e.json"
                        ]
                    |> ignore

                    let json = File.ReadAllText(path "e.json")

                    for key in
                        [
                            "voe_percent"
                            "rvd_percent"
                            "asd_mm"
                            "rmsd_mm"
                            "msd_mm"
                            "hd95_mm"
                            "dice"
                            "jaccard"
                            "nsd"
                            "score"
                            "scores"
                            "volume_ml"
                            "notes"
                        ] do
                        Expect.stringContains json $"\"{key}\"" "a stable key"

                    exits 0 [ "info"; "-i"; ct; "--values" ] |> ignore
                    exits 0 [ "convert"; "-i"; ct; "-o"; path "ct.mha" ] |> ignore

                    Expect.isTrue
                        ((Volume.read (path "ct.mha")).Voxels.SequenceEqual (Volume.read ct).Voxels)
                        "converted voxels"

                    let before = File.ReadAllBytes mask
                    exits 0 [ "segment"; "-i"; ct; "-o"; mask; "--overwrite" ] |> ignore
                    Expect.equal (File.ReadAllBytes mask) before "the same bytes again")
            testCase "the program: points of cases are their evaluations' points"
            <| fun () ->
                inFolder (fun path ->
                    let grid = Grid.Of(Extent(30, 30, 30), Spacing.Isotropic 2.)

                    let ball x =
                        Volume.init grid (fun i j k ->
                            (i - x) * (i - x) + (j - 15) * (j - 15) + (k - 15) * (k - 15) < 80)

                    (ball 15).Write(path "t.nii.gz")
                    (ball 16).Write(path "p.nii.gz")

                    File.WriteAllText(
                        path "c.csv",
                        "case,prediction,truth\na,p.nii.gz,t.nii.gz\nb,t.nii.gz,t.nii.gz\nc,no.nii,t.nii.gz\n"
                    )

                    let code, out, _ = cli [ "score"; "--cases"; path "c.csv" ]
                    Expect.equal code 3 "one failed"
                    Expect.stringContains out "2 scored, 1 failed" "counted"
                    let total = (ball 16).Evaluate(ball 15).Score.Total
                    Expect.stringContains out (FormattableString.Invariant $"| {total:F2} |") "points of a"

                    Expect.stringContains
                        out
                        "| b | 100.00 | 100.00 | 100.00 | 100.00 | 100.00 | 100.00 |"
                        "points of b"

                    exits 2 [ "score" ] |> ignore)
            testCase "the program: refine is segment's CRF, and its options change it"
            <| fun () ->
                inFolder (fun path ->
                    exits 0 [ "phantom"; "-o"; path ""; "--cases"; "1"; "--seed"; "9"; "--spacing"; "5" ]
                    |> ignore

                    let ct, p = path "phantom0009-ct.nii.gz", path "p.nii.gz"

                    exits 0 [ "segment"; "-i"; ct; "-o"; path "all.nii.gz"; "--probability"; p ]
                    |> ignore

                    let refine name more =
                        exits 0 ([ "refine"; "-i"; ct; "-p"; p; "-o"; path name ] @ more) |> ignore
                        File.ReadAllBytes(path name)

                    Expect.equal (refine "same.nii.gz" []) (File.ReadAllBytes(path "all.nii.gz")) "the same bytes"

                    exits 0 [ "segment"; "-i"; ct; "-o"; path "plain.nii.gz"; "--no-crf" ] |> ignore

                    let none = refine "none.nii.gz" [ "--iterations"; "0" ]
                    Expect.equal none (File.ReadAllBytes(path "plain.nii.gz")) "no iteration, no CRF"

                    let much =
                        refine "much.nii.gz" [ "--mu1"; "20"; "--units"; "voxel"; "--probability"; path "q.nii.gz" ]

                    Expect.notEqual much none "options count"
                    Expect.equal (VolumeFile.ReadProbability(path "q.nii.gz")).Grid (Volume.read ct).Grid "grid"

                    exits 2 [ "refine"; "-i"; ct; "-p"; p; "-o"; path "x.nii.gz"; "--mu1"; "-3" ]
                    |> ignore

                    exits 2 [ "refine"; "-i"; ct; "-p"; p; "-o"; path "x.nii.gz"; "--exact" ]
                    |> ignore)
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
                        [
                            "segment"
                            "-i"
                            path "phantom0009-ct.nii.gz"
                            "-o"
                            path "o.nii.gz"
                            "--crf"
                            path "crf.json"
                        ]
                    |> ignore)
            testCase "the program: a folder of scans goes on after a bad one and keeps what is done"
            <| fun () ->
                inFolder (fun path ->
                    exits 0 [ "phantom"; "-o"; path "in"; "--cases"; "2"; "--spacing"; "5" ]
                    |> ignore

                    Directory.GetFiles(path "in", "*-liver.nii.gz") |> Array.iter File.Delete
                    File.WriteAllText(path "in/broken.nii.gz", String.replicate 100 "no image ")
                    let err = exits 3 [ "segment"; "-i"; path "in"; "-o"; path "out" ]
                    Expect.stringContains err "broken.nii.gz" "the bad one by name"
                    Expect.equal (Directory.GetFiles(path "out", "*-liver.nii.gz").Length) 2 "the good ones"
                    let _, out, _ = cli [ "segment"; "-i"; path "in"; "-o"; path "out" ]
                    Expect.stringContains out "kept from before" "not done again")
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

                    Expect.equal (File.ReadAllLines(path "h.jsonl").Length) 2 "a line an epoch"
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
            testCase "the program: each kind of trouble has its exit code and one line"
            <| fun () ->
                inFolder (fun path ->
                    File.WriteAllText(path "bad.mhd", "ObjectType = Image\nNDims = 3\n")
                    File.WriteAllText(path "m.pt", "PK\003\004 and more")

                    for code, args in
                        [
                            0, [ "--help" ]
                            0, [ "segment"; "--help" ]
                            2, []
                            2, [ "nonsense" ]
                            2, [ "segment"; "-i"; "x" ]
                            2, [ "evaluate"; "-p"; "x" ]
                            3, [ "info"; "-i"; path "bad.mhd" ]
                            4, [ "segment"; "-i"; path "bad.mhd"; "-o"; path "o.nii"; "--model"; path "m.pt" ]
                            5, [ "info"; "-i"; path "nothing.nii" ]
                        ] do
                        let err = exits code args

                        if code > 2 then
                            Expect.equal
                                (err.Trim().Split('\n')
                                 |> Array.filter (fun l -> l.StartsWith "liverseg: ")
                                 |> Array.length)
                                1
                                "one line"

                            Expect.isFalse (err.Contains "   at ") "no stack trace")
        ]
