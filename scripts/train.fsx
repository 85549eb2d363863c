// Learns on two phantoms for a minute and scores a third:  dotnet fsi train.fsx [CASES.csv] [MODEL]
#load "load.fsx"

open LiverSeg.Functional

let spacing = Spacing.Isotropic 6.
let network = Dsn.compact [ 8; 16; 32 ]
let start = Model(network, network |> Weights.he 1L, Spacing = spacing)

let phantom seed =
    Phantom.abdomen (PhantomOptions(Seed = seed, Spacing = spacing))

let cases =
    match List.ofArray fsi.CommandLineArgs[1..] with
    | csv :: _ ->
        [
            for c in CaseList.read csv -> Training.prepare start c.Id (Volume.read c.Image) (Volume.readMask c.Mask)
        ]
    | [] ->
        [
            for seed in [ 1L; 2L ] -> phantom seed |> fun p -> Training.prepare start $"phantom{seed}" p.Ct p.Liver
        ]

let options =
    TrainingOptions.Smoke.Adjust(epochs = 6, stepsPerEpoch = 15, seed = 1L, threads = 0)

let show (e: EpochRecord) =
    printfn "epoch %d: loss %.3f" e.Epoch e.Losses["main"]

let trained = start |> Training.fit options show cases

fsi.CommandLineArgs
|> Array.tryItem 2
|> Option.iter (fun path -> Model.replace path trained.Model)

let unseen = phantom 3L
let found = unseen.Ct |> Pipeline.segment (PipelineOptions()) trained.Model
printfn "unseen phantom: Dice %.3f" (found |> Metrics.evaluate unseen.Liver).Dice
