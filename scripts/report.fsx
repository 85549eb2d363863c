// A page of results for a list of cases:  dotnet fsi report.fsx [CASES.csv or FOLDER] [OUTPUT]      (without: two phantoms)
#load "cases.fsx"

open LiverSeg.Functional

// One scan at a time is in memory.
let judge (case: CaseFile) =
    let ct, truth = Cases.read case
    let found = ct |> Pipeline.segment (PipelineOptions()) Cases.model
    let image = ct |> Hounsfield.windowed Cases.model.Window
    found |> Report.case case.Id image truth

let cases = Cases.casesOr [ 1000L; 1001L ] |> List.map judge
let table = ResultTable.ofCases "liverseg" (cases |> Seq.map _.Result)
let folder = Cases.arguments |> List.tryItem 1 |> Option.defaultValue "report"
let published = [| PaperTable.table2 [ table ] |]
Report.Write(folder, "Livers found and true", "liverseg", List.toArray cases, published, [||], overwrite = true)
printfn "%s" (ResultTable.toMarkdown table)
