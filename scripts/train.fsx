// Learns, then judges a phantom that it never saw:  dotnet fsi train.fsx [CASES.csv or FOLDER] [MODEL]      (without: two phantoms)
#load "learner.fsx"

open LiverSeg.Functional

let run =
    TrainingRun(
        Learner.preset,
        Cases.casesOr [ 1L; 2L ],
        Output = (Cases.arguments |> List.tryItem 1 |> Option.defaultValue ""),
        Overwrite = true
    )

let trained = run |> TrainingRun.execute Learner.show

let unseen =
    Phantom.abdomen (PhantomOptions(Seed = 3L, Spacing = Spacing.Isotropic 6.))

let found = unseen.Ct |> Pipeline.segment (PipelineOptions()) trained.Model
printfn "unseen phantom: Dice %.3f" (found |> Metrics.evaluate unseen.Liver).Dice
