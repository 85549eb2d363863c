// Table 1 of the paper on your cases: with and without deep supervision and CRF, one patient held out at a time:
//   dotnet fsi table1.fsx [CASES.csv or FOLDER] [OUTPUT]
#load "learner.fsx"
#load "manifest.fsx"

open System.IO
open LiverSeg.Functional

// The paper's kernels are large: from phantoms a few steps must do.
let preset =
    if Learner.toy then
        Learner.preset.With(options = Learner.preset.Options.With(epochs = 1, stepsPerEpoch = 4))
    else
        Learner.preset

let options =
    CrossValidationOptions(Output = Cases.outputOr "table1", Networks = [| "cnn"; "dsn" |], Preset = preset)

let cases = Cases.casesOr [ 1L; 2L ]

let result =
    cases |> CrossValidation.plan options [] |> CrossValidation.run Learner.showFold

let table = PaperTable.toMarkdown result.Table1
table |> OutputFile.replaceText (Path.Combine(options.Output, "table1.md"))

[ "table1.md" ]
|> Manifest.write options.Output [ ("threads", string preset.Options.Threads) ] (Manifest.ofCases cases)

printfn "%s" table
