module LiverSeg.Functional.Tests.FourierConvolutionTests

open System
open Expecto
open FsCheck
open FsCheck.FSharp
open TorchSharp
open LiverSeg.Functional

/// A convolution and a cut into blocks: extents need not be multiples of the blocks.
type Case =
    {
        Batch: int
        Channels: int
        Features: int
        Kernel: int[]
        Extent: int[]
        Blocks: int[]
        Seed: int
    }

let private case =
    gen {
        let! batch = Gen.choose (1, 2)
        let! channels = Gen.choose (1, 3)
        let! features = Gen.choose (1, 3)
        let! kernel = Gen.arrayOfLength 3 (Gen.elements [ 1; 3; 5; 7 ])
        let! extent = Gen.arrayOfLength 3 (Gen.choose (1, 20))
        let! more = Gen.arrayOfLength 3 (Gen.elements [ 2; 4; 6; 10 ])
        let! seed = Gen.choose (0, 1000000)
        let even n = n + n % 2

        return
            {
                Batch = batch
                Channels = channels
                Features = features
                Kernel = kernel
                Extent = extent
                Blocks = Array.map2 (fun k m -> even (k + m)) kernel more
                Seed = seed
            }
    }

type private Cases =
    static member Case() = Arb.fromGen case

let private config =
    { FsCheckConfig.defaultConfig with
        maxTest = 40
        arbitrary = [ typeof<Cases> ]
    }

/// Output and all three gradients, as doubles.
let results
    (convolve: torch.Tensor -> torch.Tensor -> torch.Tensor -> torch.Tensor)
    (dtype: torch.ScalarType)
    (c: Case)
    =
    let r = Random c.Seed

    let tensor (shape: int list) =
        let count = List.fold (*) 1 shape
        let values = Array.init count (fun _ -> float32 (r.NextDouble() - 0.5))
        torch.tensor(values, ReadOnlySpan(shape |> List.map int64 |> List.toArray)).``to``(dtype)

    let x =
        (tensor (c.Batch :: c.Channels :: List.ofArray c.Extent)).requires_grad_ true

    let w =
        (tensor (c.Features :: c.Channels :: List.ofArray c.Kernel)).requires_grad_ true

    let b = (tensor [ c.Features ]).requires_grad_ true
    let g = tensor (c.Batch :: c.Features :: List.ofArray c.Extent)
    let y = convolve x w b
    y.backward ([| g |])

    [ y.detach (); x.grad; w.grad; b.grad ]
    |> List.map (fun t -> t.``to``(torch.ScalarType.Float64).contiguous().data<float>().ToArray())

let private direct (c: Case) x w b =
    torch.nn.functional.conv3d (x, w, b, padding = (c.Kernel |> Array.map (fun k -> int64 (k / 2))))

let private blocks (c: Case) x w b =
    FourierConvolution.ByBlocks(x, w, b, FourierConvolution.Blocks(c.Blocks[0], c.Blocks[1], c.Blocks[2]))

let private near (expected: float[]) (actual: float[]) =
    let largest = expected |> Array.fold (fun m v -> max m (abs v)) 1.

    expected.Length = actual.Length
    && Array.forall2 (fun e a -> abs (e - a) <= 1e-5 * largest) expected actual

[<Tests>]
let tests =
    testSequenced
    <| testList
        "FourierConvolution"
        [
            testPropertyWithConfig
                config
                "output and gradients are the direct convolution's in 64 bit, within 1e-5 of the largest"
                (fun (c: Case) ->
                    Runtime.Load() |> ignore
                    use _scope = torch.NewDisposeScope()
                    let expected = results (direct c) torch.ScalarType.Float64 c
                    let actual = results (blocks c) torch.ScalarType.Float32 c
                    List.forall2 near expected actual)

            testPropertyWithConfig config "without gradients the output is the same" (fun (c: Case) ->
                Runtime.Load() |> ignore
                use _scope = torch.NewDisposeScope()
                let learned = results (blocks c) torch.ScalarType.Float32 c |> List.head

                let plain =
                    let quiet x w b =
                        use _still = torch.no_grad ()
                        blocks c x w b

                    let r = Random c.Seed

                    let tensor (shape: int list) =
                        torch.tensor (
                            Array.init (List.fold (*) 1 shape) (fun _ -> float32 (r.NextDouble() - 0.5)),
                            ReadOnlySpan(shape |> List.map int64 |> List.toArray)
                        )

                    let x = tensor (c.Batch :: c.Channels :: List.ofArray c.Extent)
                    let w = tensor (c.Features :: c.Channels :: List.ofArray c.Kernel)
                    (quiet x w (tensor [ c.Features ])).data<float32>().ToArray()

                Array.forall2 (fun a b -> a = float b) learned plain)

            testCase "the paper's first two convolutions go by blocks, small kernels and small inputs do not"
            <| fun () ->
                let chosen features channels (z, y, x) (kz, ky, kx) learns =
                    FourierConvolution
                        .Choose([| 1L; channels; z; y; x |], [| features; channels; kz; ky; kx |], learns)
                        .HasValue

                Expect.isTrue (chosen 8L 8L (72L, 160L, 160L) (7L, 9L, 9L) false) "second"
                Expect.isTrue (chosen 8L 1L (72L, 160L, 160L) (7L, 9L, 9L) true) "first, learning"
                Expect.isFalse (chosen 32L 32L (36L, 80L, 80L) (3L, 3L, 3L) true) "3×3×3"
                Expect.isFalse (chosen 32L 32L (18L, 40L, 40L) (3L, 5L, 5L) false) "third level"
        ]
