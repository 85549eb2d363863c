#r "nuget: LiverSeg.Functional.FSharp, 0.2.0"
#r "nuget: libtorch-cpu-linux-x64, 2.10.0"

open LiverSeg.Functional

let phantom =
    Phantom.abdomen (PhantomOptions(Seed = 1000L, Spacing = Spacing.Isotropic 3.))

let model = Pretrained.Liver
let image = phantom.Ct |> Hounsfield.windowed model.Window

let metrics =
    image
    |> Model.predict model
    |> Crf.refine (CrfOptions(Iterations = 5)) image
    |> Mask.threshold 0.5
    |> Mask.largestComponent
    |> Mask.fillHoles
    |> Metrics.evaluate phantom.Liver

printfn "Dice %.3f, VOE %.1f %%, ASD %A" metrics.Dice metrics.VoePercent (Evaluation.asd metrics)
exit (if metrics.Dice > 0.9 then 0 else 1)
