// How networks learn in these scripts: while you wait from phantoms, by the recipe of the shipped one from cases of your own.
#load "cases.fsx"

open LiverSeg.Functional

/// Whether there are only phantoms to learn from.
let toy = Cases.arguments.IsEmpty

let preset =
    if toy then
        TrainingPreset.Smoke
            .With(options = TrainingOptions.Smoke.With(epochs = 2, stepsPerEpoch = 3, threads = 1))
            .AtSpacing(Spacing.Isotropic 8.)
    else
        TrainingPreset.Practical.With(
            options = TrainingOptions.Practical.With(epochs = 14, stepsPerEpoch = 60, seed = 1L)
        )

/// One line an epoch.
let show (e: EpochRecord) =
    printfn "epoch %d: loss %.3f, %.0f s" e.Epoch e.Losses["main"] e.Seconds

/// What happens in a fold.
let showFold (progress: FoldProgress) =
    match progress with
    | FoldPattern.Started ->
        printfn
            "%s, %s held out, %d cases to learn from"
            progress.Network
            progress.Fold.Patient
            progress.Fold.Training.Count
    | FoldPattern.Learned epoch -> show epoch
    | FoldPattern.Predicted case -> printfn "%s: predicted" case.Id
    | FoldPattern.Prepared _
    | FoldPattern.Trained _ -> ()
