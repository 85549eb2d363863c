module LiverSeg.Functional.Tests.PreviewTests

open Expecto
open LiverSeg.Functional
open LiverSeg.Functional.Tests.ReportFixture
open LiverSeg.Functional.Tests.PngReader

let private red, private green = (255uy, 50uy, 50uy), (0uy, 215uy, 70uy)

[<Tests>]
let pictures =
    testList
        "Report.pictures"
        [
            testCase "three planes with both contours, to scale"
            <| fun () ->
                let png = image.Draw(ball (12, 10, 8) 7., truth)
                let w, h, _ = decode png
                Expect.isTrue (w > 1000 && h > 300) $"{w} x {h}"
                Expect.isTrue (count red png > 300 && count green png > 300) "both colours"
                Expect.equal (count green (image.Draw truth)) 0 "no truth, no green"
            testCase "a contour lies on the border between voxels, with soft edges"
            <| fun () ->
                let half = Volume.Init(grid, fun x _ _ -> x < 12)
                let w, h, p = decode ((Volume.Constant(grid, Intensity 0.5f)).Draw half)
                // The axial plane: as wide as the grid is, the mask on its left half.
                let row = [ for x in 0..399 -> p x (h / 2) ]

                let reds =
                    [
                        for x in 0..399 -> (let r, g, _ = row[x] in if int r - int g > 8 then Some(x, int r) else None)
                    ]
                    |> List.choose id

                let inked = reds |> List.sumBy (fun (_, r) -> float (r - 128) / 127.)

                let centre =
                    (reds |> List.sumBy (fun (x, r) -> (float x + 0.5) * float (r - 128) / 127.))
                    / inked

                Expect.isTrue (w > 1000 && abs (centre - 200.) < 0.2) $"at {centre}"
                Expect.isTrue (abs (inked - 1.4) < 0.3) $"{inked} pixels wide"
            testCase "an empty mask has no contour and still a picture"
            <| fun () ->
                let w, _, _ = decode (image.Draw empty)
                Expect.isGreaterThan w 0 "drawn"
            testCase "the planes stay the same when the grid's axes are turned or mirrored"
            <| fun () ->
                let e, g = grid.Extent, grid

                let turned =
                    Grid(
                        Extent(e.Z, e.X, e.Y),
                        Spacing(2., 1., 1.),
                        Point(0., 0., 0.),
                        Direction(Axis(0., 0., -1.), Axis(1., 0., 0.), Axis(0., 1., 0.))
                    )

                let turn (v: Volume<'T>) =
                    Volume.Init(turned, fun z x y -> v[x, y, e.Z - 1 - z])

                let prediction = ball (13, 9, 7) 6.

                let pixels png =
                    let w, h, p = decode png
                    // the heading tells the slice's index, which differs
                    w,
                    h,
                    [
                        for y in 21 .. h - 1 do
                            for x in 0 .. w - 1 -> p x y
                    ]

                let slices = prediction.WorstSlices(truth, 3) |> List.ofSeq

                Expect.equal
                    ((turn prediction).WorstSlices(turn truth, 3)
                     |> Seq.map (fun s -> e.Z - 1 - s)
                     |> List.ofSeq)
                    slices
                    "worst slices"

                Expect.equal
                    (pixels ((turn image).DrawWorst(turn prediction, turn truth, 1)))
                    (pixels (image.DrawWorst(prediction, truth, 1)))
                    "axial"
            testCase "the worst slice comes first and slices that agree not at all"
            <| fun () ->
                let prediction =
                    Volume.Init(
                        grid,
                        fun x y z -> truth[x, y, z] <> ((z = 3 && x = 0 && y < 2) || (z = 9 && x = 0 && y < 5))
                    )

                Expect.equal (prediction.WorstSlices(truth, 6) |> List.ofSeq) [ 9; 3 ] "slices"
                Expect.isEmpty (truth.WorstSlices(truth, 6)) "none"
        ]
