module LiverSeg.Functional.Tests.PrintersTests

open System
open Expecto
open LiverSeg.Functional
open LiverSeg.Functional.Tests.Generators

let private grid = Grid.Of(Extent(4, 3, 2), Spacing(1., 2., 5.))

[<Tests>]
let tests =
    testList
        "Facade"
        [
            law "a scan's glance names its grid, its least and its greatest voxel"
            <| fun (ct: Volume<Hu>) ->
                let values = ct.Voxels.ToArray() |> Array.map _.Value

                let number (v: float32) =
                    v.ToString("G4", Globalization.CultureInfo.InvariantCulture)

                Volume.describe ct =
                    $"Volume<Hu> {ct.Grid}, {number (Array.min values)} .. {number (Array.max values)} HU"
            law "a mask's glance counts what is inside"
            <| fun (mask: Volume<bool>) -> (Volume.describe mask).Contains $", {Mask.count mask} voxels inside, "
            testCase "a volume without voxels is at a glance empty"
            <| fun () ->
                let none = Volume.constant (Grid.Of(Extent(0, 3, 2), Spacing.Isotropic 1.)) (Hu 0f)
                Expect.stringEnds (Volume.describe none) ", empty" "glance"
            testCase "a network's glance has a row an operation; one that cannot be says why"
            <| fun () ->
                let rows (text: string) =
                    text.Split('\n') |> Array.filter (fun l -> l.StartsWith "| ") |> Array.length

                // the operations, a head and a total
                Expect.equal
                    (Architectures.Paper |> Layer.summary |> rows)
                    ((Architectures.Paper |> Layer.operations (Shape(1, Extent(64, 64, 64)))).Length
                     + 2)
                    "rows"

                let nameless = Layer.tap "no name" [ Layer.score 2 ]
                Expect.stringContains (Layer.summary nameless) "only letters" "why"
            testCase "fsi's text of a value is its glance, and no text for strangers"
            <| fun () ->
                let mask = Volume.constant grid true
                let evaluation = mask |> Metrics.evaluate mask
                let table = ResultTable.ofCases "s" [ CaseResult.ofEvaluation "c" evaluation ]

                for value, text in
                    [
                        box mask, Volume.describe mask
                        box (Volume.constant grid (Intensity 0.5f)),
                        "Volume<Intensity> 4×3×2 @ 1×2×5 mm LPS, 0.5 .. 0.5"
                        box Architectures.Paper, Layer.summary Architectures.Paper
                        box Pretrained.Liver, Model.describe Pretrained.Liver
                        box evaluation, Report.line evaluation
                        box table, ResultTable.toMarkdown table
                    ] do
                    Expect.equal (Printers.text value) (Some text) (value.GetType().Name)

                Expect.isFalse ((Model.describe Pretrained.Liver).Contains '\n') "a model is one line"
                Expect.equal (Printers.text (box 3)) None "a number"
        ]
