/// What a step of the clean-up does to masks, and the page that says it.
module Cutting

#load "../../scripts/load.fsx"

open System.IO
open LiverSeg.Functional

/// Of how many livers something is cut off, out of how many, and the least Dice of what is left of one.
let livers (cut: 'T -> Volume<bool>) (liver: 'T -> Volume<bool>) (all: 'T list) =
    let kept =
        all |> List.map (fun one -> (cut one |> Metrics.evaluate (liver one)).Dice)

    let some = kept |> List.filter (fun dice -> dice < 1.) |> List.length
    $"{some} of {kept.Length} | %.4f{List.min kept}"

/// JUDGED/CASE-SUFFIX.nii.gz before the step, and what another mask of the case has become after it.
let patients data judged suffix (after: string -> Volume<bool> -> Volume<bool>) =
    [
        "| case | Dice before | Dice | ASD before, mm | ASD, mm | cut off, ml |"
        "| --- | ---: | ---: | ---: | ---: | ---: |"
        for file in Directory.GetFiles(judged, $"*-{suffix}.nii.gz") |> Array.sort do
            let case = Path.GetFileName(file).Replace($"-{suffix}.nii.gz", "")
            let found = VolumeFile.ReadMask(file, MaskLabel.Any)
            let cut = found |> after case
            let truth = Lattice.ReadMask(Path.Combine(data, case, "liver.nii.gz"), found.Grid)
            let before, after = Metrics.evaluate truth found, Metrics.evaluate truth cut
            let asd (e: Evaluation) = e.AsdMm.Value.Value
            let ml = Mask.volumeMl found - Mask.volumeMl cut

            $"| {case} | %.4f{before.Dice} | %.4f{after.Dice} | %.2f{asd before} | %.2f{asd after} | %.0f{ml} |"
    ]

/// Shown, or with --write put into docs/results.
let publish name (page: string list) =
    let text = String.concat "\n" page

    if Array.contains "--write" fsi.CommandLineArgs then
        OutputFile.replaceText (Path.Combine(__SOURCE_DIRECTORY__, "..", "..", "docs", "results", name)) text
    else
        printfn "%s" text
