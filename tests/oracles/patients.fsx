// The labelled scans of the model's card in five folds by patient, and rows of case lists about them (DATA/CASE/ct.nii.gz, liver.nii.gz).
#load "../../scripts/load.fsx"

open System.IO
open LiverSeg.Functional

let held =
    [
        0, [ "ircad01"; "lits002" ]
        1, [ "ircad19"; "lits003" ]
        2, [ "lits000"; "lits001"; "lits004" ]
        3, [ "lits006"; "ts_example" ]
        4, [ "lits011"; "lits013" ]
    ]

/// LiTS 0 and 1 are one patient.
let patient name =
    if name = "lits001" then "lits000" else name

let ct (data: string) (name: string) = Path.Combine(data, name, "ct.nii.gz")

let liver (data: string) (name: string) =
    Path.Combine(data, name, "liver.nii.gz")

let row case image mask patient = $"{case},{image},{mask},{patient}"
let list (rows: string list) = "case,image,mask,patient" :: rows

/// Writes a list, its last row ended like the others: what is added must not run into it.
let write (path: string) (rows: string list) =
    rows
    |> List.map (fun row -> row + "\n")
    |> String.concat ""
    |> OutputFile.replaceText path

let labelled data name =
    row name (ct data name) (liver data name) (patient name)

/// Two phantoms, written into a folder, and their rows.
let phantoms (folder: string) =
    [
        for seed in 0..1 do
            let name = $"phantom{seed}"

            let file part =
                Path.Combine(folder, $"{name}-{part}.nii.gz")

            let phantom = Phantom.Abdomen(PhantomOptions(Seed = seed))
            phantom.Ct |> VolumeFile.replace (file "ct")
            phantom.Liver |> VolumeFile.replaceMask (file "liver")
            row name (file "ct") (file "liver") name
    ]
