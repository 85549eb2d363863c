module LiverSeg.Functional.Tests.ScheduleTests

open Expecto
open LiverSeg.Functional

let private etaOf name (options: TrainingOptions) = options.Eta[name]

[<Tests>]
let tests =
    testList
        "Training"
        [
            testCase "schedules of the paper: a tenth each 50 epochs, 5 % less each 10"
            <| fun () ->
                let rate e = TrainingOptions.Paper.Rate.At(e, 150)

                let eta e =
                    TrainingOptions.Paper.EtaSchedule.At(e, 150)

                Expect.floatClose Accuracy.high (rate 0.) 0.1 "rate 0"
                Expect.floatClose Accuracy.high (rate 49.9) 0.1 "rate 49"
                Expect.floatClose Accuracy.high (rate 50.) 0.01 "rate 50"
                Expect.floatClose Accuracy.high (rate 149.) 0.001 "rate 149"
                Expect.floatClose Accuracy.high (eta 9.) 1. "eta 9"
                Expect.floatClose Accuracy.high (eta 25.) (0.95 ** 2.) "eta 25"

                Expect.equal
                    (etaOf "after3" TrainingOptions.Paper, etaOf "after6" TrainingOptions.Paper)
                    (0.3, 0.4)
                    "eta"
            testCase "a schedule from another value starts there, and each keeps its course"
            <| fun () ->
                let from (schedule: Schedule) epoch = (schedule.From 0.3).At(epoch, 20)

                for schedule in
                    [
                        Schedule.Staircase(0.1, 0.5, 4) :> Schedule
                        Schedule.Poly(0.1, 0.9)
                        Schedule.Cosine(0.1, 0.)
                        Schedule.Constant 0.1
                    ] do
                    Expect.floatClose Accuracy.high (from schedule 0.) 0.3 $"{schedule}: first"

                    for epoch in [ 3.5; 7.; 19. ] do
                        Expect.floatClose
                            Accuracy.high
                            (from schedule epoch)
                            (3. * schedule.At(epoch, 20))
                            $"{schedule}: {epoch}"
        ]
