/// A scan and the series that is made of it, unharmed or with altered slices.
module LiverSeg.Functional.Tests.DicomScan

open System
open System.IO
open Expecto
open LiverSeg.Functional
open LiverSeg.Functional.Tests.Folders
open LiverSeg.Functional.Tests.DicomFixture

let whole (volume: Volume<Hu>) = volume.Map(fun h -> Hu(round h.Value))

/// A right-handed grid with its third axis along the normal, as a series must have.
let stacked (volume: Volume<Hu>) =
    let g = volume.Grid

    volume.WithGrid(
        Grid(g.Extent, g.Spacing, g.Origin, Direction(g.Direction.X, g.Direction.Y, g.Direction.X.Cross g.Direction.Y))
    )

let equal (a: Volume<Hu>) (b: Volume<Hu>) =
    a.Grid.GeometryEquals b.Grid
    && MemoryExtensions.SequenceEqual(a.Voxels, b.Voxels)

let scan =
    let grid =
        Grid(Extent(6, 5, 5), Spacing(0.7, 0.8, 2.5), Point(-10., 20.5, -300.), Direction.Identity)

    Volume.Init(grid, fun x y z -> Hu(float32 (x * x * 40 - 30 * y + 100 * z - 500)))

let refusal path =
    match VolumeFile.TryRead path with
    | true, volume, _ -> failtest $"accepted: {volume}"
    | false, _, error -> error

/// The scan as a series with some of its slices altered.
let altered (alter: int -> (uint32 * string * byte[]) list) work =
    withFolder (fun folder ->
        for z in 0..4 do
            File.WriteAllBytes(
                Path.Combine(folder, $"{z}.dcm"),
                slice ExplicitLittle scan.Grid z (pixels scan z) (alter z)
            )

        work folder)

let at z tag vr value =
    fun i -> if i = z then [ tag, vr, value ] else []
