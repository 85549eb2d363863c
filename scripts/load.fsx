// What every script needs, from any folder:  #load "load.fsx"
#load "built.fsx" // with the packages instead of this repository's build:  #load "packages.fsx"

open LiverSeg.Functional

// fsi shows volumes, networks, models and results at a glance.
fsi.AddPrinter(fun (value: obj) -> Printers.text value |> Option.toObj)
