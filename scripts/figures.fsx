// Livers found (red) and true (green) on three planes:  dotnet fsi figures.fsx [CASES.csv or FOLDER] [OUTPUT]
// Without cases: the phantom of the README's picture.
#load "cases.fsx"

open System.IO
open LiverSeg.Functional

let folder = Cases.arguments |> List.tryItem 1 |> Option.defaultValue "figures"

let draw (name: string) (ct: Volume<Hu>) truth =
    let found = ct |> Pipeline.segment (PipelineOptions()) Pretrained.Liver
    let image = ct |> Hounsfield.windowed Window.Liver
    let path = Path.Combine(folder, name + ".png")
    found |> Preview.drawBoth image truth |> OutputFile.replaceBytes path
    printfn "%s: Dice %.3f" path (found |> Metrics.evaluate truth).Dice

if Cases.arguments.IsEmpty then
    let phantom = Phantom.ofSeed 1000L
    draw "liver" phantom.Ct phantom.Liver
else
    for case in Cases.casesOr [] do
        Cases.read case ||> draw case.Id
