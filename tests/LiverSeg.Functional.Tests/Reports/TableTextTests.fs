module LiverSeg.Functional.Tests.TableTextTests

open System
open System.Text.Json
open System.Text.RegularExpressions
open Expecto
open LiverSeg.Functional
open LiverSeg.Functional.Tests.ReportFixture

[<Tests>]
let tables =
    testList
        "Report.tables"
        [
            testCase "a row per case in order, failed ones included, and both counts beside every mean"
            <| fun () ->
                let lines = table.ToMarkdown().Split '\n'

                let names =
                    lines
                    |> Array.filter (_.StartsWith("| "))
                    |> Array.map (fun l -> (l.Split('|')[1]).Trim())

                Expect.equal
                    (List.ofArray names)
                    [
                        "case"
                        "a"
                        "b"
                        "c"
                        "missed"
                        "broken"
                        "mean"
                        "sd"
                        "median"
                        "min"
                        "max"
                        "mean, 95 % CI low"
                        "mean, 95 % CI high"
                        "n scored"
                        "n failed"
                    ]
                    "rows"

                let s = table.Summarise(Metric.Named "asd_mm").Value
                Expect.equal (s.Scored, s.Failed) (3, 2) "the missed case has no distance"
                let d = table.Summarise(Metric.Named "score").Value
                Expect.equal (d.Scored, d.Failed) (4, 1) "but it has points: 0"
                Expect.equal d.Min 0. "0"
            testCase "every format is the same in 20 runs and with 1 and 2 threads"
            <| fun () ->
                let all threads =
                    let options = MetricsOptions(Threads = threads)

                    let t =
                        ResultTable.Of(
                            "ours",
                            [
                                CaseResult.Of("a", (ball (12, 10, 8) 7.).Evaluate(truth, options))
                                CaseResult.Failed("b", "lost")
                            ]
                        )

                    let s = PaperTable.Table2 [ t ]

                    String.concat
                        "\n"
                        [
                            t.ToMarkdown()
                            t.ToCsv()
                            t.ToJson()
                            t.ToHtml()
                            s.ToMarkdown()
                            s.ToCsv()
                            s.ToJson()
                            s.ToHtml()
                        ]

                let first = all 1

                for i in 1..20 do
                    Expect.equal (all (1 + i % 2)) first "same bytes"
            testCase "CSV and JSON keep all digits and never write NaN"
            <| fun () ->
                let rows =
                    (table.ToCsv().TrimEnd('\n').Split '\n') |> Array.map (fun l -> l.Split ',')

                let column = Array.findIndex ((=) "asd_mm") rows[0]

                Expect.equal
                    (Double.Parse(rows[1].[column], Globalization.CultureInfo.InvariantCulture))
                    (value "asd_mm" (List.head cases)).Value
                    "CSV"

                Expect.equal (rows[4].[column]) "" "absent"
                let json = JsonDocument.Parse(table.ToJson()).RootElement

                Expect.equal
                    ((json.GetProperty "cases").[0].GetProperty("asd_mm").GetDouble())
                    (value "asd_mm" (List.head cases)).Value
                    "JSON"

                Expect.equal
                    ((json.GetProperty "cases").[4].GetProperty("failure").GetString())
                    "the file is truncated"
                    "reason"

                Expect.equal
                    (json.GetProperty("summary").GetProperty("asd_mm").GetProperty("n_failed").GetInt32())
                    2
                    "failed"

                for text in [ table.ToCsv(); table.ToJson(); table.ToMarkdown(); table.ToHtml() ] do
                    Expect.isFalse (Regex.IsMatch(text, @"\bNaN\b|Infinity|∞")) "no NaN"
            testCase "names from outside become no markup, no formula, no control character"
            <| fun () ->
                let t =
                    ResultTable.Of(hostile, [ CaseResult.Failed(hostile, hostile); CaseResult.Failed("@x", "-1+1") ])

                for text in [ t.ToMarkdown(); t.ToCsv(); t.ToHtml() ] do
                    Expect.isFalse (Regex.IsMatch(text, "[\u202e\u001b\r]")) "printable"

                Expect.isFalse (Regex.IsMatch(t.ToCsv(), @"(^|,)[=@]", RegexOptions.Multiline)) "no formula"
                Expect.isFalse ((t.ToHtml()).Contains "<script") "no script"
                Expect.stringContains (t.ToCsv()) "'-1+1" "defused"

                Expect.equal
                    (t.ToMarkdown().Split('\n') |> Array.filter (_.StartsWith("| ")) |> Array.length)
                    12
                    "a hostile name opens no row"
        ]
