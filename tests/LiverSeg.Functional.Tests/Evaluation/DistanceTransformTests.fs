module LiverSeg.Functional.Tests.DistanceTransformTests

open System
open Expecto
open FsCheck.FSharp
open LiverSeg.Functional
open LiverSeg.Functional.Tests.Generators
open LiverSeg.Functional.Tests.MaskPairs

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
