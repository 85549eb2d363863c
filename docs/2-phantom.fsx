(**
---
title: 2 A phantom
category: Stages
categoryindex: 2
index: 2
---
# 2 A phantom, its liver, and the numbers

Run the page with `dotnet fsi docs/2-phantom.fsx`.
*)
(*** condition: prepare ***)
#load "../scripts/load.fsx"
(**
A phantom is a synthetic abdomen whose liver is known exactly. The default model was trained on other seeds and on real scans.
*)
open LiverSeg.Functional

let phantom =
    Phantom.abdomen (PhantomOptions(Seed = 1000L, Spacing = Spacing.Isotropic 3.))

printfn "%O, %O, liver %.0f ml" phantom.Ct.Grid phantom.Phase (Mask.volumeMl phantom.Liver)
(*** include-output ***)
(**
Each stage is a function, and the types only fit in the right order:
*)
let model = Pretrained.Liver
let image = phantom.Ct |> Hounsfield.windowed model.Window
let scores = image |> Model.predict model
let found = scores |> Mask.threshold 0.5 |> Mask.largestComponent |> Mask.fillHoles
let measures = found |> Metrics.evaluate phantom.Liver
printfn "%s" (Report.line measures)

if measures.Dice < 0.85 then
    failwith "the liver was not found"
(*** include-output ***)
(**
What the first of its two networks is; the second looks closer, with what the first says as a second channel:
*)
printfn "%s" ((Model.firstStage model).Network |> Layer.table (Shape(1, Extent(96, 96, 48))))
(*** include-output ***)
