module LiverSeg.Functional.Tests.DevicePredictionTests

open System
open Expecto
open TorchSharp
open LiverSeg.Functional
open LiverSeg.Functional.Tests.Models
open LiverSeg.Functional.Tests.PlayedCuda

let private image seed (e: Extent) =
    let r = Random(seed: int)
    Volume.Init(Grid.Of(e, Spacing.Isotropic 3.), fun _ _ _ -> Intensity(float32 (r.NextDouble())))

let private cuda = Device.cuda 0

/// Voxels of a tensor as tiles are placed.
let private tileVoxels (shape: int64 list) =
    match shape with
    | [ 1L; _; z; y; x ] -> z * y * x
    | _ -> 0L

/// The prediction, and what was warned of.
let private predict (played: PlayedCuda) (options: PredictOptions) (model: Model) (ct: Volume<Intensity>) =
    let heard = ResizeArray<string>()

    let options =
        PredictOptions(
            Device = options.Device,
            Weighting = options.Weighting,
            Region = options.Region,
            Threads = 1,
            Warn = Action<string> heard.Add
        )

    let found = playing played (fun () -> ct.Predict(model, options))
    found, List.ofSeq heard

let private most (a: Volume<Probability>) (b: Volume<Probability>) =
    Seq.map2
        (fun (p: Probability) (q: Probability) -> abs (p.Value - q.Value))
        (a.Voxels.ToArray())
        (b.Voxels.ToArray())
    |> Seq.max

/// Small kernels, nothing normalised: what it says of a voxel does not depend on the tile.
let private plain =
    let network: Layer =
        Layer.Seq
            [
                Layer.Conv(2, Kernel.Cube 3) :> Layer
                Layer.Pool 2
                Layer.Conv(3, Kernel.Cube 3)
                Layer.Up(2, 2)
            ]

    Model(network, Weights.He(network, 1L), Tile = Extent(40, 40, 40))

