// What cutting dense parts does to outlined livers and to masks of left-out patients: dotnet fsi tests/oracles/dense.fsx DATA JUDGED [--write]
// DATA/CASE/ct.nii.gz and liver.nii.gz are outlined livers; JUDGED/CASE-dense.nii.gz masks that folds.fsx made without this step, JUDGED/CASE.nii.gz with it.
#load "../../scripts/load.fsx"
#load "cutting.fsx"

open System.IO
open LiverSeg.Functional

let folder i = Path.GetFullPath fsi.CommandLineArgs[i]
let data, judged = folder 1, folder 2

let liver case =
    Path.Combine(data, case, "liver.nii.gz")

let outlined =
    [
        for folder in Directory.GetDirectories data |> Array.sort do
            let case = Path.GetFileName folder

            if File.Exists(liver case) then
                let image =
                    Volume.read (Path.Combine(folder, "ct.nii.gz"))
                    |> Hounsfield.windowed Window.Liver

                image, Lattice.ReadMask(liver case, image.Grid)
    ]

let liversTable =
    [
        "| denser by, HU | part from, ml | livers cut | least Dice of what is left |"
        "| ---: | ---: | ---: | ---: |"
        for by in [ 20.; 30.; 40.; 50.; 60. ] do
            for least in [ 0.; 5. ] do
                let cut (image, liver) =
                    liver |> Pipeline.cutDense (by / float Window.Liver.Width) least image

                $"| %g{by} | %g{least} | {Cutting.livers cut snd outlined} |"
    ]

let patientsTable =
    Cutting.patients data judged "dense" (fun case _ ->
        VolumeFile.ReadMask(Path.Combine(judged, $"{case}.nii.gz"), MaskLabel.Any))

let page =
    [
        "---"
        "title: Dense parts"
        "category: Results"
        "categoryindex: 4"
        "index: 16"
        "---"
        "# What is much denser than the rest is no liver"
        ""
        "Contrast medium that was drunk makes stomach and bowel as dense as a liver in the next patient's contrast, and a network that has seen few of them takes a part. Within one scan nothing of a"
        "liver is so much denser than its median, once vessels are averaged away: `Pipeline.cutDense` compares means over about 12 mm with the median of the whole mask and cuts off every part of 5 ml or"
        "more that is 50 HU denser, with its edge, before the largest component is taken (`PipelineOptions.DenserHu`; 0 leaves them). Made by"
        "`dotnet fsi tests/oracles/dense.fsx DATA JUDGED --write`."
        ""
        "## Livers"
        ""
        $"The {outlined.Length} outlined scans of the model's card, in native, arterial and portal phases, one with large lesions, which are less dense: by the default values of none is anything cut off."
        ""
        yield! liversTable
        ""
        "## Masks of left-out patients"
        ""
        "Those of [the folds](crossval.md), with the CRF and necks cut, before and after. The step was made with LiTS 11 before our eyes, the value chosen by the livers above."
        ""
        yield! patientsTable
        ""
        "Such a part makes a mask doubtful too, whether the cut was right or not ([doubt](doubt.md)): what was given into a liver, lipiodol above all, is as dense. What the liver encloses is filled again;"
        "at its surface it is lost. What is denser by less than that, or smaller, stays."
        ""
    ]

page |> Cutting.publish "dense.md"
