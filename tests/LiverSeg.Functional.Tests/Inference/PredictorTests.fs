module LiverSeg.Functional.Tests.PredictorTests

open System
open Expecto
open TorchSharp
open LiverSeg.Functional
open LiverSeg.Functional.Tests.Models

let private image seed (e: Extent) =
    let r = Random(seed: int)
    Volume.Init(Grid.Of(e, Spacing.Isotropic 3.), fun _ _ _ -> Intensity(float32 (r.NextDouble())))

/// libtorch is multi-threaded itself, and the count of live tensors is global: one after the other.
[<Tests>]
let tests =
    testSequenced
    <| testList
        "Predictor"
        [
            testCase "predictions lie in [0,1], are deterministic, keep the grid and leave no tensor behind"
            <| fun () ->
                let model, ct = tinyModel 2L, image 2 (Extent(13, 9, 11))
                let first = ct.Predict(model, PredictOptions(Threads = 2))
                let before = torch.Tensor.TotalCount
                let second = ct.Predict(model, PredictOptions(Threads = 2))
                Expect.equal second first "equal"
                Expect.equal torch.Tensor.TotalCount before "live tensors"
                Expect.equal second.Grid ct.Grid "grid"

                Expect.isTrue
                    (second.Voxels.ToArray()
                     |> Array.forall (fun p -> p.Value >= 0f && p.Value <= 1f))
                    "range"
            testCase "the fused probability is eq. 4 of main and branches"
            <| fun () ->
                let ct = image 3 (Extent(8, 8, 8))
                let all = ct.PredictAll(tinyModel 3L, PredictOptions())
                let struct (name, branch) = all.Branches[0]
                Expect.equal name "half" "name"

                for i in 0..511 do
                    let expected = 0.75f * all.Main.Voxels[i].Value + 0.25f * branch.Voxels[i].Value
                    Expect.isLessThan (abs (all.Fused.Voxels[i].Value - expected)) 1e-6f "voxel"
            testCase "far from the border a shift by the stride shifts the prediction"
            <| fun () ->
                let net: Layer =
                    Layer.Seq
                        [
                            Layer.Conv(2, Kernel.Cube 3) :> Layer
                            Layer.Pool 2
                            Layer.Conv(3, Kernel.Cube 3)
                            Layer.Up(2, 2)
                        ]

                let model = Model(net, Weights.He(net, 1L), Tile = Extent(32, 32, 32))
                let big = image 4 (Extent(24, 24, 24))
                let shifted = big.Pad(Region(2, 2, 2, big.Extent), Intensity 0f)
                let a, b = big.Predict model, shifted.Predict model

                for i in 10..13 do
                    Expect.isLessThan (abs (a[i + 2, i + 2, i + 2].Value - b[i, i, i].Value)) 1e-5f "voxel"
            testCase "tiles start where they should"
            <| fun () ->
                Expect.equal (List.ofArray (TilePlan.Steps(110, 64, 0.5))) [ 0; 23; 46 ] "110/64"
                Expect.equal (List.ofArray (TilePlan.Steps(200, 72, 0.5))) [ 0; 32; 64; 96; 128 ] "200/72"
                Expect.equal (List.ofArray (TilePlan.Steps(512, 160, 0.5))) [ 0; 70; 141; 211; 282; 352 ] "512/160"
                Expect.equal (List.ofArray (TilePlan.Steps(73, 72, 0.5))) [ 0; 1 ] "73/72"
                Expect.equal (List.ofArray (TilePlan.Steps(320, 160, 0.5))) [ 0; 80; 160 ] "320/160"
        ]
