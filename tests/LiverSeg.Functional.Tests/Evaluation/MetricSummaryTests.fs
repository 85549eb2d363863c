module LiverSeg.Functional.Tests.MetricSummaryTests

open System
open Expecto
open FsCheck
open LiverSeg.Functional
open LiverSeg.Functional.Tests.Generators

[<Tests>]
let tests =
    testList
        "MetricSummary"
        [
            testCase "mean, sd, median by hand"
            <| fun () ->
                let s =
                    MetricSummary.Of(ReadOnlySpan [| Nullable 1.; Nullable(); Nullable 4.; Nullable 10. |], 1L).Value

                Expect.equal (s.Scored, s.Failed, s.Mean, s.Median, s.Min, s.Max) (3, 1, 5., 4., 1., 10.) "of 1, 4, 10"
                Expect.floatClose Accuracy.high s.StandardDeviation (sqrt 21.) "(16 + 1 + 25) / 2"

                Expect.isFalse
                    (MetricSummary.Of(ReadOnlySpan [| Nullable(); Nullable() |], 1L).HasValue)
                    "nothing scored: absent"
            law
                "the interval holds the mean and lies within the values; a seed repeats it"
                (fun (values: NormalFloat list) (seed: int64) ->
                    let v =
                        values
                        |> List.map (fun (NormalFloat f) -> Nullable(Math.Clamp(f, -1e6, 1e6)))
                        |> Array.ofList

                    let s = MetricSummary.Of(ReadOnlySpan v, seed)

                    if v.Length = 0 then
                        not s.HasValue
                    else
                        let s1, slack =
                            s.Value, 1e-9 * (1. + abs s.Value.Mean + abs s.Value.Min + abs s.Value.Max)

                        s1.Low <= s1.Mean
                        && s1.Mean <= s1.High
                        && s1.Min <= s1.Low + slack
                        && s1.High <= s1.Max + slack
                        && s1.Min <= s1.Median
                        && s1.Median <= s1.Max
                        && s = MetricSummary.Of(ReadOnlySpan v, seed))
            testCase "the interval of 100 values is about two standard errors wide"
            <| fun () ->
                let v = [| for i in 0..99 -> Nullable(float (i * 37 % 100)) |]
                let s = MetricSummary.Of(ReadOnlySpan v, 7L).Value
                let expected = 1.96 * s.StandardDeviation / 10.
                Expect.isLessThan (abs (s.High - s.Mean - expected)) (0.1 * expected) "upper"
                Expect.isLessThan (abs (s.Mean - s.Low - expected)) (0.1 * expected) "lower"
        ]
