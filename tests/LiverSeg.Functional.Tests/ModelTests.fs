module LiverSeg.Functional.Tests.ModelTests

open System
open System.IO
open Expecto
open TorchSharp
open LiverSeg.Functional
open LiverSeg.Functional.Tests.Generators

/// The smallest network with pooling, both branches and instance normalisation.
let tiny: Layer =
    Layer.Seq
        [
            Layer.Conv(2, Kernel.Cube 3) :> Layer
            Layer.Pool 2
            Layer.Tap("half", Layer.Up(2, 2))
            Layer.Conv(3, Kernel(3, 3, 1), Normalization = Normalization.Instance)
            Layer.Up(2, 2)
        ]

let tinyModel seed =
    Model(
        tiny,
        Weights.He(tiny, seed),
        Tile = Extent(8, 8, 8),
        Fusion = [| TapWeight("half", 0.25) |],
        Provenance = [| ProvenanceEntry("data", "none, a test") |]
    )

/// A tensor (1, 1, z, y, x) of these numbers.
let tensorOf (values: float32[]) (e: Extent) =
    torch.tensor (values, ReadOnlySpan [| 1L; 1L; int64 e.Z; int64 e.Y; int64 e.X |])

let private image seed (e: Extent) =
    let r = Random(seed: int)
    Volume.Init(Grid.Of(e, Spacing.Isotropic 3.), fun _ _ _ -> Intensity(float32 (r.NextDouble())))

let private bytes (model: Model) =
    use s = new MemoryStream()
    ModelFile.Describe(model).Write s
    s.ToArray()

let private error (data: byte[]) =
    try
        ModelFile.Parse(ReadOnlySpan data, "m.safetensors") |> ignore
        None
    with :? FileErrorException as e ->
        Some e.Error

[<Tests>]
let files =
    testList
        "ModelFile"
        [
            law "load after save is the identity" (fun (seed: int) ->
                let model = tinyModel (int64 seed)
                ModelFile.Parse(ReadOnlySpan(bytes model), "m") = model)
            testCase "the same seed gives the same weights, another seed others"
            <| fun () ->
                Expect.equal (Weights.He(tiny, 5L)) (Weights.He(tiny, 5L)) "same"
                Expect.notEqual (Weights.He(tiny, 5L)) (Weights.He(tiny, 6L)) "other"
                Expect.equal (Weights.He(tiny, 5L).Hash) (Weights.He(tiny, 5L).Hash) "hash"
            testCase "the paper's start has mean 0 and deviation 0.01, biases 0"
            <| fun () ->
                let w = Weights.Gaussian(Architectures.Paper, 1L)
                let v = w["conv4/weight"].Values.ToArray() |> Array.map float
                let mean = Array.average v
                let deviation = sqrt (v |> Array.averageBy (fun x -> (x - mean) ** 2.))
                Expect.isLessThan (abs mean) 1e-4 "mean"
                Expect.isLessThan (abs (deviation - 0.01)) 1e-4 "deviation"
                Expect.isTrue (w["conv4/bias"].Values.ToArray() |> Array.forall ((=) 0f)) "biases"
            testCase "every single flipped bit of 200 is refused"
            <| fun () ->
                let whole = bytes (tinyModel 1L)
                let random = Random 7

                for _ in 1..200 do
                    let damaged = Array.copy whole
                    let at = random.Next damaged.Length
                    damaged[at] <- damaged[at] ^^^ (1uy <<< random.Next 8)
                    Expect.isSome (error damaged) $"bit flip in byte {at}"
            testCase "every cut is refused"
            <| fun () ->
                let whole = bytes (tinyModel 1L)

                for length in 0..37 .. whole.Length - 1 do
                    Expect.isSome (error whole[.. length - 1]) $"cut at {length}"
            testCase "a pickle is refused by name with the remedy"
            <| fun () ->
                let e = error (Array.append "PK\003\004"B (Array.zeroCreate 100))
                Expect.equal (e |> Option.map _.Kind) (Some FileErrorKind.Unsupported) "kind"
                Expect.stringContains (e.Value.ToString()) "safetensors" "remedy"
            testCase "weights that do not fit the network are refused by name"
            <| fun () ->
                Expect.throwsC (fun () -> Model(tiny, Weights.He(Architectures.Paper, 1L)) |> ignore) (fun e ->
                    Expect.stringContains e.Message "conv1/weight" "message")
            testCase "a main output or a tap that does not end with two classes on the input's grid is refused by name"
            <| fun () ->
                let half = Layer.seq [ Layer.pool 2; Layer.score 2 ]

                let tapped head =
                    Layer.seq [ Layer.pool 2; Layer.tap "side" head; Layer.up 2 2 ]

                for name, network in
                    [
                        "main", half
                        "main", Layer.score 3
                        "side", tapped [ Layer.score 2 ]
                        "side", tapped [ Layer.up 3 2 ]
                        "side", tapped []
                        "skip1/side", Layer.seq [ Layer.skip [ tapped [ Layer.score 2 ] ]; Layer.score 2 ]
                    ] do
                    Expect.throwsC (fun () -> Model(network, network |> Weights.he 1L) |> ignore) (fun e ->
                        Expect.stringStarts e.Message (name + " ends with ") "by name")

                let whole = tapped [ Layer.up 2 2 ]
                Model(whole, whole |> Weights.he 1L) |> ignore
        ]

