// Table 1 of the paper on your cases: with and without deep supervision and CRF, one patient held out at a time:
//   dotnet fsi table1.fsx [CASES.csv or FOLDER]
#load "learner.fsx"

open LiverSeg.Functional

let folds = Cases.casesOr [ 1L; 2L ] |> CrossValidation.folds []

/// Each fold's network judges its patient twice: without the CRF, then with it.
let variant name recipe =
    let models =
        folds |> List.map (fun fold -> fold, fold.Training |> Learner.learn recipe)

    [
        for suffix, useCrf in [ "", false; "+CRF", true ] ->
            ResultTable.ofCases
                (name + suffix)
                [
                    for fold, model in models do
                        yield! fold.HeldOut |> Seq.map (Learner.judge useCrf model)
                ]
    ]

variant "CNN" Learner.plain @ variant "DSN" Learner.recipe
|> PaperTable.table1
|> PaperTable.toMarkdown
|> printfn "%s"
