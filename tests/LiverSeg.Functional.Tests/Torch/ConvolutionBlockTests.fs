module LiverSeg.Functional.Tests.ConvolutionBlockTests

open System
open Expecto
open FsCheck
open FsCheck.FSharp
open TorchSharp
open LiverSeg.Functional

/// A block of 3×3×3 and an image; extents need not be multiples of the tiles, nor features of the vectors.
type Case =
    {
        Batch: int
        Channels: int
        Features: int
        Extent: int[]
        Normalised: bool
        Activation: Activation
        Seed: int
    }

type private Cases =
    static member Case() =
        Arb.fromGen (
            gen {
                let! batch = Gen.choose (1, 2)
                let! channels = Gen.choose (1, 40)
                let! features = Gen.choose (1, 40)
                let! extent = Gen.arrayOfLength 3 (Gen.choose (1, 18))
                let! normalised = Gen.elements [ true; false ]

                let! activation =
                    Gen.elements [ Activation.None; Activation.Relu; Activation.LeakyRelu ]

                let! seed = Gen.choose (0, 1000000)

                return
                    {
                        Batch = batch
                        Channels = channels
                        Features = features
                        Extent = extent
                        // libtorch normalises no single voxel.
                        Normalised = normalised && Array.reduce (*) extent > 3
                        Activation = activation
                        Seed = seed
                    }
            }
        )

let private config =
    { FsCheckConfig.defaultConfig with
        maxTest = 40
        arbitrary = [ typeof<Cases> ]
    }

let private layer (c: Case) =
    Layer.Conv(
        c.Features,
        Kernel.Cube 3,
        Normalization =
            (if c.Normalised then
                 Normalization.Instance
             else
                 Normalization.None),
        Activation = c.Activation
    )

/// What libtorch's operations make of image, weight, bias, scale and shift.
let private plain (c: Case) (x: torch.Tensor) (w: torch.Tensor list) =
    let y = torch.nn.functional.conv3d (x, w[0], w[1], padding = [| 1L; 1L; 1L |])

    let y =
        if c.Normalised then
            torch.nn.functional.instance_norm (y, weight = w[2], bias = w[3])
        else
            y

    match c.Activation with
    | Activation.Relu -> torch.nn.functional.relu y
    | Activation.LeakyRelu ->
        use slope: Scalar = Scalar.op_Implicit 0.01 // kept until libtorch has read it, as TorchScalars says
        y.leaky_relu slope
    | _ -> y

let private ours threads (c: Case) x (w: torch.Tensor list) =
    ConvolutionBlock.Apply(layer c, x, w, threads)

/// Output and the gradients of image and weights.
let private results block (dtype: torch.ScalarType) (c: Case) =
    Runtime.Load() |> ignore
    use _scope = torch.NewDisposeScope()
    let r = Random c.Seed

    let tensor (shape: int list) =
        let values =
            Array.init (List.reduce (*) shape) (fun _ -> float32 (r.NextDouble() - 0.4))

        torch.tensor(values, ReadOnlySpan(shape |> List.map int64 |> List.toArray)).``to``(dtype)

    let learned shape = (tensor shape).requires_grad_ true
    let x = learned (c.Batch :: c.Channels :: List.ofArray c.Extent)

    let weights =
        [
            learned [ c.Features; c.Channels; 3; 3; 3 ]
            learned [ c.Features ]
            if c.Normalised then
                learned [ c.Features ]
                learned [ c.Features ]
        ]

    let y: torch.Tensor = block c x weights

    // Where an activation bends, rounding alone decides which slope counts: no gradient comes in there.
    let straight =
        let exact =
            List.map (fun (t: torch.Tensor) -> t.detach().``to`` torch.ScalarType.Float64)

        let before =
            plain { c with Activation = Activation.None } (exact [ x ]).Head (exact weights)

        (before.abs().gt(torch.tensor 1e-4)).``to`` dtype

    y.backward ([| straight * tensor (c.Batch :: c.Features :: List.ofArray c.Extent) |])

    y.detach () :: x.grad :: (weights |> List.map _.grad)
    |> List.map _.``to``(torch.ScalarType.Float64).contiguous().data<float>().ToArray()

[<Tests>]
let tests =
    testSequenced
    <| testList
        "ConvolutionBlock"
        [
            testPropertyWithConfig
                config
                "output and gradients are those of libtorch's operations in 64 bit, within 1e-4 of the largest"
                (fun (c: Case) ->
                    let expected = results plain torch.ScalarType.Float64 c
                    let actual = results (ours 1) torch.ScalarType.Float32 c

                    List.zip expected actual
                    |> List.iteri (fun i (e, a) ->
                        let largest = e |> Array.fold (fun m v -> max m (abs v)) 1e-3

                        Array.iter2
                            (fun (e: float) a ->
                                if abs (e - a) > 1e-4 * largest then
                                    failtestf "%d of %A: %g, wanted %g, largest %g" i c a e largest)
                            e
                            a))

            testPropertyWithConfig config "whatever the threads, the same bytes" (fun (c: Case) ->
                results (ours 1) torch.ScalarType.Float32 c = results (ours 2) torch.ScalarType.Float32 c)

            testPropertyWithConfig config "a bias before a normalisation is not moved" (fun (c: Case) ->
                not c.Normalised
                || (results (ours 1) torch.ScalarType.Float32 c)[3] |> Array.forall ((=) 0.))

            testCase "gradients of a whole network are those of libtorch's operations"
            <| fun () ->
                Runtime.Load() |> ignore
                use _scope = torch.NewDisposeScope()
                let network = Architectures.Compact [| 8; 12; 10 |]
                let r = Random 1

                let image =
                    torch.tensor (
                        Array.init (16 * 20 * 24) (fun _ -> float32 (r.NextDouble())),
                        ReadOnlySpan [| 1L; 1L; 16L; 20L; 24L |]
                    )

                let gradients direct =
                    let weights = TorchForward.Tensors(Weights.He(network, 3L), Placement.Cpu, true)

                    let made =
                        TorchForward.Forward(network, weights, image, ForwardOptions(Direct = direct, Threads = 1))

                    let squares (t: torch.Tensor) = (t * t).mean()

                    (made.Taps
                     |> Seq.fold (fun (sum: torch.Tensor) (struct (_, t)) -> sum + squares t) (squares made.Main))
                        .backward()

                    weights |> Seq.map (fun w -> w.Key, TorchForward.Floats w.Value.grad) |> Map

                let expected, actual = gradients true, gradients false

                for KeyValue(name, e) in expected do
                    // A bias before a normalisation has only rounding for a gradient.
                    if not (name.EndsWith "bias" && expected.ContainsKey(name.Replace("bias", "scale"))) then
                        let largest = e |> Array.fold (fun m v -> max m (abs v)) 0f

                        Array.iter2
                            (fun (e: float32) a ->
                                Expect.isLessThan (abs (e - a)) (1e-3f * largest) $"gradient of {name}")
                            e
                            actual[name]
        ]
