module LiverSeg.Functional.Tests.CrfEnergyTests

open Expecto
open LiverSeg.Functional
open LiverSeg.Functional.Tests.CrfFields

[<Tests>]
let tests =
    testList
        "Crf.refine"
        [
            testCase "the energy of the refined labelling is lower"
            <| fun () ->
                let truth, ct, p = disk
                let before = p.Threshold(0.5).Energy(p, ct, diskOptions)

                Expect.isLessThan
                    (p.Refine(ct, diskOptions).Threshold(0.5).Energy(p, ct, diskOptions))
                    (before - 10.)
                    "energy"
            fieldLaw 20 "the energy is that of the formula" (fun (ct, p, o) ->
                let ct, p =
                    ct.Crop(Region(0, 0, 0, ct.Extent.Min(Extent(5, 4, 2)))),
                    p.Crop(Region(0, 0, 0, p.Extent.Min(Extent(5, 4, 2))))

                let mask = p.Map(fun v -> v.Value * 8f % 1f > 0.5f)
                let exact = OraclesCrf.energy o ct (floats p) (mask.Voxels.ToArray())
                Expect.isLessThan (abs (mask.Energy(p, ct, o) - exact)) (0.02 * (1. + exact)) "energy")
        ]
