// Leave one patient out: a network for each fold, judged on whom it never saw:
//   dotnet fsi crossval.fsx [CASES.csv or FOLDER] [OUTPUT]
// What is in OUTPUT already is not made again, so a long run can be stopped and started; the same from a shell:  liverseg crossval
#load "learner.fsx"

open LiverSeg.Functional

let options =
    CrossValidationOptions(Output = Cases.outputOr "crossval", Preset = Learner.preset)

let result =
    Cases.casesOr [ 1L; 2L ]
    |> CrossValidation.plan options []
    |> CrossValidation.run Learner.showFold

for table in result.Tables do
    printfn "%s" (ResultTable.toMarkdown table)
