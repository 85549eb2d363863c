(**
---
title: 3 Files
category: Stages
categoryindex: 2
index: 3
---
# 3 Files: geometry kept, damage named

NIfTI, MetaImage, NRRD and DICOM go in; masks come out in any of them. What counts is that a voxel lies in the patient where it lay before. Run the
page with `dotnet fsi docs/3-files.fsx`.
*)
(*** condition: prepare ***)
#load "../scripts/load.fsx"

open System
open System.IO
open LiverSeg.Functional

let check name holds =
    if not holds then
        failwith name

let folder = Directory.CreateTempSubdirectory("files").FullName
let at name = Path.Combine(folder, name)

(**
## There and back

A scan with a tilted direction, written in three formats. The ending names the format; an existing file is never overwritten without being asked. All
three give the same voxels, and the grid to a thousandth of a millimetre or better (NIfTI keeps the matrix in 32 bit, the others in decimal digits).
*)
let ct =
    let phantom =
        Phantom.abdomen (PhantomOptions(Seed = 1000L, Spacing = Spacing(4., 4., 5.)))

    let tilted =
        let c, s = cos 0.2, sin 0.2
        Direction(Axis(c, s, 0.), Axis(-s, c, 0.), Axis(0., 0., 1.))

    let grid = phantom.Ct.Grid

    phantom.Ct
    |> Volume.withGrid (Grid(grid.Extent, grid.Spacing, Point(-120., -80., 900.), tilted))

for name in [ "ct.nii.gz"; "ct.mha"; "ct.nrrd" ] do
    ct |> VolumeFile.write (at name)
    let back = VolumeFile.read (at name)
    check "voxels" (back.Voxels.SequenceEqual ct.Voxels)
    check "grid" (back.Grid.GeometryEquals ct.Grid)
    printfn "%-10s %7d bytes  %O" name (FileInfo(at name).Length) back.Grid
(*** include-output ***)

(**
A header alone, without its voxels, and some slices without the rest:
*)
let info = (VolumeFile.``open`` (at "ct.nii.gz")).Info
printfn "%s, %O" info.Format info.Grid
printfn "%O" (VolumeFile.``open`` (at "ct.nrrd") |> VolumeSource.slab 10 5)
(*** include-output ***)

(**
## Damage is named

A file is never read in part as if it were whole. Here one is cut off in the middle; the error names file, field, what was found, what was
expected and what to do. `match` has its kinds as active patterns.
*)
let whole = File.ReadAllBytes(at "ct.nii.gz")
File.WriteAllBytes(at "cut.nii.gz", whole[.. whole.Length / 2])

match VolumeFile.tryRead (at "cut.nii.gz") with
| Ok _ -> failwith "half a file was believed"
| Error(FileError.BadFile e) -> printfn "%s, %s: found %s, expected %s; %s" e.Code e.Field e.Found e.Expected e.Remedy
| Error e -> failwith $"another kind: {e}"
(*** include-output ***)

(**
## Ready for a network

A window maps Hounsfield units to [0, 1]; below and above nothing is told apart. The window of the shipped models is −160..240 HU:
*)
let image = ct |> Hounsfield.window (-160.f<HU>, 240.f<HU>)

let densities = [| -1000f; -160f; 40f; 240f; 1000f |]

let row =
    Volume.ofArray (Grid.Of(Extent(5, 1, 1), Spacing(1., 1., 1.))) (densities |> Array.map Hu)

for hu, value in Seq.zip densities (row |> Hounsfield.window (-160.f<HU>, 240.f<HU>) |> Volume.toArray) do
    printfn "%6.0f HU  ->  %.2f" hu value.Value
(*** include-output ***)

(**
Axes along the patient's left, back and head, in that order, whatever the file's: no voxel is changed by it, and the way back is exact. Other
voxel sizes come by one tent filter, which interpolates where voxels shrink and averages where they grow:
*)
let upright = image |> Orient.toCanonical

check
    "there and back"
    (upright
     |> Orient.matchOrientation image.Grid
     |> _.Voxels.SequenceEqual(image.Voxels))

let coarse = ct |> Resample.toSpacing (8.<mm>, 8.<mm>, 10.<mm>)
printfn "%O" ct.Grid
printfn "%O" coarse.Grid
(*** include-output ***)

(**
Predicting does all of this by itself, and brings the scores back to the scan's own grid before they are cut: the mask has the geometry of the
file that came in. What was tried on broken and odd files: [measured](results/files.md).
*)
Directory.Delete(folder, true)
