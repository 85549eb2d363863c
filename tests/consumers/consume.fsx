// The gate puts the scripts beside this one, with the packages in place of the repository's build.
#load "scripts/cases.fsx"

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

// What the scripts themselves use of the packages.
let coarse =
    let ct, truth = Cases.casesOr [ 1001L ] |> List.head |> Cases.read
    ct |> Pipeline.segment (PipelineOptions()) Cases.model |> Metrics.evaluate truth

printfn "coarse: Dice %.3f" coarse.Dice
printfn "Dice %.3f, VOE %.1f %%, ASD %A" metrics.Dice metrics.VoePercent (Evaluation.asd metrics)
exit (if metrics.Dice > 0.9 && coarse.Dice > 0.8 then 0 else 1)
