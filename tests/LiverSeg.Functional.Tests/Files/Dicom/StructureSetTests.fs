module LiverSeg.Functional.Tests.StructureSetTests

open System
open System.IO
open Expecto
open LiverSeg.Functional
open LiverSeg.Functional.Tests.Generators
open LiverSeg.Functional.Tests.Folders
open LiverSeg.Functional.Tests.DicomScan
open LiverSeg.Functional.Tests.DicomMasks

/// Whether a ray upwards from a point crosses a polygon an odd number of times; the code under test looks along rows.
let private encloses (polygon: (float * float)[]) (x, y) =
    let mutable odd = false

    for i in 0 .. polygon.Length - 1 do
        let (ax, ay), (bx, by) = polygon[i], polygon[(i + 1) % polygon.Length]

        if (ax > x) <> (bx > x) && y < ay + (x - ax) * (by - ay) / (bx - ax) then
            odd <- not odd

    odd

/// A star around a point whose rays are at most so long; it may be as small as a part of a voxel.
let private star (random: Random) (cx, cy) longest =
    let n = 3 + random.Next 9
    let start = random.NextDouble()

    [|
        for i in 0 .. n - 1 do
            let a = 2. * Math.PI * (float i + 0.8 * random.NextDouble() + start) / float n
            let r = longest * (0.2 + 0.8 * random.NextDouble())
            cx + r * cos a, cy + r * sin a
    |]

/// Polygons per slice in voxel indices: some slices without, some with a hole or two that may cut the outer one.
let private drawing (extent: Extent) (random: Random) =
    [
        for z in 0 .. extent.Z - 1 do
            if random.Next 4 > 0 then
                let height = float z + 0.8 * random.NextDouble() - 0.4

                let polygons =
                    [
                        for _ in 0 .. random.Next 3 ->
                            let w, h = float extent.X - 1., float extent.Y - 1.
                            let cx, cy = w * random.NextDouble(), h * random.NextDouble()
                            // Inside of the image, to the faces of its outer voxels.
                            let room = List.min [ cx; w - cx; cy; h - cy ] + 0.49
                            star random (cx, cy) room
                    ]

                z, height, polygons
    ]

let private inPatient (grid: Grid) height (polygon: (float * float)[]) =
    polygon
    |> Array.map (fun (x, y) ->
        let p = grid.ToWorld(x, y, height)
        p.X, p.Y, p.Z)

let private large (volume: Volume<Hu>) =
    let g = (stacked volume).Grid
    Grid(Extent(g.Extent.X + 9, g.Extent.Y + 6, g.Extent.Z), g.Spacing, g.Origin, g.Direction)

