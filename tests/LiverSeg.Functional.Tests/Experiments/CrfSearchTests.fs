module LiverSeg.Functional.Tests.CrfSearchTests

open System
open System.IO
open Expecto
open LiverSeg.Functional

let private values (v: float list) =
    v :> Collections.Generic.IReadOnlyList<float>

/// A disk moved by a few pixels, on uneven ground.
let private case' name patient shift =
    let truth, ct, scores = CrfFields.disk

    let moved (v: Volume<'T>) =
        Volume.Init(v.Grid, (fun x y z -> v[(x + shift) % 24, y, z]))

    CrfCase.Of(name, patient, moved ct, moved scores, moved truth)

let private cases =
    [ case' "a" "1" 0; case' "b" "1" 2; case' "c" "2" 3; case' "d" "3" 21 ]

let private few =
    CrfSearchOptions(
        Start = CrfOptions(Mu1 = 1., ThetaAlpha = 5., ThetaBeta = 10., Mu2 = 1., ThetaGamma = 1., Iterations = 5),
        Threshold = values [ 0.5 ],
        Mu1 = values [ 1.; 5. ],
        ThetaAlpha = values [ 5.; 10. ],
        ThetaBeta = values [ 10.; 20. ],
        Mu2 = values [ 1.; 3. ],
        ThetaGamma = values [ 1.; 3. ],
        Clean = PipelineOptions(LargestComponent = false, FillHoles = false)
    )

let private branched =
    let truth, ct, scores = CrfFields.disk

    let prediction main branch =
        Prediction(main, main, [| struct ("after3", branch) |])

    let wrong = scores.Map(fun p -> Probability(1f - p.Value))
    CrfCase("x", "1", ct, prediction wrong scores, truth)

let private withFile f =
    let path = Path.Combine(Path.GetTempPath(), $"trials-{Guid.NewGuid():N}.csv")

    try
        f path
    finally
        File.Delete path

[<Tests>]
let tests =
    testList
        "CrfSearch"
        [
            testCase "the grid's choice is the best of all combinations"
            <| fun () ->
                let trials = CrfTrials.InMemory()
                let choice = CrfSearch.Grid(cases, few, trials)
                Expect.equal choice.Settings 32 "settings"
                Expect.equal trials.Rows.Count (32 * 4) "trials"

                let means =
                    trials.Rows
                    |> Seq.groupBy _.Setting
                    |> Seq.map (fun (_, t) -> t |> Seq.averageBy _.Value)

                Expect.floatClose Accuracy.high choice.Value (Seq.max means) "best"
                let again = cases |> List.averageBy (fun c -> CrfSearch.Value(c, choice.Best, few))
                Expect.floatClose Accuracy.high choice.Value again "value of the choice"
            testCase "the coordinate search is no worse than its start and needs fewer trials"
            <| fun () ->
                let trials = CrfTrials.InMemory()
                let choice = CrfSearch.Coordinate(cases, few, trials)

                let start =
                    cases
                    |> List.averageBy (fun c -> CrfSearch.Value(c, CrfSetting.Of([], few.Start), few))

                Expect.isGreaterThan choice.Value start "better"
                Expect.isLessThan trials.Rows.Count (32 * 4) "fewer"
            testCase "an interrupted search goes on where it was"
            <| fun () ->
                withFile (fun path ->
                    let whole = CrfTrials.InMemory()
                    let choice = CrfSearch.Coordinate(cases, few, whole)
                    CrfSearch.Coordinate(List.take 2 cases, few, CrfTrials.InFile path) |> ignore
                    let before = (CrfTrials.InFile path).Rows
                    Expect.isGreaterThan before.Count 0 "kept"
                    let trials = CrfTrials.InFile path
                    Expect.equal (CrfSearch.Coordinate(cases, few, trials)) choice "same choice"
                    Expect.sequenceEqual (Seq.take before.Count trials.Rows) before "nothing is tried twice"

                    Expect.equal
                        (trials.Rows |> Seq.distinctBy (fun t -> t.Setting, t.Case) |> Seq.length)
                        trials.Rows.Count
                        "distinct"

                    let size = trials.Rows.Count
                    CrfSearch.Coordinate(cases, few, trials) |> ignore
                    Expect.equal trials.Rows.Count size "all is known"
                    Expect.equal (CrfTrials.InFile path).Rows.Count size "all is kept")
            testCase "a file that is no table of trials is refused"
            <| fun () ->
                withFile (fun path ->
                    File.WriteAllText(path, "case,image,mask\n")
                    Expect.throwsT<FileErrorException> (fun () -> CrfTrials.InFile path |> ignore) "header"
                    File.WriteAllText(path, "setting,case,value\nx,a,much\n")
                    Expect.throwsT<FileErrorException> (fun () -> CrfTrials.InFile path |> ignore) "value")
            testCase "a held-out patient has no part in its choice"
            <| fun () ->
                let held = CrfSearch.Nested(cases, few, CrfTrials.InMemory())
                Expect.sequenceEqual (held |> Seq.map _.Patient) [ "1"; "2"; "3" ] "patients"

                for h in held do
                    let others = cases |> List.filter (fun c -> c.Patient <> h.Patient)
                    Expect.equal h.Choice (CrfSearch.Coordinate(others, few, CrfTrials.InMemory())) "choice"
                    let own = cases |> List.filter (fun c -> c.Patient = h.Patient)

                    Expect.floatClose
                        Accuracy.high
                        h.Value
                        (own |> List.averageBy (fun c -> CrfSearch.Value(c, h.Choice.Best, few)))
                        "value"
            testCase "scores that say too much everywhere get a higher threshold"
            <| fun () ->
                let truth, ct, scores = CrfFields.disk

                let bold =
                    scores.Map(fun p -> Probability(p.Value / (p.Value + (1f - p.Value) / 6f)))

                let off = values [ 0. ]

                let options =
                    CrfSearchOptions(
                        Start = few.Start,
                        Threshold = values [ 0.5; 0.85 ],
                        Mu1 = off,
                        Mu2 = off,
                        Rounds = 1,
                        Clean = few.Clean
                    )

                let choice =
                    CrfSearch.Coordinate([ CrfCase.Of("a", "a", ct, bold, truth) ], options, CrfTrials.InMemory())

                Expect.equal choice.Best.Threshold 0.85 "threshold"
            testCase "a branch that knows better gets a weight"
            <| fun () ->
                let options =
                    CrfSearchOptions(Start = few.Start, Tau = values [ 0.; 0.5; 0.9 ], Mu1 = values [ 1. ], Rounds = 1)

                let choice = CrfSearch.Coordinate([ branched ], options, CrfTrials.InMemory())
                Expect.equal (choice.Best.Fusion |> Seq.map _.Tau |> List.ofSeq) [ 0.9 ] "tau"
            testCase "what cannot be searched is refused"
            <| fun () ->
                let refused f =
                    Expect.throwsT<ArgumentException> (f >> ignore) "refused"

                refused (fun () -> CrfSearch.Grid([], few, CrfTrials.InMemory()))
                refused (fun () -> CrfSearch.Coordinate([ cases[0]; cases[0] ], few, CrfTrials.InMemory()))
                refused (fun () -> CrfSearch.Coordinate([ cases[0]; branched ], few, CrfTrials.InMemory()))

                Expect.throwsT<ArgumentException>
                    (fun () -> CrfSearch.Nested([ cases[0]; cases[1] ], few, CrfTrials.InMemory()) |> ignore)
                    "one patient"

                let heavy = CrfSetting.Of([ TapWeight("after3", 1.5) ], CrfOptions())
                Expect.throwsT<ArgumentException> (fun () -> heavy.Fuse branched.Scores |> ignore) "tau"
            testCase "every n-th slice of a case lies where it lay"
            <| fun () ->
                let grid = Grid.Of(Extent(4, 3, 7), Spacing(1., 1., 2.))
                let ct = Volume.Init(grid, (fun x y z -> Hu(float32 (x + 10 * y + 100 * z))))
                let p = Volume.constant grid (Probability 0.5f)
                let thin = CrfCase.Of("a", "a", ct, p, Volume.constant grid true).EverySlice 3
                Expect.equal thin.Guide.Extent (Extent(4, 3, 3)) "slices 0, 3 and 6"
                Expect.equal (thin.Guide.Grid.ToWorld(1., 2., 2.)) (grid.ToWorld(1., 2., 6.)) "place"
                Expect.equal thin.Guide[1, 2, 2] ct[1, 2, 6] "density"
                Expect.equal thin.Truth.Grid thin.Scores.Main.Grid "one grid"
        ]
