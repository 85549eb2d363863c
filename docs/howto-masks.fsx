(**
---
title: Which masks are taken
category: How-to
categoryindex: 3
index: 6
---
# Which inputs are taken, and which are refused

A mask from another program is rarely stored as the scan is. This page makes such files and shows what becomes of each: taken as it is, taken with a note, or
refused with one error that says what to do. Every row is run here and fails the page when its answer changes. Run it with `dotnet fsi docs/howto-masks.fsx`.
*)
(*** condition: prepare ***)
#load "../scripts/load.fsx"

open System
open System.IO
open LiverSeg.Functional

let folder = Directory.CreateTempSubdirectory("masks").FullName
let at (name: string) = Path.Combine(folder, name)

/// A row: what the input is, the answer, and whether it is the expected one.
let show (input: string) (answer: string) (expected: string) =
    if not (answer.Contains expected) then
        failwith $"{input}: {answer}"

    let shown = answer.Replace(folder + "/", "")
    printfn "%-44s %s" input (if shown.Length > 300 then shown[..297] + ".." else shown)

/// What a reading gives: how many voxels, what was said, or the error.
let answer (count: (string -> unit) -> string) =
    let said = ResizeArray<string>()

    try
        match count said.Add, List.ofSeq said with
        | result, [] -> result
        | result, notes -> result + "; " + String.Join("; ", notes)
    with FileError.Thrown e ->
        $"{e.Code}: {e.Found}; {e.Remedy}"

(**
## One lattice, stored otherwise

A lattice is what spacing and directions make of a patient's body: all places where a voxel's centre may lie. A mask that lies on the scan's lattice is brought onto the
scan's grid without changing a voxel, whatever its axes are called and whatever part of the scan its file holds: `Lattice.OnGrid` in C#, `Lattice.onGrid` here, and
every verb that takes a mask. 3D Slicer cuts a segmentation to what is inside; nibabel's programs turn axes; writers round headers. Two grids are one where no corner
lies more than 0.05 voxels off: a spacing of 0.6 mm kept to four decimals puts the last of 512 voxels 0.043 voxels off, and what is really another grid is off by half a voxel or more.
More than the rounding of 32-bit headers (0.001 mm) is said.
*)
let scan =
    (Phantom.abdomen (PhantomOptions(Seed = 7L, Spacing = Spacing(8., 8., 10.)))).Ct.Grid

let liver =
    (Phantom.abdomen (PhantomOptions(Seed = 7L, Spacing = Spacing(8., 8., 10.)))).Liver

let shifted x y z =
    Grid(scan.Extent, scan.Spacing, scan.ToWorld(x, y, z), scan.Direction)

/// The same voxels with their axes along these letters' sides: left-right and front-back exchanged.
let turned (mask: Volume<bool>) =
    let g, e = mask.Grid, mask.Extent
    let d = g.Direction

    let ras =
        Grid(
            e,
            g.Spacing,
            g.ToWorld(float (e.X - 1), float (e.Y - 1), 0.),
            Direction(d.X.Times -1., d.Y.Times -1., d.Z)
        )

    mask |> Orient.matchOrientation ras

let box = liver.BoundingBox()
let cut = liver |> Volume.crop box

for input, mask, expected in
    [
        "the scan's grid", liver, "voxels"
        "axes RAS, the scan's LPS", turned liver, "reordered RAS -> LPS"
        "cut out around the liver", cut, "padded with background"
        "cut out and turned", turned cut, "reordered RAS -> LPS; "
        "larger than the scan",
        liver
        |> Volume.pad (Region(-2, -2, 0, Extent(scan.Extent.X + 4, scan.Extent.Y + 4, scan.Extent.Z))) false,
        "larger"
        "origin rounded: 0.01 voxels off", liver |> Volume.withGrid (shifted 0.01 0. 0.), "taken as rounding"
        "half a voxel off", liver |> Volume.withGrid (shifted 0.5 0. 0.), "other-grid"
        "twice as fine",
        liver
        |> Resample.maskOnto
            Interpolation.Nearest
            (Grid(scan.Extent, Spacing(4., 4., 10.), scan.Origin, scan.Direction)),
        "other-grid"
    ] do
    mask |> VolumeFile.replaceMask (at "mask.mha")

    let found =
        answer (fun warn ->
            let read = at "mask.mha" |> Lattice.readMask warn MaskLabel.Any scan
            $"{Mask.count read} voxels")

    show input found expected
(*** include-output ***)

