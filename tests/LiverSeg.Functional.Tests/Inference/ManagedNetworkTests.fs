module LiverSeg.Functional.Tests.ManagedNetworkTests

open System
open System.Threading
open Expecto
open FsCheck
open TorchSharp
open LiverSeg.Functional
open LiverSeg.Functional.Tests.Generators

/// A network of the operations that are known without libtorch, its weights, and an input whose extent need not be a multiple of any vector.
let private example seed =
    let r = Random(seed: int)
    let pick (items: 'a array) = items[r.Next items.Length]
    let channels = r.Next(1, 4)

    let conv features : Layer =
        Layer.Conv(
            features,
            Kernel.Cube 3,
            Normalization = pick [| Normalization.None; Normalization.Instance |],
            Activation = pick [| Activation.None; Activation.Relu; Activation.LeakyRelu |]
        )

    let width () = pick [| 1; 3; 8; 13; 16; 21 |]

    let own: Layer =
        Layer.Seq
            [
                Layer.Input channels :> Layer
                conv (width ())
                Layer.Skip(
                    Layer.Seq
                        [
                            Layer.Pool 2 :> Layer
                            conv (width ())
                            Layer.Tap("side", Layer.Seq [ Layer.Score 2 :> Layer; Layer.Resize 2 ])
                            Layer.Up(width (), 2, Activation = pick [| Activation.None; Activation.Relu |])
                        ]
                )
                // Both ways to read maps that lie side by side.
                if r.Next 2 = 0 then
                    conv (width ())
                Layer.Score 2
            ]

    let compact: Layer =
        Layer.Seq
            [
                Layer.Input channels :> Layer
                Architectures.Compact [| width (); width (); width () |]
            ]

    let network = pick [| own; compact |]
    let stride = network.Stride()

    let extent =
        Extent(stride * r.Next(1, 30 / stride), stride * r.Next(1, 20 / stride), stride * r.Next(1, 12 / stride))

    let weights = Weights.He(network, int64 seed)

    let inputs =
        Array.init channels (fun _ -> Array.init (int extent.Count) (fun _ -> float32 (r.NextDouble() * 2. - 0.5)))

    network, weights, extent, inputs

let private forward (network: Layer) weights (extent: Extent) (inputs: float32 array array) threads =
    ManagedNetwork(network, weights).Forward(extent, inputs, threads, CancellationToken.None)

[<Tests>]
let tests =
    testSequenced
    <| testList
        "ManagedNetwork"
        [
            law "makes of any network of small kernels what libtorch makes of it, but for rounding"
            <| fun (PositiveInt seed) ->
                let network, weights, extent, inputs = example seed
                let own = forward network weights extent inputs 0
                TorchRuntime.Ensure() |> ignore
                use scope = torch.NewDisposeScope()
                use still = torch.no_grad ()

                let x =
                    torch
                        .tensor(Array.concat inputs)
                        .reshape([| 1L; int64 inputs.Length; int64 extent.Z; int64 extent.Y; int64 extent.X |])

                let wanted =
                    TorchForward.Floats(
                        TorchForward.Forward(network, TorchForward.Tensors(weights, Placement.Cpu), x).Main
                    )

                let n, classes = int extent.Count, own.Features
                let values = own.Values.ToArray()
                let size = wanted |> Array.fold (fun most v -> max most (abs v)) 1.f

                wanted.Length = n * classes
                && Seq.forall
                    (fun i -> abs (values[i % n * classes + i / n] - wanted[i]) <= 1e-4f * size)
                    (seq { 0 .. wanted.Length - 1 })
            law "gives the same bytes whatever the threads, and again with the same memory"
            <| fun (PositiveInt seed) ->
                let network, weights, extent, inputs = example seed
                let once = (forward network weights extent inputs 1).Values.ToArray()
                let reused = ManagedNetwork(network, weights)
                let first = reused.Forward(extent, inputs, 2, CancellationToken.None)
                let kept = first.Values.ToArray()
                reused.Release first
                let again = reused.Forward(extent, inputs, 3, CancellationToken.None)
                kept = once && again.Values.ToArray() = once
            law "takes for its maps no more than it says before"
            <| fun (PositiveInt seed) ->
                let network, weights, extent, inputs = example seed
                let own = ManagedNetwork(network, weights)
                own.Forward(extent, inputs, 1, CancellationToken.None) |> ignore
                own.MapBytes <= ManagedNetwork.PeakBytes(network, extent)
            testCase "leaves other networks to libtorch"
            <| fun () ->
                Expect.isFalse (ManagedNetwork.Suits Architectures.Paper) "large kernels"
                Expect.isTrue (ManagedNetwork.Suits Pretrained.Liver.Network) "the shipped one"
                Expect.isTrue (Model.needsLibtorch Pretrained.Dsn) "the paper's needs libtorch"
                Expect.isFalse (Model.needsLibtorch Pretrained.Liver) "the shipped one does not"
            testCase "the shipped model says of a phantom what it says with libtorch"
            <| fun () ->
                // A part with half of the body and the liver in it, and tiles so small that each stage needs several.
                let ct = Phantom.Abdomen(PhantomOptions(Spacing = Spacing.Isotropic 3.)).Ct

                let image =
                    (ct |> Volume.crop (Region(0, 10, 36, Extent(72, 80, 24)))).Window Window.Liver

                let whole = Pretrained.Liver

                let stage tile (shipped: Model) guides =
                    Model(
                        shipped.Network,
                        shipped.Weights,
                        guides,
                        Spacing = shipped.Spacing,
                        Tile = tile,
                        Gate = shipped.Gate,
                        GuideShare = shipped.GuideShare
                    )

                let first = stage (Extent(72, 80, 16)) whole.FirstStage [||]

                for model in [ first; stage (Extent(144, 144, 32)) whole [| first |] ] do
                    let mutable tiles = 0

                    let own =
                        image.Predict(model, PredictOptions(Progress = fun _ total -> tiles <- max tiles total))

                    let torch = image.Predict(model, PredictOptions(DirectConvolution = true))

                    let most =
                        Seq.map2
                            (fun (a: Probability) (b: Probability) -> abs (a.Value - b.Value))
                            (own.Voxels.ToArray())
                            (torch.Voxels.ToArray())
                        |> Seq.max

                    let liver =
                        own.Voxels.ToArray()
                        |> Array.averageBy (fun p -> if p.Value > 0.5f then 1. else 0.)

                    Expect.isGreaterThan tiles 1 "several tiles"
                    Expect.isTrue (liver > 0.1 && liver < 0.9) $"liver and others: {liver}"
                    Expect.isLessThan most 1e-4f "largest difference of the scores"
        ]
