module LiverSeg.Functional.Tests.MetricsTests

open System
open Expecto
open FsCheck
open FsCheck.FSharp
open LiverSeg.Functional
open LiverSeg.Functional.Tests.Generators

let private near tolerance (a: float) (b: float) =
    abs (a - b) <= tolerance * max 1. (abs b)

let private value (length: Nullable<Mm>) = length.Value.Value

let private expect name expected actual =
    Expect.isTrue (near 1e-6 actual expected) $"{name}: {actual}, expected {expected}"

let private borders = [ Border.Faces; Border.FacesAndEdges; Border.All ]
let private outsides = [ Outside.Object; Outside.Background ]

/// Two masks of one grid with one of all borders and outside rules.
type Pair =
    {
        Truth: Volume<bool>
        Prediction: Volume<bool>
        Options: MetricsOptions
    }

let private noise density grid =
    volumeOf (Gen.frequency [ density, Gen.constant true; 10 - density, Gen.constant false ]) grid

/// Noise, empty, full, boxes, and one changed a little.
let private pair =
    gen {
        let! grid = gridOf 7
        let e = grid.Extent

        let box =
            gen {
                let! x = Gen.two (Gen.choose (0, e.X - 1))
                let! y = Gen.two (Gen.choose (0, e.Y - 1))
                let! z = Gen.two (Gen.choose (0, e.Z - 1))
                let inside (a, b) v = v >= min a b && v <= max a b
                return Volume.Init(grid, fun i j k -> inside x i && inside y j && inside z k)
            }

        let mask = Gen.oneof [ maskOf grid; noise 9 grid; noise 1 grid; box; box ]
        let! truth = mask

        let! prediction =
            Gen.oneof
                [
                    mask
                    noise 1 grid |> Gen.map (fun flip -> Volume.Zip(truth, flip, fun t f -> t <> f))
                ]

        let! border = Gen.elements borders
        let! outside = Gen.elements outsides
        let! threads = Gen.choose (1, 3)

        return
            {
                Truth = truth
                Prediction = prediction
                Options = MetricsOptions(Border = border, Outside = outside, Threads = threads)
            }
    }

type PairGenerator =
    static member Pair() : Arbitrary<Pair> = Arb.fromGen pair

let private lawOfPairs times name (property: Pair -> bool) =
    testPropertyWithConfig
        { config with
            maxTest = times
            arbitrary = [ typeof<PairGenerator> ]
        }
        name
        property

let private lengths (e: Evaluation) =
    [ e.AsdMm; e.RmsdMm; e.MsdMm; e.Hd95Mm ]
    |> List.map (fun l -> if l.HasValue then Some l.Value.Value else None)

let private all (e: Evaluation) =
    [
        Some e.VoePercent
        Some e.Dice
        Some e.Jaccard
        Some e.Nsd
        Option.ofNullable e.RvdPercent
    ]
    @ lengths e

let private alike tolerance a b =
    List.forall2
        (fun x y ->
            match x, y with
            | Some x, Some y -> near tolerance x y
            | None, None -> true
            | _ -> false)
        a
        b

let private grid12 spacing = Grid.Of(Extent(12, 12, 12), spacing)
let private within low high v = v >= low && v <= high

let private boxOf grid (x0, x1) (y0, y1) (z0, z1) =
    Volume.Init(grid, fun x y z -> within x0 x1 x && within y0 y1 y && within z0 z1 z)

let private sphere (grid: Grid) (cx, cy, cz) radius =
    let s = grid.Spacing

    Volume.Init(
        grid,
        fun x y z ->
            sqrt (
                (float x * s.X - cx) ** 2.
                + (float y * s.Y - cy) ** 2.
                + (float z * s.Z - cz) ** 2.
            )
            <= radius
    )

let private permute (volume: Volume<bool>) =
    let g, e, s = volume.Grid, volume.Extent, volume.Grid.Spacing

    let turned =
        Grid(Extent(e.Z, e.X, e.Y), Spacing(s.Z, s.X, s.Y), g.Origin, g.Direction)

    Volume.Init(turned, fun z x y -> volume[x, y, z])

let private mirror (volume: Volume<bool>) =
    let e = volume.Extent
    Volume.Init(volume.Grid, fun x y z -> volume[e.X - 1 - x, e.Y - 1 - y, e.Z - 1 - z])

