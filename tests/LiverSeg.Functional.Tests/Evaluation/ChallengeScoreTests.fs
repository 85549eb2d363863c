module LiverSeg.Functional.Tests.ChallengeScoreTests

open System
open Expecto
open FsCheck
open LiverSeg.Functional
open LiverSeg.Functional.Tests.Generators

[<Tests>]
let score =
    testList
        "Metrics.score"
        [
            testCase "the rows of the paper's tables"
            <| fun () ->
                for errors, total in
                    [
                        [ 5.42; 1.75; 0.79; 1.64; 33.55 ], 76.569
                        [ 7.73; 1.66; 1.39; 3.25; 30.07 ], 68.304
                        [ 6.09; -2.86; 0.95; 1.87; 18.69 ], 77.337
                        [ 6.44; 1.53; 0.95; 1.58; 15.92 ], 80.013
                        [ 6.47; 1.04; 1.02; 2.00; 18.32 ], 78.362
                        [ 7.68; 1.98; 1.56; 4.09; 45.99 ], 60.630
                        [ 6.27; 1.46; 1.32; 3.38; 36.49 ], 67.957
                        [ 5.64; 1.72; 0.89; 1.73; 34.42 ], 75.451
                        [ 5.37; 1.32; 0.67; 1.48; 29.63 ], 79.142
                    ] do
                    let s =
                        ChallengeScore.Of(errors[0], errors[1], Mm errors[2], Mm errors[3], Mm errors[4])

                    Expect.isLessThan (abs (s.Total - total)) 0.0006 $"{errors}"

                let dsn = ChallengeScore.Of(5.42, 1.75, Mm 0.79, Mm 1.64, Mm 33.55)

                for actual, expected in
                    List.zip [ dsn.Voe; dsn.Rvd; dsn.Asd; dsn.Rmsd; dsn.Msd ] [ 78.828; 90.691; 80.250; 77.222; 55.855 ] do
                    Expect.isLessThan (abs (actual - expected)) 0.0006 "part"
            law
                "a larger error never scores more, no error scores 100, an absent one 0"
                (fun (NormalFloat a) (NormalFloat b) ->
                    let points e =
                        ChallengeScore.Of(e, Nullable 0., Mm 0., Mm 0., Mm 0.).Voe

                    let low, high = min (abs a) (abs b), max (abs a) (abs b)

                    points (Nullable low) >= points (Nullable high)
                    && points (Nullable 0.) = 100.
                    && points (Nullable()) = 0.)
        ]
