module LiverSeg.Functional.Tests.DicomCliTests

open System.IO
open Expecto
open LiverSeg.Functional
open LiverSeg.Functional.Tests.Folders
open LiverSeg.Functional.Tests.Cli
open LiverSeg.Functional.Tests.DicomFixture
open LiverSeg.Functional.Tests.DicomScan
open LiverSeg.Functional.Tests.DicomMasks

/// A series, its liver as NIfTI, and as a segmentation of the one slice that it is in, beside a second segment.
let private files (path: string -> string) =
    Directory.CreateDirectory(path "ct") |> ignore
    series ExplicitLittle scan (path "ct")
    let liver = Volume.Init(scan.Grid, (fun x y z -> z = 2 && x < 3 && y < 4))
    liver.Write(path "liver.nii")

    let frame segment z inside =
        {
            Segment = segment
            Z = z
            Pixels = Array.init 30 (fun i -> if inside (i % 6) (i / 6) then 1 else 0)
        }

    segmentation
        plain
        Binary
        [ 1, "Spleen", "78961009"; 2, "Liver", "10200004" ]
        scan.Grid
        [ frame 2 2 (fun x y -> x < 3 && y < 4); frame 1 3 (fun x _ -> x = 5) ]
    |> write (path "seg.dcm")
    |> ignore

    liver

[<Tests>]
let tests =
    testSequenced
    <| testList
        "Cli DICOM"
        [
            testCase
                "a sparse segmentation is laid on its series by convert, and on the other's grid by evaluate and stats"
            <| fun () ->
                inFolder (fun path ->
                    let liver = files path
                    let mask name = VolumeFile.ReadMask(path name)

                    let told =
                        exits
                            0
                            [
                                "convert"
                                "-i"
                                path "seg.dcm"
                                "--reference"
                                path "ct"
                                "-o"
                                path "a.nii"
                            ]

                    Expect.isTrue (sameVoxels (mask "a.nii") liver) "convert"
                    Expect.stringContains told "1 Spleen" "what else there is"

                    exits
                        0
                        [
                            "convert"
                            "-i"
                            path "seg.dcm"
                            "--label"
                            "spleen"
                            "--reference"
                            path "ct"
                            "-o"
                            path "b.dcm"
                        ]
                    |> ignore

                    Expect.equal (inside (mask "b.dcm")) 5 "another, as a segmentation of our own"
                    exits 0 [ "convert"; "-i"; path "seg.dcm"; "-o"; path "own.nii" ] |> ignore
                    Expect.equal (mask "own.nii").Extent.Z 2 "its own frames"

                    for p, t in [ "seg.dcm", "liver.nii"; "liver.nii", "seg.dcm"; "seg.dcm", "seg.dcm" ] do
                        Expect.stringContains
                            (exits 0 [ "evaluate"; "-p"; path p; "-t"; path t ])
                            "Dice    1.0000"
                            $"{p} by {t}"

                    Expect.stringContains
                        (exits 0 [ "stats"; "-i"; path "ct"; "-m"; path "seg.dcm" ])
                        "volume"
                        "stats on the scan"

                    File.WriteAllText(path "p.csv", "case,prediction,truth\na,seg.dcm,liver.nii\n")
                    Expect.stringContains (exits 0 [ "evaluate"; "--cases"; path "p.csv" ]) "1.0000" "a list")
            testCase "info tells what a segmentation or structure set marks, and segment refuses it by name"
            <| fun () ->
                inFolder (fun path ->
                    files path |> ignore
                    let told = exits 0 [ "info"; "-i"; path "seg.dcm" ]

                    for word in [ "SEG, BINARY"; "2 Liver (0.0168 ml)"; "1 Spleen"; "1 series, 5 images" ] do
                        Expect.stringContains told word "segmentation"

                    exits
                        0
                        [
                            "convert"
                            "-i"
                            path "liver.nii"
                            "--reference"
                            path "ct"
                            "-o"
                            path "ours.dcm"
                        ]
                    |> ignore

                    Expect.stringContains (exits 0 [ "info"; "-i"; path "ours.dcm" ]) "1 Liver (0.0168 ml)" "our own"
                    let p = scan.Grid.ToWorld(0., 0., 1.)
                    let at x y = p.X + 0.7 * x, p.Y + 0.8 * y, p.Z

                    structures
                        plain
                        [
                            1, "Body", []
                            2, "Liver", [ [| at 0.5 0.5; at 4.5 0.5; at 4.5 3.5; at 0.5 3.5 |] ]
                        ]
                    |> write (path "rs.dcm")
                    |> ignore

                    Expect.stringContains (exits 0 [ "info"; "-i"; path "rs.dcm" ]) "2 Liver (1 contours)" "regions"

                    exits
                        0
                        [
                            "convert"
                            "-i"
                            path "rs.dcm"
                            "--reference"
                            path "ct"
                            "-o"
                            path "rs.nii"
                        ]
                    |> ignore

                    Expect.equal (inside (VolumeFile.ReadMask(path "rs.nii"))) 12 "filled"

                    Expect.stringContains
                        (exits 4 [ "convert"; "-i"; path "rs.dcm"; "-o"; path "x.nii" ])
                        "--reference"
                        "without an image"

                    for file, name in [ "seg.dcm", "SEG"; "rs.dcm", "RTSTRUCT" ] do
                        Expect.stringContains
                            (exits 4 [ "segment"; "-i"; path file; "-o"; path "m.nii" ])
                            $"found {name}, expected CT"
                            "no scan")
            testCase "gaps are filled where that is said, other modalities are read where that is said"
            <| fun () ->
                inFolder (fun path ->
                    files path |> ignore
                    Directory.GetFiles(path "ct", "*-2.dcm") |> Array.iter File.Delete

                    let convert more =
                        [ "convert"; "-i"; path "ct"; "-o"; path "a.nii" ] @ more

                    Expect.stringContains (exits 3 (convert [])) "--fill-gaps" "the remedy"
                    Expect.stringContains (exits 0 (convert [ "--fill-gaps" ])) "number 3" "which slice was made"
                    Expect.equal (VolumeFile.Read(path "a.nii")).Extent scan.Extent "whole"

                    altered (fun _ -> [ 0x00080060u, "CS", text "OT" ]) (fun folder ->
                        Expect.stringContains (exits 4 [ "info"; "-i"; folder ]) "--any-image" "the remedy"
                        Expect.stringContains (exits 0 [ "info"; "-i"; folder; "--any-image" ]) "6×5×5" "read"))
        ]
