module LiverSeg.Functional.Tests.SurfaceViewTests

open Expecto
open LiverSeg.Functional
open LiverSeg.Functional.Tests.ReportFixture
open LiverSeg.Functional.Tests.PngReader

[<Tests>]
let pictures =
    testList
        "Report.pictures"
        [
            testCase "distances are blue inside, red outside"
            <| fun () ->
                let tint r =
                    let w, h, p = decode ((ball (11, 10, 8) r).DrawDistances(truth, 2.))
                    // the scale stands in the last quarter
                    Seq.sum (
                        seq {
                            for y in 21 .. h - 1 do
                                for x in 0 .. 3 * (w / 4) - 1 -> let r, _, b = p x y in int r - int b
                        }
                    )

                Expect.isGreaterThan (tint 9.) (tint 7.) "larger is redder"
                Expect.isLessThan (tint 5.) (tint 7.) "smaller is bluer"
                Expect.isGreaterThan (let w, _, _ = decode (empty.DrawDistances truth) in w) 0 "no surface: a message"
        ]
