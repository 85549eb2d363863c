module LiverSeg.Functional.Tests.CrfTests

open System
open Expecto
open FsCheck.FSharp
open LiverSeg.Functional
open LiverSeg.Functional.Tests.Generators

let private floats (v: Volume<Probability>) =
    Array.init v.Voxels.Length (fun i -> float v.Voxels[i].Value)

let private differences a b =
    Array.map2 (fun (x: float) y -> abs (x - y)) (floats a) (floats b)

let private farthest a b =
    Array.append [| 0. |] (differences a b) |> Array.max

let private near tolerance a b text =
    Expect.isLessThan (farthest a b) tolerance text

let private swap (v: Volume<Probability>) =
    v.Map(fun p -> Probability(1f - p.Value))

/// A scan and its scores on one grid; the scan's values are soft tissue with a few outliers.
let private field grid =
    let density =
        Gen.frequency [ 12, between -50. 150.; 1, between -1000. 2000. ]
        |> Gen.map (float32 >> Hu)

    Gen.zip (volumeOf density grid) (volumeOf probability grid)

let private flat longest =
    gen {
        let! x = Gen.choose (1, longest)
        let! y = Gen.choose (1, longest)
        let! z = Gen.choose (1, 2)
        let! s = spacing
        return Grid.Of(Extent(x, y, z), s)
    }

let options =
    gen {
        let! mu1 = between 0. 6.
        let! mu2 = between 0. 3.
        let! alpha = between 1. 70.
        let! beta = between 5. 60.
        let! gamma = between 0.4 6.
        let! t = Gen.choose (1, 4)
        let! self = Gen.elements [ true; false ]
        let! unit = Gen.elements [ CrfUnit.Voxel; CrfUnit.Millimetre ]
        let! reach = Gen.elements [ CrfRange.TransverseSlice; CrfRange.Volume ]

        let! scale =
            Gen.elements
                [
                    CrfNormalization.Symmetric
                    CrfNormalization.Before
                    CrfNormalization.After
                    CrfNormalization.None
                ]

        let weight = if scale = CrfNormalization.None then 0.02 else 1.

        return
            CrfOptions(
                Mu1 = mu1 * weight,
                Mu2 = mu2 * weight,
                ThetaAlpha = alpha,
                ThetaBeta = beta,
                ThetaGamma = gamma,
                Iterations = t,
                SelfTerm = self,
                Unit = unit,
                Reach = reach,
                Normalization = scale
            )
    }

type Fields =
    static member Case() =
        gen {
            let! grid = flat 14
            let! ct, scores = field grid
            let! o = options
            return ct, scores, o
        }
        |> Arb.fromGen

