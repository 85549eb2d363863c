module LiverSeg.Functional.Tests.CrfTests

open System
open Expecto
open LiverSeg.Functional
open LiverSeg.Functional.Tests.CrfFields

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
        ]
