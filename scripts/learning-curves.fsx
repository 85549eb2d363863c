// With and without deep supervision: loss and validation error by epoch, as a page, pictures and a table:
//   dotnet fsi learning-curves.fsx [CASES.csv or FOLDER] [OUTPUT]      (the last case validates)
#load "learner.fsx"

open LiverSeg.Functional

let cases = Cases.casesOr [ 1L; 2L; 3L ]
let learned, validation = cases |> List.splitAt (cases.Length - 1)

let study =
    if Learner.toy then
        SupervisionStudy(
            learned,
            validation,
            Cases.outputOr "learning-curves",
            Seeds = 1,
            Starts = [| "he" |],
            Spacing = Spacing.Isotropic 12.,
            Options =
                SupervisionStudy.Recipe.With(epochs = 3, stepsPerEpoch = 5, crop = Extent(16, 16, 16), threads = 1)
        )
    else
        SupervisionStudy(learned, validation, Cases.outputOr "learning-curves")

let finished (run: StudyRun) made =
    printfn "%s: %s" run.Name (if made then "learned" else "was there")
    StudyPictures.writeLayers (eprintfn "warning: %s") study run

let tables = study |> SupervisionStudy.execute finished
StudyPictures.writeCurves study
printfn "%s" tables
