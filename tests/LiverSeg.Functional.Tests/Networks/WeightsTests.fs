module LiverSeg.Functional.Tests.WeightsTests

open Expecto
open LiverSeg.Functional
open LiverSeg.Functional.Tests.Models

[<Tests>]
let tests =
    testList
        "ModelFile"
        [
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
        ]
