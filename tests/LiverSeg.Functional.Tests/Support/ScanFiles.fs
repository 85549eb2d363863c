/// Scans written in every format, and bytes of a header by hand.
module LiverSeg.Functional.Tests.ScanFiles

open System
open System.IO
open Expecto
open LiverSeg.Functional

let endings = [ ".nii"; ".nii.gz"; ".hdr"; ".mha"; ".mhd"; ".nrrd"; ".nhdr" ]

let keepsAll (volume: Volume<Hu>) (back: Volume<Hu>) =
    back.Grid.GeometryEquals(volume.Grid, 1e-3)
    && MemoryExtensions.SequenceEqual(back.Voxels, volume.Voxels)

/// Errors must be of the one kind and say all that they promise.
let refused path =
    try
        VolumeFile.Read path |> ignore
        None
    with :? FileErrorException as e -> // anything else fails the test
        let e = e.Error
        Expect.all [ e.Code; e.Field; e.Found; e.Expected; e.Remedy ] (fun s -> s <> "") $"a complete error: {e}"
        Some e

let written ending (volume: Volume<Hu>) folder =
    let path = Path.Combine(folder, "v" + ending)
    volume.Write path
    path

/// Every file of what was written, the data file of a pair first.
let filesOf path =
    Directory.GetFiles(Path.GetDirectoryName(path: string))
    |> Array.sortBy (fun f -> f = path)

let someVolume seed =
    let mutable random = CounterRandom(ReadOnlySpan [| seed; 77L |])

    let grid =
        Grid(Extent(7, 6, 5), Spacing(0.7, 0.8, 2.5), Point(-10., 20.5, -300.), Direction.Identity)

    let voxels = Array.zeroCreate 210

    for i in 0..209 do
        voxels[i] <- Hu(float32 (random.NextInt 2000 - 1000))

    Volume.Of(grid, ReadOnlySpan voxels)

/// Bytes of a little-endian NIfTI-1 with the given datatype and voxels.
let nifti (datatype: int16) (big: bool) (slope: float32) (inter: float32) (voxels: byte[]) (count: int) =
    let h = Array.zeroCreate<byte> 352

    let put (at: int) (bytes: byte[]) =
        (if big then Array.rev bytes else bytes).CopyTo(h, at)

    put 0 (BitConverter.GetBytes 348)

    [ 3; count; 1; 1; 1; 1; 1; 1 ]
    |> List.iteri (fun i d -> put (40 + 2 * i) (BitConverter.GetBytes(int16 d)))

    put 70 (BitConverter.GetBytes datatype)
    put 72 (BitConverter.GetBytes(int16 (8 * voxels.Length / count)))

    [ 1f; 0.5f; 0.5f; 2f ]
    |> List.iteri (fun i d -> put (76 + 4 * i) (BitConverter.GetBytes d))

    put 108 (BitConverter.GetBytes 352f)
    put 112 (BitConverter.GetBytes slope)
    put 116 (BitConverter.GetBytes inter)
    h[123] <- 2uy
    put 252 (BitConverter.GetBytes 1s)
    Array.blit "n+1"B 0 h 344 3
    Array.append h voxels
