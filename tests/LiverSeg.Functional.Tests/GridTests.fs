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
                grid.Coincides grid
                && not (grid.Coincides(grid.At(Region(1, 0, 0, grid.Extent)))))
            testCase "the code names the patient side that each axis points to"
            <| fun () ->
                Expect.equal Direction.Identity.Code "LPS" "identity"
                let ras = Direction(Axis(-1., 0., 0.), Axis(0., -1., 0.), Axis(0., 0., 1.))
                Expect.equal ras.Code "RAS" "both mirrored"
        ]
