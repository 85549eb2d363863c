/// One lattice, stored otherwise: turned, mirrored, cut out, larger, or with a rounded header.
module LiverSeg.Functional.Tests.LatticeTests

open System
open System.IO
open Expecto
open FsCheck
open FsCheck.FSharp
open LiverSeg.Functional
open LiverSeg.Functional.Tests.Generators
open LiverSeg.Functional.Tests.Folders
open LiverSeg.Functional.Tests.MaskPairs

/// An order and sense of axes, and how far a cut-out reaches beyond what is inside (or beyond the volume) on its six sides.
type private Storage =
    {
        Axes: int[]
        Flips: bool[]
        Low: Extent
        High: Extent
        Larger: bool
    }

let private storage =
    gen {
        let! axes =
            Gen.elements
                [
                    [| 0; 1; 2 |]
                    [| 0; 2; 1 |]
                    [| 1; 0; 2 |]
                    [| 1; 2; 0 |]
                    [| 2; 0; 1 |]
                    [| 2; 1; 0 |]
                ]

        let! flips = Gen.arrayOfLength 3 (Gen.elements [ true; false ])
        let margin = Gen.choose (0, 3)
        let side = Gen.map3 (fun x y z -> Extent(x, y, z)) margin margin margin
        let! low = side
        let! high = side
        let! larger = Gen.frequency [ 3, Gen.constant false; 1, Gen.constant true ]

        return
            {
                Axes = axes
                Flips = flips
                Low = low
                High = high
                Larger = larger
            }
    }

/// The same mask as another program would store it: no voxel inside is lost.
let private stored (how: Storage) (mask: Volume<bool>) =
    let e = mask.Extent

    let box =
        match Mask.boundingBox mask with
        | Some box when not how.Larger -> box
        | _ -> Region.Whole e

    let cut =
        if how.Larger then
            Region(
                -how.Low.X,
                -how.Low.Y,
                -how.Low.Z,
                Extent(e.X + how.Low.X + how.High.X, e.Y + how.Low.Y + how.High.Y, e.Z + how.Low.Z + how.High.Z)
            )
        else
            let low = how.Low
            let x, y, z = max 0 (box.X - low.X), max 0 (box.Y - low.Y), max 0 (box.Z - low.Z)

            Region(
                x,
                y,
                z,
                Extent(
                    min e.X (box.X + box.Extent.X + how.High.X) - x,
                    min e.Y (box.Y + box.Extent.Y + how.High.Y) - y,
                    min e.Z (box.Z + box.Extent.Z + how.High.Z) - z
                )
            )

    let part = mask.Pad(cut, false)

    part |> Orient.matchOrientation (Orient.Turned(part.Grid, how.Axes, how.Flips))

/// Three such things in one.
let private storedPair =
    gen {
        let! pair = pair
        let! how = storage
        let! ofTruth = Gen.elements [ true; false ]
        return pair, how, ofTruth
    }

let private withOrigin x y z (grid: Grid) =
    Grid(grid.Extent, grid.Spacing, Point(x, y, z), grid.Direction)

let private withSpacing x y z (grid: Grid) =
    Grid(grid.Extent, Spacing(x, y, z), grid.Origin, grid.Direction)

/// Moved by parts of a voxel along its own axes.
let private shifted x y z (grid: Grid) =
    Grid(grid.Extent, grid.Spacing, grid.ToWorld(x, y, z), grid.Direction)

