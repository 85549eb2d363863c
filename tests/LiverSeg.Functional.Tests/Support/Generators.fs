module LiverSeg.Functional.Tests.Generators

open Expecto
open FsCheck
open FsCheck.FSharp
open LiverSeg.Functional

/// A float in [low, high] with three decimals, so that shrunk cases stay readable.
let between (low: float) (high: float) =
    Gen.choose (int (low * 1000.), int (high * 1000.))
    |> Gen.map (fun n -> float n / 1000.)

let extent longest =
    Gen.map3
        (fun x y z -> Extent(x, y, z))
        (Gen.choose (1, longest))
        (Gen.choose (1, longest))
        (Gen.choose (1, longest))

let spacing =
    Gen.map3 (fun x y z -> Spacing(x, y, z)) (between 0.3 2.) (between 0.3 2.) (between 0.3 5.)

/// Any rotation (from a unit quaternion), mirrored or not.
let direction =
    gen {
        let! a = between -1. 1.
        let! b = between -1. 1.
        let! c = between -1. 1.
        let! mirrored = Gen.elements [ 1.; -1. ]
        let n = sqrt (1. + a * a + b * b + c * c)
        let w, x, y, z = 1. / n, a / n, b / n, c / n

        return
            Direction(
                Axis(1. - 2. * (y * y + z * z), 2. * (x * y + w * z), 2. * (x * z - w * y)),
                Axis(2. * (x * y - w * z), 1. - 2. * (x * x + z * z), 2. * (y * z + w * x)),
                Axis(
                    mirrored * 2. * (x * z + w * y),
                    mirrored * 2. * (y * z - w * x),
                    mirrored * (1. - 2. * (x * x + y * y))
                )
            )
    }

let gridOf longest =
    gen {
        let! e = extent longest
        let! s = spacing

        let! o =
            Gen.map3 (fun x y z -> Point(x, y, z)) (between -300. 300.) (between -300. 300.) (between -900. 900.)

        let! d = Gen.oneof [ Gen.constant Direction.Identity; direction ]
        return Grid(e, s, o, d)
    }

let volumeOf (voxel: Gen<'T>) (grid: Grid) =
    voxel
    |> Gen.arrayOfLength (int grid.Extent.Count)
    |> Gen.map (fun v -> Volume.Of(grid, System.ReadOnlySpan v))

let hu = between -1024. 3000. |> Gen.map (float32 >> Hu)
let probability = between 0. 1. |> Gen.map (float32 >> Probability)

/// Random, empty or full.
let maskOf grid =
    Gen.oneof
        [
            volumeOf (Gen.elements [ true; false ]) grid
            Gen.constant (Volume.Constant(grid, false))
            Gen.constant (Volume.Constant(grid, true))
        ]

/// A volume and a smaller one: half of the slices, rows or columns.
let private shrinkVolume (volume: Volume<'T>) =
    let e = volume.Extent

    [
        Extent(e.X, e.Y, e.Z / 2)
        Extent(e.X, e.Y / 2, e.Z)
        Extent(e.X / 2, e.Y, e.Z)
    ]
    |> Seq.filter (fun s -> s.Count > 0 && s <> e)
    |> Seq.map (fun s -> volume.Crop(Region(0, 0, 0, s)))

/// Names with all that a row of a table could trip over, but line breaks and outer blanks.
let awkward =
    Gen.elements (List.ofSeq "abc,\"'; =+-@é.")
    |> Gen.nonEmptyListOf
    |> Gen.map (fun cs -> "x" + System.String(Array.ofList cs) + "x")

type Generators =
    static member Grid() : Arbitrary<Grid> = Arb.fromGen (gridOf 6)

    static member Ct() : Arbitrary<Volume<Hu>> =
        Arb.fromGenShrink (gridOf 6 |> Gen.bind (volumeOf hu), shrinkVolume)

    static member Scores() : Arbitrary<Volume<Probability>> =
        Arb.fromGenShrink (gridOf 6 |> Gen.bind (volumeOf probability), shrinkVolume)

    static member Mask() : Arbitrary<Volume<bool>> =
        Arb.fromGenShrink (gridOf 6 |> Gen.bind maskOf, shrinkVolume)

let config =
    { FsCheckConfig.defaultConfig with
        maxTest = 100
        arbitrary = [ typeof<Generators> ]
    }

/// A property over our generators; the name is a sentence.
let law name property =
    testPropertyWithConfig config name property

/// The same, for costly properties.
let lawTimes times name property =
    testPropertyWithConfig { config with maxTest = times } name property
