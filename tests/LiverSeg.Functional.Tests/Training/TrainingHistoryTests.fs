module LiverSeg.Functional.Tests.TrainingHistoryTests

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
            testCase "a history that was written is read back, each layer's gradient in it"
            <| fun () ->
                withFolder (fun folder ->
                    let trained =
                        Training.Fit(
                            tinyModel 1L,
                            cases,
                            options.With(epochs = 2, stepsPerEpoch = 2, seed = 1L, threads = 1),
                            validation = cases
                        )

                    Directory.CreateDirectory folder |> ignore
                    let file = Path.Combine(folder, "history.jsonl")
                    File.WriteAllLines(file, trained.History |> Seq.map (fun e -> TrainingHistory.Line(e, 1L)))

                    let told (e: EpochRecord) =
                        e.Epoch, List.ofSeq e.Losses, List.ofSeq e.LayerNorms, e.Rate, e.GradientNorm, e.ValidationDice

                    let again = TrainingHistory.Read file

                    Expect.equal
                        (again |> Seq.map told |> List.ofSeq)
                        (trained.History |> Seq.map told |> List.ofSeq)
                        ""

                    Expect.isTrue (again[0].LayerNorms.Count > 1) "layers"

                    let run = LearningRun("run", again)
                    Expect.equal (LearningCurves.Loss [| run |]).Curves[0].Points.Count 2 "a point an epoch"

                    Expect.equal
                        (LearningCurves.LayerGradients run).Curves.Count
                        again[0].LayerNorms.Count
                        "a curve a layer"

                    File.AppendAllText(file, "{\"epoch\":")

                    Expect.throwsT<FileErrorException>
                        (fun () -> TrainingHistory.Read file |> ignore)
                        "a torn line is one clear error")
            testCase "epochs to an error count the first that reaches it"
            <| fun () ->
                let at epoch dice =
                    EpochRecord(epoch, Collections.Generic.Dictionary(), 0.1, 1., 0., Nullable dice, 1.)

                let run = LearningRun("run", [| at 1 0.2; at 2 0.7; at 3 0.5 |])
                Expect.equal (Option.ofNullable (run.EpochsTo 0.4)) (Some 2) "second"
                Expect.equal (Option.ofNullable (run.EpochsTo 0.2)) None "never"
        ]
