module LiverSeg.Functional.Tests.FeatureImagesTests

open System
open Expecto
open LiverSeg.Functional
open LiverSeg.Functional.Tests.PngReader

[<Tests>]
let pictures =
    testList
        "Report.pictures"
        [
            testCase "kernels and features are pictures, a panel per feature and one for the slice itself"
            <| fun () ->
                let p = Phantom.abdomen (PhantomOptions(Seed = 1L, Spacing = Spacing.Isotropic 12.))
                let image = p.Ct |> Hounsfield.windowed Window.Liver
                let paper = Model(Architectures.Paper, Weights.he 1L Architectures.Paper)

                let size png =
                    let width, height, _ = decode png
                    width, height

                // Eight features of 7 slices of 9 by 9, six pixels each, four between.
                Expect.equal (size (LearningCurves.FirstKernels paper)) (7 * 58 + 4, 8 * 58 + 4) "kernels"

                let features name =
                    LearningCurves.LayerFeatures(paper, image, name, threads = 1)

                let width, height = size (features "conv1")
                // The slice and eight features in rows of three: the extent padded to the stride, enlarged to about 200.
                let padded n = (n + 3) / 4 * 4
                let zoom = int (Math.Round(200. / float (padded image.Extent.X)))
                Expect.equal width (3 * (padded image.Extent.X * zoom + 6) - 6) "width"
                Expect.equal height (3 * (padded image.Extent.Y * zoom + 6) - 6) "height"
                Expect.equal ((features "conv1").ToArray()) ((features "conv1").ToArray()) "same bytes"
                Expect.notEqual ((features "conv1").ToArray()) ((features "conv2").ToArray()) "another layer"
                Expect.throwsT<ArgumentException> (fun () -> features "conv9" |> ignore) "no such layer"

                // A network whose first layer passes the image on: its one feature is the slice.
                let identity =
                    Layer.seq [ Layer.Conv(1, Kernel(1, 1, 1), Activation = Activation.None); Layer.score 2 ]

                let weights =
                    Seq.initInfinite (fun seed -> Weights.he (int64 seed) identity)
                    |> Seq.find (fun w -> w["conv1/weight"].Values[0] > 0f)

                let same =
                    LearningCurves.LayerFeatures(Model(identity, weights), image, threads = 1)

                let width, height, pixel = decode same
                let half = (width - 6) / 2

                for y in 0 .. height - 1 do
                    for x in 0 .. half - 1 do
                        let (left, _, _), (right, _, _) = pixel x y, pixel (x + half + 6) y
                        Expect.isLessThanOrEqual (abs (int left - int right)) 1 "two equal panels"
        ]
