module LiverSeg.Functional.Tests.RefineTests

open System.IO
open Expecto
open LiverSeg.Functional
open LiverSeg.Functional.Tests.Folders
open LiverSeg.Functional.Tests.Cli

[<Tests>]
let tests =
    testSequenced
    <| testList
        "Cli refine"
        [
            testCase "the program: refine is segment's CRF, and its options change it"
            <| fun () ->
                inFolder (fun path ->
                    exits 0 [ "phantom"; "-o"; path ""; "--cases"; "1"; "--seed"; "9"; "--spacing"; "5" ]
                    |> ignore

                    let ct, p = path "phantom0009-ct.nii.gz", path "p.nii.gz"

                    exits
                        0
                        ([ "segment"; "-i"; ct; "-o"; path "all.nii.gz"; "--probability"; p ]
                         @ quickly.Value)
                    |> ignore

                    Expect.isGreaterThan (Mask.count (Volume.readMask (path "all.nii.gz"))) 0L "something"

                    let refine name more =
                        exits 0 ([ "refine"; "-i"; ct; "-p"; p; "-o"; path name ] @ more) |> ignore
                        File.ReadAllBytes(path name)

                    Expect.equal (refine "same.nii.gz" []) (File.ReadAllBytes(path "all.nii.gz")) "the same bytes"

                    exits 0 ([ "segment"; "-i"; ct; "-o"; path "plain.nii.gz"; "--no-crf" ] @ quickly.Value)
                    |> ignore

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
        ]
