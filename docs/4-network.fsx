(**
---
title: 4 The network
category: Stages
categoryindex: 2
index: 4
---
# 4 The network: a value that is read in several ways

A network is a value of type `Layer`: convolutions, poolings, deconvolutions, in order. It computes nothing by itself. Readings ("folds") make something of
it: shapes, receptive field, a table, weights to start from, and the computation on libtorch. Run the page with `dotnet fsi docs/4-network.fsx`.
*)
(*** condition: prepare ***)
#load "../scripts/load.fsx"

open System
open System.IO
open LiverSeg.Functional

let mutable checks = 0

let check name holds =
    if not holds then
        failwith name

    checks <- checks + 1

(**
## The paper's network, in its words

Six convolutions, two poolings, two deconvolutions. A `tap` passes its input on and emits what its head makes of it: a side output, which
deep supervision holds against the truth too.
*)
let dsn =
    Layer.seq
        [
            Layer.conv 8 (9, 9, 7)
            Layer.conv 8 (9, 9, 7)
            Layer.pool 2
            Layer.tap "after3" [ Layer.up 2 2 ]
            Layer.conv 16 (7, 7, 5)
            Layer.conv 32 (7, 7, 5)
            Layer.pool 2
            Layer.tap "after6" [ Layer.up 32 2; Layer.up 2 2 ]
            Layer.conv 32 (5, 5, 3)
            Layer.conv 32 (1, 1, 1)
            Layer.up 32 2
            Layer.up 2 2
        ]

check
    "what the library calls Architectures.Paper"
    ((dsn |> Layer.table (Shape(1, Extent(160, 160, 72)))) =
        (Architectures.Paper |> Layer.table (Shape(1, Extent(160, 160, 72)))))

(**
## Readings

The crop that the paper learns from has 160×160×72 voxels and one channel. The table names each operation, its output and what it sees:
*)
let crop = Shape(1, Extent(160, 160, 72))
printfn "%s" (dsn |> Layer.table crop)
check "two classes on the grid of the input" (dsn |> Layer.outputShape crop = Shape(2, crop.Extent))
check "numbers to learn" (dsn |> Layer.parameters = 334830L)
check "extents are multiples of 4" (dsn |> Layer.stride = 4)
check "side outputs" (dsn |> Layer.taps = [ "after3"; "after6" ])
(*** include-output ***)

(**
A reading of your own is a total match over the words (`LayerPattern` has them as active patterns). How many voxels' worth of kernel does a network hold?
*)
let rec kernelVoxels layer =
    match layer with
    | LayerPattern.Conv c -> c.Kernel.X * c.Kernel.Y * c.Kernel.Z
    | LayerPattern.Seq layers -> List.sumBy kernelVoxels layers
    | LayerPattern.Tap(_, head) -> kernelVoxels head
    | LayerPattern.Skip inner -> kernelVoxels inner
    | LayerPattern.Up _
    | LayerPattern.Score _
    | LayerPattern.Fixed _ -> 0

printfn "kernel voxels: %d" (kernelVoxels dsn)
check "9·9·7 + 9·9·7 + 7·7·5 + 7·7·5 + 5·5·3 + 1" (kernelVoxels dsn = 567 + 567 + 245 + 245 + 75 + 1)
(*** include-output ***)

(**
## What is learned (eq. 1 to 3)

For a voxel with logits a (background, liver) the main path says P = softmax(a), and each branch d says P_d alike. With the truth t the loss is

<math display="block"><mrow><mi>L</mi><mo>=</mo><mo>−</mo><mi>mean</mi><mspace width="0.2em"/><mi>log</mi><mspace width="0.2em"/><mi>P</mi><mrow><mo>(</mo><mi>t</mi><mo>)</mo></mrow><mo>+</mo><munder><mo>∑</mo><mi>d</mi></munder><msub><mi>η</mi><mi>d</mi></msub><mrow><mo>(</mo><mo>−</mo><mi>mean</mi><mspace width="0.2em"/><mi>log</mi><mspace width="0.2em"/><msub><mi>P</mi><mi>d</mi></msub><mrow><mo>(</mo><mi>t</mi><mo>)</mo></mrow><mo>)</mo></mrow><mo>+</mo><mi>λ</mi><mo>∑</mo><msup><mi>W</mi><mn>2</mn></msup></mrow></math>

that is, the main path's negative log-likelihood, each branch's with its weight η (0.3 and 0.4, falling while it learns), and weight decay. The branches shorten the way from
the loss to the first layers: from the paper's start the first layer's gradient is 2,000 times as long with them
([measured](results/learning.md)). In use, eq. 4 mixes main path and branches: (1 − Σ τ_d) P + Σ τ_d P_d.

## What the trained networks make of a scan

Two come with the library: `Pretrained.Dsn`, this topology with instance normalisation, and `Pretrained.Liver`, two compact encoders and
decoders, one behind the other. Both in one phantom:
*)
let phantom =
    Phantom.abdomen (PhantomOptions(Seed = 1000L, Spacing = Spacing.Isotropic 4.))

let dice (model: Model) =
    let image = phantom.Ct |> Hounsfield.windowed model.Window

    let mask =
        image |> Model.predict model |> Mask.threshold 0.5 |> Mask.largestComponent

    (mask |> Metrics.evaluate phantom.Liver).Dice

for name, model in [ "Dsn", Pretrained.Dsn; "Liver", Pretrained.Liver ] do
    let found = dice model
    printfn "Pretrained.%-5s Dice %.3f" name found
    check name (found > 0.9)
(*** include-output ***)

(**
Main path and branches one by one: the branches are coarse, as they look at half and a quarter of the voxels.
*)
let image = phantom.Ct |> Hounsfield.windowed Pretrained.Dsn.Window

let all = image |> Model.predictAll (PredictOptions()) Pretrained.Dsn

let diceOf scores =
    (scores |> Mask.threshold 0.5 |> Metrics.evaluate phantom.Liver).Dice

printfn "main %.3f" (diceOf all.Main)

for struct (tap, scores) in all.Branches do
    printfn "%s %.3f" tap (diceOf scores)
(*** include-output ***)

(**
## Pictures of it

The first layer's kernels, a row per feature, slices side by side, and what the layer makes of the phantom's middle slice: the slice itself first,
then a panel per feature. `dotnet fsi docs/4-network.fsx docs/img` draws both.
*)
let kernels = LearningCurves.firstKernels Pretrained.Dsn
let features = image |> LearningCurves.layerFeatures "conv1" 0.5 Pretrained.Dsn
check "pictures" (kernels.Length > 1000 && features.Length > 1000)

fsi.CommandLineArgs
|> Array.tryItem 1
|> Option.iter (fun folder ->
    OutputFile.WriteBytes(Path.Combine(folder, "network-kernels.png"), kernels, overwrite = true)
    OutputFile.WriteBytes(Path.Combine(folder, "network-features.png"), features, overwrite = true))

(**
![kernels of the first layer](img/network-kernels.png)
![features of a slice](img/network-features.png)

## Files

A model is a network, its weights, window, spacing and tile in one safetensors file with a hash over everything; what is written is read back equal.
`OnnxFile.exportOnnx` writes it for [other programs](howto-pytorch.md).
*)
let file =
    Path.Combine(Path.GetTempPath(), Path.GetRandomFileName() + ".safetensors")

Pretrained.Dsn |> Model.save file
check "the same weights" ((Model.load file).Weights.Hash = Pretrained.Dsn.Weights.Hash)
File.Delete file
printfn "%d checks hold" checks
(*** include-output ***)
