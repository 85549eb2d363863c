module LiverSeg.Functional.Tests.EmptyMaskTests

open System
open Expecto
open LiverSeg.Functional
open LiverSeg.Functional.Tests.MaskPairs

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
