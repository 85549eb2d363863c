(**
---
title: Write a new layer
category: How-to
categoryindex: 3
index: 5
---
# Write a new layer

Most new layers are new arrangements of the words that are there: a function that gives a `Layer`. Shapes, receptive field, weights, training, files and ONNX
follow by themselves. Run the page with `dotnet fsi docs/howto-new-layer.fsx`; it learns for some seconds.
*)
(*** condition: prepare ***)
#load "../scripts/load.fsx"

open System
open System.IO
open LiverSeg.Functional

let check name holds =
    if not holds then
        failwith name

(**
## A block that keeps what it got

Two convolutions beside their own input: `skip` puts both side by side, a 1×1×1 convolution brings them back to as many features as wanted.
*)
let keeping features =
    Layer.seq
        [
            Layer.skip [ Layer.normConv features (3, 3, 3); Layer.normConv features (3, 3, 3) ]
            Layer.normConv features (1, 1, 1)
        ]

(**
## A head for deep supervision, at any depth

A score where the tap stands, enlarged until it lies on the grid of the input. `depth` says how many poolings came before.
*)
let supervised name depth =
    Layer.tap name (Layer.score 2 :: List.replicate depth (Layer.resize 2))

(**
## A network of them

The readings check it before anything is computed: an input that cannot be halved is refused by the operation's name.
*)
let own =
    Layer.seq
        [
            keeping 8
            Layer.pool 2
            supervised "half" 1
            keeping 16
            Layer.up 8 2
            Layer.score 2
        ]

let input = Shape(1, Extent(48, 48, 32))

let refused =
    try
        own |> Layer.operations (Shape(1, Extent(47, 48, 32))) |> ignore
        ""
    with :? ArgumentException as e ->
        e.Message

printfn "%s\n" refused
check "refused by name" (refused.StartsWith "pool1")
printfn "%s" (own |> Layer.table input)
check "the main output lies on the input's grid" (own |> Layer.outputShape input = Shape(2, input.Extent))
(*** include-output ***)

(**
## It learns, is kept, and finds livers

Two phantoms at 8 mm, 4 epochs of 12 steps.
*)
let spacing = Spacing.Isotropic 8.

let phantom seed =
    Phantom.abdomen (PhantomOptions(Seed = seed, Spacing = Spacing.Isotropic 6.))

let untrained = Model(own, own |> Weights.he 1L, Spacing = spacing)

let cases =
    [
        for seed in [ 1L; 2L ] ->
            let p = phantom seed
            Training.prepare untrained $"phantom {seed}" p.Ct p.Liver
    ]

let recipe =
    TrainingOptions.Smoke.With(epochs = 4, stepsPerEpoch = 12, seed = 1L, threads = 1)

let trained =
    untrained
    |> Training.fit
        recipe
        (fun e -> printfn "epoch %d: main %.3f, half %.3f" e.Epoch e.Losses["main"] e.Losses["half"])
        cases

let file =
    Path.Combine(Path.GetTempPath(), Path.GetRandomFileName() + ".safetensors")

trained.Model |> Model.save file
let unseen = phantom 3L

let dice =
    (unseen.Ct
     |> Pipeline.segment (PipelineOptions()) (Model.load file)
     |> Metrics.evaluate unseen.Liver)
        .Dice

File.Delete file
printfn "an unseen phantom: Dice %.3f" dice
check "it learned" (dice > 0.6)
(*** include-output ***)

(**
## A kind of layer that the words cannot say

A dilated convolution, say. The set of words is closed on purpose: every reading must know every word, or a network could be trained and then not be
exported, or planned for with too little memory. So a new word is work in the library's own code, in this order:

| file in `src/LiverSeg.Functional/Network` | what it must learn |
|---|---|
| `Layer.cs` | the record itself, with its checks |
| `LayerFolds.cs` | output shape, receptive field, stride, the weights that it has, multiplications, the table's words |
| `LayerJson.cs` | how it is written in a model's file and read back |
| `TorchForward.cs` | what it computes |
| `OnnxGraph.cs` | the same in ONNX |

and in `LiverSeg.Functional.FSharp/Networks.fs` its word and its case in `LayerPattern`. The tests in `TorchForwardTests.fs` and `OnnxFileTests.fs` hold the readings
against each other and against ONNX Runtime: put a network with the new word among theirs.
*)
