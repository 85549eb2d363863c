// Learns, then judges a phantom that it never saw:  dotnet fsi train.fsx [CASES.csv or FOLDER] [MODEL]      (without: two phantoms)
#load "learner.fsx"

open LiverSeg.Functional

let cases = Cases.casesOr [ 1L; 2L ] |> List.map Learner.prepare

let show (e: EpochRecord) =
    printfn "epoch %d: loss %.3f" e.Epoch e.Losses["main"]

let trained = Learner.start |> Training.fit Learner.recipe.Options show cases

Cases.arguments
|> List.tryItem 1
|> Option.iter (fun path -> Model.replace path trained.Model)

let unseen =
    Phantom.abdomen (PhantomOptions(Seed = 3L, Spacing = Spacing.Isotropic 6.))

let found = unseen.Ct |> Pipeline.segment (PipelineOptions()) trained.Model
printfn "unseen phantom: Dice %.3f" (found |> Metrics.evaluate unseen.Liver).Dice
