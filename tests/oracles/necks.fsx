// What cutting necks does to outlined livers and to masks of left-out patients: dotnet fsi tests/oracles/necks.fsx SHAPES DATA JUDGED [--write]
// SHAPES/*.nii.gz are masks of livers; JUDGED/CASE-uncut.nii.gz masks that folds.fsx left before necks were cut, DATA/CASE/liver.nii.gz what they should be.
#load "../../scripts/load.fsx"

open System.IO
open LiverSeg.Functional

let folder i = Path.GetFullPath fsi.CommandLineArgs[i]

let shapes, data, judged = folder 1, folder 2, folder 3

/// Of how many livers something is cut off, the least Dice of what is left of one, and how many there are.
let livers width least =
    let kept =
        [
            for file in Directory.GetFiles(shapes, "*.nii.gz") do
                let liver = VolumeFile.ReadMask(file, MaskLabel.Any) |> Mask.largestComponent
                (liver |> Mask.cutNecks width least |> Metrics.evaluate liver).Dice
        ]

    kept |> List.filter (fun dice -> dice < 1.) |> List.length, List.min kept, kept.Length

let shapesTable =
    [
        "| neck below, mm | piece from, ml | livers cut | least Dice of what is left |"
        "| ---: | ---: | ---: | ---: |"
        for width in [ 6.; 8.; 10.; 12.; 16. ] do
            for least in [ 0.; 5. ] do
                let some, dice, all = livers width least
                $"| %g{width} | %g{least} | {some} of {all} | %.4f{dice} |"
    ]

let patientsTable =
    [
        "| case | Dice before | Dice | ASD before, mm | ASD, mm | cut off, ml |"
        "| --- | ---: | ---: | ---: | ---: | ---: |"
        for file in Directory.GetFiles(judged, "*-uncut.nii.gz") |> Array.sort do
            let case = Path.GetFileName(file).Replace("-uncut.nii.gz", "")
            let found = VolumeFile.ReadMask(file, MaskLabel.Any)
            let truth = Lattice.ReadMask(Path.Combine(data, case, "liver.nii.gz"), found.Grid)
            let cut = found |> Mask.cutNecks 10. 5.
            let before, after = Metrics.evaluate truth found, Metrics.evaluate truth cut
            let asd (e: Evaluation) = e.AsdMm.Value.Value
            let ml = Mask.volumeMl found - Mask.volumeMl cut

            $"| {case} | %.4f{before.Dice} | %.4f{after.Dice} | %.2f{asd before} | %.2f{asd after} | %.0f{ml} |"
    ]

let page =
    [
        "---"
        "title: Necks"
        "category: Results"
        "categoryindex: 4"
        "index: 15"
        "---"
        "# What hangs on a liver by a thin neck is none"
        ""
        "A stomach full of contrast or a colon full of stool can be as dense as liver and lie against it. A network that has seen few of them takes a part, and it stays in the largest"
        "component, because somewhere it touches. No liver is shaped so: `Mask.cutNecks`, after the largest component was taken and its holes were filled, cuts off every piece of 5 ml or more that hangs"
        "on the widest part by a neck through which no ball of 10 mm passes (`PipelineOptions.NeckMm`; 0 leaves them). Made by"
        "`dotnet fsi tests/oracles/necks.fsx SHAPES DATA JUDGED --write`."
        ""
        "## Livers"
        ""
        "Outlined livers of about 135 patients (LiTS, 3D-IRCADb-01, BTCV, AMOS and others) at 3 mm: of none is anything cut off by the default values. From 12 mm on lobes are."
        ""
        yield! shapesTable
        ""
        "## Masks of left-out patients"
        ""
        "Those of [the folds](crossval.md), with the CRF and [dense parts](dense.md) cut, before and after. The value was chosen with their forerunners before our eyes (of LiTS 11 104 ml of stomach were cut off so), but by the livers above: it is the widest neck that none of them has."
        ""
        yield! patientsTable
        ""
        "A piece of more than 5 % is named too: *a piece of 80 ml hangs on it by a thin neck* makes a mask doubtful ([doubt](doubt.md)). What lies against the liver broadly stays."
        ""
    ]

if Array.contains "--write" fsi.CommandLineArgs then
    let target =
        Path.Combine(__SOURCE_DIRECTORY__, "..", "..", "docs", "results", "necks.md")

    page |> String.concat "\n" |> OutputFile.replaceText target
else
    page |> String.concat "\n" |> printfn "%s"
