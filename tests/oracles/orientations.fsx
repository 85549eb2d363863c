// Segments one scan in all 48 orientations (permutations and mirrorings of its axes) and compares the masks in the patient; every sixth with the CRF too.
//   dotnet fsi tests/oracles/orientations.fsx SCAN.nii.gz [SHRINK_TO_MM] [MODEL_AT_MM]
#load "../../scripts/load.fsx"

open System
open System.IO
open LiverSeg.Functional

let args = fsi.CommandLineArgs |> Array.skip 1
let scan = Volume.read args[0]

let ct =
    if args.Length > 1 then
        scan |> Resample.toSpacing (let mm = float args[1] * 1.<mm> in mm, mm, mm)
    else
        scan

let model =
    if args.Length > 2 then
        Model(Pretrained.Liver.Network, Pretrained.Liver.Weights, Spacing = Spacing.Isotropic(float args[2]))
    else
        Pretrained.Liver

let plain = PipelineOptions(Refinement = CrfSetting.None)

let segment (ct: Volume<Hu>) =
    ct |> Pipeline.segmentWithScores plain model

/// The mask by the CRF of a map of scores.
let refined (ct: Volume<Hu>) scores =
    scores
    |> Pipeline.clean (PipelineOptions()) (ct |> Hounsfield.windowed model.Window)

let expected = segment ct
let expectedByCrf = refined ct expected.Scores

let differing (a: Volume<bool>) (b: Volume<bool>) =
    let mutable differ = 0L

    for k in 0 .. a.Voxels.Length - 1 do
        if a.Voxels[k] <> b.Voxels[k] then
            differ <- differ + 1L

    differ

printfn
    $"{ct.Grid}, {expected.Mask |> Mask.count} voxels inside, {expectedByCrf |> Mask.count} by the CRF, which changes {differing expected.Mask expectedByCrf}"

/// The grid with its axes in another order, some of them the other way round: the same voxels.
let turned (g: Grid) (axes: int[]) (flips: bool[]) =
    let lengths, spacings =
        [| g.Extent.X; g.Extent.Y; g.Extent.Z |], [| g.Spacing.X; g.Spacing.Y; g.Spacing.Z |]

    let directions = [| g.Direction.X; g.Direction.Y; g.Direction.Z |]
    let start = Array.zeroCreate 3

    for i in 0..2 do
        start[axes[i]] <- if flips[i] then float (lengths[axes[i]] - 1) else 0.

    let axis i =
        if flips[i] then
            directions[axes[i]].Times -1.
        else
            directions[axes[i]]

    Grid(
        Extent(lengths[axes[0]], lengths[axes[1]], lengths[axes[2]]),
        Spacing(spacings[axes[0]], spacings[axes[1]], spacings[axes[2]]),
        g.ToWorld(start[0], start[1], start[2]),
        Direction(axis 0, axis 1, axis 2)
    )

let permutations =
    [
        [| 0; 1; 2 |]
        [| 0; 2; 1 |]
        [| 1; 0; 2 |]
        [| 1; 2; 0 |]
        [| 2; 0; 1 |]
        [| 2; 1; 0 |]
    ]

/// Through memory, and through a file of each kind in turn.
let endings = [| ""; ".nii"; ".mha"; ".nrrd" |]
let folder = Directory.CreateTempSubdirectory "orientations-"

let rows =
    [
        for i, axes in List.indexed permutations do
            for bits in 0..7 do
                let flips = [| for k in 0..2 -> bits &&& (1 <<< k) <> 0 |]
                let other = ct |> Orient.matchOrientation (turned ct.Grid axes flips)
                let ending = endings[(8 * i + bits) % endings.Length]

                let other =
                    if ending = "" then
                        other
                    else
                        let path = Path.Combine(folder.FullName, $"{i}{bits}{ending}")
                        other |> VolumeFile.write path
                        Volume.read path

                let found = segment other
                let mask = found.Mask |> Orient.matchOrientation ct.Grid
                let scores = found.Scores |> Orient.matchOrientation ct.Grid
                let differ = differing mask expected.Mask
                let mutable worst = 0f

                for k in 0 .. ct.Voxels.Length - 1 do
                    worst <- max worst (abs (scores.Voxels[k].Value - expected.Scores.Voxels[k].Value))

                let byCrf =
                    if (8 * i + bits) % 6 = 5 then
                        Some(differing (refined other found.Scores |> Orient.matchOrientation ct.Grid) expectedByCrf)
                    else
                        None

                let crf =
                    byCrf
                    |> Option.map (fun d -> $"; with the CRF {d} voxels differ")
                    |> Option.defaultValue ""

                printfn
                    $"%-4s{other.Grid.Direction.Code} %-6s{ending} {differ} voxels differ, scores by {worst} at most{crf}"

                differ, worst, byCrf
    ]

folder.Delete true
let equal = rows |> List.filter (fun (d, _, _) -> d = 0L) |> List.length
let exact = rows |> List.filter (fun (d, w, _) -> d = 0L && w = 0f) |> List.length
let crf = rows |> List.choose (fun (_, _, c) -> c)
let crfEqual = crf |> List.filter ((=) 0L) |> List.length

printfn
    $"{rows.Length} orientations: {equal} masks equal voxel for voxel, {exact} with equal scores too; with the CRF {crfEqual} of {crf.Length}; at most {rows |> List.map (fun (d, _, _) -> d) |> List.max} voxels differ"

exit (
    if equal = rows.Length && crfEqual = crf.Length then
        0
    else
        1
)
