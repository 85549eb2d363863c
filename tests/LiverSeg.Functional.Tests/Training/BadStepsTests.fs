module LiverSeg.Functional.Tests.BadStepsTests

open System
open Expecto
open LiverSeg.Functional
open LiverSeg.Functional.Tests.Models
open LiverSeg.Functional.Tests.Balls

[<Tests>]
let tests =
    testSequenced
    <| testList
        "Training"
        [
            testCase "a loss that stays not finite at any rate ends the run"
            <| fun () ->
                let o =
                    TrainingOptions(
                        Epochs = 1,
                        StepsPerEpoch = 20,
                        Crop = options.Crop,
                        Rate = Schedule.Constant 1e30,
                        Threads = 1
                    )

                Expect.throwsT<TrainingDivergedException>
                    (fun () -> Training.Fit(tinyModel 1L, cases, o) |> ignore)
                    "diverged"
            testCase "thirty steps with NaN or infinity: thirty left out, and the weights stay finite"
            <| fun () ->
                let bad = set [ for i in 0L .. 29L -> 1L + i * 2L ]

                let spoil (step: int64) (crops: TrainingCrop[]) =
                    if bad.Contains step then
                        for c in crops do
                            let part = if step % 4L = 1L then c.Image else c.Truth

                            part[int step] <-
                                (if step % 3L = 0L then
                                     Single.PositiveInfinity
                                 else
                                     Single.NaN)

                    crops

                let o =
                    TrainingOptions(
                        Epochs = 4,
                        StepsPerEpoch = 16,
                        Crop = options.Crop,
                        Rate = Schedule.Constant 0.01,
                        Augmentation = Augmentation.None,
                        Threads = 1
                    )

                let trained =
                    Training.Run(
                        tinyModel 1L,
                        cases,
                        o,
                        [||],
                        null,
                        null,
                        Func<int64, TrainingCrop[], TrainingCrop[]> spoil,
                        Threading.CancellationToken.None
                    )

                Expect.equal (trained.History |> Seq.sumBy _.Skipped) 30 "left out"

                for e in trained.History do
                    Expect.isTrue (Double.IsFinite e.Losses["main"] && Double.IsFinite e.GradientNorm) "log"

                for w in trained.Model.Weights do
                    Expect.isTrue (w.Value.Values.ToArray() |> Array.forall Single.IsFinite) w.Key
            testCase "three bad steps in a row take the run back to the epoch's beginning at half the rate"
            <| fun () ->
                let mutable harm = 3
                let seen = ResizeArray()

                let spoil (step: int64) (crops: TrainingCrop[]) =
                    seen.Add step

                    if step >= 5L && harm > 0 then
                        harm <- harm - 1
                        crops[0].Image[ 0 ] <- Single.NaN

                    crops

                let o =
                    TrainingOptions(
                        Epochs = 2,
                        StepsPerEpoch = 4,
                        Crop = options.Crop,
                        Rate = Schedule.Constant 0.01,
                        Augmentation = Augmentation.None,
                        Threads = 1
                    )

                let trained =
                    Training.Run(
                        tinyModel 1L,
                        cases,
                        o,
                        [||],
                        null,
                        null,
                        Func<int64, TrainingCrop[], TrainingCrop[]> spoil,
                        Threading.CancellationToken.None
                    )

                Expect.equal (List.ofSeq seen) [ 0L; 1L; 2L; 3L; 4L; 5L; 6L; 7L; 4L; 5L; 6L; 7L ] "steps"
                Expect.equal (trained.History |> Seq.map _.Rate |> List.ofSeq) [ 0.01; 0.005 ] "rate"
                Expect.equal (trained.History |> Seq.map _.Skipped |> List.ofSeq) [ 0; 3 ] "left out"
        ]
