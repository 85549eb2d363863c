module LiverSeg.Functional.Tests.SegmentationImageTests

open System
open System.IO
open Expecto
open LiverSeg.Functional
open LiverSeg.Functional.Tests.Generators
open LiverSeg.Functional.Tests.Folders
open LiverSeg.Functional.Tests.DicomFixture
open LiverSeg.Functional.Tests.DicomScan
open LiverSeg.Functional.Tests.DicomMasks
open LiverSeg.Functional.Tests.SegmentationVariants

let private refused (work: unit -> 'T) =
    try
        work () |> ignore
        failtest "accepted"
    with :? FileErrorException as e ->
        e.Error

let private grid =
    Grid(Extent(5, 4, 6), Spacing(0.5, 0.75, 2.), Point(-10., 20., -30.), Direction.Identity)

/// A frame with its first n pixels set.
let private frame segment z n =
    {
        Segment = segment
        Z = z
        Pixels = Array.init 20 (fun i -> if i < n then 1 else 0)
    }

let private binary segments frames =
    segmentation plain Binary segments grid frames

let private pair label prediction truth =
    let struct (p, t) =
        Lattice.ReadPair(struct (prediction, label), struct (truth, label), null)

    p, t

[<Tests>]
let tests =
    testList
        "Files.dicomseg"
        [
            lawTimes
                80
                "each segment of a sparse segmentation is its mask on the image's grid"
                (fun (volume: Volume<Hu>) (seed: int) ->
                    let grid = (stacked volume).Grid

                    inFolder (fun path ->
                        let v = variant grid seed
                        let file = write (path "a.dcm") v.Bytes

                        v.Segments
                        |> List.forall (fun (n, mask) ->
                            sameVoxels (Lattice.ReadMask(file, grid, MaskLabel.Number n)) mask)))
            lawTimes
                80
                "without an image the voxels of a segmentation lie at the same places"
                (fun (volume: Volume<Hu>) (seed: int) ->
                    let grid = (stacked volume).Grid

                    inFolder (fun path ->
                        let v = variant grid seed
                        let file = write (path "a.dcm") v.Bytes

                        v.Segments
                        |> List.forall (fun (n, mask) ->
                            let own = VolumeFile.ReadMask(file, MaskLabel.Number n)

                            // Each voxel of its own grid is the one of the image at its place, and none is lost.
                            let mutable good = inside own = inside mask

                            for z in 0 .. own.Extent.Z - 1 do
                                for y in 0 .. own.Extent.Y - 1 do
                                    for x in 0 .. own.Extent.X - 1 do
                                        if own[x, y, z] then
                                            let at = grid.ToIndex(own.Grid.ToWorld(float x, float y, float z))
                                            let i, j, k = int (round at.X), int (round at.Y), int (round at.Z)
                                            good <- good && mask[i, j, k] && abs (at.Z - float k) < 1e-3

                            good)))
            lawTimes
                30
                "two sparse segmentations of one image are judged like their masks"
                (fun (volume: Volume<Hu>) (seed: int) ->
                    let grid = (stacked volume).Grid

                    inFolder (fun path ->
                        let file name (v: Variant) = write (path name) v.Bytes
                        let a, b = variant grid seed, variant grid (seed + 1)
                        let n, m = fst a.Segments.Head, fst b.Segments.Head
                        let label = MaskLabel.Number n

                        // The whole image as truth, with the number of the label.
                        Volume.Constant(grid, Hu(float32 n)).Write(path "whole.nii")

                        let judged, _ = pair label (file "a.dcm" a) (path "whole.nii")

                        // Frames without SpacingBetweenSlices may stand on another lattice each.
                        let both =
                            not (a.Style.Between && b.Style.Between)
                            || n <> m
                            || (let p, t = pair label (path "a.dcm") (file "b.dcm" b)

                                p.Grid = t.Grid
                                && inside p = inside (snd a.Segments.Head)
                                && inside t = inside (snd b.Segments.Head))

                        sameVoxels judged (snd a.Segments.Head) && both))
            testCase "the liver is found by its name or its code, and several segments without one are listed"
            <| fun () ->
                inFolder (fun path ->
                    let read segments =
                        let said = ResizeArray<string>()

                        let file =
                            write (path "a.dcm") (binary segments [ frame 1 0 3; frame 2 1 5; frame 3 2 7 ])

                        inside (Lattice.ReadMask(file, grid, MaskLabel.Any, Action<string> said.Add)), List.ofSeq said

                    let count, said =
                        read [ 1, "Spleen", "78961009"; 2, " liver", "1"; 3, "x", "10200004" ]

                    Expect.equal count 5 "the name before the code"
                    Expect.stringContains said.Head "3 x" "the others are named"

                    Expect.equal (fst (read [ 1, "Spleen", "78961009"; 2, "b", "1"; 3, "x", "10200004" ])) 7 "the code"

                    let e =
                        refused (fun () -> read [ 1, "Spleen", "1"; 2, "Niere ✓", "1"; 3, "x\u0007y", "1" ])

                    Expect.equal e.Code "ambiguous-mask" "several"
                    Expect.stringContains e.Found "1 Spleen (0.0022 ml), 2 Niere ✓ (0.0038 ml), 3 x?y" "what there is"

                    Expect.equal
                        (refused (fun () -> read [ 1, "liver", "1"; 2, "Liver", "1"; 3, "c", "1" ])).Code
                        "ambiguous-mask"
                        "two livers")
            testCase "a segment is chosen by number or name, and one that is not there is refused with the list"
            <| fun () ->
                inFolder (fun path ->
                    let file =
                        write
                            (path "a.dcm")
                            (binary [ 1, "Liver", "10200004"; 7, "Tumor", "1" ] [ frame 7 4 2; frame 1 0 9 ])

                    let count label =
                        inside (Lattice.ReadMask(file, grid, MaskLabel.Parse label))

                    Expect.equal (count "7", count "tumor", count "LIVER", count "1") (2, 2, 9, 9) "chosen"
                    Expect.equal (refused (fun () -> count "2")).Code "no-such-label" "number"
                    Expect.stringContains (refused (fun () -> count "spleen")).Found "7 Tumor" "name"
                    // The frames of all segments span the file's own grid.
                    Expect.equal (VolumeFile.ReadMask(file, MaskLabel.Number 7)).Extent.Z 5 "own grid")
            testCase "a single segment is the mask, with a warning where it is not called liver"
            <| fun () ->
                inFolder (fun path ->
                    let said = ResizeArray<string>()
                    let file = write (path "a.dcm") (binary [ 3, "Organ", "1" ] [ frame 3 2 4 ])
                    let mask = Lattice.ReadMask(file, grid, MaskLabel.Any, Action<string> said.Add)
                    Expect.equal (inside mask) 4 "taken"
                    Expect.stringContains (String.concat " " said) "3 Organ" "said"

                    let empty = write (path "b.dcm") (binary [ 3, "Liver", "1" ] [ frame 3 2 0 ])

                    Expect.equal
                        (inside (Lattice.ReadMask(empty, grid, MaskLabel.Any, Action<string> said.Add)))
                        0
                        "empty"

                    Expect.stringContains said[said.Count - 1] "empty" "said so")
            testCase "of a label map a lesion inside of the liver counts as liver, of overlapping segments it does not"
            <| fun () ->
                inFolder (fun path ->
                    let segments = [ 1, "Liver", "10200004"; 2, "Liver tumour", "1" ]

                    let map =
                        segmentation
                            plain
                            (LabelMap 8)
                            segments
                            grid
                            [
                                {
                                    Segment = 0
                                    Z = 1
                                    Pixels =
                                        Array.init 20 (fun i ->
                                            if i < 3 then 2
                                            elif i < 10 then 1
                                            else 0)
                                }
                            ]

                    let count bytes label =
                        inside (Lattice.ReadMask(write (path "a.dcm") bytes, grid, label))

                    Expect.equal (count map MaskLabel.Any) 10 "both"
                    Expect.equal (count map (MaskLabel.Number 1)) 7 "one"
                    Expect.equal (count (binary segments [ frame 1 1 10; frame 2 1 3 ]) MaskLabel.Any) 10 "the liver")
            testCase "frames that do not lie on the image, contradict each other or name no segment are refused"
            <| fun () ->
                inFolder (fun path ->
                    let liver = [ 1, "Liver", "10200004" ]

                    let error (on: Grid) frames =
                        refused (fun () ->
                            Lattice.ReadMask(write (path "a.dcm") (binary liver frames), on, MaskLabel.Any))

                    let shifted x z =
                        Grid(grid.Extent, grid.Spacing, Point(-10. + x, 20., -30. + z), grid.Direction)

                    Expect.equal (error (shifted 0. 1.) [ frame 1 0 3 ]).Field "frames" "between slices"
                    Expect.equal (error (shifted 0.2 0.) [ frame 1 0 3 ]).Field "frames" "between columns"
                    Expect.stringContains (error (shifted 0. 4.) [ frame 1 0 3 ]).Found "outside" "below"
                    Expect.stringContains (error grid [ frame 1 2 3; frame 1 2 4 ]).Found "one place" "two frames"
                    Expect.equal (error grid [ frame 5 2 3 ]).Field "ReferencedSegmentNumber" "no such segment"

                    let empty = binary liver [ frame 1 0 0; frame 1 1 3 ] |> write (path "b.dcm")

                    Expect.equal
                        (inside (Lattice.ReadMask(empty, shifted 0. 2., MaskLabel.Any)))
                        3
                        "an empty frame may lie anywhere"

                    let cut = binary liver [ frame 1 0 3; frame 1 1 3 ]

                    Expect.equal
                        (refused (fun () ->
                            VolumeFile.ReadMask(write (path "c.dcm") cut[.. cut.Length - 4], MaskLabel.Any)))
                            .Code
                        "truncated"
                        "cut off")
            testCase "gaps without a common step have no grid of their own, but lie on the image's"
            <| fun () ->
                inFolder (fun path ->
                    let uneven =
                        segmentation
                            { plain with
                                Between = false
                                Thickness = false
                            }
                            Binary
                            [ 1, "Liver", "1" ]
                            (Grid(Extent(5, 4, 30), Spacing(0.5, 0.75, 0.1), grid.Origin, grid.Direction))

                    let file = write (path "a.dcm") (uneven [ frame 1 0 3; frame 1 10 4; frame 1 27 5 ])
                    let e = refused (fun () -> VolumeFile.ReadMask file)
                    Expect.stringContains e.Remedy "--reference" "remedy"

                    let fine =
                        Grid(Extent(5, 4, 30), Spacing(0.5, 0.75, 0.1), grid.Origin, grid.Direction)

                    Expect.equal (inside (Lattice.ReadMask(file, fine, MaskLabel.Any))) 12 "on the image")
            testCase "a folder with a series and its segmentation is the mask on that series"
            <| fun () ->
                altered (fun _ -> []) (fun folder ->
                    let frames =
                        [
                            {
                                Segment = 1
                                Z = 3
                                Pixels = Array.init 30 (fun i -> i % 2)
                            }
                        ]

                    let file =
                        segmentation plain Binary [ 1, "Liver", "10200004" ] scan.Grid frames
                        |> write (Path.Combine(folder, "seg.dcm"))

                    let mask = VolumeFile.ReadMask folder
                    Expect.isTrue (mask.Grid.GeometryEquals scan.Grid) "grid"
                    Expect.equal (inside mask) 15 "voxels"
                    Expect.isTrue (equal (VolumeFile.Read folder) scan) "the scan"
                    let found = VolumeFile.listSegmentations folder
                    Expect.equal (found.Length, found.Head.Segments[0].Name) (1, "Liver") "listed"
                    Expect.equal found.Head.RefersTo "1 series, 5 images" "references"
                    Expect.equal (VolumeFile.listSegmentations folder) (VolumeFile.listSegmentations file) "the file"
                    Expect.equal (refused (fun () -> VolumeFile.Read file)).Found "SEG" "no scan")
        ]
