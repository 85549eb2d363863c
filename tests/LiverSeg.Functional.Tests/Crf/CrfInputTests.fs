module LiverSeg.Functional.Tests.CrfInputTests

open Expecto
open LiverSeg.Functional
open LiverSeg.Functional.Tests.CrfFields

[<Tests>]
let tests =
    testList
        "Crf.refine"
        [
            testCase "bad input is refused in one clear sentence"
            <| fun () ->
                let _, ct, p = disk

                let with' v =
                    Volume.Init(p.Grid, (fun x y z -> if x = 3 && y = 2 then Probability v else p[x, y, z]))

                refused [ "NaN"; "(3, 2, 0)"; "[0, 1]" ] (fun () -> (with' nanf).Refine(ct, CrfOptions()))
                refused [ "1.5"; "(3, 2, 0)" ] (fun () -> (with' 1.5f).Refine(ct, CrfOptions()))
                refused [ "-0.5" ] (fun () -> (with' -0.5f).Exact(ct, CrfOptions()))

                refused [ "23×24×1"; "24×24×1" ] (fun () ->
                    p.Refine(ct.Crop(Region(0, 0, 0, Extent(23, 24, 1))), CrfOptions()))

                refused [ "density"; "finite" ] (fun () -> p.Refine(ct.Map(fun _ -> Hu infinityf), CrfOptions()))
                refused [ "ThetaBeta"; "-3" ] (fun () -> p.Refine(ct, CrfOptions(ThetaBeta = -3.)))
                refused [ "Mu1"; "NaN" ] (fun () -> p.Refine(ct, CrfOptions(Mu1 = nan)))
                refused [ "Iterations"; "-1" ] (fun () -> p.Refine(ct, CrfOptions(Iterations = -1)))
                refused [ "raise ThetaBeta" ] (fun () -> p.Refine(ct, CrfOptions(ThetaBeta = 1e-5)))
                let large = Grid.Of(Extent(65, 64, 1), Spacing.Isotropic 1.)

                refused [ "4160"; "4096"; "Refine" ] (fun () ->
                    Volume.Constant(large, Probability 0.5f).Exact(Volume.Constant(large, Hu 0f), CrfOptions()))
            testCase "an empty volume stays empty"
            <| fun () ->
                let grid = Grid.Of(Extent(0, 4, 2), Spacing.Isotropic 1.)
                let p, ct = Volume.Constant(grid, Probability 0.5f), Volume.Constant(grid, Hu 0f)
                Expect.equal (p.Refine(ct, CrfOptions())) p "empty"
            testCase "far outliers of density cost nothing and change nothing"
            <| fun () ->
                let _, ct, p = disk

                let metal v =
                    Volume.Init(ct.Grid, (fun x y z -> if x = 0 && y = 0 then Hu v else ct[x, y, z]))

                near 2e-3 (p.Refine(metal 3000f, diskOptions)) (p.Refine(metal 30000f, diskOptions)) "metal"
            testCase "voxels that need no more iterations keep what they had, which is more than nothing"
            <| fun () ->
                let grid = Grid.Of(Extent(48, 40, 1), Spacing.Isotropic 1.)
                let inside x y = x >= 4 && x < 12 && y >= 5 && y < 14

                let pick yes no =
                    fun x y _ -> if inside x y then yes else no

                let ct = Volume.init grid (pick (Hu 100f) (Hu 0f))

                for scores in
                    [
                        Volume.init grid (pick (Probability 0.7f) (Probability 0f))
                        Volume.init grid (pick (Probability 0.3f) (Probability 1f))
                        // Below one half throughout, and yet without certainty.
                        Volume.constant grid (Probability 0.35f)
                    ] do
                    let refine tolerance =
                        scores
                        |> Crf.refineHu
                            (CrfOptions(
                                Mu1 = 1.,
                                ThetaAlpha = 3.,
                                ThetaBeta = 10.,
                                Mu2 = 1.,
                                ThetaGamma = 1.,
                                Iterations = 6,
                                Tolerance = tolerance
                            ))
                            ct

                    let all, few = refine 0., refine 1e-3
                    near 1e-3 all few "as with every voxel"

                    let unsure (v: Volume<Probability>) =
                        floats v |> Array.filter (fun p -> p > 0. && p < 1.)

                    Expect.equal (unsure few).Length (unsure all).Length "no certainty that was not computed"
        ]
