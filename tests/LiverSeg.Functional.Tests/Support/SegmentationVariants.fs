/// Segmentations by chance, with the masks that they should be read as.
module LiverSeg.Functional.Tests.SegmentationVariants

open System
open LiverSeg.Functional
open LiverSeg.Functional.Tests.DicomMasks

/// A segmentation by chance: its file, and each segment as the mask that it should be read as.
type Variant =
    {
        Bytes: byte[]
        Segments: (int * Volume<bool>) list
        Style: Style
    }

let private names = [ "Spleen"; "Leber"; "  LIVER "; "Tumor"; "Niere links" ]

/// Frames of one to three segments, that may overlap but in a label map, shuffled; many slices without any.
let variant (grid: Grid) (seed: int) =
    let random = Random(seed)
    let area = grid.Extent.X * grid.Extent.Y

    let kind =
        match random.Next 4 with
        | 0 -> Fractional(1 + random.Next 255)
        | 1 -> LabelMap(if random.Next 2 = 0 then 8 else 16)
        | _ -> Binary

    let numbers =
        [ 1..12 ]
        |> List.map (fun n -> (if kind = LabelMap 16 then n * 1000 else n), random.Next())
        |> List.sortBy snd
        |> List.map fst
        |> List.truncate (1 + random.Next 3)

    let style =
        {
            Implicit = random.Next 2 = 0
            Between = random.Next 3 > 0
            Thickness = true
            Shared = random.Next 2 = 0
        }

    let density = random.NextDouble()

    let voxels =
        [
            for n in numbers ->
                n,
                [|
                    for _ in 0 .. grid.Extent.Z - 1 ->
                        let isEmpty = random.Next 2 = 0
                        Array.init area (fun _ -> not isEmpty && random.NextDouble() < density)
                |]
        ]

    // In a label map the first segment that wants a voxel has it.
    let voxels =
        match kind with
        | LabelMap _ ->
            [
                for i, (n, slices) in List.indexed voxels ->
                    n,
                    slices
                    |> Array.mapi (fun z s ->
                        s
                        |> Array.mapi (fun p v ->
                            v
                            && voxels |> List.truncate i |> List.forall (fun (_, o: bool[][]) -> not (o[z][p]))))
            ]
        | _ -> voxels

    let number =
        match kind with
        | Fractional maximum ->
            fun v ->
                if v then
                    (maximum + 1) / 2 + random.Next(maximum - (maximum + 1) / 2 + 1)
                else
                    random.Next((maximum + 1) / 2)
        | _ -> fun v -> if v then 1 else 0

    let frames =
        match kind with
        | LabelMap _ ->
            [
                for z in 0 .. grid.Extent.Z - 1 ->
                    {
                        Segment = 0
                        Z = z
                        Pixels =
                            Array.init area (fun p ->
                                voxels
                                |> List.tryFind (fun (_, slices) -> slices[z][p])
                                |> Option.map fst
                                |> Option.defaultValue 0)
                    }
            ]
        | _ ->
            [
                for n, slices in voxels do
                    for z, s in Array.indexed slices do
                        {
                            Segment = n
                            Z = z
                            Pixels = s |> Array.map number
                        }
            ]

    // Empty frames are mostly left out, but for one where there would be none.
    let kept =
        frames
        |> List.filter (fun f ->
            let empty =
                match kind with
                | Fractional maximum -> f.Pixels |> Array.forall (fun p -> p < (maximum + 1) / 2)
                | _ -> f.Pixels |> Array.forall ((=) 0)

            not empty || random.Next 5 = 0)

    let kept = if kept.IsEmpty then [ frames.Head ] else kept

    let kept =
        kept |> List.map (fun f -> f, random.Next()) |> List.sortBy snd |> List.map fst

    let segments =
        numbers
        |> List.mapi (fun i n -> n, names[(i + seed % 3 + 3) % names.Length], "1")

    {
        Bytes = segmentation style kind segments grid kept
        Segments =
            [
                for n, slices in voxels -> n, Volume.Init(grid, (fun x y z -> slices[z][y * grid.Extent.X + x]))
            ]
        Style = style
    }