let private scale factor (volume: Volume<bool>) =
    let g, s = volume.Grid, volume.Grid.Spacing
    volume.WithGrid(Grid(g.Extent, Spacing(s.X * factor, s.Y * factor, s.Z * factor), g.Origin, g.Direction))

[<Tests>]
let golden =
    testList
        "Metrics.golden"
        [
            testCase "two boxes: the values of the official definition, whatever the border"
            <| fun () ->
                let grid = grid12 (Spacing(0.7, 0.7, 2.5))
                let truth = boxOf grid (2, 8) (3, 9) (2, 7)
                let prediction = boxOf grid (3, 9) (3, 9) (2, 8)

                for border in borders do
                    let e = prediction.Evaluate(truth, MetricsOptions(Border = border))
                    expect "VOE" 34.545455 e.VoePercent
                    expect "RVD" 16.666667 e.RvdPercent.Value
                    expect "ASD" 0.569109 (value e.AsdMm)
                    expect "RMSD" 0.983320 (value e.RmsdMm)
                    expect "MSD" 2.596151 (value e.MsdMm)
                    expect "Dice" 0.791209 e.Dice
                    expect "score" 56.009316 e.Score.Total
            testCase "a cube with a corner bitten off: the border's neighbourhood shows"
            <| fun () ->
                let grid = grid12 (Spacing.Isotropic 1.)
                let prediction = boxOf grid (2, 8) (2, 8) (2, 8)
                let bite = boxOf grid (6, 8) (6, 8) (6, 8)
                let truth = Volume.Zip(prediction, bite, fun a b -> a && not b)

                for border, asd, rmsd, score in
                    [
                        Border.Faces, 0.097902, 0.392232, 82.392016
                        Border.FacesAndEdges, 0.117241, 0.431517, 82.186195
                        Border.All, 0.123853, 0.454337, 82.089747
                    ] do
                    let e = prediction.Evaluate(truth, MetricsOptions(Border = border))
                    expect "VOE" 7.871720 e.VoePercent
                    expect "RVD" 8.544304 e.RvdPercent.Value
                    expect "ASD" asd (value e.AsdMm)
                    expect "RMSD" rmsd (value e.RmsdMm)
                    expect "MSD" 3. (value e.MsdMm)
                    expect "Dice" 0.959029 e.Dice
                    expect "score" score e.Score.Total
            testCase "two shifted spheres of radius 20"
            <| fun () ->
                let grid = Grid.Of(Extent(99, 99, 99), Spacing.Isotropic 1.)

                let prediction, truth =
                    sphere grid (20., 20., 20.) 20., sphere grid (19., 19., 19.) 20.

                let e =
                    prediction.Evaluate(truth, MetricsOptions(Border = Border.Faces, Outside = Outside.Background))

                expect "VOE" 12.209384 e.VoePercent
                expect "RVD" 0.008983 e.RvdPercent.Value
                expect "ASD" 0.895743 (value e.AsdMm)
                expect "RMSD" 1.041072 (value e.RmsdMm)
                expect "MSD" 1.7320508 (value e.MsdMm)
                expect "Dice" 0.934984 e.Dice
            testCase "concentric spheres lie apart by the difference of their radii, within a voxel"
            <| fun () ->
                let grid = Grid.Of(Extent(64, 64, 40), Spacing(1., 1., 1.6))
                let e = (sphere grid (32., 32., 32.) 24.).Evaluate(sphere grid (32., 32., 32.) 18.)

                for length in [ e.AsdMm; e.RmsdMm; e.MsdMm; e.Hd95Mm ] do
                    Expect.isLessThan (abs (value length - 6.)) 1.6 "within a voxel"

                expect "VOE" (100. * (1. - (18. / 24.) ** 3.) |> round) (round e.VoePercent)
            testCase "one point against two, by hand"
            <| fun () ->
                let grid = Grid.Of(Extent(20, 20, 20), Spacing.Isotropic 1.)

                let points ps =
                    Volume.Init(grid, fun x y z -> List.contains (z, y, x) ps)

                let e = (points [ 10, 12, 10 ]).Evaluate(points [ 10, 12, 10; 10, 14, 10 ])
                // distances: 0 there; 0 and 2 back
                expect "ASD" (2. / 3.) (value e.AsdMm)
                expect "RMSD" (sqrt (4. / 3.)) (value e.RmsdMm)
                expect "MSD" 2. (value e.MsdMm)
                expect "HD95 pooled: 0, 0, 2 at place 1.9" 1.8 (value e.Hd95Mm)

                let of' definition =
                    value (
                        (points [ 10, 12, 10 ])
                            .Compare(points [ 10, 12, 10; 10, 14, 10 ], MetricsOptions())
                            .Surfaces.Percentile(95., definition)
                    )

                expect "max directed: 0, 2 at place 0.95" 1.9 (of' PercentileDefinition.MaxDirected)
                expect "area weighted: 95 % of the area needs both" 2. (of' PercentileDefinition.AreaWeighted)

                let surfaces =
                    (points [ 10, 12, 10 ]).Compare(points [ 10, 12, 10; 10, 14, 10 ], MetricsOptions()).Surfaces

                expect "within 0 mm: what both share" (2. / 3.) (surfaces.Within 0.).Value
                expect "within 2 mm: all" 1. (surfaces.Within 2.).Value

                expect
                    "half of the area has all below"
                    0.
                    (Quantiles.WeightedPercentile(ReadOnlySpan [| 2.; 0. |], ReadOnlySpan [| 1.; 1. |], 50.))
            testCase "surfaces far apart, further than the near search looks"
            <| fun () ->
                for spacing in [ Spacing(0.7, 0.8, 1.5); Spacing(1., 1., 1.); Spacing(3., 0.5, 0.5) ] do
                    let grid = Grid.Of(Extent(260, 90, 70), spacing)
                    let a = Volume.Init(grid, fun x y z -> (x + y + z) % 41 = 3 && x < 60 && y < 30)

                    let b =
                        Volume.Init(
                            grid,
                            fun x y z -> (x > 230 && y % 37 = 36 && z % 23 = 5) || (x = 70 && y = 80 && z = 66)
                        )

                    let points (m: Volume<bool>) =
                        OraclesMetrics.rim Border.FacesAndEdges Outside.Object m |> Array.ofList

                    let pa, pb = points a, points b

                    let slow from to' =
                        from
                        |> Array.map (fun p ->
                            to'
                            |> Array.fold (fun best q -> min best (OraclesMetrics.distance spacing p q)) infinity)

                    let fast = a.Compare(b, MetricsOptions()).Surfaces
                    Expect.isTrue (Seq.forall2 (near 1e-12) fast.PredictionToTruthMm (slow pa pb)) "there"
                    Expect.isTrue (Seq.forall2 (near 1e-12) fast.TruthToPredictionMm (slow pb pa)) "back"
        ]

[<Tests>]
let laws =
    testList
        "Metrics.evaluate"
        [
            lawOfPairs 10000 "equals brute force, all borders and outside rules" (fun p ->
                let slow = OraclesMetrics.evaluate p.Options p.Truth p.Prediction
                let comparison = p.Prediction.Compare(p.Truth, p.Options)
                let e = comparison.Read p.Options
                let pooled = slow.There @ slow.Back

                let distances =
                    List.length slow.There = comparison.Surfaces.PredictionToTruthMm.Count
                    && Seq.forall2 (near 1e-12) comparison.Surfaces.PredictionToTruthMm slow.There
                    && Seq.forall2 (near 1e-12) comparison.Surfaces.TruthToPredictionMm slow.Back

                let readings =
                    pooled.IsEmpty
                    || near 1e-9 (value e.AsdMm) (List.average pooled)
                       && near 1e-9 (value e.RmsdMm) (sqrt (pooled |> List.averageBy (fun d -> d * d)))
                       && near 1e-9 (value e.MsdMm) (List.max pooled)
                       && near 1e-9 (value e.Hd95Mm) (OraclesMetrics.percentile 95. pooled)
                       && near
                           1e-9
                           (value (comparison.Surfaces.Percentile(95., PercentileDefinition.MaxDirected)))
                           (max (OraclesMetrics.percentile 95. slow.There) (OraclesMetrics.percentile 95. slow.Back))
                       && near 1e-9 e.Nsd (pooled |> List.averageBy (fun d -> if d <= 3. + 1e-9 then 1. else 0.))

                distances
                && readings
                && near 1e-9 e.VoePercent slow.Voe
                && near 1e-9 e.Dice slow.Dice
                && alike 1e-9 [ Option.ofNullable e.RvdPercent ] [ slow.Rvd ])
            lawOfPairs 200 "is symmetric but for the sign of the volumes" (fun p ->
                let e, f =
                    p.Prediction.Evaluate(p.Truth, p.Options), p.Truth.Evaluate(p.Prediction, p.Options)

                lengths e = lengths f
                && e.Dice = f.Dice
                && e.VoePercent = f.VoePercent
                && e.Nsd = f.Nsd
                && e.Sensitivity = f.Precision)
            lawOfPairs 200 "a mask against itself is perfect" (fun p ->
                let e = p.Truth.Evaluate(p.Truth, p.Options)

                lengths e = [ Some 0.; Some 0.; Some 0.; Some 0. ]
                && e.Dice = 1.
                && e.Nsd = 1.
                && e.Score.Total = 100.)
            lawOfPairs 200 "ASD <= RMSD <= MSD, Dice = 2J / (1 + J), nothing is NaN" (fun p ->
                let e = p.Prediction.Evaluate(p.Truth, p.Options)

                let rising =
                    match lengths e with
                    | [ Some a; Some r; Some m; Some h ] -> a <= r + 1e-12 && r <= m + 1e-12 && h <= m
                    | other -> other = [ None; None; None; None ]

                rising
                && near 1e-12 e.Dice (2. * e.Jaccard / (1. + e.Jaccard))
                && all e
                   |> List.forall (function
                       | Some v -> Double.IsFinite v
                       | None -> e.Notes.Count > 0))
            lawOfPairs 200 "percentiles rise to the maximum" (fun p ->
                let s = p.Prediction.Compare(p.Truth, p.Options).Surfaces

                not s.Exist
                || [
                    PercentileDefinition.Pooled
                    PercentileDefinition.MaxDirected
                    PercentileDefinition.AreaWeighted
                   ]
                   |> List.forall (fun d ->
                       let values = [ 0. .. 10. .. 100. ] |> List.map (fun q -> value (s.Percentile(q, d)))

                       values = List.sort values
                       && (d = PercentileDefinition.AreaWeighted || List.last values = value s.Maximum)))
            lawOfPairs 200 "twice the spacing: twice the distances, the same overlap" (fun p ->
                let e = p.Prediction.Evaluate(p.Truth, p.Options)
                let f = (scale 2. p.Prediction).Evaluate(scale 2. p.Truth, p.Options)

                alike 1e-12 (lengths e |> List.map (Option.map ((*) 2.))) (lengths f)
                && e.Dice = f.Dice
                && e.RvdPercent = f.RvdPercent)
            lawOfPairs 200 "mirroring and turning both changes nothing" (fun p ->
                let e = all (p.Prediction.Evaluate(p.Truth, p.Options))

                alike 1e-12 e (all ((mirror p.Prediction).Evaluate(mirror p.Truth, p.Options)))
                && alike 1e-12 e (all ((permute p.Prediction).Evaluate(permute p.Truth, p.Options))))
            lawOfPairs 200 "moving both within a larger image changes nothing" (fun p ->
                let room (v: Volume<bool>) dx =
                    v.Pad(Region(-dx, -3, -2, Extent(v.Extent.X + 80, v.Extent.Y + 6, v.Extent.Z + 5)), false)

                let e dx =
                    all ((room p.Prediction dx).Evaluate(room p.Truth dx, p.Options))

                alike 1e-12 (e 3) (e 64))
            lawOfPairs 200 "a moved box lies apart by its move" (fun p ->
                let grid = Grid.Of(Extent(30, 14, 14), p.Truth.Grid.Spacing)

                let at dx =
                    boxOf grid (2 + dx, 8 + dx) (3, 9) (2, 10)

                [ 0; 1; 5 ]
                |> List.forall (fun k ->
                    near 1e-12 (value ((at k).Evaluate(at 0, p.Options).MsdMm)) (float k * grid.Spacing.X)))
            lawOfPairs 100 "the number of threads changes no bit" (fun p ->
                let e threads =
                    p.Prediction.Evaluate(p.Truth, MetricsOptions(Threads = threads, Border = p.Options.Border))

                e 1 = e 2 && e 2 = e 5)
        ]

[<Tests>]
let edges =
    let grid = grid12 (Spacing(1., 1., 2.))
    let empty, full = Volume.Constant(grid, false), Volume.Constant(grid, true)
    let some = boxOf grid (2, 5) (2, 5) (2, 5)

    testList
        "Metrics.edges"
        [
            testCase "both empty: equal, and said so"
            <| fun () ->
                let e = empty.Evaluate empty
                Expect.equal (e.Dice, e.VoePercent, e.RvdPercent, e.Nsd) (1., 0., Nullable 0., 1.) "overlap"
                Expect.equal (lengths e) [ Some 0.; Some 0.; Some 0.; Some 0. ] "distances"
                Expect.equal e.Score.Total 100. "score"
                Expect.isNonEmpty e.Notes "noted"
            testCase "one empty: distances absent with a reason, 0 points for them"
            <| fun () ->
                let miss, invented = empty.Evaluate some, some.Evaluate empty

                for e in [ miss; invented ] do
                    Expect.equal (lengths e) [ None; None; None; None ] "absent"
                    Expect.equal (e.Dice, e.Jaccard, e.VoePercent, e.Nsd) (0., 0., 100., 0.) "nothing shared"
                    Expect.equal e.Score.Total 0. "no points"
                    Expect.isTrue (e.Notes |> Seq.exists _.Contains("absent")) "noted"

                Expect.equal
                    (miss.RvdPercent, miss.Sensitivity, miss.Precision)
                    (Nullable -100., Nullable 0., Nullable())
                    "missed"

                Expect.equal
                    (invented.RvdPercent, invented.Sensitivity, invented.Precision)
                    (Nullable(), Nullable(), Nullable 0.)
                    "invented"
            testCase "one empty, diagonal asked for: the worst distance instead"
            <| fun () ->
                let e =
                    empty.Evaluate(some, MetricsOptions(MissingSurface = MissingSurface.Diagonal))

                expect "diagonal" (sqrt (144. + 144. + 576.)) (value e.MsdMm)
            testCase "a mask that fills the image has a border only if the outside is background"
            <| fun () ->
                Expect.equal (lengths (some.Evaluate full)) [ None; None; None; None ] "none"
                Expect.equal (lengths (full.Evaluate full)) [ Some 0.; Some 0.; Some 0.; Some 0. ] "equal"

                expect
                    "to the far corner"
                    (sqrt (36. + 36. + 144.))
                    (value (some.Evaluate(full, MetricsOptions(Outside = Outside.Background)).MsdMm))
            testCase "one voxel, one slice"
            <| fun () ->
                let one = Volume.Constant(Grid.Of(Extent(1, 1, 1), Spacing.Isotropic 1.), true)

                Expect.equal
                    (one.Evaluate(one, MetricsOptions(Outside = Outside.Background)).MsdMm)
                    (Nullable(Mm 0.))
                    "one voxel"

                let flat = Grid.Of(Extent(9, 9, 1), Spacing.Isotropic 1.)
                let a, b = boxOf flat (2, 4) (2, 4) (0, 0), boxOf flat (2, 5) (2, 4) (0, 0)
                expect "one slice: the side moves by 1, its middle voxel lies 1 off" 1. (value (a.Evaluate(b).MsdMm))
            testCase "masks of different grids are refused, both grids quoted"
            <| fun () ->
                let other = Volume.Constant(Grid.Of(Extent(12, 12, 11), Spacing.Isotropic 1.), true)

                let message =
                    try
                        other.Evaluate some |> ignore
                        ""
                    with :? ArgumentException as e ->
                        e.Message

                Expect.stringContains message "12×12×11" "found"
                Expect.stringContains message "12×12×12" "expected"
            testCase "the JSON has the agreed keys and null for what is absent"
            <| fun () ->
                let json = Text.Json.JsonDocument.Parse((empty.Evaluate some).ToJson()).RootElement

                for key in
                    [
                        "voe_percent"
                        "rvd_percent"
                        "asd_mm"
                        "rmsd_mm"
                        "msd_mm"
                        "hd95_mm"
                        "dice"
                        "jaccard"
                        "nsd"
                        "score"
                        "scores"
                        "volume_ml"
                        "notes"
                    ] do
                    Expect.isTrue (fst (json.TryGetProperty key)) key

                Expect.equal (json.GetProperty("asd_mm").ValueKind) Text.Json.JsonValueKind.Null "absent"
                Expect.equal (json.GetProperty("volume_ml").GetProperty("truth").GetDouble()) 0.128 "64 voxels of 2 mm³"
        ]

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

[<Tests>]
let statistics =
    testList
        "Statistics.describe"
        [
            testCase "a box of known densities, cut off on two sides"
            <| fun () ->
                let grid = Grid.Of(Extent(5, 4, 4), Spacing(1., 2., 5.))
                let ct = Volume.Init(grid, fun x y z -> Hu(float32 (x * 10)))
                let s = ct.Describe(boxOf grid (0, 4) (1, 2) (2, 3))
                Expect.equal s.Voxels 20L "voxels"
                expect "ml" 0.2 s.VolumeMl
                let d = s.Density.Value

                Expect.equal
                    (d.Mean, d.Min, d.Median, d.P25, d.Max)
                    (20., Hu 0.f, 20., 10., Hu 40.f)
                    "0, 10, 20, 30, 40"

                expect "sd" (sqrt 200.) d.StandardDeviation
                Expect.equal (s.BoxMm, s.Centre) (Spacing(5., 4., 10.), Nullable(Point(2., 3., 12.5))) "box"
                Expect.equal (Seq.toList s.CutOff) [ "R"; "L"; "S" ] "sides"
            testCase "parts that touch nowhere are counted"
            <| fun () ->
                let grid = grid12 (Spacing.Isotropic 1.)

                let mask =
                    Volume.Init(grid, fun x y z -> (x < 3 && y = 0 && z = 0) || (x = 6 && y = 6 && z = 6))

                let s = (Volume.Constant(grid, Hu 5.f)).Describe mask
                Expect.equal (s.Components, s.LargestPart) (2, 0.75) "3 of 4 voxels"
            testCase "an empty mask has no densities"
            <| fun () ->
                let grid = grid12 (Spacing.Isotropic 1.)
                let s = (Volume.Constant(grid, Hu 5.f)).Describe(Volume.Constant(grid, false))
                Expect.isFalse (s.Density.HasValue || s.Centre.HasValue) "absent"
                Expect.isTrue ((s.ToJson()).Contains "\"hu\": null") "null in JSON"
            law "volumes add up over a mask and its rest; percentiles are in order" (fun (ct: Volume<Hu>) (seed: int) ->
                let pick = Random seed
                let mask = ct.Map(fun _ -> pick.Next 2 = 0)
                let rest = mask.Map not
                let whole = ct.Describe(ct.Map(fun _ -> true))
                let parts = [ mask; rest ] |> List.map ct.Describe

                let ordered (s: MaskStatistics) =
                    not s.Density.HasValue
                    || (let d = s.Density.Value

                        let v =
                            [ float d.Min.Value; d.P5; d.P25; d.Median; d.P75; d.P95; float d.Max.Value ]

                        v = List.sort v)

                near 1e-9 (parts |> List.sumBy _.VolumeMl) whole.VolumeMl
                && List.forall ordered parts)
        ]

/// A long grid with few voxels set in each of two masks.
let private sparse =
    gen {
        let e = Extent(300, 20, 12)

        let! s =
            Gen.map3 (fun x y z -> Spacing(x, y, z)) (between 0.1 1.) (between 0.3 3.) (between 0.3 5.)

        let points =
            Gen.map3
                (fun x y z -> x, y, z)
                (Gen.choose (0, e.X - 1))
                (Gen.choose (0, e.Y - 1))
                (Gen.choose (0, e.Z - 1))
            |> Gen.nonEmptyListOf

        let! a = points
        let! b = points
        return Grid.Of(e, s), a, b
    }

let private equalsBruteForce (grid: Grid, a: (int * int * int) list, b: (int * int * int) list) =
    let mask points =
        let voxels = Array.zeroCreate (int grid.Extent.Count)

        for x, y, z in points do
            voxels[(z * grid.Extent.Y + y) * grid.Extent.X + x] <- true

        Volume.Of(grid, ReadOnlySpan voxels)

    let truth, prediction = mask b, mask a

    let measure threads =
        prediction.Compare(truth, MetricsOptions(Outside = Outside.Background, Threads = threads)).Surfaces

    let nearest p =
        b |> List.map (OraclesMetrics.distance grid.Spacing p) |> List.min

    let order = a |> List.distinct |> List.sortBy (fun (x, y, z) -> z, y, x)

    Seq.forall2 (near 1e-12) (measure 2).PredictionToTruthMm (order |> List.map nearest)
    && measure 1 = measure 3

[<Tests>]
let farLaws =
    testList
        "Metrics.far"
        [
            lawTimes
                400
                "sparse points in long rows equal brute force on any number of threads"
                (Prop.forAll (Arb.fromGen sparse) equalsBruteForce)
        ]
