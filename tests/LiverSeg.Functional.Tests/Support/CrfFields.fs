/// Scans with scores to refine, and options to do it with.
module LiverSeg.Functional.Tests.CrfFields

open System
open Expecto
open FsCheck.FSharp
open LiverSeg.Functional
open LiverSeg.Functional.Tests.Generators

let floats (v: Volume<Probability>) =
    Array.init v.Voxels.Length (fun i -> float v.Voxels[i].Value)

let differences a b =
    Array.map2 (fun (x: float) y -> abs (x - y)) (floats a) (floats b)

let farthest a b =
    Array.append [| 0. |] (differences a b) |> Array.max

let near tolerance a b text =
    Expect.isLessThan (farthest a b) tolerance text

let swap (v: Volume<Probability>) =
    v.Map(fun p -> Probability(1f - p.Value))

/// A scan and its scores on one grid; the scan's values are soft tissue with a few outliers.
let field grid =
    let density =
        Gen.frequency [ 12, between -50. 150.; 1, between -1000. 2000. ]
        |> Gen.map (float32 >> Hu)

    Gen.zip (volumeOf density grid) (volumeOf probability grid)

let flat longest =
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

let fieldLaw times name (property: Volume<Hu> * Volume<Probability> * CrfOptions -> 'R) =
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

let diskOptions =
    CrfOptions(ThetaAlpha = 10., ThetaBeta = 20., ThetaGamma = 3., Mu1 = 5., Mu2 = 3., Iterations = 5)

let refused (parts: string list) (f: unit -> Volume<Probability>) =
    try
        f () |> ignore
        failtest "not refused"
    with :? ArgumentException as e ->
        for part in parts do
            Expect.stringContains e.Message part "message"
