module LiverSeg.Functional.Tests.MetricsTests

open System
open Expecto
open LiverSeg.Functional
open LiverSeg.Functional.Tests.MaskPairs

let private sphere (grid: Grid) (cx, cy, cz) radius =
    let s = grid.Spacing

    Volume.Init(
        grid,
        fun x y z ->
            sqrt (
                (float x * s.X - cx) ** 2.
                + (float y * s.Y - cy) ** 2.
                + (float z * s.Z - cz) ** 2.
            )
            <= radius
    )

[<Tests>]
let golden =
    testList
        "Metrics.golden"
        [
            testCase "two boxes: the values of the official definition, whatever the border"
            <| fun () ->
                let grid = grid12 (Spacing(0.7, 0.7, 2.5))
                let truth = boxOf grid (2, 8) (3, 9) (2, 7)
                let prediction = boxOf grid (3, 9) (3, 9) (2, 8)

                for border in borders do
                    let e = prediction.Evaluate(truth, MetricsOptions(Border = border))
                    expect "VOE" 34.545455 e.VoePercent
                    expect "RVD" 16.666667 e.RvdPercent.Value
                    expect "ASD" 0.569109 (value e.AsdMm)
                    expect "RMSD" 0.983320 (value e.RmsdMm)
                    expect "MSD" 2.596151 (value e.MsdMm)
                    expect "Dice" 0.791209 e.Dice
                    expect "score" 56.009316 e.Score.Total
            testCase "a cube with a corner bitten off: the border's neighbourhood shows"
            <| fun () ->
                let grid = grid12 (Spacing.Isotropic 1.)
                let prediction = boxOf grid (2, 8) (2, 8) (2, 8)
                let bite = boxOf grid (6, 8) (6, 8) (6, 8)
                let truth = Volume.Zip(prediction, bite, fun a b -> a && not b)

                for border, asd, rmsd, score in
                    [
                        Border.Faces, 0.097902, 0.392232, 82.392016
                        Border.FacesAndEdges, 0.117241, 0.431517, 82.186195
                        Border.All, 0.123853, 0.454337, 82.089747
                    ] do
                    let e = prediction.Evaluate(truth, MetricsOptions(Border = border))
                    expect "VOE" 7.871720 e.VoePercent
                    expect "RVD" 8.544304 e.RvdPercent.Value
                    expect "ASD" asd (value e.AsdMm)
                    expect "RMSD" rmsd (value e.RmsdMm)
                    expect "MSD" 3. (value e.MsdMm)
                    expect "Dice" 0.959029 e.Dice
                    expect "score" score e.Score.Total
            testCase "two shifted spheres of radius 20"
            <| fun () ->
                let grid = Grid.Of(Extent(99, 99, 99), Spacing.Isotropic 1.)

                let prediction, truth =
                    sphere grid (20., 20., 20.) 20., sphere grid (19., 19., 19.) 20.

                let e =
                    prediction.Evaluate(truth, MetricsOptions(Border = Border.Faces, Outside = Outside.Background))

                expect "VOE" 12.209384 e.VoePercent
                expect "RVD" 0.008983 e.RvdPercent.Value
                expect "ASD" 0.895743 (value e.AsdMm)
                expect "RMSD" 1.041072 (value e.RmsdMm)
                expect "MSD" 1.7320508 (value e.MsdMm)
                expect "Dice" 0.934984 e.Dice
            testCase "concentric spheres lie apart by the difference of their radii, within a voxel"
            <| fun () ->
                let grid = Grid.Of(Extent(64, 64, 40), Spacing(1., 1., 1.6))
                let e = (sphere grid (32., 32., 32.) 24.).Evaluate(sphere grid (32., 32., 32.) 18.)

                for length in [ e.AsdMm; e.RmsdMm; e.MsdMm; e.Hd95Mm ] do
                    Expect.isLessThan (abs (value length - 6.)) 1.6 "within a voxel"

                expect "VOE" (100. * (1. - (18. / 24.) ** 3.) |> round) (round e.VoePercent)
            testCase "one point against two, by hand"
            <| fun () ->
                let grid = Grid.Of(Extent(20, 20, 20), Spacing.Isotropic 1.)

                let points ps =
                    Volume.Init(grid, fun x y z -> List.contains (z, y, x) ps)

                let e = (points [ 10, 12, 10 ]).Evaluate(points [ 10, 12, 10; 10, 14, 10 ])
                // distances: 0 there; 0 and 2 back
                expect "ASD" (2. / 3.) (value e.AsdMm)
                expect "RMSD" (sqrt (4. / 3.)) (value e.RmsdMm)
                expect "MSD" 2. (value e.MsdMm)
                expect "HD95 pooled: 0, 0, 2 at place 1.9" 1.8 (value e.Hd95Mm)

                let of' definition =
                    value (
                        (points [ 10, 12, 10 ])
                            .Compare(points [ 10, 12, 10; 10, 14, 10 ], MetricsOptions())
                            .Surfaces.Percentile(95., definition)
                    )

                expect "max directed: 0, 2 at place 0.95" 1.9 (of' PercentileDefinition.MaxDirected)
                expect "area weighted: 95 % of the area needs both" 2. (of' PercentileDefinition.AreaWeighted)

                let surfaces =
                    (points [ 10, 12, 10 ]).Compare(points [ 10, 12, 10; 10, 14, 10 ], MetricsOptions()).Surfaces

                expect "within 0 mm: what both share" (2. / 3.) (surfaces.SurfaceDice 0.).Value
                expect "within 2 mm: all" 1. (surfaces.SurfaceDice 2.).Value

                expect
                    "half of the area has all below"
                    0.
                    (Quantiles.WeightedPercentile(ReadOnlySpan [| 2.; 0. |], ReadOnlySpan [| 1.; 1. |], 50.))
            testCase "surfaces far apart, further than the near search looks"
            <| fun () ->
                for spacing in [ Spacing(0.7, 0.8, 1.5); Spacing(1., 1., 1.); Spacing(3., 0.5, 0.5) ] do
                    let grid = Grid.Of(Extent(260, 90, 70), spacing)
                    let a = Volume.Init(grid, fun x y z -> (x + y + z) % 41 = 3 && x < 60 && y < 30)

                    let b =
                        Volume.Init(
                            grid,
                            fun x y z -> (x > 230 && y % 37 = 36 && z % 23 = 5) || (x = 70 && y = 80 && z = 66)
                        )

                    let points (m: Volume<bool>) =
                        OraclesMetrics.rim Border.FacesAndEdges Outside.Object m |> Array.ofList

                    let pa, pb = points a, points b

                    let slow from to' =
                        from
                        |> Array.map (fun p ->
                            to'
                            |> Array.fold (fun best q -> min best (OraclesMetrics.distance spacing p q)) infinity)

                    let fast = a.Compare(b, MetricsOptions()).Surfaces
                    Expect.isTrue (Seq.forall2 (near 1e-12) fast.PredictionToTruthMm (slow pa pb)) "there"
                    Expect.isTrue (Seq.forall2 (near 1e-12) fast.TruthToPredictionMm (slow pb pa)) "back"
        ]
