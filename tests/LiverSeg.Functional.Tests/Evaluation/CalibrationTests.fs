module LiverSeg.Functional.Tests.CalibrationTests

open System
open Expecto
open FsCheck
open LiverSeg.Functional
open LiverSeg.Functional.Tests.Generators

let private grid n =
    Grid(Extent(n, 1, 1), Spacing.Isotropic 1., Point(), Direction.Identity)

let private volume<'T
    when 'T: unmanaged and 'T: struct and 'T :> IEquatable<'T> and 'T: (new: unit -> 'T) and 'T :> ValueType>
    (values: 'T[])
    =
    Volume.Of(grid values.Length, ReadOnlySpan values)

/// Voxels that are liver as often as a probability says, and scores whose logits are so many times too large.
let private overconfident factor seed =
    let r = Random(seed: int)

    let pairs =
        Array.init 20_000 (fun _ ->
            let logit = r.NextDouble() * 8. - 4.
            let p = 1. / (1. + exp -logit)
            Probability(float32 (1. / (1. + exp (-factor * logit)))), r.NextDouble() < p)

    volume (Array.map fst pairs), volume (Array.map snd pairs)

let private counts (scores, truth) = ScoreCounts.Of(scores, truth)

[<Tests>]
let tests =
    testList
        "Calibration"
        [
            testCase "four voxels by hand"
            <| fun () ->
                let scores =
                    volume [| Probability 0.3f; Probability 0.3f; Probability 0.9f; Probability 0.0001f |]

                let counted = ScoreCounts.Of(scores, volume [| true; false; true; true |])
                Expect.equal counted.Voxels 3L "the last is next to nothing"
                let bins = counted.Reliability(bins = 10)
                Expect.equal (bins |> Seq.map _.Voxels |> List.ofSeq) [ 2L; 1L ] "two intervals"
                Expect.equal (bins |> Seq.map _.LiverShare |> List.ofSeq) [ 0.5; 1. ] "shares"
                Expect.floatClose { absolute = 0.002; relative = 0. } bins[0].MeanProbability 0.3 "mean"
                // (2 · |0.3 − 0.5| + 1 · |0.9 − 1|) / 3
                Expect.floatClose
                    { absolute = 0.002; relative = 0. }
                    (counted.CalibrationError(bins = 10))
                    (0.5 / 3.)
                    "error"
                // −(ln 0.3 + ln 0.7 + ln 0.9) / 3
                Expect.floatClose { absolute = 0.003; relative = 0. } (counted.LogLoss()) 0.5553 "log loss"
            lawTimes 20 "finds the temperature that scores were spoilt with" (fun (PositiveInt seed) ->
                let factor = 0.5 + float (seed % 7) / 2.
                let fitted = Temperature.Fit [ counts (overconfident factor seed) ]
                abs (fitted / factor - 1.) < 0.1)
            testCase "on others: a case's own patient does not change it, and one patient alone has none"
            <| fun () ->
                let made = List.init 4 (fun i -> counts (overconfident (1. + float i) (i + 1)))
                let cases = List.zip [ "a"; "b"; "a"; "c" ] made

                let slow =
                    [
                        for patient, _ in cases ->
                            Some(cases |> List.filter (fst >> (<>) patient) |> List.map snd |> Temperature.fit)
                    ]

                Expect.equal (Temperature.fitOnOthers cases) slow "by hand"
                let spoilt = ("b", made[3]) :: List.removeAt 1 cases
                Expect.equal (spoilt |> Temperature.fitOnOthers |> List.head) slow[1] "not its own"
                let nothing = [ "a", made[0]; "a", made[1]; "b", ScoreCounts.None ]
                Expect.equal (Temperature.fitOnOthers nothing |> List.truncate 2) [ None; None ] "no other voxel"
            lawTimes 20 "no other temperature has a smaller loss" (fun (PositiveInt seed) (other: NormalFloat) ->
                let counted = counts (overconfident 2. seed)
                let other = 0.1 + abs other.Get % 9.9
                counted.LogLoss(Temperature.Fit [ counted ]) <= counted.LogLoss other + 1e-9)
            lawTimes 20 "a temperature of counts is that of tempered scores" (fun (PositiveInt seed) ->
                let scores, truth = overconfident 3. seed
                let tempered = ScoreCounts.Of(scores.Tempered 3., truth, 0.)
                let counted = ScoreCounts.Of(scores, truth, 0.)
                abs (tempered.LogLoss() - counted.LogLoss 3.) < 2e-3)
            law "1 changes nothing, the order of scores stays, and two temperatures are their product"
            <| fun (scores: Volume<Probability>) (PositiveInt a) (PositiveInt b) ->
                let t, u = float (1 + a % 30) / 10., float (1 + b % 30) / 10.
                let once = scores.Tempered t
                let values (v: Volume<Probability>) = v.Voxels.ToArray() |> Array.map _.Value
                let order = Array.zip (values scores) (values once) |> Array.sort |> Array.map snd

                scores.Tempered 1. = scores
                && Array.pairwise order |> Array.forall (fun (low, high) -> low <= high)
                && Array.forall2
                    (fun twice both -> abs (twice - both) < 2e-3f)
                    (values (once.Tempered u))
                    (values (scores.Tempered(t * u)))
            law "the counts of two cases together are the sum of theirs"
            <| fun (PositiveInt a) (PositiveInt b) ->
                let one, two = counts (overconfident 1. a), counts (overconfident 2. b)
                let both = one.Plus two

                both.Voxels = one.Voxels + two.Voxels
                && two.Plus one = both
                && one.Plus ScoreCounts.None = one
            testCase "what cannot be is refused"
            <| fun () ->
                let scores, truth = overconfident 1. 1
                Expect.throwsT<ArgumentException> (fun () -> Temperature.Fit [ ScoreCounts.None ] |> ignore) "no voxel"

                Expect.throwsT<ArgumentException>
                    (fun () -> ScoreCounts.Of(scores, volume [| true |]) |> ignore)
                    "grids"

                Expect.throwsT<ArgumentException> (fun () -> ScoreCounts.Of(scores, truth, 1.) |> ignore) "least"
                Expect.throwsT<ArgumentOutOfRangeException> (fun () -> scores.Tempered 0. |> ignore) "temperature"

                Expect.throwsT<ArgumentException>
                    (fun () -> Pretrained.Liver.WithTemperature nan |> ignore)
                    "of a model"
        ]
