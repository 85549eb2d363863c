// Table 2 of the paper with the shipped model on your cases:  dotnet fsi table2.fsx [CASES.csv or FOLDER] [OUTPUT]
#load "cases.fsx"
#load "manifest.fsx"

open System.IO
open LiverSeg.Functional

let judge (case: CaseFile) =
    let ct, truth = Cases.read case
    let found = ct |> Pipeline.segment (PipelineOptions()) Cases.model
    found |> Metrics.evaluate truth |> CaseResult.ofEvaluation case.Id

let cases = Cases.casesOr [ 1000L; 1001L ]
let folder = Cases.outputOr "table2"

let table =
    cases
    |> Seq.map judge
    |> ResultTable.ofCases "compact DSN+CRF"
    |> Seq.singleton
    |> PaperTable.table2
    |> PaperTable.toMarkdown

table |> OutputFile.replaceText (Path.Combine(folder, "table2.md"))

[ "table2.md" ]
|> Manifest.write folder [] (Manifest.model :: Manifest.ofCases cases)

printfn "%s" table
