(**
---
title: Overview
category: Start
categoryindex: 1
index: 1
---
# LiverSeg.Functional

Finds the liver in a CT volume: a functional .NET library, a kit of F# scripts and a command-line program, without Python and without a GPU. It re-creates
Dou et al., *3D Deeply Supervised Network for Automatic Liver Segmentation from CT Volumes* (MICCAI 2016). Research use only.

![Three planes of a phantom: truth green, result red](img/liver.png)
*)
(*** condition: prepare ***)
#load "../scripts/load.fsx"
(**
The voxel type says how far a volume has come, so the stages only fit in the right order. In a script or at the prompt of `dotnet fsi`:

```text
#r "nuget: LiverSeg.Functional.FSharp, 0.2.0"
#r "nuget: libtorch-cpu-linux-x64, 2.10.0"
```
*)
open LiverSeg.Functional

let phantom =
    Phantom.abdomen (PhantomOptions(Seed = 1000L, Spacing = Spacing.Isotropic 3.))

let model = Pretrained.Liver
let image = phantom.Ct |> Hounsfield.windowed model.Window

let metrics =
    image
    |> Model.predict model
    |> Crf.refine (CrfOptions(Iterations = 5)) image
    |> Mask.threshold 0.5
    |> Mask.largestComponent
    |> Mask.fillHoles
    |> Metrics.evaluate phantom.Liver

printfn "%s" (Report.line metrics)
(*** include-output ***)

(**
`Volume.read "ct.nii.gz"` and `Volume.readMask "liver.nii.gz"` stand where the phantom stands. [The same in C#](csharp.md).

## Where to go

| you want to | read |
|---|---|
| segment scans without programming | [get the program](howto-install.md), with or without .NET; [a DICOM folder](howto-dicom.md), [an archive](howto-pacs.md); every verb has `--help` |
| experiment | the scripts, one for each verb: `dotnet fsi scripts/segment.fsx CT MASK`, from any folder, once `dotnet build src/LiverSeg.Functional.Cli -c Release` has made what they load; in notebooks and scripts of your own the two lines above |
| look at a result | [the viewer](viewer.md): one page, or a server of its own |
| know what to expect of the result | [limits](limits.md), [the models that ship](model-card.md), [left-out patients](results/crossval.md) |
| understand it, one stage after the other | [volumes](1-volumes.fsx), [a phantom](2-phantom.fsx), [files](3-files.fsx), [the network](4-network.fsx), [training](5-training.fsx), [the CRF](6-crf.fsx), [evaluation](7-evaluation.fsx) |
| use it in a program | [in C#](csharp.md), [in F#](fsharp.fsx), [as a service](howto-service.md), [without libtorch](howto-onnx.md), [the house on one page](architecture.md) |
| know which masks are taken | [a table of inputs and answers](howto-masks.fsx) |
| train on cases of your own | [how](howto-train.md), [on a cluster](howto-cluster.md), [a new layer](howto-new-layer.fsx) |
| use the network elsewhere | [PyTorch and ONNX Runtime](howto-pytorch.md) |

Every page whose code has results under it was run to make them.
*)
