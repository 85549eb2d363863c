/// What speaks against a mask: bodies with a drawn liver, spoilt in one way at a time.
module LiverSeg.Functional.Tests.QualityTests

open System
open System.IO
open System.Text.Json
open Expecto
open FsCheck.FSharp
open LiverSeg.Functional
open LiverSeg.Functional.Tests.Cli
open LiverSeg.Functional.Tests.Folders
open LiverSeg.Functional.Tests.Models

/// A body of 360×240×300 mm and a wedge in it, a box cut off askew as livers are: half sides and centre in mm from the body's middle, x to the left.
type private Drawn =
    {
        Radii: float * float * float
        /// Of the box the part with a sum of its coordinates, each -1 to 1, below this.
        Below: float
        Centre: float * float * float
        Sure: float32
        Density: float32
        Slices: int
        /// A column of air of 80 mm within the body, beside the liver: its radius and the height of its middle.
        Air: (float * float) option
    }

let private usual =
    {
        // A quarter of 210×170×170 mm³: about 1500 ml.
        Radii = 105., 85., 85.
        Below = -0.7
        Centre = -60., 0., 0.
        Sure = 0.98f
        Density = 100f
        Slices = 60
        Air = None
    }

let private spacing = 5.

let private inWedge below (rx, ry, rz) (cx, cy, cz) (x: float) (y: float) (z: float) =
    let u, v, w = (x - cx) / rx, (y - cy) / ry, (z - cz) / rz
    abs u <= 1. && abs v <= 1. && abs w <= 1. && u + v + w < below

let private inBall (rx, ry, rz) (cx, cy, cz) (x: float) (y: float) (z: float) =
    ((x - cx) / rx) ** 2. + ((y - cy) / ry) ** 2. + ((z - cz) / rz) ** 2. < 1.

let private volumes (d: Drawn) (second: (float * float) option) =
    let grid = Grid.Of(Extent(80, 56, d.Slices), Spacing.Isotropic spacing)

    let mm x y z =
        (float x - 39.5) * spacing, (float y - 27.5) * spacing, (float z - 29.5) * spacing

    let liver x y z =
        let x, y, z = mm x y z

        inWedge d.Below d.Radii d.Centre x y z
        || match second with
           | Some(radius, at) -> inBall (radius, radius, radius) (at, 0., 0.) x y z
           | None -> false

    let intensity hu = (hu + 160f) / 400f

    let image =
        Volume.Init(
            grid,
            fun x y z ->
                let mx, my, _ = mm x y z
                let body = (mx / 180.) ** 2. + (my / 120.) ** 2. < 1.

                let air =
                    match d.Air with
                    | Some(radius, at) ->
                        let _, _, mz = mm x y z
                        (mx - 60.) ** 2. + my ** 2. < radius ** 2. && abs (mz - at) < 40.
                    | None -> false

                Intensity(
                    if liver x y z then intensity d.Density
                    elif air then 0f
                    elif body then intensity 50f
                    else 0f
                )
        )

    let scores =
        Volume.Init(grid, fun x y z -> Probability(if liver x y z then d.Sure else 0.01f))

    image, scores

let private judgeBy model guides drawn second =
    let image, scores = volumes drawn second
    Quality.Of(image, scores, guides scores, model, true, QualityOptions())

let private judgeBehind guides = judgeBy (tinyModel 1L) guides

let private judge = judgeBehind (fun _ -> [||])

let private doubts (q: Quality) =
    [
        for f in q.Findings do
            if f.IsDoubt then
                f.Reason
    ]

/// Air and a ball of tissue of 85 ml: whatever is found in it is no liver.
let private ball =
    Volume.Init(
        Grid.Of(Extent(56, 48, 24), Spacing.Isotropic 5.),
        fun x y z ->
            let dx, dy, dz = x - 28, y - 24, z - 12
            Hu(if dx * dx + dy * dy + dz * dz < 30 then 60f else -1000f)
    )

