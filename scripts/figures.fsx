// The picture of the README: a phantom's liver, found and true:  dotnet fsi figures.fsx [FOLDER]
#load "load.fsx"

open System.IO
open LiverSeg.Functional

let folder = fsi.CommandLineArgs |> Array.tryItem 1 |> Option.defaultValue "figures"
let phantom = Phantom.ofSeed 1000L
let found = phantom.Ct |> Pipeline.segment (PipelineOptions()) Pretrained.Liver
let image = phantom.Ct |> Hounsfield.windowed Window.Liver
let path = Path.Combine(folder, "liver.png")

OutputFile.WriteBytes(path, image.Draw(found, phantom.Liver), overwrite = true)
printfn "%s: Dice %.3f" path (found |> Metrics.evaluate phantom.Liver).Dice
