// Does the liver's box lose a voxel of the reference?  A table for docs/results/speed.md.
//   dotnet fsi tests/oracles/liver_region.fsx CASES.csv      (case,image,mask; after: dotnet build -c Release)
#load "../../scripts/load.fsx"

open System
open System.Diagnostics
open LiverSeg.Functional

let cases = CaseList.read fsi.CommandLineArgs[1]
printfn "| case | scan | box | of the scan | liver voxels outside of the box | nearest the border of the box, mm | s |"
printfn "|---|---|---|---:|---:|---:|---:|"

let lost =
    [
        for case in cases do
            let ct = VolumeFile.Read case.Image
            let truth = VolumeFile.ReadMask case.Mask
            let clock = Stopwatch.StartNew()
            let found = ct |> LiverRegion.find (RegionOptions()) Pretrained.Liver
            let seconds = clock.Elapsed.TotalSeconds
            let box, near, e, s = found.Region, truth.BoundingBox(), ct.Extent, ct.Grid.Spacing
            let outside = Mask.count truth - (truth.Crop box |> Mask.count)

            // Where the box ends with the scan there is nothing to lose.
            let gap first length first' length' whole spacing =
                [
                    first > 0, first' - first
                    first + length < whole, first + length - first' - length'
                ]
                |> List.filter fst
                |> List.map (fun (_, voxels) -> float voxels * spacing)

            let gaps =
                gap box.X box.Extent.X near.X near.Extent.X e.X s.X
                @ gap box.Y box.Extent.Y near.Y near.Extent.Y e.Y s.Y
                @ gap box.Z box.Extent.Z near.Z near.Extent.Z e.Z s.Z

            let least =
                if gaps.IsEmpty then
                    "the whole"
                else
                    String.Format(Globalization.CultureInfo.InvariantCulture, "{0:F0}", List.min gaps)

            let share = 100. * float box.Extent.Count / float e.Count

            let what =
                if found.Doubt = "" then
                    string box.Extent
                else
                    "whole: " + found.Doubt

            printfn $"| {case.Id} | {e} | {what} | {share:F0} %% | {outside} | {least} | {seconds:F1} |"
            outside
    ]

printfn $"\n{lost.Length} cases, {List.sum lost} liver voxels outside."
exit (if List.sum lost = 0L then 0 else 1)
