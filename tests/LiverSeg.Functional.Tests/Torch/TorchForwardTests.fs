module LiverSeg.Functional.Tests.TorchForwardTests

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
        "TorchForward"
        [
            testCase "the tensors' shapes are those of the shape fold"
            <| fun () ->
                TorchRuntime.Ensure() |> ignore
                use scope = torch.NewDisposeScope()
                let shape = Shape(1, Extent(8, 12, 16))

                for network in [ tiny; Architectures.Compact [| 2; 3; 4 |]; Architectures.Normalized ] do
                    let x = torch.zeros [| 1L; 1L; 16L; 12L; 8L |]

                    let out =
                        TorchForward.Forward(network, TorchForward.Tensors(Weights.He(network, 1L), Placement.Cpu), x)

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

                let got =
                    TorchForward.Floats(TorchForward.Forward(net, TorchForward.Tensors(w, Placement.Cpu), x).Main)

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
        ]
