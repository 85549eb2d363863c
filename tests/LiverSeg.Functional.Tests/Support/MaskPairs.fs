/// Two masks to compare, drawn at random or by hand.
module LiverSeg.Functional.Tests.MaskPairs

open System
open Expecto
open FsCheck
open FsCheck.FSharp
open LiverSeg.Functional
open LiverSeg.Functional.Tests.Generators

let near tolerance (a: float) (b: float) =
    abs (a - b) <= tolerance * max 1. (abs b)

let value (length: Nullable<Mm>) = length.Value.Value

let expect name expected actual =
    Expect.isTrue (near 1e-6 actual expected) $"{name}: {actual}, expected {expected}"

let borders = [ Border.Faces; Border.FacesAndEdges; Border.All ]

let outsides = [ Outside.Object; Outside.Background ]

/// Two masks of one grid with one of all borders and outside rules.
type Pair =
    {
        Truth: Volume<bool>
        Prediction: Volume<bool>
        Options: MetricsOptions
    }

let noise density grid =
    volumeOf (Gen.frequency [ density, Gen.constant true; 10 - density, Gen.constant false ]) grid

/// Noise, empty, full, boxes, and one changed a little.
let pair =
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

let lawOfPairs times name (property: Pair -> bool) =
    testPropertyWithConfig
        { config with
            maxTest = times
            arbitrary = [ typeof<PairGenerator> ]
        }
        name
        property

let lengths (e: Evaluation) =
    [ e.AsdMm; e.RmsdMm; e.MsdMm; e.Hd95Mm ]
    |> List.map (fun l -> if l.HasValue then Some l.Value.Value else None)

let all (e: Evaluation) =
    [
        Some e.VoePercent
        Some e.Dice
        Some e.Jaccard
        Some e.Nsd
        Option.ofNullable e.RvdPercent
    ]
    @ lengths e

let alike tolerance a b =
    List.forall2
        (fun x y ->
            match x, y with
            | Some x, Some y -> near tolerance x y
            | None, None -> true
            | _ -> false)
        a
        b

let grid12 spacing = Grid.Of(Extent(12, 12, 12), spacing)

let within low high v = v >= low && v <= high

let boxOf grid (x0, x1) (y0, y1) (z0, z1) =
    Volume.Init(grid, fun x y z -> within x0 x1 x && within y0 y1 y && within z0 z1 z)
