module LiverSeg.Functional.Tests.SupervisionTests

open Expecto
open TorchSharp
open LiverSeg.Functional
open LiverSeg.Functional.Tests.Models
open LiverSeg.Functional.Tests.Balls

/// Main loss and total of one forward pass with the given η.
let private objective (options: TrainingOptions) eta =
    use scope = torch.NewDisposeScope()
    let model = tinyModel 1L
    let crop = Sampler.Draw(cases, options, 0L)

    let out =
        TorchForward.Forward(tiny, TorchForward.Tensors(model.Weights, Placement.Cpu), tensorOf crop.Image crop.Extent)

    let o =
        Supervision.Of(out, tensorOf crop.Truth crop.Extent, tensorOf crop.Known crop.Extent, options, eta)

    float (o.Total.item<float32>()),
    o.Parts
    |> Seq.map (fun struct (n, l) -> n, float (l.item<float32>()))
    |> List.ofSeq

[<Tests>]
let tests =
    testSequenced
    <| testList
        "Training"
        [
            testCase "the loss is ≥ 0, linear in η, and plain without η"
            <| fun () ->
                TorchRuntime.Ensure() |> ignore
                let plain, parts0 = objective options 0.
                let half, parts = objective options 0.5
                let whole, _ = objective options 1.

                let part name =
                    parts |> List.find (fst >> (=) name) |> snd

                Expect.isGreaterThanOrEqual plain 0. "≥ 0"
                Expect.equal (List.map fst parts0) [ "main" ] "plain has one part"
                Expect.floatClose Accuracy.medium plain (part "main") "plain"
                Expect.floatClose Accuracy.medium (half - plain) (0.5 * 0.3 * part "half") "half"
                Expect.floatClose Accuracy.medium (whole - plain) (2. * (half - plain)) "linear"
        ]