/// libtorch is multi-threaded itself, and the count of live tensors is global: one after the other.
[<Tests>]
let tests =
    testSequenced
    <| testList
        "Predictor on devices"
        [
            testCase
                "a network that the CPU needs no libtorch for goes by libtorch on CUDA, all weights and tiles placed there"
            <| fun () ->
                let model, ct = coarse.Value, image 5 (Extent(40, 36, 32))
                let onCpu = PlayedCuda [ 1L ]
                let expected, _ = predict onCpu (PredictOptions()) model ct
                Expect.isEmpty onCpu.Shapes "the CPU asks no device"
                let there = roomy ()
                let found, heard = predict there (PredictOptions(Device = cuda)) model ct
                let weights = model.Weights |> Seq.length
                Expect.isGreaterThan there.Shapes.Length weights "placed"
                Expect.isLessThan (most found expected) 1e-4f "the same but for rounding"
                Expect.isEmpty heard "nothing to warn of"
            testCase "a pass on a device leaves no tensor behind, whether its memory suffices or not"
            <| fun () ->
                let ct = image 6 (Extent(12, 12, 12))
                predict (roomy ()) (PredictOptions(Device = cuda)) (tinyModel 1L) ct |> ignore
                let before = torch.Tensor.TotalCount

                for isFull in [ (fun _ -> false); (fun shape -> tileVoxels shape > 0L) ] do
                    predict (PlayedCuda([ 1L ], isFull = isFull)) (PredictOptions(Device = cuda)) (tinyModel 1L) ct
                    |> ignore

                    Expect.equal torch.Tensor.TotalCount before "live tensors"
            testCase "where device memory does not suffice the CPU computes all of it, with one warning"
            <| fun () ->
                for model in [ tinyModel 2L; coarse.Value ] do
                    let ct = image 7 (Extent(120, 28, 24))
                    let expected, _ = predict (none ()) (PredictOptions()) model ct
                    let mutable tiles = 0

                    // Not the first tile: what was summed before must not count.
                    let isFull shape =
                        tiles <- tiles + (if tileVoxels shape > 27L then 1 else 0)
                        tileVoxels shape > 27L && tiles = 2

                    let found, heard =
                        predict (PlayedCuda([ 1L ], isFull = isFull)) (PredictOptions(Device = cuda)) model ct

                    Expect.isGreaterThan tiles 1 "several tiles"
                    Expect.equal heard.Length 1 "one warning"
                    Expect.stringContains heard.Head "cuda:0: its memory does not suffice" "what happened"
                    Expect.stringContains heard.Head "the CPU computes instead" "what was done"

                    Expect.equal found expected "the CPU's bytes"
            testCase "a second stage that does not fit is computed on the CPU, behind a first one on the device"
            <| fun () ->
                let ct =
                    Phantom.abdomen(PhantomOptions(Seed = 3L, Spacing = Spacing.Isotropic 6.)).Ct
                    |> Hounsfield.windowed coarseCascade.Value.Window

                let expected, _ = predict (none ()) (PredictOptions()) coarseCascade.Value ct

                let isFull shape = tileVoxels shape > 27L && shape[1] = 2L

                let played = PlayedCuda([ 1L ], isFull = isFull)

                let found, heard =
                    predict played (PredictOptions(Device = cuda)) coarseCascade.Value ct

                Expect.equal heard.Length 1 "one warning"
                Expect.exists played.Shapes (fun s -> tileVoxels s > 27L) "the first stage's tiles"

                // What the first stage says decides where the second is asked: a voxel at the gate may turn.
                let far =
                    Seq.map2
                        (fun (p: Probability) (q: Probability) -> abs (p.Value - q.Value) > 1e-3f)
                        (found.Voxels.ToArray())
                        (expected.Voxels.ToArray())
                    |> Seq.filter id
                    |> Seq.length

                Expect.isLessThan far (int ct.Extent.Count / 1000) "the same but for rounding"
            testCase "tiles that blend nothing shrink on the device, and the result stays"
            <| fun () ->
                let ct = image 8 (Extent(40, 40, 40))
                let valid = PredictOptions(Device = cuda, Weighting = TileBlend.Valid)
                let expected, _ = predict (roomy ()) valid plain ct
                let little = PlayedCuda([ 1L ], isFull = fun shape -> tileVoxels shape > 20000L)
                let found, heard = predict little valid plain ct
                Expect.isLessThan (most found expected) 1e-5f "the same but for rounding"
                Expect.isNonEmpty heard "told"

                for text in heard do
                    Expect.stringContains text "smaller ones are taken" "on the device"

                Expect.isGreaterThan
                    (little.Shapes |> List.filter (fun s -> tileVoxels s > 1000L) |> List.length)
                    1
                    "tiles"
            testCase "tiles that blend, and networks that normalise, do not shrink"
            <| fun () ->
                let ct = image 9 (Extent(40, 40, 40))
                let isFull shape = tileVoxels shape > 300L

                for model, weighting in [ plain, TileBlend.Gaussian; tinyModel 3L, TileBlend.Valid ] do
                    let options = PredictOptions(Device = cuda, Weighting = weighting)
                    let found, heard = predict (PlayedCuda([ 1L ], isFull = isFull)) options model ct
                    let expected, _ = predict (none ()) (PredictOptions(Weighting = weighting)) model ct
                    Expect.equal found expected "the CPU's bytes"
                    Expect.all heard _.Contains("the CPU computes instead") "one way"
            testCase "tiles that cannot shrink any more go to the CPU"
            <| fun () ->
                let valid device =
                    PredictOptions(Device = device, Weighting = TileBlend.Valid)

                let ct = image 10 (Extent(40, 40, 40))
                let full = PlayedCuda([ 1L ], isFull = fun shape -> tileVoxels shape > 27L)
                let found, heard = predict full (valid cuda) plain ct

                Expect.equal
                    (predict (none ()) (valid Device.Cpu) plain ct |> fst |> most found < 1e-5f)
                    true
                    "the result"

                Expect.stringContains (List.last heard) "the CPU computes instead" "the last way"
            testCase "another failure of libtorch is no lack of memory"
            <| fun () ->
                let isFull _ =
                    raise (
                        Runtime.InteropServices.ExternalException "CUDA error: an illegal memory access was encountered"
                    )

                Expect.throwsT<Runtime.InteropServices.ExternalException>
                    (fun () ->
                        predict
                            (PlayedCuda([ 1L ], isFull = isFull))
                            (PredictOptions(Device = cuda))
                            (tinyModel 1L)
                            (image 1 (Extent(8, 8, 8)))
                        |> ignore)
                    "it is told"
            testCase "libtorch's own complaints have the type that is looked for"
            <| fun () ->
                Runtime.Load() |> ignore
                use _ = torch.NewDisposeScope()

                let x = Placement.Cpu.Tensor(Array.zeroCreate 54, 1, 2, 3, 3, 3)
                let weights = TorchForward.Tensors(plain.Weights, Placement.Cpu)

                Expect.throwsT<Runtime.InteropServices.ExternalException>
                    (fun () -> TorchForward.Forward(plain.Network, weights, x) |> ignore)
                    "two channels where the network takes one"
            testCase "the box of a liver, feature maps and whole scans take the device"
            <| fun () ->
                let ct =
                    Phantom.abdomen(PhantomOptions(Seed = 3L, Spacing = Spacing.Isotropic 6.)).Ct

                let there = roomy ()

                playing there (fun () -> ct |> LiverRegion.find (RegionOptions(Device = cuda)) coarse.Value)
                |> ignore

                Expect.isNonEmpty there.Shapes "the box"

                let there = roomy ()

                playing there (fun () ->
                    LearningCurves.LayerFeatures(tinyModel 1L, image 2 (Extent(8, 8, 8)), threads = 1, device = cuda))
                |> ignore

                Expect.isNonEmpty there.Shapes "features"
                let there = roomy ()

                playing there (fun () ->
                    ct.Segment(coarse.Value, PipelineOptions(Predict = PredictOptions(Device = cuda))))
                |> ignore

                Expect.isNonEmpty there.Shapes "the pipeline"
            testCase "a device that does not answer is refused where it is asked for"
            <| fun () ->
                playing (none ()) (fun () ->
                    Expect.throwsT<DeviceUnavailableException>
                        (fun () ->
                            (image 1 (Extent(8, 8, 8))).Predict(coarse.Value, PredictOptions(Device = cuda))
                            |> ignore)
                        "prediction")
        ]
