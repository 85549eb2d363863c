// Fig. 2 of the paper on your cases: learning curves, first kernels and first features with and without deep supervision:
//   dotnet fsi figure2.fsx [CASES.csv or FOLDER] [OUTPUT] [MM]      (the last third of the cases validates; MM: voxel spacing, 6)
// What is in OUTPUT already is not learned again; beside the figure it gets a page of curves, single pictures and a table.
#load "learner.fsx"
#load "manifest.fsx"

open System.IO
open LiverSeg.Functional

let cases = Cases.casesOr [ 1L; 2L; 3L ]

let learned, validation =
    cases |> List.splitAt (cases.Length - max 1 (cases.Length / 3))

let study =
    if Learner.toy then
        SupervisionStudy(
            learned,
            validation,
            Cases.outputOr "figure2",
            Seeds = 1,
            Starts = [| "he" |],
            Spacing = Spacing.Isotropic 12.,
            Options =
                SupervisionStudy.Recipe.With(epochs = 3, stepsPerEpoch = 5, crop = Extent(16, 16, 16), threads = 1)
        )
    else
        // The paper's start and schedule until its rate falls, on crops of 192×192×144 mm, as in docs/results/learning.md.
        let mm =
            Cases.arguments |> List.tryItem 2 |> Option.map float |> Option.defaultValue 6.

        let voxels = 4 * int (48. / mm)

        SupervisionStudy(
            learned,
            validation,
            Cases.outputOr "figure2",
            Seeds = 1,
            Starts = [| "paper" |],
            Spacing = Spacing.Isotropic mm,
            Options =
                SupervisionStudy.Recipe.With(
                    epochs = 50,
                    stepsPerEpoch = 25,
                    crop = Extent(voxels, voxels, voxels * 3 / 4),
                    gradientClip = 0.1,
                    threads = 1
                )
        )

let finished (run: StudyRun) made =
    printfn "%s: %s" run.Name (if made then "learned" else "was there")
    StudyPictures.writeLayers (eprintfn "warning: %s") study run

let tables = study |> SupervisionStudy.execute finished
StudyPictures.writeCurves study

study
|> PaperFigures.figure2 study.Starts[0] 1L
|> OutputFile.replaceBytes (Path.Combine(study.Folder, "figure2.png"))

[
    "figure2.png"
    "tables.md"
    for run in study.Runs do
        run.Name + ".safetensors"
]
|> Manifest.write study.Folder [ ("threads", "1") ] (Manifest.ofCases cases)

printfn "%s" tables
