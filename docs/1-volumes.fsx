(**
---
title: 1 Volumes
category: Stages
categoryindex: 2
index: 1
---
# 1 Volumes: voxels that know where they lie

A volume is voxels on a grid. The grid knows where each voxel lies in the patient, in millimetres towards Left, Posterior, Superior.
Run the page with `dotnet fsi docs/1-volumes.fsx`.
*)
(*** condition: prepare ***)
#load "../scripts/load.fsx"
open LiverSeg.Functional
(**
A grid has an extent, a spacing, an origin and a direction:
*)
let grid = Grid.Of(Extent(64, 64, 32), Spacing(1., 1., 2.5))
printfn "%O: voxel (1, 2, 3) lies at %O" grid (grid.ToWorld(1., 2., 3.))
(*** include-output ***)
(**
Volumes are made by a function of the index and never change afterwards:
*)
let ball =
    Volume.init grid (fun x y z -> (x - 32) * (x - 32) + (y - 32) * (y - 32) + 6 * (z - 16) * (z - 16) < 400)

printfn "%.2f ml in %A" (Mask.volumeMl ball) (Mask.boundingBox ball)
(*** include-output ***)
(**
`Volume.map id` is the identity, cropping undoes padding, and a slab is a view without a copy:
*)
if Volume.map id ball <> ball then
    failwith "map id"

let slab = ball |> Volume.slab 10 5
printfn "%O" slab
(*** include-output ***)
(**
Two masks on different grids do not combine; the error quotes both grids:
*)
try
    Mask.``and`` slab ball |> ignore
    failwith "different grids were combined"
with :? System.ArgumentException as e ->
    printfn "%s" e.Message
(*** include-output ***)
