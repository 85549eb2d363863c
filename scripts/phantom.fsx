// A synthetic abdomen with an exact liver, written as NIfTI:  dotnet fsi phantom.fsx [FOLDER] [SEED]
#load "load.fsx"

open System.IO
open LiverSeg.Functional

let arg i otherwise =
    fsi.CommandLineArgs |> Array.tryItem i |> Option.defaultValue otherwise

let folder, seed = arg 1 "phantoms", int64 (arg 2 "0")
let phantom = Phantom.ofSeed seed

Directory.CreateDirectory folder |> ignore
phantom.Ct.Write(Path.Combine(folder, $"phantom{seed:D4}-ct.nii.gz"), overwrite = true)
phantom.Liver.Write(Path.Combine(folder, $"phantom{seed:D4}-liver.nii.gz"), overwrite = true)
printfn "%O, %O, liver %.0f ml" phantom.Ct.Grid phantom.Phase (Mask.volumeMl phantom.Liver)
