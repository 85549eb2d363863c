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
## What a mask may be

A file is a mask when it says one thing. Label maps, soft maps and ignore labels are not taken for a liver in silence: the error lists the values and their
volumes, and `--label` on the command line, the column `label` in a list of cases, or `MaskLabel` here chooses one of them. Names come from the header of a
`.seg.nrrd` or from nnU-Net's `dataset.json` beside the file or above its folder of labels.
*)
let grid = Grid.Of(Extent(4, 5, 5), Spacing.Isotropic 10.)

/// A file whose voxels hold these values in turn.
let written name (values: float list) =
    Volume.init grid (fun x _ _ -> Hu(float32 values[x % values.Length]))
    |> VolumeFile.replace (at name)

    at name

/// What becomes of it: how many voxels are inside, what was said, or the error.
let answer (label: MaskLabel) path =
    let said = ResizeArray<string>()

    try
        let mask = path |> VolumeFile.readLabelWarned said.Add label

        match List.ofSeq said with
        | [] -> $"{Mask.count mask} voxels"
        | _ -> $"{Mask.count mask} voxels, and a warning"
    with FileError.Thrown e ->
        e.Code

let five = MaskLabel.Number 5

let rows =
    [
        "0 and 1", [ 0.; 1.; 0.; 1. ], MaskLabel.Any, "50 voxels"
        "0 and 255, or any one value", [ 0.; 255.; 0.; 0. ], MaskLabel.Any, "25 voxels"
        "0, 1 and 2: liver and lesion, as LiTS has it", [ 0.; 1.; 2.; 1. ], MaskLabel.Any, "75 voxels"
        "several labels", [ 0.; 1.; 5.; 5. ], MaskLabel.Any, "ambiguous-mask"
        "an ignore label beside the liver", [ 0.; 1.; 255.; 1. ], MaskLabel.Any, "ambiguous-mask"
        "a soft map", [ 0.; 0.25; 0.5; 1. ], MaskLabel.Any, "soft-mask"
        "several labels, with --label 5", [ 0.; 1.; 5.; 5. ], five, "50 voxels"
        "no such label", [ 0.; 1.; 2.; 1. ], five, "0 voxels, and a warning"
        "a name where there are none", [ 0.; 1.; 5.; 5. ], MaskLabel.Named "liver", "no-such-label"
    ]

for input, values, label, expected in rows do
    let found = written "mask.nii.gz" values |> answer label
    check $"{input}: {found}" (found = expected)
    printfn "%-46s -> %s" input found

File.WriteAllText(at "dataset.json", """{"labels": {"background": 0, "spleen": 1, "liver": 5}}""")
let organs = written "mask.nii.gz" [ 0.; 1.; 5.; 5. ]

for input, label, expected in
    [
        "dataset.json names a liver", MaskLabel.Any, "50 voxels, and a warning"
        "dataset.json, with --label spleen", MaskLabel.Named "spleen", "25 voxels"
        "dataset.json, with --label kidney", MaskLabel.Named "kidney", "no-such-label"
    ] do
    let found = organs |> answer label
    check $"{input}: {found}" (found = expected)
    printfn "%-46s -> %s" input found
(*** include-output ***)

(**
Score maps are another thing: `VolumeFile.readProbability` takes values in [0, 1], and cuts off what rounding put beyond by at most 0.001. A map becomes a
mask by `Mask.threshold`, or by `refine` on the command line.

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
