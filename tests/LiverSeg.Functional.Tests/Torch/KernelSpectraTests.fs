module LiverSeg.Functional.Tests.KernelSpectraTests

open System
open Expecto
open TorchSharp
open LiverSeg.Functional

[<Tests>]
let tests =
    testSequenced
    <| testList
        "KernelSpectra"
        [
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
                    Expect.equal
                        (FourierConvolution.ByBlocks(x, w, b, blocks, kept) |> TorchForward.Floats)
                        anew
                        "bytes"
        ]
