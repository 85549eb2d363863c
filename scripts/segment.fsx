// CT in, liver mask out:  dotnet fsi segment.fsx [CT] [MASK]      (without arguments: a phantom)
#load "load.fsx"

open LiverSeg.Functional

let model = Pretrained.Liver

let find ct =
    let image = ct |> Hounsfield.windowed model.Window

    image |> Model.predict model |> Pipeline.clean (PipelineOptions()) image

match List.ofArray fsi.CommandLineArgs[1..] with
| [ ct; mask ] ->
    let found = Volume.read ct |> find
    found |> VolumeFile.writeMask mask
    printfn "%s: liver %.1f ml" mask (Mask.volumeMl found)
| _ ->
    let phantom =
        Phantom.abdomen (PhantomOptions(Seed = 1000L, Spacing = Spacing.Isotropic 3.))

    let scores = phantom.Ct |> find |> Metrics.evaluate phantom.Liver
    printfn "phantom: Dice %.3f, VOE %.1f %%, score %.1f" scores.Dice scores.VoePercent scores.Score.Total
