module LiverSeg.Functional.Tests.DicePredictionTests

open System
open Expecto
open FsCheck
open FsCheck.FSharp
open LiverSeg.Functional

let private logistic v = 1. / (1. + exp -v)
let private logit p = log (p / (1. - p))

/// Masks of some patients whose logits lie on a plane, and so far off it.
let private samples seed patients noise =
    let r = Random(seed: int)

    [|
        for p in 1..patients do
            let off = noise * (r.NextDouble() - 0.5)

            for _ in 1 .. 1 + r.Next 4 do
                let e, a = 2. + r.NextDouble(), 1. + 2. * r.NextDouble()
                DiceSample($"p{p}", logistic e, logistic a, logistic (0.2 + 0.3 * e + 0.5 * a + off))
    |]

[<Tests>]
let tests =
    testList
        "DicePrediction"
        [
            testProperty "the interval holds the value, and more agreement promises more"
            <| fun (PositiveInt seed) (NormalFloat a) (NormalFloat b) ->
                let fit = DicePrediction.Fit(samples seed 6 1.)
                let share v = 0.02 + 0.96 * logistic (v % 5.)
                let expected, low, high = share a, min (share a) (share b), max (share a) (share b)
                let less, more = fit.Of(expected, low), fit.Of(expected, high)

                less.Low <= less.Value
                && less.Value <= less.High
                && less.Low >= 0.
                && less.High <= 1.
                && (fit.OfAgreement < 0. || less.Value <= more.Value)

            testProperty "what lies on a plane is told, nearly to the last digit"
            <| fun (PositiveInt seed) ->
                let given = samples seed 12 0.
                let fit = DicePrediction.Fit given

                for s in given do
                    Expect.isLessThan
                        (abs (fit.Of(s.ExpectedDice, s.Agreement).Value - s.Dice))
                        0.005
                        "the Dice of the plane"

            testProperty "a patient weighs the same however often its masks stand there"
            <| fun (PositiveInt seed) ->
                let given = samples seed 5 1.
                let once = DicePrediction.Fit given

                let often =
                    DicePrediction.Fit(Array.append given (given |> Array.filter (fun s -> s.Patient = "p2")))

                Expect.isLessThan (abs (once.OfAgreement - often.OfAgreement)) 1e-9 "factor"
                Expect.isLessThan (abs (once.Below - often.Below)) 1e-9 "below"

            testProperty "nine tenths of what it was fitted on lie within, patients weighing the same"
            <| fun (PositiveInt seed) ->
                let given = samples seed 20 2.
                let fit = DicePrediction.Fit given

                let held =
                    given
                    |> Array.groupBy _.Patient
                    |> Array.averageBy (fun (_, masks) ->
                        masks
                        |> Array.averageBy (fun s ->
                            let d = fit.Of(s.ExpectedDice, s.Agreement)

                            if s.Dice >= d.Low - 1e-9 && s.Dice <= d.High + 1e-9 then
                                1.
                            else
                                0.))

                // The fit has seen them all, so that the bound from left-out patients is on the safe side.
                Expect.isGreaterThanOrEqual held 0.85 "share within"

            testCase "one patient is none to leave out"
            <| fun () ->
                Expect.throwsT<ArgumentException> (fun () -> DicePrediction.Fit(samples 1 1 0.) |> ignore) "one patient"
        ]
