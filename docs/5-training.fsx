(**
---
title: 5 Training
category: Stages
categoryindex: 2
index: 5
---
# 5 Training: a function of cases, options and a seed

`Training.fit` takes a model, cases and options and gives another model. The same arguments and the same number of threads give the same bytes.
Run the page with `dotnet fsi docs/5-training.fsx`; it learns for some seconds.
*)
(*** condition: prepare ***)
#load "../scripts/load.fsx"

open System
open System.Collections.Generic
open LiverSeg.Functional

let check name holds =
    if not holds then
        failwith name

(**
## Schedules are functions of the epoch

The paper divides the rate by ten each 50 epochs, and multiplies the side outputs' weights η by 0.95 each 10. `practical`, what the shipped weights
were made with, follows half a cosine after a short rise.
*)
let paper, practical = TrainingOptions.Paper, TrainingOptions.Practical

printfn "epoch      paper's rate    paper's eta    practical, of 30"

for epoch in [ 0.; 1.; 10.; 29.; 50.; 100. ] do
    let eta = 0.3 * paper.EtaSchedule.At(epoch, paper.Epochs)

    let rate =
        if epoch < 30. then
            sprintf "%.2e" (practical.Rate.At(epoch, 30))
        else
            ""

    printfn "%5.0f %17.4f %14.4f    %s" epoch (paper.Rate.At(epoch, paper.Epochs)) eta rate
(*** include-output ***)

(**
## Does deep supervision help?

The paper's claim as an experiment of seconds: its topology with small kernels, from its own start N(0, 0.01²), once with the branches and once without. What
reaches the first layer is the length of its gradient:
*)
let network =
    Layer.seq
        [
            Layer.conv 8 (3, 3, 3)
            Layer.conv 8 (3, 3, 3)
            Layer.pool 2
            Layer.tap "after3" [ Layer.up 2 2 ]
            Layer.conv 16 (3, 3, 3)
            Layer.conv 32 (3, 3, 3)
            Layer.pool 2
            Layer.tap "after6" [ Layer.up 32 2; Layer.up 2 2 ]
            Layer.conv 32 (3, 3, 3)
            Layer.conv 32 (1, 1, 1)
            Layer.up 32 2
            Layer.up 2 2
        ]

let start =
    Model(network, network |> Weights.gaussian 1L 0.01, Spacing = Spacing.Isotropic 8.)

let cases =
    [
        for seed in [ 1L; 2L ] ->
            let p =
                Phantom.abdomen (PhantomOptions(Seed = seed, Spacing = Spacing.Isotropic 6.))

            Training.prepare start $"phantom {seed}" p.Ct p.Liver
    ]

let supervised =
    TrainingOptions.Smoke.With(
        epochs = 2,
        stepsPerEpoch = 5,
        seed = 1L,
        threads = 1,
        eta = Dictionary(dict [ "after3", 0.3; "after6", 0.4 ])
    )

let alone = supervised.With(eta = Dictionary(), etaElsewhere = 0.)

let learn options =
    start |> Training.fit options ignore cases

let firstGradient (run: Trained) = run.History[0].LayerNorms["conv1"]
let withBranches, without = learn supervised, learn alone
printfn "first layer's gradient: with branches %.1e, without %.1e" (firstGradient withBranches) (firstGradient without)
check "the branches bring the loss nearer" (firstGradient withBranches > 100. * firstGradient without)
(*** include-output ***)

(**
The same on real scans, over whole trainings and several seeds: [how networks learn](results/learning.md).

## Twice the same

Crops, changes of crops and the start come from a generator that is a function of seed, purpose and step. So there is no state to lose, and a run that was
killed ends as one that was not ([shown](results/training.md)).
*)
let again = learn supervised
check "the same weights" (again.Model.Weights.Hash = withBranches.Model.Weights.Hash)

let other = learn (supervised.With(seed = 2L))
check "another seed, other weights" (other.Model.Weights.Hash <> withBranches.Model.Weights.Hash)
printfn "%s.. twice, then %s.." again.Model.Weights.Hash[..11] other.Model.Weights.Hash[..11]
(*** include-output ***)

(**
## In earnest

`TrainingOptions.Practical` on cases of your own, in some hours on a laptop: [train on your own cases](howto-train.md). A fold of the shipped recipe sees
2,040 crops and reaches a mean Dice of 0.949 on patients that it has not seen ([measured](results/crossval.md)).
*)
