// Table 2 of the paper with the shipped model on your cases:  dotnet fsi table2.fsx [CASES.csv or FOLDER]
#load "cases.fsx"

open LiverSeg.Functional

let judge (case: CaseFile) =
    let ct, truth = Cases.read case
    let found = ct |> Pipeline.segment (PipelineOptions()) Cases.model
    found |> Metrics.evaluate truth |> CaseResult.ofEvaluation case.Id

Cases.casesOr [ 1000L; 1001L ]
|> Seq.map judge
|> ResultTable.ofCases "compact DSN+CRF"
|> Seq.singleton
|> PaperTable.table2
|> PaperTable.toMarkdown
|> printfn "%s"