/// libtorch is multi-threaded itself, and the count of live tensors is global: one after the other.
[<Tests>]
let predictions =
    testSequenced
    <| testList
        "Predictor"
        [
            testCase "the tensors' shapes are those of the shape fold"
            <| fun () ->
                TorchRuntime.Ensure() |> ignore
                use scope = torch.NewDisposeScope()
                let shape = Shape(1, Extent(8, 12, 16))

                for network in [ tiny; Architectures.Compact [| 2; 3; 4 |]; Architectures.Normalized ] do
                    let x = torch.zeros [| 1L; 1L; 16L; 12L; 8L |]

                    let out =
                        TorchForward.Forward(network, Torch.Tensors(Weights.He(network, 1L), torch.CPU), x)

                    let expected = network.OutputShape shape
                    Expect.equal (List.ofSeq out.Main.shape) [ 1L; int64 expected.Channels; 16L; 12L; 8L ] "main"

                    Expect.equal
                        (out.Taps |> Seq.map (fun struct (n, _) -> n) |> List.ofSeq)
                        (List.ofSeq (network.Taps()))
                        "taps"
            testCase "a convolution is the triple loop"
            <| fun () ->
                TorchRuntime.Ensure() |> ignore
                use scope = torch.NewDisposeScope()
                let net: Layer = Layer.Seq [ Layer.Conv(2, Kernel(3, 5, 1)) :> Layer ]
                let w = Weights.He(net, 3L)
                let v = image 1 (Extent(5, 6, 4))
                let x = tensorOf (v.Voxels.ToArray() |> Array.map _.Value) v.Extent
                let got = TorchForward.Floats(TorchForward.Forward(net, Torch.Tensors(w, torch.CPU), x).Main)
                let k = w["conv1/weight"].Values.ToArray()

                for f in 0..1 do
                    for z in 0..3 do
                        for y in 0..5 do
                            for x in 0..4 do
                                let mutable sum = 0.

                                for j in -2 .. 2 do
                                    for i in -1 .. 1 do
                                        if v.Extent.Contains(x + i, y + j, z) then
                                            sum <-
                                                sum
                                                + float v[x + i, y + j, z].Value
                                                  * float k[(f * 5 + (j + 2)) * 3 + i + 1]

                                let expected = max 0. sum

                                Expect.isLessThan
                                    (abs (float got[((f * 4 + z) * 6 + y) * 5 + x] - expected))
                                    1e-5
                                    "voxel"
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
