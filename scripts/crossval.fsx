// Leave one patient out: a network a fold, judged on whom it never saw:  dotnet fsi crossval.fsx [CASES.csv or FOLDER]
// Runs over days, with resuming and a fold a machine:  liverseg crossval
#load "learner.fsx"

open LiverSeg.Functional

let folds = Cases.casesOr [ 1L; 2L ] |> CrossValidation.folds []

let heldOut (fold: PatientFold) =
    let model = fold.Training |> Learner.learn Learner.recipe
    printfn "%s held out, %d cases to learn from" fold.Patient fold.Training.Count
    fold.HeldOut |> Seq.map (Learner.judge true model) |> List.ofSeq

folds
|> List.collect heldOut
|> ResultTable.ofCases "compact DSN+CRF"
|> ResultTable.toMarkdown
|> printfn "%s"
