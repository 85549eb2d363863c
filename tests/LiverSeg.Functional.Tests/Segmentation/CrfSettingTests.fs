module LiverSeg.Functional.Tests.CrfSettingTests

open Expecto
open LiverSeg.Functional
open LiverSeg.Functional.Tests.Generators

[<Tests>]
let tests =
    testList
        "CrfSetting"
        [
            lawTimes 20 "fused scores are the weighted mean of main and branch" (fun (p: Volume<Probability>) ->
                let branch = p.Map(fun v -> Probability(1f - v.Value))

                let fused =
                    CrfSetting
                        .Of([ TapWeight("b", 0.25) ], CrfOptions())
                        .Fuse(Prediction(p, p, [| struct ("b", branch) |]))

                Seq.forall
                    (fun i ->
                        abs (
                            fused.Voxels[i].Value
                            - (0.75f * p.Voxels[i].Value + 0.25f * (1f - p.Voxels[i].Value))
                        )
                            <
                            1e-6f)
                    [ 0 .. p.Voxels.Length - 1 ])
        ]