let private refusedArgument (work: unit -> 'T) =
    try
        work () |> ignore
        failtest "another lattice was taken"
    with :? ArgumentException as e ->
        e.Message

/// A grid with one number changed: each is really another grid.
let private others =
    let grid =
        Grid(Extent(20, 18, 6), Spacing(1.5, 2., 5.), Point(-30., -25., 40.), Direction.Identity)

    let c, s = cos 0.05, sin 0.05

    grid,
    [
        "half a voxel off", shifted 0.5 0. 0. grid, "between"
        "half a slice off", shifted 0. 0. 0.5 grid, "between"
        "a tenth of a voxel off", shifted 0. 0.1 0. grid, "between"
        "another spacing", withSpacing 1.6 2. 5. grid, "voxels are"
        "another slice step", withSpacing 1.5 2. 2.5 grid, "voxels are"
        "a lost header", grid |> withSpacing 1. 1. 1. |> withOrigin 0. 0. 0., "voxels are"
        "turned by three degrees",
        Grid(grid.Extent, grid.Spacing, grid.Origin, Direction(Axis(c, s, 0.), Axis(-s, c, 0.), Axis(0., 0., 1.))),
        "axes differ"
        "beside it", shifted 21. 0. 0. grid, "none in common"
        "elsewhere in the patient", shifted 0. 0. 180. grid, "none in common"
    ]

[<Tests>]
let tests =
    testList
        "Lattice"
        [
            law "a mask that was turned, mirrored, cut out or enlarged comes back bit by bit"
            <| Prop.forAll (Arb.fromGen (Gen.zip (gridOf 6 |> Gen.bind maskOf) storage)) (fun (mask, how) ->
                let other = stored how mask
                let said = ResizeArray<string>()
                let back = other |> Lattice.onGrid said.Add mask.Grid
                Expect.equal back mask $"{how}"
                Expect.equal (said.Count > 0) (other.Grid <> mask.Grid) (String.Join("; ", said))

                let scores (m: Volume<bool>) =
                    m |> Volume.map (fun inside -> Probability(if inside then 0.75f else 0f))

                Expect.equal (scores other |> Lattice.scoresOnGrid ignore mask.Grid) (scores mask) "scores")

            lawTimes 100 "turning, mirroring and cutting out either mask changes no metric"
            <| Prop.forAll (Arb.fromGen storedPair) (fun (pair, how, ofTruth) ->
                let expected = pair.Prediction.Evaluate(pair.Truth, pair.Options)

                let p, t =
                    if ofTruth then
                        pair.Prediction
                        |> Lattice.pair ignore (stored { how with Larger = false } pair.Truth)
                    else
                        stored { how with Larger = false } pair.Prediction
                        |> Lattice.pair ignore pair.Truth

                alike 1e-9 (all (p.Evaluate(t, pair.Options))) (all expected))

            testCase "what was done is said in the words of the field"
            <| fun () ->
                let grid = Grid.Of(Extent(32, 28, 10), Spacing(1.5, 2., 5.))
                let mask = boxOf grid (8, 20) (6, 15) (3, 6)

                let notes (other: Volume<bool>) =
                    let said = ResizeArray<string>()
                    Expect.equal (other |> Lattice.onGrid said.Add grid) mask "the same mask"
                    List.ofSeq said

                let turned axes flips (m: Volume<bool>) =
                    m |> Orient.matchOrientation (Orient.Turned(m.Grid, axes, flips))

                let cut = mask.Crop(Region(5, 4, 2, Extent(20, 18, 6)))
                Expect.equal (notes mask) [] "nothing"
                Expect.equal (notes (mask |> Volume.withGrid (withOrigin 1e-4 0. 0. grid))) [] "float32"

                Expect.equal
                    (notes (turned [| 0; 1; 2 |] [| true; true; false |] mask))
                    [ "mask reordered RAS -> LPS" ]
                    "RAS"

                Expect.equal (notes cut) [ "mask lies in 20×18×6 of 32×28×10 voxels: padded with background" ] "cut"
                Expect.equal (notes (turned [| 2; 0; 1 |] [| true; false; false |] cut)).Length 2 "both"

                Expect.equal
                    (notes (mask |> Volume.withGrid (withOrigin 0.03 0. 0. grid)))
                    [
                        "the mask's header lies up to 0.03 mm (0.02 voxels) off the other grid: taken as rounding"
                    ]
                    "rounded"

                Expect.equal
                    (notes (mask.Pad(Region(-1, 0, 0, Extent(40, 28, 10)), false)))
                    [
                        "mask is larger than the scan, 40×28×10 to 32×28×10 voxels: cut off where it is background"
                    ]
                    "larger"

                let said = ResizeArray<string>()
                let full = Volume.constant grid true
                let smaller = grid.At(Region(0, 0, 0, Extent(32, 28, 9)))
                Expect.equal (full |> Lattice.onGrid said.Add smaller) (Volume.constant smaller true) "what lies in it"
                Expect.stringContains (Seq.exactlyOne said) "896 voxels (13.44 ml)" "what is lost is counted"

            testCase "masks that overlap in part are both padded, and each is said"
            <| fun () ->
                let grid = Grid.Of(Extent(12, 8, 6), Spacing.Isotropic 2.)
                let whole = boxOf grid (2, 9) (2, 5) (1, 4)
                let other = boxOf grid (4, 10) (2, 6) (1, 4)
                let said = ResizeArray<string>()

                let p, t =
                    other.Crop(Region(4, 2, 0, Extent(8, 6, 6)))
                    |> Lattice.pair said.Add (whole.Crop(Region(1, 1, 0, Extent(9, 6, 6))))

                Expect.equal said.Count 2 (String.Join("; ", said))
                Expect.equal (p.Grid, p.Extent) (t.Grid, Extent(11, 7, 6)) "one grid"
                Expect.equal (Metrics.evaluate t p).Dice (Metrics.evaluate whole other).Dice "the same overlap"

            testCase "another lattice is refused, with the reason and a remedy that exists"
            <| fun () ->
                let grid, others = others
                let mask = boxOf grid (5, 10) (5, 10) (1, 4)

                for name, other, why in others do
                    let moved = mask |> Volume.withGrid other
                    Expect.stringContains (refusedArgument (fun () -> moved |> Lattice.onGrid ignore grid)) why name
                    Expect.stringContains (refusedArgument (fun () -> moved |> Lattice.pair ignore mask)) why name

                    inFolder (fun path ->
                        moved.Write(path "moved.mha")

                        try
                            path "moved.mha" |> Lattice.readMask ignore MaskLabel.Any grid |> ignore
                            failtest name
                        with FileError.Thrown e ->
                            Expect.equal e.Code "other-grid" name
                            Expect.stringContains e.Expected why name
                            Expect.stringContains e.Remedy "liverseg resample" name)
        ]
