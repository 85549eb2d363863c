module LiverSeg.Functional.Tests.PaperFiguresTests

open System
open Expecto
open LiverSeg.Functional
open LiverSeg.Functional.Tests.PngReader
open LiverSeg.Functional.Tests.ReportFixture

/// Cells of figure 3 are this wide and high, with this much between two rows.
let private width, private height, private between = 320, 250, 4

[<Tests>]
let figures =
    testList
        "Report.pictures"
        [
            testCase
                "figure 3: a column for each subject; transverse, sagittal and coronal from top to bottom; both contours in each"
            <| fun () ->
                let grey = Volume.Constant(grid, Intensity 0.5f)

                // 15 mm from right to left, 5 mm from front to back, 24 mm along the body.
                let slab size =
                    Volume.Init(
                        grid,
                        fun x y z -> abs (x - 12) <= 7 - size && abs (y - 10) <= 2 && z >= 2 + size && z < 14 - size
                    )

                let subject name =
                    FigureSubject(name, grey, slab 1, slab 0)

                let w, h, pixel = decode (PaperFigures.figure3 [ subject "one"; subject "two" ])
                Expect.equal w (2 * width + 6) "two columns"
                Expect.isGreaterThan h (3 * height + 2 * between) "three rows, and names"

                /// Width over height of what is drawn in a colour in a cell.
                let shape isOf column row =
                    let found =
                        [
                            for y in 0 .. height - 1 do
                                for x in 0 .. width - 1 do
                                    if isOf (pixel (column * (width + 6) + x) (row * (height + between) + y)) then
                                        x, y
                        ]

                    let size side =
                        let values = found |> List.map side
                        float (List.max values - List.min values)

                    size fst / size snd

                let red (r: byte, g: byte, _: byte) = int r - int g > 100
                let green (r: byte, g: byte, _: byte) = int g - int r > 100

                for column in 0..1 do
                    for row, wanted in List.indexed [ 15. / 5.; 5. / 24.; 15. / 24. ] do
                        Expect.isLessThan (abs (shape green column row / wanted - 1.)) 0.15 $"truth, row {row}"

                    for row, wanted in List.indexed [ 13. / 5.; 5. / 20.; 13. / 20. ] do
                        Expect.isLessThan (abs (shape red column row / wanted - 1.)) 0.15 $"result, row {row}"

                Expect.throwsT<ArgumentException> (fun () -> PaperFigures.figure3 [] |> ignore) "no subject"
        ]
