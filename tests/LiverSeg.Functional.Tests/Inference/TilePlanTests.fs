module LiverSeg.Functional.Tests.TilePlanTests

open System
open Expecto
open LiverSeg.Functional
open LiverSeg.Functional.Tests.Generators

/// Two poolings, a large kernel, a branch; no normalisation.
let private plain: Layer =
    Layer.Seq
        [
            Layer.Conv(2, Kernel(5, 3, 3)) :> Layer
            Layer.Pool 2
            Layer.Tap("half", Layer.Up(2, 2))
            Layer.Conv(3, Kernel.Cube 3)
            Layer.Pool 2
            Layer.Conv(3, Kernel.Cube 3)
            Layer.Up(3, 2)
            Layer.Up(2, 2)
        ]

let private model tile =
    Model(plain, Weights.He(plain, 4L), Tile = tile, Fusion = [| TapWeight("half", 0.3) |])

let private image (e: Extent) =
    let r = Random 6
    Volume.Init(Grid.Of(e, Spacing.Isotropic 2.), fun _ _ _ -> Intensity(float32 (r.NextDouble())))

let private valid = PredictOptions(Weighting = TileBlend.Valid)

let private most (a: Volume<Probability>) (b: Volume<Probability>) =
    Seq.map2
        (fun (p: Probability) (q: Probability) -> abs (p.Value - q.Value))
        (a.Voxels.ToArray())
        (b.Voxels.ToArray())
    |> Seq.max

/// Whatever the library's choice of algorithm for a shape does to the last bits.
let private rounding = 1e-5f

[<Tests>]
let tests =
    testSequenced
    <| testList
        "TilePlan"
        [
            law
                "tiles that are fitted are as many as the largest would be, no larger than they must be, and overlap as asked"
            <| fun (FsCheck.PositiveInt length) (FsCheck.PositiveInt most) (FsCheck.PositiveInt share) ->
                let length, most, stride, overlap =
                    length % 300 + 1, most % 80 + 4, 4, float (share % 9) / 10.

                let struct (tile, starts) = TilePlan.FittedSteps(length, most, stride, overlap)
                let largest = TilePlan.Size(length, most, stride)

                tile % stride = 0
                && tile <= largest
                && starts.Length = TilePlan.Steps(length, largest, overlap).Length
                && starts[0] <= 0
                && Array.last starts + tile >= length
                && Array.pairwise starts
                   |> Array.forall (fun (a, b) -> float (a + tile - b) >= float tile * overlap - 1.)
            law "tiles that do not blend cover each voxel once, lie on the whole's strides and see as far as they must"
            <| fun (FsCheck.PositiveInt length) (FsCheck.PositiveInt most) ->
                let length, most, margin, stride = length % 300 + 1, most % 80 + 4, 12, 4
                let struct (tile, starts) = TilePlan.ValidSteps(length, most, margin, stride)
                let whole = (length + stride - 1) / stride * stride
                let first = (length - whole) / 2
                let ends = starts |> Array.map ((+) tile)

                starts[0] = first
                && Array.last ends = first + whole
                && starts |> Array.forall (fun s -> (s - first) % stride = 0)
                && tile % stride = 0
                && tile <= max (most / stride * stride) (max (2 * margin + stride) 0)
                && Array.pairwise starts
                   |> Array.forall (fun (a, b) -> b > a && a + tile - b >= 2 * margin)
            testCase "tiles that do not blend give the whole at once; blended ones do not"
            <| fun () ->
                let scan = image (Extent(61, 50, 45))
                let whole = scan.Predict(model (Extent(64, 64, 64)), PredictOptions())
                let cut = model (Extent(40, 40, 40))
                Expect.isLessThan (most (scan.Predict(cut, valid)) whole) rounding "not blended"
                Expect.isGreaterThan (most (scan.Predict(cut, PredictOptions())) whole) 1e-3f "blended"
            testCase "inside of a region the scores are the whole's, outside 0, also for turned scans"
            <| fun () ->
                let region = Region(20, 9, 13, Extent(11, 18, 7))
                let cut = model (Extent(40, 40, 40))

                for scan in
                    [
                        image (Extent(61, 50, 45))
                        image (Extent(61, 50, 45))
                        |> Orient.matchOrientation (
                            Orient.Turned(
                                Grid.Of(Extent(61, 50, 45), Spacing.Isotropic 2.),
                                [| 1; 2; 0 |],
                                [| true; false; true |]
                            )
                        )
                    ] do
                    let whole = scan.Predict(cut, valid)

                    let part =
                        scan.Predict(cut, PredictOptions(Weighting = TileBlend.Valid, Region = Nullable region))

                    Expect.equal part.Grid scan.Grid "grid"
                    Expect.isLessThan (most (part.Crop region) (whole.Crop region)) rounding "inside"

                    let outside =
                        part.Voxels.ToArray() |> Array.filter (fun p -> p.Value > 0f) |> Array.length

                    Expect.equal (int64 outside) region.Extent.Count "outside"
            testCase "the paper's network sees no farther than its margin"
            <| fun () ->
                Expect.equal (LayerFolds.Margin Architectures.Paper) (Extent(36, 36, 28)) "margin"

                for e in [ Extent(150, 8, 8); Extent(8, 8, 120) ] do
                    let of' tile =
                        Model(Architectures.Paper, Weights.He(Architectures.Paper, 2L), Tile = tile)

                    let scan = image e
                    let whole = scan.Predict(of' (Extent(200, 200, 200)), PredictOptions())
                    let cut = scan.Predict(of' (Extent(90, 8, 70)), valid)
                    Expect.isLessThan (most cut whole) rounding "as the whole"
        ]
