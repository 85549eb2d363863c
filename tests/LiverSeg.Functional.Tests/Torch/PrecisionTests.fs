module LiverSeg.Functional.Tests.PrecisionTests

open Expecto
open TorchSharp
open LiverSeg.Functional

/// Output and gradients of a convolution as the network computes it.
let private convolved extent kernel (dtype: torch.ScalarType) =
    use _scope = torch.NewDisposeScope()

    FourierConvolutionTests.results
        (fun x w b -> FourierConvolution.Apply(x, w, b, ForwardOptions(Direct = true)))
        dtype
        {
            Batch = 1
            Channels = 16
            Features = 32
            Kernel = Array.create 3 kernel
            Extent = extent
            Blocks = [||]
            Seed = 1
        }

[<Tests>]
let tests =
    testList
        "Numbers"
        [
            testCase
                "bfloat16 convolutions have the gradients of 32 bit, also where the kernel is longer than the image"
            <| fun () ->
                TorchRuntime.Ensure() |> ignore

                for kernel in [ 3; 5; 7 ] do
                    for extent in [ [| 2; 4; 4 |]; [| 4; 2; 4 |]; [| 3; 4; 4 |]; [| 6; 12; 12 |]; [| 8; 8; 8 |] ] do
                        let exact = convolved extent kernel torch.ScalarType.Float32
                        let short = convolved extent kernel torch.ScalarType.BFloat16
                        let again = convolved extent kernel torch.ScalarType.BFloat16
                        Expect.equal again short $"kernel {kernel}, {extent}: the same numbers again"

                        for e, s in List.zip exact short do
                            let worst = Array.map2 (fun a b -> abs (a - b)) e s |> Array.max

                            Expect.isLessThan
                                (worst / (e |> Array.map abs |> Array.max))
                                0.05
                                $"kernel {kernel}, {extent}"
        ]
