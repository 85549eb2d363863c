module LiverSeg.Functional.Tests.PipelineTests

open System
open Expecto
open LiverSeg.Functional
open LiverSeg.Functional.Tests.Models

[<Tests>]
let tests =
    testSequenced
    <| testList
        "Pipeline"
        [
            testCase "segment is its parts composed"
            <| fun () ->
                let ct = unseen.Value.Ct

                for model in [ coarse.Value; coarseCascade.Value ] do
                    let image = ct |> Hounsfield.windowed model.Window
                    let tissue = image |> Volume.map (fun i -> i.Value > 0f)

                    let composed =
                        image
                        |> Model.predict model
                        |> Crf.refine CrfOptions.Shipped image
                        |> Mask.threshold 0.5
                        |> Mask.``and`` tissue
                        |> Pipeline.cutDense 0.125 5. image
                        |> Mask.largestComponent
                        |> Mask.fillHoles
                        |> Mask.cutNecks 10. 5.

                    Expect.isGreaterThan (Mask.count composed) 0L "something"
                    Expect.equal (ct |> Pipeline.segment (PipelineOptions()) model) composed "the same mask"
            testCase "the default model finds a phantom's liver that it was not trained on"
            <| fun () ->
                let dice = (found.Value.Mask |> Metrics.evaluate unseen.Value.Liver).Dice
                Expect.isGreaterThan dice 0.85 "Dice"
                Expect.isFalse found.Value.Quality.IsDoubtful $"not doubted: {found.Value.Quality}"
            testCase "turned and mirrored scans give the same mask in the patient"
            <| fun () ->
                let ct, model = unseen.Value.Ct, coarseCascade.Value
                let expected = ct |> Pipeline.segment (PipelineOptions()) model
                Expect.isGreaterThan (Mask.count expected) 0L "something"

                for axes, flips in
                    [
                        [| 0; 1; 2 |], [| true; true; false |]
                        [| 2; 0; 1 |], [| false; true; false |]
                    ] do
                    let turned = ct |> Orient.matchOrientation (Orient.Turned(ct.Grid, axes, flips))
                    let found = turned |> Pipeline.segment (PipelineOptions()) model
                    Expect.equal found.Grid turned.Grid "grid"

                    Expect.isTrue
                        ((found |> Orient.matchOrientation ct.Grid).Voxels.SequenceEqual expected.Voxels)
                        "voxels"
            testCase "a scan without liver gives an empty mask, not an error"
            <| fun () ->
                let air =
                    Volume.constant (Grid.Of(Extent(40, 40, 20), Spacing.Isotropic 3.)) (Hu -1000f)

                Expect.equal (air |> Pipeline.segment (PipelineOptions()) Pretrained.Liver |> Mask.count) 0L "empty"
            testCase "volumes of odd shapes come through"
            <| fun () ->
                for e in [ Extent(1, 1, 1); Extent(5, 40, 1); Extent(3, 2, 50) ] do
                    let v = Volume.constant (Grid.Of(e, Spacing.Isotropic 2.)) (Hu 60f)
                    Expect.equal (v |> Pipeline.segment (PipelineOptions()) Pretrained.Liver).Grid v.Grid $"{e}"
        ]
