module LiverSeg.Functional.Tests.LayerTests

open Expecto
open FsCheck
open FsCheck.FSharp
open LiverSeg.Functional
open LiverSeg.Functional.Tests.Generators

/// Small layers that keep extents divisible by 4.
let rec private layerOf depth : Gen<Layer> =
    let leaf =
        Gen.oneof
            [
                gen {
                    let! f = Gen.choose (1, 3)
                    let! k = Gen.elements [ Kernel(1, 1, 1); Kernel(3, 3, 3); Kernel(3, 5, 1) ]
                    let! a = Gen.elements [ Activation.None; Activation.Relu; Activation.LeakyRelu ]
                    let! n = Gen.elements [ Normalization.None; Normalization.Instance ]
                    return Layer.Conv(f, k, Activation = a, Normalization = n) :> Layer
                }
                Gen.choose (1, 3) |> Gen.map (fun c -> Layer.Score c :> Layer)
            ]

    if depth = 0 then
        leaf
    else
        let inner = layerOf (depth - 1)

        Gen.oneof
            [
                leaf
                Gen.listOfLength 2 inner |> Gen.map (fun l -> Layer.Seq l :> Layer)
                inner |> Gen.map (fun l -> Layer.Skip l :> Layer)
                inner
                |> Gen.map (fun l -> Layer.Seq [ Layer.Pool 2 :> Layer; l; Layer.Up(2, 2) ] :> Layer)
            ]

let layer = Gen.sized (fun n -> layerOf (min 3 (n / 20)))

type Layers =
    static member Layer() : Arbitrary<Layer> = Arb.fromGen layer

let private law name property =
    testPropertyWithConfig
        { config with
            arbitrary = typeof<Layers> :: config.arbitrary
        }
        name
        property

let private input = Shape(1, Extent(8, 8, 8))
let private seq' (layers: Layer list) : Layer = Layer.Seq layers

[<Tests>]
let tests =
    testList
        "Layer"
        [
            law "Seq is associative, and Seq [] is neutral" (fun (a: Layer, b: Layer, c: Layer) ->
                seq' [ seq' [ a; b ]; c ] = seq' [ a; seq' [ b; c ] ]
                && seq' [ seq' []; a ] = seq' [ a ]
                && seq' [ a; seq' [] ] = seq' [ a ]
                && (seq' [ seq' []; a ]).OutputShape input = a.OutputShape input
                && (seq' [ a; seq' [] ]).Parameters() = a.Parameters())
            law "a tap changes neither main output nor shape, and adds one side output" (fun (a: Layer, b: Layer) ->
                let tapped = seq' [ a; Layer.Tap("t", b) ]

                tapped.OutputShape input = a.OutputShape input
                && tapped.Taps().Count = a.Taps().Count + 1)
            law "equal descriptions are equal values with equal hashes" (fun (a: Layer) ->
                let copy = LayerJson.Parse(LayerJson.Print a)
                copy = a && copy.GetHashCode() = a.GetHashCode())
            law "names of operations are unique and so are names of weights" (fun (a: Layer) ->
                let names =
                    LayerFolds.WeightShapes a |> Seq.map (fun struct (n, _) -> n) |> List.ofSeq

                List.distinct names = names)
            law "parameters are the sizes of the weights" (fun (a: Layer, seed: int) ->
                Weights.He(a, int64 seed).ParameterCount = a.Parameters())
            testCase "the paper's network has 334,830 parameters, 116.1 GMAC and sees 60×60×40 voxels at layer 8"
            <| fun () ->
                let crop = Shape(1, Extent(160, 160, 72))
                let placed = Architectures.Paper.Operations crop

                let at path =
                    placed |> Seq.find (fun o -> o.Path = path)

                Expect.equal (Architectures.Paper.Parameters()) 334830L "parameters"
                Expect.equal (Architectures.Paper.MultiplyAdds crop / 100_000_000L) 1161L "multiply-adds in 1e8"
                Expect.equal (at "pool1").Field (Kernel(18, 18, 14)) "after layer 3"
                Expect.equal (at "pool2").Field (Kernel(44, 44, 32)) "after layer 6"
                Expect.equal (at "conv6").Field (Kernel(60, 60, 40)) "after layer 8"

                Expect.equal
                    (placed |> Seq.map _.Parameters |> List.ofSeq)
                    [
                        4544L
                        36296L
                        0L
                        434L
                        31376L
                        125472L
                        0L
                        27680L
                        1730L
                        76832L
                        1056L
                        27680L
                        1730L
                    ]
                    "layer by layer"

                Expect.equal (Architectures.Paper.OutputShape crop) (Shape(2, Extent(160, 160, 72))) "output"
                Expect.equal (Architectures.Cnn.Parameters()) 304986L "without branches"
                Expect.sequenceEqual (Architectures.Paper.Taps()) [ "after3"; "after6" ] "taps"
                Expect.equal (Architectures.Paper.Stride()) 4 "stride"
            testCase "an extent that does not fit is refused with the layer and the extent"
            <| fun () ->
                Expect.throwsC
                    (fun () -> Architectures.Paper.OutputShape(Shape(1, Extent(10, 8, 8))) |> ignore)
                    (fun e -> Expect.stringContains e.Message "pool2: extent 5×4×4" "message")
            testCase "the table names every operation"
            <| fun () ->
                let table = Architectures.Paper.Table(Shape(1, Extent(160, 160, 72)))

                Expect.stringContains
                    table
                    "| conv2 | conv 9×9×7, 8, ReLU | 8 @ 160×160×72 | 17×17×13 | 36,296 | 66.89 |"
                    "a row"

                Expect.stringContains table "| total | | | | 334,830 | 116.1 |" "the total"
        ]
