module LiverSeg.Functional.Tests.GridTests

open Expecto
open LiverSeg.Functional
open LiverSeg.Functional.Tests.Generators

[<Tests>]
let tests =
    testList
        "Grid"
        [
            law "voxel to world and back is the identity" (fun (grid: Grid) ->
                let e = grid.Extent
                let back = grid.ToIndex(grid.ToWorld(float e.X, 0.5, float e.Z))
                back.DistanceTo(Point(float e.X, 0.5, float e.Z)) < 1e-9)
            law "a region's grid has its voxels at the same places" (fun (grid: Grid) ->
                let part = grid.At(Region(1, -2, 3, Extent(2, 2, 2)))
                part.ToWorld(1., 1., 1.).DistanceTo(grid.ToWorld(2., -1., 4.)) < 1e-9)
            law "a grid coincides with itself and not with a shifted one" (fun (grid: Grid) ->
                grid.GeometryEquals grid
                && not (grid.GeometryEquals(grid.At(Region(1, 0, 0, grid.Extent)))))
            law
                "growing a region takes every voxel within the margin that lies inside, and no other"
                (fun (grid: Grid) ->
                    let region, margin = Region(2, 1, 1, Extent(2, 3, 1)), Extent(1, 2, 3)
                    let grown = region.Grow(margin, grid.Extent)

                    let near at first count wide =
                        at >= first - wide && at < first + count + wide

                    let among at first count = at >= first && at < first + count

                    Seq.forall
                        (fun (x, y, z) ->
                            (near x 2 2 1 && near y 1 3 2 && near z 1 1 3) =
                                (among x grown.X grown.Extent.X
                                 && among y grown.Y grown.Extent.Y
                                 && among z grown.Z grown.Extent.Z))
                        (seq {
                            for x in 0 .. grid.Extent.X - 1 do
                                for y in 0 .. grid.Extent.Y - 1 do
                                    for z in 0 .. grid.Extent.Z - 1 -> x, y, z
                        }))
            testCase "the code names the patient side that each axis points to"
            <| fun () ->
                Expect.equal Direction.Identity.Code "LPS" "identity"
                let ras = Direction(Axis(-1., 0., 0.), Axis(0., -1., 0.), Axis(0., 0., 1.))
                Expect.equal ras.Code "RAS" "both mirrored"
        ]
