module LiverSeg.Functional.Tests.CrfLabelsTests

open Expecto
open LiverSeg.Functional
open LiverSeg.Functional.Tests.CrfFields

[<Tests>]
let tests =
    testList
        "Crf.refine"
        [
            fieldLaw 30 "two labels in the general case are the binary case" (fun (ct, p, o) ->
                let maps = Crf.RefineLabels([ swap p; p ], ct, o)
                near 2e-3 (p.Refine(ct, o)) maps[1] "label 1"
                near 1e-5 (swap maps[1]) maps[0] "label 0")
            fieldLaw 15 "many labels are those of the formula and sum to 1" (fun (ct, p, o) ->
                let region = Region(0, 0, 0, ct.Extent.Min(Extent(5, 4, 2)))
                let ct, p = ct.Crop region, p.Crop region

                let maps =
                    [
                        p
                        p.Map(fun v -> Probability(v.Value * 7f % 1f))
                        Volume.Constant(p.Grid, Probability 0.5f)
                    ]

                let o =
                    CrfOptions(Mu1 = o.Mu1, Mu2 = o.Mu2, ThetaBeta = o.ThetaBeta, Iterations = 2, Reach = o.Reach)

                let refined = Crf.RefineLabels(maps, ct, o)
                let formula = OraclesCrf.meanField o ct (List.map floats maps)

                for l in 0..2 do
                    let worst =
                        Array.map2 (fun a b -> abs (a - b)) formula[l] (floats refined[l]) |> Array.max

                    Expect.isLessThan worst 0.02 $"label {l}"

                for i in 0 .. p.Voxels.Length - 1 do
                    Expect.floatClose Accuracy.low (Seq.sum [ for r in refined -> float r.Voxels[i].Value ]) 1. "sum")
        ]
