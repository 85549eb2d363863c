module LiverSeg.Functional.Tests.RegionTests

open System
open Expecto
open FsCheck.FSharp
open TorchSharp
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
let tiles =
    testSequenced
    <| testList
        "TilePlan"
        [
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

            testCase "kept spectra give the same bytes"
            <| fun () ->
                TorchRuntime.Ensure() |> ignore
                use _scope = torch.NewDisposeScope()
                use _still = torch.no_grad ()

                let tensor (shape: int64 list) =
                    let r = Random 3
                    let count = shape |> List.fold (*) 1L |> int

                    torch.tensor (
                        Array.init count (fun _ -> float32 (r.NextDouble() - 0.5)),
                        ReadOnlySpan(List.toArray shape)
                    )

                let x, w, b =
                    tensor [ 1L; 2L; 20L; 21L; 22L ], tensor [ 3L; 2L; 5L; 7L; 7L ], tensor [ 3L ]

                let blocks = FourierConvolution.Blocks(16, 16, 18)
                let anew = FourierConvolution.ByBlocks(x, w, b, blocks) |> TorchForward.Floats
                use kept = new KernelSpectra()

                for _ in 1..2 do
                    Expect.equal (FourierConvolution.ByBlocks(x, w, b, blocks, kept) |> TorchForward.Floats) anew "bytes"
        ]

let private blob (grid: Grid) balls =
    Volume.Init(
        grid,
        fun x y z ->
            let inside (cx, cy, cz, r) =
                pown (float (x - cx)) 2 + pown (float (y - cy)) 2 + pown (float (z - cz)) 2
                <= r * r

            Probability(if List.exists inside balls then 0.9f else 0.01f)
    )

[<Tests>]
let regions =
    testList
        "LiverRegion"
        [
            testCase "the box holds all that was found and the margin, in the scan's own voxels"
            <| fun () ->
                let coarse = Grid.Of(Extent(60, 60, 50), Spacing.Isotropic 4.)
                let scores = blob coarse [ 20, 30, 20, 12. ]

                for axes, flips in
                    [
                        [| 0; 1; 2 |], [| false; false; false |]
                        [| 2; 0; 1 |], [| true; false; true |]
                    ] do
                    let fine = Orient.Turned(Resample.GridAt(coarse, Spacing(1.5, 2., 3.)), axes, flips)

                    let found = LiverRegion.Boxed(scores, fine, RegionOptions(MarginMm = 10.))
                    Expect.equal found.Doubt "" "no doubt"
                    let mask = (scores |> Mask.threshold 0.5).Onto fine
                    let near = mask.BoundingBox()
                    let r = found.Region

                    for first, last, first', last', length, spacing in
                        [
                            r.X, r.X + r.Extent.X, near.X, near.X + near.Extent.X, fine.Extent.X, fine.Spacing.X
                            r.Y, r.Y + r.Extent.Y, near.Y, near.Y + near.Extent.Y, fine.Extent.Y, fine.Spacing.Y
                            r.Z, r.Z + r.Extent.Z, near.Z, near.Z + near.Extent.Z, fine.Extent.Z, fine.Spacing.Z
                        ] do
                        let margin = 10. / spacing
                        Expect.isLessThanOrEqual (float first) (max 0. (float first' - floor margin)) "before"

                        Expect.isGreaterThanOrEqual
                            (float last)
                            (min (float length) (float last' + floor margin))
                            "behind"

                        Expect.isLessThan
                            (float (last - first))
                            (float (last' - first') + 2. * margin + 12.)
                            "no larger than it must"

            testCase "in doubt the whole scan is taken"
            <| fun () ->
                let grid = Grid.Of(Extent(60, 60, 50), Spacing.Isotropic 4.)

                let doubt balls =
                    let found = LiverRegion.Boxed(blob grid balls, grid, RegionOptions())

                    if found.Doubt <> "" then
                        Expect.equal found.Region (Region.Whole grid.Extent) "whole"

                    found.Doubt

                Expect.stringContains (doubt []) "no liver" "nothing"
                Expect.stringContains (doubt [ 30, 30, 25, 3. ]) "only" "tiny"
                Expect.stringContains (doubt [ 15, 30, 25, 11.; 45, 30, 25, 9. ]) "pieces" "two"
                Expect.stringContains (doubt [ 5, 30, 25, 12. ]) "touches" "side"
                Expect.equal (doubt [ 25, 30, 2, 14. ]) "" "lower end"
                Expect.equal (doubt [ 25, 30, 25, 12.; 50, 50, 40, 2. ]) "" "a small second piece"

            testCase "a phantom's liver lies within the box that the shipped model finds"
            <| fun () ->
                let phantom =
                    Phantom.abdomen (PhantomOptions(Seed = 31L, Spacing = Spacing.Isotropic 3.5))

                let found = phantom.Ct |> LiverRegion.find (RegionOptions()) Pretrained.Liver
                let liver = phantom.Liver
                Expect.equal (liver.Crop(found.Region) |> Mask.count) (Mask.count liver) "no voxel outside"
        ]
