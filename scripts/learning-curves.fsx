// With and without deep supervision: loss and validation error by epoch, as a page and pictures:
//   dotnet fsi learning-curves.fsx [CASES.csv or FOLDER] [OUTPUT]      (the last case validates)
#load "learner.fsx"

open System.IO
open LiverSeg.Functional

let cases = Cases.casesOr [ 1L; 2L; 3L ] |> List.map Learner.prepare
let learned, validation = cases |> List.splitAt (cases.Length - 1)

let run name (recipe: TrainingRecipe) =
    let options = { recipe with ValidateEvery = 1 }.Options

    let trained =
        Training.Fit(Learner.start, List.toArray learned, options, List.toArray validation)

    LearningRun(name, trained.History)

let runs =
    [ run "deep supervision" Learner.recipe; run "main path alone" Learner.plain ]

let folder =
    Cases.arguments |> List.tryItem 1 |> Option.defaultValue "learning-curves"

let loss, error = LearningCurves.loss runs, LearningCurves.validationError runs
OutputFile.replaceBytes (Path.Combine(folder, "loss.png")) (Plots.toPng loss)
OutputFile.replaceBytes (Path.Combine(folder, "validation-error.png")) (Plots.toPng error)

LearningCurves.page "Learning curves" [ loss; error ]
|> OutputFile.replaceText (Path.Combine(folder, "index.html"))

for run in runs do
    let last = Seq.last run.Epochs
    printfn "%s: loss %.3f, validation Dice %.3f" run.Name last.Losses["main"] last.ValidationDice.Value
