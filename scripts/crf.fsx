// What the CRF does to a score map:  dotnet fsi crf.fsx [CT] [SCORES] [TRUTH]      (without arguments: a phantom)
#load "load.fsx"

open LiverSeg.Functional

let ct, scores, truth =
    match List.ofArray fsi.CommandLineArgs[1..] with
    | [ ct; scores; truth ] -> Volume.read ct, VolumeFile.readProbability scores, Volume.readMask truth
    | _ ->
        let phantom =
            Phantom.abdomen (PhantomOptions(Seed = 1000L, Spacing = Spacing.Isotropic 3.))

        let model = Pretrained.Liver.FirstStage
        let image = phantom.Ct |> Hounsfield.windowed model.Window
        phantom.Ct, image |> Model.predict model, phantom.Liver

let image = ct |> Hounsfield.windowed Window.Liver

let show name options =
    let e = scores |> Pipeline.clean options image |> Metrics.evaluate truth
    printfn "%-32s Dice %.4f, VOE %5.2f %%, ASD %O, MSD %O" name e.Dice e.VoePercent e.AsdMm e.MsdMm

let bare useCrf =
    PipelineOptions(
        Refinement = (if useCrf then CrfSetting.Shipped else CrfSetting.None),
        TissueOnly = false,
        LargestComponent = false,
        FillHoles = false
    )

show "network, cut at one half" (bare false)
show "and cleaned" (PipelineOptions(Refinement = CrfSetting.None))
show "CRF, cut at one half" (bare true)
show "and cleaned" (PipelineOptions())

for mu1 in [ 1.; 3.; 10. ] do
    let crf =
        CrfOptions(Unit = CrfUnit.Millimetre, Mu1 = mu1, ThetaAlpha = 20., ThetaBeta = 10., Mu2 = 1., ThetaGamma = 2.)

    show (sprintf "CRF with mu1 = %g, and cleaned" mu1) (PipelineOptions(Refinement = CrfSetting.Of([], crf)))
