module LiverSeg.Functional.Tests.MaskStatisticsTests

open System
open Expecto
open LiverSeg.Functional
open LiverSeg.Functional.Tests.Generators
open LiverSeg.Functional.Tests.MaskPairs

[<Tests>]
let statistics =
    testList
        "Statistics.describe"
        [
            testCase "a box of known densities, cut off on two sides"
            <| fun () ->
                let grid = Grid.Of(Extent(5, 4, 4), Spacing(1., 2., 5.))
                let ct = Volume.Init(grid, fun x y z -> Hu(float32 (x * 10)))
                let s = ct.Describe(boxOf grid (0, 4) (1, 2) (2, 3))
                Expect.equal s.Voxels 20L "voxels"
                expect "ml" 0.2 s.VolumeMl
                let d = s.Density.Value

                Expect.equal
                    (d.Mean, d.Min, d.Median, d.P25, d.Max)
                    (20., Hu 0.f, 20., 10., Hu 40.f)
                    "0, 10, 20, 30, 40"

                expect "sd" (sqrt 200.) d.StandardDeviation
                Expect.equal (s.BoxMm, s.Centre) (Spacing(5., 4., 10.), Nullable(Point(2., 3., 12.5))) "box"
                Expect.equal (Seq.toList s.CutOff) [ "R"; "L"; "S" ] "sides"
            testCase "parts that touch nowhere are counted"
            <| fun () ->
                let grid = grid12 (Spacing.Isotropic 1.)

                let mask =
                    Volume.Init(grid, fun x y z -> (x < 3 && y = 0 && z = 0) || (x = 6 && y = 6 && z = 6))

                let s = (Volume.Constant(grid, Hu 5.f)).Describe mask
                Expect.equal (s.Components, s.LargestPart) (2, 0.75) "3 of 4 voxels"
            testCase "an empty mask has no densities"
            <| fun () ->
                let grid = grid12 (Spacing.Isotropic 1.)
                let s = (Volume.Constant(grid, Hu 5.f)).Describe(Volume.Constant(grid, false))
                Expect.isFalse (s.Density.HasValue || s.Centre.HasValue) "absent"
                Expect.isTrue ((s.ToJson()).Contains "\"hu\": null") "null in JSON"
            law "volumes add up over a mask and its rest; percentiles are in order" (fun (ct: Volume<Hu>) (seed: int) ->
                let pick = Random seed
                let mask = ct.Map(fun _ -> pick.Next 2 = 0)
                let rest = mask.Map not
                let whole = ct.Describe(ct.Map(fun _ -> true))
                let parts = [ mask; rest ] |> List.map ct.Describe

                let ordered (s: MaskStatistics) =
                    not s.Density.HasValue
                    || (let d = s.Density.Value

                        let v =
                            [ float d.Min.Value; d.P5; d.P25; d.Median; d.P75; d.P95; float d.Max.Value ]

                        v = List.sort v)

                near 1e-9 (parts |> List.sumBy _.VolumeMl) whole.VolumeMl
                && List.forall ordered parts)
        ]
