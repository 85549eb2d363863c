// Fig. 3 of the paper on your cases: a column for each, transverse, sagittal and coronal; truth green, result red:
//   dotnet fsi figure3.fsx [CASES.csv or FOLDER] [OUTPUT]
#load "cases.fsx"
#load "manifest.fsx"

open System.IO
open LiverSeg.Functional

let cases = Cases.casesOr [ 1000L; 1001L ]
let folder = Cases.outputOr "figure3"

let subject (case: CaseFile) =
    let ct, truth = Cases.read case
    let found = ct |> Pipeline.segment (PipelineOptions()) Cases.model
    printfn "%s: Dice %.3f" case.Id (found |> Metrics.evaluate truth).Dice
    FigureSubject(case.Id, ct |> Hounsfield.windowed Window.Liver, found, truth)

// A sequence: one scan at a time is in memory.
cases
|> Seq.map subject
|> PaperFigures.figure3
|> OutputFile.replaceBytes (Path.Combine(folder, "figure3.png"))

[ "figure3.png" ]
|> Manifest.write folder [] (Manifest.model :: Manifest.ofCases cases)
