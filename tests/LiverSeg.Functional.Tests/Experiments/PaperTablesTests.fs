module LiverSeg.Functional.Tests.PaperTablesTests

open Expecto
open LiverSeg.Functional
open LiverSeg.Functional.Tests.ReportFixture

[<Tests>]
let tests =
    testList
        "PaperTables"
        [
            testCase "the published rows stand in their tables, marked as such"
            <| fun () ->
                let t1, t2 = PaperTable.Table1 [ table ], PaperTable.Table2 [ table ]

                Expect.equal
                    (t1.Rows |> Seq.map (fun r -> r.Published) |> List.ofSeq)
                    [ false; true; true; true; true ]
                    "Table 1"

                Expect.equal (t2.Rows.Count) 6 "Table 2"

                Expect.stringContains
                    (t2.ToMarkdown())
                    "| 3D-DSN+CRF (Dou 2016) † | 5.42 | 1.75 | 0.79 | 1.64 | 33.55 | 76.6 | – | – |"
                    "row"

                Expect.stringContains (t2.ToMarkdown()) "published figures" "caution"
                Expect.stringContains (t2.ToCsv()) "ZIB,6.09,-2.86,0.95,1.87,18.69," "a negative number is no formula"
        ]
