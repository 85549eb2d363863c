/// Label maps, with names as programs write them.
module LiverSeg.Functional.Tests.LabelFiles

open System
open System.IO
open LiverSeg.Functional

let labelGrid = Grid.Of(Extent(5, 4, 3), Spacing(10., 10., 10.))

/// A volume of numbers on the grid of 60 voxels of 1 ml.
let numbers (voxel: int -> float32) =
    Volume.Of(labelGrid, ReadOnlySpan(Array.init 60 (voxel >> Hu)))

/// A seg.nrrd of bytes: names, numbers and layers of its segments, and each voxel's number in each layer.
let segNrrd (path: string) (segments: (string * int * int) list) (layers: int) (voxel: int -> int -> int) =
    let list, none = if layers > 1 then $"{layers} ", "none " else "", ""

    let lines =
        [
            "NRRD0004"
            "type: unsigned char"
            $"dimension: {if layers > 1 then 4 else 3}"
            "space: left-posterior-superior"
            $"sizes: {list}5 4 3"
            $"space directions: {none}(10,0,0) (0,10,0) (0,0,10)"
            "encoding: raw"
            "space origin: (0,0,0)"
            "PatientName:=nobody"
            for i, (name, value, layer) in List.indexed segments do
                $"Segment{i}_Name:={name}"
                $"Segment{i}_LabelValue:={value}"
                $"Segment{i}_Layer:={layer}"
            ""
            ""
        ]

    let voxels =
        [|
            for i in 0..59 do
                for layer in 0 .. layers - 1 do
                    byte (voxel layer i)
        |]

    File.WriteAllBytes(path, Array.append (Text.Encoding.ASCII.GetBytes(String.Join("\n", lines))) voxels)
