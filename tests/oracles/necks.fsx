// What cutting necks does to outlined livers and to masks of left-out patients: dotnet fsi tests/oracles/necks.fsx SHAPES DATA JUDGED [--write]
// SHAPES/*.nii.gz are masks of livers; JUDGED/CASE-uncut.nii.gz masks that folds.fsx left before necks were cut, DATA/CASE/liver.nii.gz what they should be.
#load "../../scripts/load.fsx"
#load "cutting.fsx"

open System.IO
open LiverSeg.Functional

let folder i = Path.GetFullPath fsi.CommandLineArgs[i]

let shapes, data, judged = folder 1, folder 2, folder 3

let outlined =
    [
        for file in Directory.GetFiles(shapes, "*.nii.gz") ->
            VolumeFile.ReadMask(file, MaskLabel.Any) |> Mask.largestComponent
    ]

let shapesTable =
    [
        "| neck below, mm | piece from, ml | livers cut | least Dice of what is left |"
        "| ---: | ---: | ---: | ---: |"
        for width in [ 6.; 8.; 10.; 12.; 16. ] do
            for least in [ 0.; 5. ] do
                $"| %g{width} | %g{least} | {Cutting.livers (Mask.cutNecks width least) id outlined} |"
    ]

let patientsTable =
    Cutting.patients data judged "uncut" (fun _ found -> found |> Mask.cutNecks 10. 5.)

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

page |> Cutting.publish "necks.md"
