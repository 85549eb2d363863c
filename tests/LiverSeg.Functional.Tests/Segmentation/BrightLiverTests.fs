/// Livers much brighter than those that a model learned from.
module LiverSeg.Functional.Tests.BrightLiverTests

open System
open Expecto
open FsCheck.FSharp
open LiverSeg.Functional
open LiverSeg.Functional.Tests.Models

/// Contrast about 50 HU, as another voltage changes it.
let private contrast (by: float32) =
    Volume.map (fun (h: Hu) -> Hu((h.Value - 50f) * by + 50f))

let private usually (median: float32) (brightest: float32) =
    Model.withUsual None (Some(UsualHu(Hu median, Hu brightest)))

/// A box of liver in a box of air, through the usual window, and what a network says that sees it.
let private drawn (hu: float32) =
    let grid = Grid.Of(Extent(9, 8, 7), Spacing.Isotropic 3.)
    let inside x y z = x > 2 && y > 2 && z > 2

    let ct = Volume.Init(grid, fun x y z -> Hu(if inside x y z then hu else -1000f))

    ct, Volume.Init(grid, fun x y z -> Probability(if inside x y z then 0.9f else 0.1f))

let private wider model hu =
    let ct, found = drawn hu

    BrightLiver.WiderWindow(model (tinyModel 1L), ct |> Hounsfield.windowed Window.Liver, found)
    |> Option.ofNullable

[<Tests>]
let tests =
    testSequenced
    <| testList
        "BrightLiver"
        [
            testProperty
                "through the wider window a liver brighter than all is as bright as usual, or has half its contrast; others need none"
            <| Prop.forAll
                (Arb.fromGen (Gen.zip3 (Gen.choose (40, 130)) (Gen.choose (0, 80)) (Gen.choose (-100, 230))))
                (fun (median, more, hu) ->
                    let median, brightest, hu = float32 median, float32 (median + more), float32 hu
                    let needed = (median - 50f) / (hu - 50f)

                    match wider (usually median brightest) hu with
                    | None -> Expect.isFalse (hu > max 50f brightest + 0.4f && needed < 0.89f) "brighter than all"
                    | Some window ->
                        Expect.isTrue (hu > max 50f brightest - 0.4f && needed < 0.91f) "not so bright"
                        let through (w: Window) h = (h - w.Low.Value) / w.Width

                        let expected =
                            through Window.Liver (if needed < 0.5f then 50f + (hu - 50f) / 2f else median)

                        Expect.floatClose
                            { absolute = 2e-3; relative = 0. }
                            (float (through window hu))
                            (float expected)
                            "as usual"

                        Expect.floatClose
                            Accuracy.medium
                            (float (through window 50f))
                            (float (through Window.Liver 50f))
                            "tissue without contrast stays")
            testCase "nothing is bright where nothing is known of what is usual, or nothing was found"
            <| fun () ->
                Expect.isNone (wider id 200f) "not known"
                Expect.isSome (wider (usually 100f 120f) 200f) "known"
                let ct, _ = drawn 200f

                let nothing =
                    BrightLiver.WiderWindow(
                        tinyModel 1L |> usually 100f 120f,
                        ct |> Hounsfield.windowed Window.Liver,
                        Volume.Init(ct.Grid, fun _ _ _ -> Probability 0f)
                    )

                Expect.isFalse nothing.HasValue "not found"
            for name, model in [ "one stage", coarse; "two stages", coarseCascade ] do
                testCase $"{name}: with twice the contrast the scores are those of the scan as it is, in slabs too"
                <| fun () ->
                    let ct = unseen.Value.Ct
                    let bright = ct |> contrast 2f
                    let options = PipelineOptions(Refinement = CrfSetting.None)

                    let case =
                        TrainingCase("unseen", ct |> Hounsfield.windowed Window.Liver, unseen.Value.Liver)

                    let usual = model.Value |> LearnedScans.hu [ case ] |> Option.get
                    Expect.equal usual.Brightest usual.Median "of one scan"
                    // What is found is not quite what is true; and a little less is usual, so that half the contrast is what it comes to.
                    let knows =
                        model.Value |> usually (usual.Median.Value - 4f) (usual.Brightest.Value + 4f)

                    let scores (v: Volume<Hu>) (m: Model) = v.Segment(m, options).Scores

                    let asIs, again, blind =
                        scores ct knows, scores bright knows, scores bright model.Value

                    let farthest (a: Volume<Probability>) (b: Volume<Probability>) =
                        Seq.zip (a.Memory.ToArray()) (b.Memory.ToArray())
                        |> Seq.map (fun (p, q) -> abs (p.Value - q.Value))
                        |> Seq.max

                    Expect.equal asIs (scores ct model.Value) "a usual liver is looked at once"
                    Expect.isLessThan (farthest asIs again) 0.01f "as it is"
                    Expect.isGreaterThan (farthest asIs blind) 0.05f "twice the contrast is not nothing"

                    let whole = bright.Segment(knows, options)

                    for keep in [ false; true ] do
                        let slabs =
                            bright.Grid.SegmentInSlabs(
                                Func<_, _, _>(fun first count -> bright.Slab(first, count)),
                                13,
                                knows,
                                options,
                                keep
                            )

                        Expect.equal slabs.Mask whole.Mask $"in slabs, kept {keep}"
                        Expect.equal slabs.Quality whole.Quality "doubted alike"
        ]