let private error (work: unit -> 'T) =
    try
        work () |> ignore
        failtest "accepted"
    with :? FileErrorException as e ->
        e.Error

let private grid =
    Grid(Extent(10, 8, 5), Spacing(1., 1., 2.), Point(0., 0., 0.), Direction.Identity)

/// A rectangle over whole voxels, in the patient.
let private box x0 y0 x1 y1 z =
    [| x0, y0, z; x1, y0, z; x1, y1, z; x0, y1, z |]

[<Tests>]
let tests =
    testList
        "Files.dicomrt"
        [
            lawTimes
                100
                "a region is the voxels whose centres its contours enclose an odd number of times"
                (fun (volume: Volume<Hu>) (seed: int) ->
                    let grid, random = large volume, Random seed
                    let slices = drawing grid.Extent random

                    let contours =
                        [
                            for _, height, polygons in slices do
                                for p in polygons do
                                    inPatient grid height p, random.Next()
                        ]
                        |> List.sortBy snd
                        |> List.map fst

                    let style =
                        { plain with
                            Implicit = random.Next 2 = 0
                        }

                    inFolder (fun path ->
                        let file =
                            write (path "rs.dcm") (structures style [ 4, "Body", []; 9, "liver", contours ])

                        let mask = Lattice.ReadMask(file, grid, MaskLabel.Any)

                        let truth =
                            Volume.Init(
                                grid,
                                fun x y z ->
                                    slices
                                    |> List.exists (fun (k, _, polygons) ->
                                        k = z
                                        && (polygons
                                            |> List.filter (fun p -> encloses p (float x, float y))
                                            |> List.length)
                                            %
                                            2
                                            =
                                            1)
                            )

                        sameVoxels mask truth))
            testCase "a contour inside of another is a hole, and edges through centres belong to one side"
            <| fun () ->
                inFolder (fun path ->
                    let read contours =
                        inside (
                            Lattice.ReadMask(
                                write (path "rs.dcm") (structures plain [ 1, "Liver", contours ]),
                                grid,
                                MaskLabel.Any
                            )
                        )

                    Expect.equal (read [ box 0.5 0.5 6.5 6.5 4. ]) 36 "whole voxels"
                    Expect.equal (read [ box 0.5 0.5 6.5 6.5 4.; box 2.5 2.5 4.5 3.5 4. ]) 34 "a hole"

                    Expect.equal
                        (read [ box 1. 1. 3. 3. 4.; box 3. 1. 5. 3. 4. ])
                        8
                        "side by side, no voxel twice or lost"

                    Expect.equal (read [ box 1.1 1.1 1.9 1.9 4. ]) 0 "between the centres")
            testCase "contours between slices go to the nearest, those of two planes on one slice do not cancel out"
            <| fun () ->
                inFolder (fun path ->
                    let said = ResizeArray<string>()

                    let read contours =
                        let file = write (path "rs.dcm") (structures plain [ 1, "Liver", contours ])
                        Lattice.ReadMask(file, grid, MaskLabel.Any, Action<string> said.Add)

                    let mask = read [ box 0.5 0.5 2.5 2.5 4.9; box 0.5 0.5 2.5 2.5 0. ]
                    Expect.isTrue (mask[1, 1, 2] && mask[1, 1, 0] && not mask[1, 1, 1]) "nearest"
                    Expect.stringContains (String.concat " " said) "1 slices between contours" "the gap is told"
                    said.Clear()

                    Expect.equal
                        (inside (read [ box 0.5 0.5 2.5 2.5 4.; box 0.5 0.5 3.5 2.5 4.6 ]))
                        4
                        "the nearer plane"

                    Expect.stringContains (String.concat " " said) "several planes" "told")
            testCase
                "contours outside of the image or across its slices are refused, and so is a structure set without an image"
            <| fun () ->
                inFolder (fun path ->
                    let read contours () =
                        Lattice.ReadMask(
                            write (path "rs.dcm") (structures plain [ 1, "Liver", contours ]),
                            grid,
                            MaskLabel.Any
                        )

                    Expect.equal (inside (read [ box 0.5 0.5 2.5 2.5 -0.9 ] ())) 4 "within half a step"
                    Expect.equal (error (read [ box 0.5 0.5 2.5 2.5 -1.2 ])).Field "ContourData" "below"
                    Expect.equal (error (read [ box 0.5 0.5 2.5 2.5 9.2 ])).Field "ContourData" "above"
                    Expect.equal (error (read [ box -3. 0.5 2.5 2.5 2. ])).Field "ContourData" "beside"

                    Expect.stringContains
                        (error (read [ [| 1., 1., 2.; 5., 1., 2.; 5., 5., 4. |] ])).Found
                        "from slice"
                        "across"

                    read [ box 0.5 0.5 2.5 2.5 4. ] () |> ignore

                    Expect.stringContains
                        (error (fun () -> VolumeFile.ReadMask(path "rs.dcm"))).Remedy
                        "--reference"
                        "no image"

                    Expect.equal (error (fun () -> VolumeFile.Read(path "rs.dcm"))).Found "RTSTRUCT" "no scan"

                    let broken =
                        structures plain [ 1, "Liver", [ [| nan, 1., 2.; 5., 1., 2.; 5., 5., 2. |] ] ]

                    Expect.equal
                        (error (fun () -> Lattice.ReadMask(write (path "b.dcm") broken, grid, MaskLabel.Any))).Field
                        "ContourData"
                        "no number")
            testCase "a region is chosen by name or number; without a liver the regions are listed"
            <| fun () ->
                inFolder (fun path ->
                    let file =
                        structures
                            plain
                            [
                                3, "BODY", [ box 0.5 0.5 6.5 6.5 4. ]
                                8, "GTV 1", [ box 0.5 0.5 2.5 2.5 4. ]
                            ]
                        |> write (path "rs.dcm")

                    let count label =
                        inside (Lattice.ReadMask(file, grid, MaskLabel.Parse label))

                    Expect.equal (count "gtv 1", count "3") (4, 36) "chosen"
                    let e = error (fun () -> count "")
                    Expect.equal e.Code "ambiguous-mask" "no liver"
                    Expect.stringContains e.Found "3 BODY (1 contours), 8 GTV 1 (1 contours)" "listed"

                    let one =
                        write (path "one.dcm") (structures plain [ 3, "BODY", [ box 0.5 0.5 6.5 6.5 4. ] ])

                    Expect.equal
                        (error (fun () -> Lattice.ReadMask(one, grid, MaskLabel.Any))).Code
                        "ambiguous-mask"
                        "the body is no liver")
            testCase "a folder with a series and its structure set is the mask on that series"
            <| fun () ->
                altered (fun _ -> []) (fun folder ->
                    let polygon = inPatient scan.Grid 2. [| 0.5, 0.5; 3.5, 0.5; 3.5, 2.5; 0.5, 2.5 |]

                    structures plain [ 1, "LIVER", [ polygon ] ]
                    |> write (Path.Combine(folder, "rs.dcm"))
                    |> ignore

                    let mask = VolumeFile.ReadMask folder
                    Expect.isTrue (mask.Grid.GeometryEquals scan.Grid && inside mask = 6) "the mask")
        ]
