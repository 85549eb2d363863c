(**
---
title: In F#
category: Start
categoryindex: 1
index: 2
---
# In F#: values at a glance, changed options, total matches

What the F# face adds to [the same functions in C#](csharp.md). Run the page with `dotnet fsi docs/fsharp.fsx`.
*)
(*** condition: prepare ***)
#load "../scripts/load.fsx"

open LiverSeg.Functional

(**
## At a glance

`scripts/load.fsx` tells fsi how to show what the library makes: a volume by its grid and range, a network as a table, a model and an
evaluation as a line. With the packages it is one line of your own:

```text
fsi.AddPrinter(fun (value: obj) -> Printers.text value |> Option.toObj)
```
*)
let phantom =
    Phantom.abdomen (PhantomOptions(Seed = 3L, Spacing = Spacing.Isotropic 6.))

printfn "%s" (Volume.describe phantom.Ct)
printfn "%s" (Volume.describe phantom.Liver)
printfn "%s" (Model.describe Pretrained.Liver)
(*** include-output ***)

(**
## Options with some values changed

The core's options are C# records, which F# can make (`CrfOptions(Iterations = 5)`) but not copy with `{ .. with .. }`. Where presets are worth
changing there is a method `With` whose arguments are the fields:
*)
let short = TrainingOptions.Practical.With(epochs = 5, crop = Extent(64, 64, 32))
let gentle = CrfOptions.Shipped.With(mu1 = 3.)
let bare = PipelineOptions().With(refinement = CrfSetting.None, fillHoles = false)

printfn "%d epochs at first at a rate of %g" short.Epochs (short.Rate.At(0., short.Epochs))
printfn "the CRF at mu1 = %g and %d iterations" gentle.Mu1 gentle.Iterations
(*** include-output ***)

(**
## Networks, errors and cases to match on

A layer is one of seven words, so a function over networks is a total match: the compiler says what was forgotten.
*)
let rec convolutions (network: Layer) =
    match network with
    | LayerPattern.Conv _ -> 1
    | LayerPattern.Seq layers -> List.sumBy convolutions layers
    | LayerPattern.Tap(_, inner)
    | LayerPattern.Skip inner -> convolutions inner
    | LayerPattern.Up _
    | LayerPattern.Score _
    | LayerPattern.Fixed _ -> 0

printfn "the paper's network has %d convolutions" (convolutions Architectures.Paper)

let advice path =
    match VolumeFile.tryRead path with
    | Ok ct -> Volume.describe ct
    | Error(FileError.InputOutput e) -> $"{e.File} cannot be reached: {e.Remedy}"
    | Error(FileError.Unsupported e) -> $"valid, but not for this library: {e.Remedy}"
    | Error(FileError.BadFile(FileError.Code code)) -> $"broken: {code}"
    | Error(FileError.Integrity e) -> $"changed since it was written: {e.Found}"

printfn "%s" (advice "nowhere.nii.gz")

let line case =
    match case with
    | CaseResult.Scored e -> Report.line e
    | CaseResult.Failed reason -> $"no result: {reason}"

let found = phantom.Ct |> Pipeline.segment bare Pretrained.Liver

printfn
    "%s"
    (found
     |> Metrics.evaluate phantom.Liver
     |> CaseResult.ofEvaluation "phantom"
     |> line)
(*** include-output ***)
