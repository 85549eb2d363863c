module LiverSeg.Functional.Tests.CheckpointTests

open System
open System.IO
open Expecto
open LiverSeg.Functional
open LiverSeg.Functional.Tests.Folders
open LiverSeg.Functional.Tests.Models
open LiverSeg.Functional.Tests.Balls

[<Tests>]
let tests =
    testSequenced
    <| testList
        "Training"
        [
            for kind in [ OptimizerKind.Sgd; OptimizerKind.Adam ] do
                testCase $"a resumed run ends as the uninterrupted one, bit for bit ({kind})"
                <| fun () ->
                    let run epochs folder =
                        let o =
                            TrainingOptions(
                                Epochs = epochs,
                                StepsPerEpoch = 2,
                                Crop = options.Crop,
                                Optimizer = kind,
                                Rate = Schedule.Staircase(0.01, 0.5, 2),
                                Augmentation = Augmentation.Practical,
                                Threads = 1
                            )

                        Training.Fit(tinyModel 1L, cases, o, checkpoints = CheckpointFolder folder)

                    withFolder (fun whole ->
                        withFolder (fun cut ->
                            let expected = run 4 whole
                            use cancel = new Threading.CancellationTokenSource()

                            let o =
                                TrainingOptions(
                                    Epochs = 4,
                                    StepsPerEpoch = 2,
                                    Crop = options.Crop,
                                    Optimizer = kind,
                                    Rate = Schedule.Staircase(0.01, 0.5, 2),
                                    Augmentation = Augmentation.Practical,
                                    Threads = 1
                                )

                            let stop (e: EpochRecord) =
                                if e.Epoch = 2 then
                                    cancel.Cancel()

                            Expect.throwsT<OperationCanceledException>
                                (fun () ->
                                    Training.Fit(
                                        tinyModel 1L,
                                        cases,
                                        o,
                                        progress = (fun e -> stop e),
                                        checkpoints = CheckpointFolder cut,
                                        cancel = cancel.Token
                                    )
                                    |> ignore)
                                "stopped"

                            let resumed = run 4 cut
                            Expect.equal resumed.Model.Weights.Hash expected.Model.Weights.Hash "weights"

                            Expect.equal
                                (resumed.History |> Seq.map (fun e -> e.Losses["main"]) |> List.ofSeq)
                                (expected.History |> Seq.map (fun e -> e.Losses["main"]) |> List.ofSeq)
                                "log"))
            testCase "a damaged newest state is passed over for the one before"
            <| fun () ->
                withFolder (fun folder ->
                    let o =
                        TrainingOptions(
                            Epochs = 3,
                            StepsPerEpoch = 1,
                            Crop = options.Crop,
                            Rate = Schedule.Constant 0.01,
                            Threads = 1
                        )

                    let whole =
                        Training.Fit(tinyModel 1L, cases, o, checkpoints = CheckpointFolder folder)

                    let newest = Directory.GetFiles folder |> Array.max
                    let bytes = File.ReadAllBytes newest
                    bytes[bytes.Length - 5] <- bytes[bytes.Length - 5] ^^^ 1uy
                    File.WriteAllBytes(newest, bytes)
                    let again = ResizeArray()

                    let resumed =
                        Training.Fit(
                            tinyModel 1L,
                            cases,
                            o,
                            progress = (fun e -> again.Add e),
                            checkpoints = CheckpointFolder folder
                        )

                    Expect.equal again.Count 1 "one epoch was done again"
                    Expect.equal resumed.Model.Weights.Hash whole.Model.Weights.Hash "weights")
            testCase "a state of a run that started from other weights is refused, not gone on from"
            <| fun () ->
                withFolder (fun folder ->
                    let fit seed epochs =
                        let o =
                            TrainingOptions(
                                Epochs = epochs,
                                StepsPerEpoch = 1,
                                Crop = options.Crop,
                                Rate = Schedule.Constant 0.01,
                                Threads = 1
                            )

                        Training.Fit(tinyModel seed, cases, o, checkpoints = CheckpointFolder folder)

                    let first = fit 1L 2
                    Expect.equal (fit 1L 2).Model.Weights.Hash first.Model.Weights.Hash "the same start: nothing to do"

                    Expect.throwsC (fun () -> fit 2L 2 |> ignore) (fun e ->
                        let error = (e :?> FileErrorException).Error
                        Expect.equal (error.Code, error.Field) ("other-run", "run") "what is wrong"
                        Expect.stringContains error.Found "start" "and why"))
            testCase "stopped at any of ten steps and resumed, a run ends as the uninterrupted one, bit for bit"
            <| fun () ->
                let o =
                    TrainingOptions(
                        Epochs = 3,
                        StepsPerEpoch = 4,
                        Crop = options.Crop,
                        Optimizer = OptimizerKind.Adam,
                        Rate = Schedule.Cosine(0.01, 1e-4, 1.),
                        EtaElsewhere = 0.3,
                        Augmentation = Augmentation.Practical,
                        Threads = 1
                    )

                let run folder tamper (cancel: Threading.CancellationTokenSource) =
                    Training.Run(
                        tinyModel 1L,
                        cases,
                        o,
                        [||],
                        null,
                        CheckpointFolder folder,
                        Func<int64, TrainingCrop[], TrainingCrop[]> tamper,
                        cancel.Token
                    )

                let log (t: Trained) =
                    [
                        for e in t.History -> List.ofSeq e.Losses, e.Rate, e.EtaFactor, e.GradientNorm
                    ]

                use never = new Threading.CancellationTokenSource()
                let whole = withFolder (fun folder -> run folder (fun _ c -> c) never)

                for cut in 0L .. 9L do
                    withFolder (fun folder ->
                        use cancel = new Threading.CancellationTokenSource()

                        let stop step crops =
                            if step = cut then
                                cancel.Cancel()

                            crops

                        Expect.throwsT<OperationCanceledException>
                            (fun () -> run folder stop cancel |> ignore)
                            "stopped"

                        let mutable first = -1L

                        let note step (crops: TrainingCrop[]) =
                            if first < 0L then
                                first <- step

                            crops

                        let resumed = run folder note never
                        Expect.equal first (cut + 1L) "no step was done twice"
                        Expect.equal resumed.Model.Weights.Hash whole.Model.Weights.Hash $"weights after step {cut}"
                        Expect.equal (log resumed) (log whole) $"log after step {cut}")
            testCase "states within an epoch are kept when asked for, and the newest of them is found"
            <| fun () ->
                withFolder (fun folder ->
                    let o =
                        TrainingOptions(
                            Epochs = 2,
                            StepsPerEpoch = 4,
                            Crop = options.Crop,
                            Rate = Schedule.Constant 0.01,
                            Threads = 1
                        )

                    let seen = ResizeArray()

                    let watch (step: int64) (crops: TrainingCrop[]) =
                        if step = 7L then
                            seen.AddRange(Directory.GetFiles folder |> Array.map Path.GetFileName |> Array.sort)

                        crops

                    Training.Run(
                        tinyModel 1L,
                        cases,
                        o,
                        [||],
                        null,
                        CheckpointFolder(folder, SaveEverySteps = 1),
                        Func<int64, TrainingCrop[], TrainingCrop[]> watch,
                        Threading.CancellationToken.None
                    )
                    |> ignore

                    Expect.equal
                        (List.ofSeq seen)
                        [
                            "epoch-000001_000001.checkpoint"
                            "epoch-000001_000002.checkpoint"
                            "epoch-000001_000003.checkpoint"
                        ]
                        "the last three")
        ]
