module LiverSeg.Functional.Tests.CrfExactTests

open Expecto
open LiverSeg.Functional
open LiverSeg.Functional.Tests.CrfFields

let private pair =
    let grid = Grid.Of(Extent(2, 1, 1), Spacing.Isotropic 1.)
    Volume.Constant(grid, Hu 50f), Volume.Init(grid, (fun x _ _ -> Probability(if x = 0 then 0.9f else 0.4f)))

let private pairOptions self =
    CrfOptions(
        Mu1 = 1.,
        ThetaAlpha = 1.,
        Mu2 = 0.,
        Iterations = 1,
        Normalization = CrfNormalization.None,
        SelfTerm = self
    )

[<Tests>]
let tests =
    testList
        "Crf.refine"
        [
            fieldLaw 60 "the fast sums are near to the exact ones" (fun (ct, p, o) ->
                // Noise on noise is the worst case: after one iteration no feedback hides or enlarges the difference.
                let o =
                    CrfOptions(
                        Mu1 = o.Mu1,
                        Mu2 = o.Mu2,
                        ThetaAlpha = o.ThetaAlpha,
                        ThetaBeta = o.ThetaBeta,
                        ThetaGamma = o.ThetaGamma,
                        Iterations = 1,
                        SelfTerm = o.SelfTerm,
                        Unit = o.Unit,
                        Reach = o.Reach,
                        Normalization = o.Normalization
                    )

                // Most are within 0.01; 0.0227 was met on two slices of 5×7 voxels, two lengths θα apart, without the self term.
                near 0.03 (p.Refine(ct, o)) (p.Exact(ct, o)) "fast")
            fieldLaw
                20
                "the exact sums are those of the formula, for the binary and the general case"
                (fun (ct, p, o) ->
                    let ct, p =
                        ct.Crop(Region(0, 0, 0, ct.Extent.Min(Extent(5, 4, 2)))),
                        p.Crop(Region(0, 0, 0, p.Extent.Min(Extent(5, 4, 2))))

                    let formula = OraclesCrf.meanField o ct [ floats (swap p); floats p ]

                    let worst =
                        Array.map2 (fun a b -> abs (a - b)) formula[1] (floats (p.Exact(ct, o)))
                        |> Array.max

                    Expect.isLessThan worst 1e-4 "exact")
            testCase "two pixels by hand, with and without the self term"
            <| fun () ->
                let ct, p = pair

                for self, expected in [ false, [| 0.8885393; 0.5199414 |]; true, [| 0.9466465; 0.4699831 |] ] do
                    let both = floats (p.Exact(ct, pairOptions self))
                    Array.iter2 (fun a b -> Expect.isLessThan (abs (a - b)) 2e-5 "exact") both expected
                    // Two pixels alone show the grid's whole error of a kernel value.
                    Array.iter2
                        (fun a b -> Expect.isLessThan (abs (a - b)) 0.005 "fast")
                        (floats (p.Refine(ct, pairOptions self)))
                        expected
            testCase "a disk of 149 pixels comes out of 231 exactly"
            <| fun () ->
                let truth, ct, p = disk
                Expect.equal (p.Threshold(0.5).Count()) 231L "before"
                Expect.equal (p.Exact(ct, diskOptions).Threshold 0.5) truth "exact"
                Expect.equal (p.Refine(ct, diskOptions).Threshold 0.5) truth "fast"
                near 0.005 (p.Refine(ct, diskOptions)) (p.Exact(ct, diskOptions)) "difference"
        ]
