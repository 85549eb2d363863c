module LiverSeg.Functional.Tests.MetricsLawTests

open System
open Expecto
open LiverSeg.Functional
open LiverSeg.Functional.Tests.MaskPairs

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