(**
The remedy is a verb. `liverseg resample -i FILE --like OTHER -o NEW --mask` reads a mask on another lattice between its voxels, by more than half of a voxel covered, or by
`--by nearest`; without `--mask` a scan, linearly. It is never done unasked, as it changes the mask.

## Names, and files that are no images

A header (`.mhd`, `.nhdr`) may call its data file anything, beside it or below, also through links that end inside of its folder. What leads out of the folder is refused.
*)
File.WriteAllBytes(at "liver 77 %d (1) é.raw", Array.zeroCreate 8)
Directory.CreateDirectory(at "sub") |> ignore
File.WriteAllBytes(at "sub/data.raw", Array.zeroCreate 8)

for name, expected in
    [
        "liver 77 %d (1) é.raw", "read"
        "./sub/data.raw", "read"
        "sub\\data.raw", "read"
        "../data.raw", "bad-metaimage"
        "/etc/passwd", "bad-metaimage"
        "missing.raw", "cannot-read"
    ] do
    File.WriteAllText(
        at "h.mhd",
        $"ObjectType = Image\nNDims = 3\nDimSize = 2 2 2\nElementType = MET_UCHAR\nElementDataFile = {name}\n"
    )

    show
        name
        (answer (fun _ ->
            at "h.mhd" |> VolumeFile.read |> ignore
            "read"))
        expected
(*** include-output ***)

(**
What often stands under an image's name is named for what it is. In folders, `._ct.nii.gz`, `.DS_Store`, `Thumbs.db` and `__MACOSX` are passed over (`VolumeFile.imagesIn`).
*)
for input, text, expected in
    [
        "a Git-LFS pointer", "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 77\n", "Git-LFS"
        "a page of a web server", "<!DOCTYPE html><html></html>", "HTML"
        "nothing", "", "empty"
        "half a header", "half a header", "truncated"
    ] do
    File.WriteAllText(at "case.nii.gz", text)

    show
        input
        (answer (fun _ ->
            at "case.nii.gz" |> VolumeFile.read |> ignore
            "read"))
        expected
(*** include-output ***)

(**
## Cases to learn from

`liverseg cases` looks at each case of a data set, and `train`, `crossval`, `study` and `tune-crf` do the same before they begin: `DatasetFolder.check` here. A case with an error
stops a training before its first epoch, named by case and file; warnings are said each time, also for cases that a cache has prepared.
*)
let ct =
    (Phantom.abdomen (PhantomOptions(Seed = 7L, Spacing = Spacing(8., 8., 10.)))).Ct

let mirrored = Volume.init scan (fun x y z -> liver[scan.Extent.X - 1 - x, y, z])

let grey =
    ct
    |> Volume.map (fun h -> Hu(round (Math.Clamp((h.Value + 160f) / 400f, 0f, 1f) * 255f)))

let asScan (mask: Volume<bool>) =
    mask |> Volume.map (fun inside -> Hu(if inside then 1f else 0f))

for input, image, mask, expected in
    [
        "a scan and its liver", ct, liver, "taken"
        "the mask where the scan belongs", asScan liver, liver, "no-scan"
        "a mask that is full", ct, Volume.constant scan true, "full-mask"
        "half a voxel off", ct, liver |> Volume.withGrid (shifted 0.5 0. 0.), "other-grid"
        "an empty mask: a scan without a liver", ct, Volume.constant scan false, "taken; the mask is empty"
        "left and right exchanged", ct, mirrored, "exchanged"
        "grey values", grey, liver, "do not look like Hounsfield units"
        "a mask of the body", ct, ct |> Volume.map (fun h -> h.Value > -300f), "all tissue"
        "a mask of air", ct, Volume.init scan (fun x _ _ -> x < 2), "does it belong to this scan"
    ] do
    image |> VolumeFile.replace (at "ct.mha")
    mask |> VolumeFile.replaceMask (at "liver.mha")
    let check = DatasetFolder.check (CaseFile("a", at "ct.mha", at "liver.mha", "a"))

    let found =
        match List.ofSeq check.Errors, List.ofSeq check.Warnings with
        | error :: _, _ -> error
        | [], [] -> "taken"
        | [], warnings -> "taken; " + String.Join("; ", warnings)

    show input found expected
(*** include-output ***)

(**
Scans without a liver may be among the cases, with a warning that counts them; where all masks are empty nothing can be learned, and the training says so (`empty-masks`).
What the values of a mask may be, and how `--label` chooses one of several: [files](3-files.fsx).
*)
Directory.Delete(folder, true)
