module LiverSeg.Functional.Tests.LabelTests

open System.IO
open Expecto
open LiverSeg.Functional
open LiverSeg.Functional.Tests.Folders
open LiverSeg.Functional.Tests.Cli
open LiverSeg.Functional.Tests.LabelFiles

/// A scan, a map with the liver as 5, and the liver alone.
let private files (path: string -> string) =
    (numbers (fun i -> float32 i)).Write(path "ct.nii")

    (numbers (fun i ->
        if i < 20 then 5f
        elif i < 30 then 1f
        else 0f))
        .Write(path "map.nii")

    (Volume.init labelGrid (fun x y z -> x + 5 * y + 20 * z < 20)).Write(path "liver.nii")

[<Tests>]
let tests =
    testSequenced
    <| testList
        "Cli --label"
        [
            testCase "phantom --organs: every organ by its name; another organ is not compared with livers"
            <| fun () ->
                inFolder (fun path ->
                    exits 0 [ "phantom"; "-o"; path "p"; "--organs"; "--spacing"; "8" ] |> ignore
                    let phantom = Phantom.abdomen (PhantomOptions(Spacing = Spacing.Isotropic 8.))
                    let map, ct = path "p/phantom0000-organs.nii.gz", path "p/phantom0000-ct.nii.gz"

                    for organ in [ Organ.Liver; Organ.Spleen; Organ.Kidney ] do
                        let mask =
                            VolumeFile.ReadMask(map, MaskLabel.Named((string organ).ToLowerInvariant()))

                        Expect.isTrue (DicomMasks.sameVoxels mask (phantom.Mask organ)) (string organ)

                    let warnings label =
                        (DatasetFolder.check (CaseFile("a", ct, map, "a", Label = label))).Warnings
                        |> String.concat "; "

                    Expect.equal (warnings (MaskLabel.Named "spleen")) "" "a spleen, and called so"

                    Expect.stringContains
                        (warnings (MaskLabel.Number(int Organ.Spleen)))
                        "exchanged"
                        "a spleen in place of a liver")
            testCase "every verb that reads a mask refuses a map and takes its label"
            <| fun () ->
                inFolder (fun path ->
                    files path
                    File.WriteAllText(path "p.csv", "case,prediction,truth\na,liver.nii,map.nii\n")
                    File.WriteAllText(path "p5.csv", "case,prediction,truth,label\na,liver.nii,map.nii,5\n")

                    let both args =
                        let text = exits 3 args
                        Expect.stringContains text "5 (20 ml)" "what there is"
                        exits 0 (args @ [ "--label"; "5" ])

                    let same = both [ "evaluate"; "-p"; path "liver.nii"; "-t"; path "map.nii" ]
                    Expect.stringContains same "Dice    1.0000" "the liver"
                    Expect.stringContains (both [ "evaluate"; "--cases"; path "p.csv" ]) "1.0000" "a list"
                    Expect.stringContains (exits 0 [ "evaluate"; "--cases"; path "p5.csv" ]) "1.0000" "the column"
                    both [ "score"; "--cases"; path "p.csv" ] |> ignore
                    exits 0 [ "score"; "--cases"; path "p5.csv" ] |> ignore

                    Expect.stringContains
                        (both [ "stats"; "-i"; path "ct.nii"; "-m"; path "map.nii" ])
                        "20"
                        "millilitres"

                    both [ "convert"; "--mask"; "-i"; path "map.nii"; "-o"; path "out.nii" ]
                    |> ignore

                    Expect.equal
                        (Volume.readMask (path "out.nii"))
                        (Volume.readMask (path "liver.nii"))
                        "the label alone"

                    both [ "preview"; "-i"; path "ct.nii"; "-m"; path "map.nii"; "-o"; path "a.png" ]
                    |> ignore)
            testCase "cases keeps the label in its list, and a training list may name it"
            <| fun () ->
                inFolder (fun path ->
                    let p = Phantom.abdomen (PhantomOptions(Seed = 4L, Spacing = Spacing.Isotropic 12.))
                    Directory.CreateDirectory(path "data") |> ignore
                    p.Ct.Write(path "data/a-ct.nii")

                    Volume.init p.Ct.Grid (fun x y z ->
                        Hu(
                            if p.Liver[x, y, z] then 6f
                            elif p.Ct[x, y, z].Value > 200f then 3f
                            else 0f
                        ))
                    |> VolumeFile.write (path "data/a-liver.nii")

                    Expect.stringContains
                        (exits 3 [ "cases"; "-i"; path "data"; "-o"; path "c.csv" ])
                        "ambiguous-mask"
                        "refused"

                    exits
                        0
                        [
                            "cases"
                            "-i"
                            path "data"
                            "-o"
                            path "c.csv"
                            "--overwrite"
                            "--label"
                            "6"
                        ]
                    |> ignore

                    Expect.equal (CaseList.read (path "c.csv") |> List.map _.Label) [ MaskLabel.Number 6 ] "kept"

                    let train list more =
                        [
                            "train"
                            "--cases"
                            path list
                            "-o"
                            path (list + ".safetensors")
                            "--checkpoint"
                            path (list + ".k")
                            "--preset"
                            "smoke"
                            "--network"
                            "cnn"
                            "--steps"
                            "1"
                            "--epochs"
                            "1"
                            "--spacing"
                            "12"
                            "--threads"
                            "1"
                        ]
                        @ more

                    let plain = CaseFile("a", path "data/a-ct.nii", path "data/a-liver.nii", "a")
                    [ plain ] |> CaseList.write (path "plain.csv")
                    Expect.stringContains (exits 3 (train "plain.csv" [])) "ambiguous-mask" "refused"
                    exits 0 (train "plain.csv" [ "--label"; "6" ]) |> ignore
                    exits 0 (train "c.csv" []) |> ignore
                    p.Liver.Write(path "data/only.nii")

                    [ CaseFile("a", path "data/a-ct.nii", path "data/only.nii", "a") ]
                    |> CaseList.write (path "only.csv")

                    exits 0 (train "only.csv" []) |> ignore

                    let weights list =
                        (Model.load (path (list + ".safetensors"))).Weights.Hash

                    Expect.equal (weights "plain.csv") (weights "only.csv") "the option"
                    Expect.equal (weights "c.csv") (weights "only.csv") "the column")
            testCase "a label that is none is a wrong usage"
            <| fun () ->
                inFolder (fun path ->
                    files path

                    for label in [ "0"; "-0" ] do
                        Expect.stringContains
                            (exits 2 [ "stats"; "-i"; path "ct.nii"; "-m"; path "map.nii"; $"--label={label}" ])
                            "--label"
                            label

                    Expect.stringContains
                        (exits 2 [ "convert"; "-i"; path "map.nii"; "-o"; path "x.nii"; "--label"; "5" ])
                        "--mask"
                        "of an image")
        ]
