module LiverSeg.Functional.Tests.LiverRegionTests

open Expecto
open LiverSeg.Functional

let private blob (grid: Grid) balls =
    Volume.Init(
        grid,
        fun x y z ->
            let inside (cx, cy, cz, r) =
                pown (float (x - cx)) 2 + pown (float (y - cy)) 2 + pown (float (z - cz)) 2
                <= r * r

            Probability(if List.exists inside balls then 0.9f else 0.01f)
    )

[<Tests>]
let tests =
    testList
        "LiverRegion"
        [
            testCase "the box holds all that was found and the margin, in the scan's own voxels"
            <| fun () ->
                let coarse = Grid.Of(Extent(60, 60, 50), Spacing.Isotropic 4.)
                let scores = blob coarse [ 20, 30, 20, 12. ]

                for axes, flips in
                    [
                        [| 0; 1; 2 |], [| false; false; false |]
                        [| 2; 0; 1 |], [| true; false; true |]
                    ] do
                    let fine = Orient.Turned(Resample.GridAt(coarse, Spacing(1.5, 2., 3.)), axes, flips)

                    let found = LiverRegion.Boxed(scores, fine, RegionOptions(MarginMm = 10.))
                    Expect.equal found.Doubt "" "no doubt"
                    let mask = (scores |> Mask.threshold 0.5).Onto(fine, Interpolation.Nearest)
                    let near = mask.BoundingBox()
                    let r = found.Region

                    for first, last, first', last', length, spacing in
                        [
                            r.X, r.X + r.Extent.X, near.X, near.X + near.Extent.X, fine.Extent.X, fine.Spacing.X
                            r.Y, r.Y + r.Extent.Y, near.Y, near.Y + near.Extent.Y, fine.Extent.Y, fine.Spacing.Y
                            r.Z, r.Z + r.Extent.Z, near.Z, near.Z + near.Extent.Z, fine.Extent.Z, fine.Spacing.Z
                        ] do
                        let margin = 10. / spacing
                        Expect.isLessThanOrEqual (float first) (max 0. (float first' - floor margin)) "before"

                        Expect.isGreaterThanOrEqual
                            (float last)
                            (min (float length) (float last' + floor margin))
                            "behind"

                        Expect.isLessThan
                            (float (last - first))
                            (float (last' - first') + 2. * margin + 12.)
                            "no larger than it must"
            testCase "in doubt the whole scan is taken"
            <| fun () ->
                let grid = Grid.Of(Extent(60, 60, 50), Spacing.Isotropic 4.)

                let doubt balls =
                    let found = LiverRegion.Boxed(blob grid balls, grid, RegionOptions())

                    if found.Doubt <> "" then
                        Expect.equal found.Region (Region.Whole grid.Extent) "whole"

                    found.Doubt

                Expect.stringContains (doubt []) "no liver" "nothing"
                Expect.stringContains (doubt [ 30, 30, 25, 3. ]) "only" "tiny"
                Expect.stringContains (doubt [ 15, 30, 25, 11.; 45, 30, 25, 9. ]) "pieces" "two"
                Expect.stringContains (doubt [ 5, 30, 25, 12. ]) "touches" "side"
                Expect.equal (doubt [ 25, 30, 2, 14. ]) "" "lower end"
                Expect.equal (doubt [ 25, 30, 25, 12.; 50, 50, 40, 2. ]) "" "a small second piece"
            testCase "a phantom's liver lies within the box that the shipped model finds"
            <| fun () ->
                let phantom =
                    Phantom.abdomen (PhantomOptions(Seed = 31L, Spacing = Spacing.Isotropic 3.5))

                let found =
                    phantom.Ct |> LiverRegion.find (RegionOptions()) Pretrained.Liver.FirstStage

                let liver = phantom.Liver
                Expect.equal (liver.Crop(found.Region) |> Mask.count) (Mask.count liver) "no voxel outside"
        ]
