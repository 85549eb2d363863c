module LiverSeg.Functional.Tests.WilcoxonTests

open Expecto
open LiverSeg.Functional
open LiverSeg.Functional.Tests.Generators
open LiverSeg.Functional.Tests.ReportFixture

[<Tests>]
let wilcoxon =
    testList
        "Wilcoxon"
        [
            testCase "nine pairs by the exact distribution"
            <| fun () ->
                let x = [ 1.83; 0.50; 1.62; 2.48; 1.68; 1.88; 1.55; 3.06; 1.30 ]
                let y = [ 0.878; 0.647; 0.598; 2.05; 1.06; 1.29; 1.06; 3.14; 1.29 ]
                let w = Wilcoxon.Of(List.map2 (-) x y)

                Expect.equal
                    (w.Pairs, w.Statistic, w.P, w.Exact)
                    (9, 5., 0.0390625, true)
                    "Hollander and Wolfe's depression data"
            testCase "59 pairs with ties by the normal approximation"
            <| fun () ->
                let w = Wilcoxon.Of [ for i in 0..59 -> float ((i * 37) % 101 - 42) / 10. ]
                Expect.equal (w.Pairs, w.Statistic, w.Exact) (59, 639., false) "a zero left out"
                Expect.isLessThan (abs (w.P - 0.06387076553)) 1e-9 "as scipy with correction"
            law "the exact p-value is that of all sign patterns, ties included" (fun (ds: int list) ->
                let ds =
                    ds
                    |> List.map (fun d -> float (d % 5))
                    |> List.filter ((<>) 0.)
                    |> List.truncate 9

                let ranked = ds |> List.map abs

                let rank v =
                    ranked |> List.averageBy (fun _ -> 0.) |> ignore

                    0.5
                    * float (
                        (ranked |> List.filter (fun r -> r < v) |> List.length)
                        + (ranked |> List.filter (fun r -> r <= v) |> List.length)
                        + 1
                    )

                let ranks = ranked |> List.map rank

                let least positive =
                    min positive (List.sum ranks - positive)

                let observed =
                    least (List.map2 (fun d r -> if d > 0. then r else 0.) ds ranks |> List.sum)

                let patterns =
                    [
                        for bits in 0 .. (1 <<< ds.Length) - 1 ->
                            least (
                                ranks
                                |> List.mapi (fun i r -> if bits >>> i &&& 1 = 1 then r else 0.)
                                |> List.sum
                            )
                    ]

                let p =
                    float (patterns |> List.filter (fun s -> s <= observed) |> List.length)
                    / float patterns.Length

                ds.IsEmpty || abs (Wilcoxon.Of(ds).P - p) < 1e-12)
            testCase "systems are paired by the case's name"
            <| fun () ->
                let other = ResultTable.Of("other", List.rev cases)
                Expect.equal (Wilcoxon.Compare(table, other, Metric.Named "dice")).Pairs 0 "no difference"
        ]