[<Tests>]
let tests =
    testSequenced
    <| testList
        "Quality"
        [
            testProperty "a liver as livers are is not doubted"
            <| Prop.forAll
                (gen {
                    let! rx = Gen.choose (85, 120)
                    let! ry = Gen.choose (65, 110)
                    let! rz = Gen.choose (65, 110)
                    let! cx = Gen.choose (30, 60)
                    let! hu = Gen.choose (20, 180)

                    return
                        { usual with
                            Radii = float rx, float ry, float rz
                            Centre = -(float cx), 0., 0.
                            Density = float32 hu
                        }
                 }
                 |> Gen.filter (fun d ->
                     let x, y, z = d.Radii
                     let ml = 2.014 * x * y * z / 1000.
                     ml > 900. && ml < 3500.)
                 |> Arb.fromGen)
                (fun drawn ->
                    let q = judge drawn None
                    Expect.isFalse q.IsDoubtful $"{q}"
                    Expect.isTrue q.HasLiver "a liver"
                    Expect.floatClose Accuracy.low q.Certainty 0.98 "certainty")
            testCase "each way to spoil it is named, and nothing else"
            <| fun () ->
                let spoilt reason drawn second =
                    Expect.equal (doubts (judge drawn second)) [ reason ] $"{reason}"

                let left = { usual with Centre = 60., 0., 0. }
                spoilt QualityReason.Place left None
                spoilt QualityReason.Place { usual with Air = Some(60., -100.) } None
                spoilt QualityReason.Density { usual with Density = -20f } None
                spoilt QualityReason.Density { usual with Density = 220f } None
                spoilt QualityReason.Unsure { usual with Sure = 0.9f } None
                spoilt QualityReason.Pieces usual (Some(35., 80.))
                spoilt QualityReason.Volume { usual with Radii = 76., 60., 60. } None
                spoilt QualityReason.Extent { usual with Radii = 60., 110., 110. } None

                spoilt
                    QualityReason.Shape
                    { usual with
                        Radii = 70., 60., 60.
                        Below = 3.
                    }
                    None

                spoilt QualityReason.NoLiver { usual with Radii = 45., 40., 40. } None
            testCase "lungs above the liver and gas in bowels below it are as they should be"
            <| fun () ->
                Expect.equal (doubts (judge { usual with Air = Some(60., 100.) } None)) [] "lungs above"
                Expect.equal (doubts (judge { usual with Air = Some(35., -100.) } None)) [] "gas"
            testCase
                "a mask is doubted where the model is less sure than it usually is, and below 0.96 whatever is usual"
            <| fun () ->
                let doubtsOf usually sure =
                    doubts (
                        judgeBy
                            (tinyModel 1L |> Model.withUsual usually None)
                            (fun _ -> [||])
                            { usual with Sure = sure }
                            None
                    )

                Expect.equal (doubtsOf None 0.97f) [] "not known"
                Expect.equal (doubtsOf (Some 0.975) 0.97f) [] "as usual"
                Expect.equal (doubtsOf (Some 0.984) 0.97f) [ QualityReason.Unsure ] "less than usual"
                Expect.equal (doubtsOf (Some 0.95) 0.95f) [ QualityReason.Unsure ] "always unsure"
            testCase "a liver in pieces is one that the network does not know, and stays"
            <| fun () ->
                let q = judge { usual with Radii = 45., 40., 40. } (Some(30., 80.))
                Expect.isTrue q.HasLiver "kept"
                Expect.contains (doubts q) QualityReason.Pieces "pieces"
                Expect.contains (doubts q) QualityReason.Volume "volume"
            testCase "of a liver that the scan cuts only its part is expected"
            <| fun () ->
                let q = judge { usual with Slices = 18 } None
                Expect.equal (doubts q) [] "no doubt"
                Expect.equal [ for f in q.Findings -> f.Reason ] [ QualityReason.Cut ] "but cut"
                Expect.isLessThan q.VolumeMl 700. "a part"
            testCase "a guide that saw something else is a second opinion"
            <| fun () ->
                let half (scores: Volume<Probability>) =
                    [| scores |> Volume.map (fun p -> Probability(p.Value / 2f)) |]

                Expect.equal (doubts (judgeBehind half usual None)) [ QualityReason.Disagreement ] "disagreement"
                let same = judgeBehind Array.singleton usual None
                Expect.equal (doubts same) [] "the same"
                Expect.equal same.Agreement 1. "they agree"
                let lost = judgeBehind half usual None
                Expect.equal lost.Agreement 0. "nothing in common"

                Expect.isLessThan
                    lost.PredictedDice.Value.Value
                    same.PredictedDice.Value.Value
                    "less is expected where they disagree"
            testCase "the Dice to expect is that of true probabilities, and told behind a guide only"
            <| fun () ->
                let q = judge usual None
                let _, scores = volumes usual None
                let all = scores.Voxels.ToArray() |> Array.sumBy (fun p -> float p.Value)

                let inside =
                    scores.Voxels.ToArray()
                    |> Array.map (fun p -> float p.Value)
                    |> Array.filter (fun p -> p > 0.5)

                Expect.floatClose
                    Accuracy.medium
                    q.ExpectedDice
                    (2. * Array.sum inside / (float inside.Length + all))
                    "expected Dice"

                Expect.isFalse q.PredictedDice.HasValue "no guide"
            testCase "no liver: the mask is empty, whole and in slabs, and can be kept on request"
            <| fun () ->
                let model = Models.coarse.Value

                for keep in [ false; true ] do
                    let options =
                        PipelineOptions(EmptyWithoutLiver = not keep, Refinement = CrfSetting.None)

                    let whole = ball.Segment(model, options)

                    let slabs =
                        ball.Grid.SegmentInSlabs(
                            (fun first count -> ball |> Volume.slab first count),
                            7,
                            model,
                            options
                        )

                    Expect.isFalse whole.Quality.HasLiver "no liver"
                    Expect.equal slabs.Quality whole.Quality "the same judgement"
                    Expect.equal slabs.Mask whole.Mask "the same mask"

                    if not keep then
                        Expect.equal (whole.Mask.Count()) 0L "empty"
            testCase "the program says it in its line and its JSON, and --strict in its exit code"
            <| fun () ->
                inFolder (fun path ->
                    ball |> VolumeFile.write (path "ct.nii")

                    let segment extra =
                        cli (
                            [
                                "segment"
                                "-i"
                                path "ct.nii"
                                "-o"
                                path "m.nii"
                                "--overwrite"
                                "--json"
                                path "m.json"
                            ]
                            @ extra
                        )

                    let code, output, _ = segment []
                    Expect.equal code 0 "written"
                    Expect.stringContains output "no liver in view" "the line"
                    use json = JsonDocument.Parse(File.ReadAllText(path "m.json"))
                    Expect.isTrue (json.RootElement.GetProperty("doubtful").GetBoolean()) "doubtful"

                    Expect.contains
                        [
                            for f in json.RootElement.GetProperty("findings").EnumerateArray() ->
                                f.GetProperty("reason").GetString()
                        ]
                        "NoLiver"
                        "reason"

                    let strict, _, _ = segment [ "--strict" ]
                    Expect.equal strict 9 "strict"
                    Expect.isTrue (File.Exists(path "m.nii")) "the mask is there")
        ]
