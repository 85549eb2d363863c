module LiverSeg.Functional.Tests.ProgramTests

open System
open System.IO
open Expecto
open LiverSeg.Functional
open LiverSeg.Functional.Tests.Folders
open LiverSeg.Functional.Tests.Cli
open LiverSeg.Functional.Tests.Models

[<Tests>]
let tests =
    testSequenced
    <| testList
        "Cli"
        [
            testCase "the program: phantom, segment, evaluate, info, convert, in one folder"
            <| fun () ->
                inFolder (fun path ->
                    exits 0 [ "phantom"; "-o"; path ""; "--cases"; "1"; "--seed"; "77"; "--spacing"; "3.5" ]
                    |> ignore

                    let ct, mask = path "phantom0077-ct.nii.gz", path "mask.nii.gz"

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
                    Expect.isTrue (Volume.read ct = unseen.Value.Ct) "the phantom"

                    Expect.isTrue
                        ((Volume.readMask mask).Voxels.SequenceEqual found.Value.Mask.Voxels)
                        "the same mask by the library, made before"

                    exits 5 [ "segment"; "-i"; ct; "-o"; mask ] |> ignore

                    exits
                        0
                        [
                            "evaluate"
                            "-p"
                            mask
                            "-t"
                            path "phantom0077-liver.nii.gz"
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

                    let again () =
                        exits 0 ([ "segment"; "-i"; ct; "-o"; mask; "--overwrite" ] @ quickly.Value)
                        |> ignore

                        File.ReadAllBytes mask

                    let other = File.ReadAllBytes mask
                    let once = again ()
                    Expect.notEqual once other "another model's"
                    Expect.equal (again ()) once "the same bytes again")
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
