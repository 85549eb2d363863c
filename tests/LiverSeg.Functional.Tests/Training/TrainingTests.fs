module LiverSeg.Functional.Tests.TrainingTests

open Expecto
open TorchSharp
open LiverSeg.Functional
open LiverSeg.Functional.Tests.Models
open LiverSeg.Functional.Tests.Balls

[<Tests>]
let tests =
    testSequenced
    <| testList
        "Training"
        [
            testCase "a scan is learned: the loss falls, and the input model is untouched"
            <| fun () ->
                let network = Architectures.Compact [| 4; 8 |]
                let model = Model(network, Weights.He(network, 1L))
                let before = model.Weights.Hash
                let trained = Training.Fit(model, cases, options)
                let loss (e: EpochRecord) = e.Losses["main"]
                Expect.isLessThan (loss trained.History[5]) (0.7 * loss trained.History[0]) "loss"
                Expect.equal model.Weights.Hash before "input"
                Expect.notEqual trained.Model.Weights.Hash before "output"
            testCase "same seed, same bytes; another seed, others"
            <| fun () ->
                let run seed =
                    Training
                        .Fit(
                            tinyModel 1L,
                            cases,
                            TrainingOptions(
                                Epochs = 1,
                                StepsPerEpoch = 3,
                                Crop = options.Crop,
                                Rate = Schedule.Constant 0.01,
                                Augmentation = Augmentation.Practical,
                                Threads = 1,
                                Seed = seed
                            )
                        )
                        .Model.Weights.Hash

                Expect.equal (run 3L) (run 3L) "same"
                Expect.notEqual (run 3L) (run 4L) "other"
            testCase "no tensor outlives a training"
            <| fun () ->
                let run () =
                    Training.Fit(
                        tinyModel 1L,
                        cases,
                        TrainingOptions(
                            Epochs = 1,
                            StepsPerEpoch = 2,
                            Crop = options.Crop,
                            Rate = Schedule.Constant 0.01,
                            Threads = 1
                        )
                    )
                    |> ignore

                run ()
                let before = torch.Tensor.TotalCount
                run ()
                Expect.equal torch.Tensor.TotalCount before "live tensors"
            testCase "training in mixed precision gives the same weights again"
            <| fun () ->
                let network = Architectures.Compact [| 8; 12; 16; 16 |]

                let phantom =
                    Phantom.abdomen (PhantomOptions(Seed = 3L, Spacing = Spacing.Isotropic 12.))

                let model = Model(network, Weights.he 1L network, Spacing = Spacing.Isotropic 12.)
                let case = TrainingCase.Prepare("a", phantom.Ct, phantom.Liver, model, 1)

                let options =
                    TrainingOptions(
                        Epochs = 1,
                        StepsPerEpoch = 3,
                        Crop = Extent(32, 32, 16),
                        Precision = Precision.Mixed,
                        Threads = 1
                    )

                let learn () =
                    Training.Fit(model, [| case |], options).Model.Weights.Hash

                Expect.equal (learn ()) (learn ()) "weights"
        ]