let private fieldLaw times name (property: Volume<Hu> * Volume<Probability> * CrfOptions -> 'R) =
    testPropertyWithConfig
        { config with
            maxTest = times
            arbitrary = [ typeof<Fields> ]
        }
        name
        property

/// The 24x24 slice with a bright disk, an uneven ground and scores that spill over and are pierced.
let disk =
    let grid = Grid.Of(Extent(24, 24, 1), Spacing.Isotropic 1.)

    let inside x y =
        (x - 11) * (x - 11) + (y - 12) * (y - 12) <= 49

    let truth = Volume.Init(grid, (fun x y _ -> inside x y))

    let ct =
        Volume.Init(grid, (fun x y _ -> Hu(float32 ((if inside x y then 140 else 60) + (7 * x + 13 * y) % 11))))

    let scores =
        Volume.Init(
            grid,
            fun x y _ ->
                let d = sqrt (float ((x - 11) * (x - 11) + (y - 12) * (y - 12)))

                let p =
                    1. / (1. + exp (-0.8 * (8.5 - d)))
                    + (if (3 * x + 5 * y) % 7 = 0 then 0.15 else 0.)

                Probability(float32 (Math.Clamp(p, 1e-3, 1. - 1e-3)))
        )

    truth, ct, scores

let private diskOptions =
    CrfOptions(ThetaAlpha = 10., ThetaBeta = 20., ThetaGamma = 3., Mu1 = 5., Mu2 = 3., Iterations = 5)

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

/// A mirrored volume on the same grid.
let private mirror (v: Volume<'T>) =
    Volume.Init(v.Grid, (fun x y z -> v[v.Extent.X - 1 - x, v.Extent.Y - 1 - y, z]))

/// The axes of the file turned: the patient stays where he is.
let private turn (v: Volume<'T>) =
    let e, s, d = v.Extent, v.Grid.Spacing, v.Grid.Direction

    let grid =
        Grid(Extent(e.Z, e.X, e.Y), Spacing(s.Z, s.X, s.Y), v.Grid.Origin, Direction(d.Z, d.X, d.Y))

    Volume.Init(grid, (fun a b c -> v[b, c, a]))

let private unturn (grid: Grid) (v: Volume<'T>) =
    Volume.Init(grid, (fun x y z -> v[z, x, y]))

let private refused (parts: string list) (f: unit -> Volume<Probability>) =
    try
        f () |> ignore
        failtest "not refused"
    with :? ArgumentException as e ->
        for part in parts do
            Expect.stringContains e.Message part "message"

[<Tests>]
let tests =
    testList
        "Crf.refine"
        [
            fieldLaw 100 "0 iterations give the input" (fun (ct, p, _) ->
                p.Refine(ct, CrfOptions(Iterations = 0)) = p
                && p.Exact(ct, CrfOptions(Iterations = 0)) = p)
            fieldLaw 100 "weights 0 give the input up to the least probability" (fun (ct, p, o) ->
                let o = CrfOptions(Mu1 = 0., Mu2 = 0., Reach = o.Reach)
                near 2e-5 (p.Refine(ct, o)) p "refine"
                near 2e-5 (p.Exact(ct, o)) p "exact")
            fieldLaw 100 "probabilities stay in [0, 1]" (fun (ct, p, o) ->
                floats (p.Refine(ct, o)) |> Array.forall (fun q -> q >= 0. && q <= 1.))
            fieldLaw 60 "exchanging both labels exchanges the result" (fun (ct, p, o) ->
                near 1e-4 (p.Refine(ct, o)) (swap ((swap p).Refine(ct, o))) "swapped")
            fieldLaw 60 "exchanging labels that are as frequent exchanges the result to the last bit" (fun (ct, p, o) ->
                // Multiples of 1/512 have exact complements; every other one is above one half.
                let tied =
                    Volume.Init(
                        p.Grid,
                        fun x y z ->
                            let low = (1.f + round (p[x, y, z].Value * 125.f)) / 256.f
                            Probability(if (x + y + z) % 2 = 0 then low else 1.f - low / 2.f)
                    )

                // In each slice one is the complement of the other as it was computed.
                Array.forall2
                    (fun (a: Probability) (b: Probability) -> a.Value = 1.f - b.Value || b.Value = 1.f - a.Value)
                    (tied.Refine(ct, o) |> Volume.toArray)
                    ((swap tied).Refine(ct, o) |> Volume.toArray))
            fieldLaw 60 "mirroring commutes" (fun (ct, p, o) ->
                near 2e-3 (mirror (p.Refine(ct, o))) ((mirror p).Refine(mirror ct, o)) "mirrored")
            fieldLaw 60 "turning the file's axes commutes: slices are transverse in any orientation" (fun (ct, p, o) ->
                near 2e-3 (p.Refine(ct, o)) ((turn p).Refine(turn ct, o) |> unturn p.Grid) "turned"
                near 1e-6 (p.Exact(ct, o)) ((turn p).Exact(turn ct, o) |> unturn p.Grid) "turned, exact")
            fieldLaw 60 "constant scores on a constant scan keep their side of one half" (fun (ct, p, o) ->
                let ct, p = Volume.Constant(ct.Grid, Hu 40f), Volume.Constant(p.Grid, p.Voxels[0])

                floats (p.Refine(ct, o))
                |> Array.forall (fun q -> sign (q - 0.5) * sign (float p.Voxels[0].Value - 0.5) >= 0))
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

                near 0.02 (p.Refine(ct, o)) (p.Exact(ct, o)) "fast")
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
            fieldLaw 30 "the number of threads does not matter" (fun (ct, p, o) ->
                let run threads =
                    CrfOptions(
                        Mu1 = o.Mu1,
                        Mu2 = o.Mu2,
                        ThetaAlpha = o.ThetaAlpha,
                        ThetaBeta = o.ThetaBeta,
                        ThetaGamma = o.ThetaGamma,
                        Iterations = o.Iterations,
                        Reach = o.Reach,
                        Threads = threads
                    )
                    |> fun o -> p.Refine(ct, o)

                run 1 = run 3)
            fieldLaw 30 "slices do not depend on each other" (fun (ct, p, o) ->
                let o =
                    CrfOptions(
                        Mu1 = o.Mu1,
                        Mu2 = o.Mu2,
                        ThetaBeta = o.ThetaBeta,
                        Iterations = o.Iterations,
                        Normalization = o.Normalization
                    )

                p.Refine(ct, o).Slab(0, 1) = p.Slab(0, 1).Refine(ct.Slab(0, 1), o))
            fieldLaw 30 "a shift of all densities changes nothing" (fun (ct, p, o) ->
                near 2e-3 (p.Refine(ct, o)) (p.Refine(ct.Map(fun h -> Hu(h.Value + 37f)), o)) "shifted")
            fieldLaw 30 "spacing and lengths in millimetres may grow together" (fun (ct, p, o) ->
                let at k =
                    let s = p.Grid.Spacing
                    let grid = Grid.Of(p.Extent, Spacing(s.X * k, s.Y * k, s.Z * k))

                    p
                        .WithGrid(grid)
                        .Refine(
                            ct.WithGrid grid,
                            CrfOptions(
                                Mu1 = o.Mu1,
                                ThetaAlpha = o.ThetaAlpha * k,
                                ThetaGamma = o.ThetaGamma * k,
                                Reach = o.Reach,
                                Unit = CrfUnit.Millimetre
                            )
                        )

                near 1e-3 (at 1.) (at 2.) "twice as large")
            fieldLaw 30 "a windowed guide is the clamped scan: thetaBeta stays in HU" (fun (ct, p, o) ->
                let clamped = ct.Map(fun h -> Hu(Math.Clamp(h.Value, -160f, 240f)))
                let o = CrfOptions(Mu1 = o.Mu1, ThetaBeta = o.ThetaBeta, Iterations = 2)
                near 2e-3 (p.Refine(ct.Window Window.Liver, o)) (p.Refine(clamped, o)) "windowed"
                near 2e-3 (p.Exact(ct.Window Window.Liver, o)) (p.Exact(clamped, o)) "windowed, exact")
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
