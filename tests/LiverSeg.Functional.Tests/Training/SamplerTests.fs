module LiverSeg.Functional.Tests.SamplerTests

open Expecto
open LiverSeg.Functional
open LiverSeg.Functional.Tests.Balls

[<Tests>]
let tests =
    testList
        "Training"
        [
            testCase "quarter turns move voxels without interpolation, and no draw changes the number of intensities"
            <| fun () ->
                let o = TrainingOptions(Crop = Extent(8, 8, 8), Augmentation = Augmentation.Paper)

                let values =
                    cases
                    |> Seq.collect (fun c -> c.Image.Voxels.ToArray() |> Seq.map _.Value)
                    |> System.Collections.Generic.HashSet

                for step in 0L .. 9L do
                    let crop = Sampler.Draw(cases, o, step)
                    Expect.isTrue (crop.Image |> Array.forall values.Contains) "a source voxel"
                    Expect.isTrue (crop.Known |> Array.forall ((=) 1f)) "inside"
            testCase "what lies outside of the scan is unknown and empty"
            <| fun () ->
                let o = TrainingOptions(Crop = Extent(32, 32, 32), Augmentation = Augmentation.None)
                let crop = Sampler.Draw(cases, o, 0L)
                Expect.equal (Array.sum crop.Known) (float32 (20 * 18 * 16)) "known voxels"
                Expect.isTrue (Array.forall2 (fun k i -> k = 1f || i = 0f) crop.Known crop.Image) "empty outside"
            testCase "a crop is equal on any number of threads"
            <| fun () ->
                let o =
                    TrainingOptions(Crop = Extent(12, 10, 8), Augmentation = Augmentation.Practical)

                for step in 0L .. 4L do
                    let one = Sampler.Draw(cases, o, step)

                    for threads in [ 2; 5; 0 ] do
                        let many = Sampler.Draw(cases, o, step, threads)
                        Expect.equal many.Image one.Image "image"
                        Expect.equal many.Truth one.Truth "truth"
                        Expect.equal many.Known one.Known "known"
        ]
