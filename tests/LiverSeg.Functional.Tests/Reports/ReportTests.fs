module LiverSeg.Functional.Tests.ReportTests

open System
open System.IO
open System.Text.RegularExpressions
open Expecto
open LiverSeg.Functional
open LiverSeg.Functional.Tests.ReportFixture

[<Tests>]
let report =
    let reportCases =
        [
            ReportCase.Of("a", image, ball (12, 10, 8) 7., truth, MetricsOptions())
            ReportCase.Of("missed", image, empty, truth, MetricsOptions())
            ReportCase.Unjudged("no truth", image, truth)
            ReportCase.Of(CaseResult.Failed(hostile, hostile), [])
        ]

    let html () =
        Report.Html(hostile, hostile, reportCases, [| PaperTable.Table2 [ table ] |], [||])

    testList
        "Report.html"
        [
            testCase "the page forbids scripts but the one that sorts, and asks for nothing outside"
            <| fun () ->
                let page = html ()

                Expect.stringContains
                    page
                    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-"
                    "policy"

                let own = Regex.Match(page, "<script>(.*?)</script>", RegexOptions.Singleline)
                let bytes = Text.Encoding.UTF8.GetBytes own.Groups[1].Value
                Expect.stringContains page (Convert.ToBase64String(Security.Cryptography.SHA256.HashData bytes)) "named"
                let page = page.Replace(own.Value, "")

                Expect.isFalse
                    (Regex.IsMatch(
                        page,
                        @"<script|javascript:|<link (?!rel=""icon"" href=""data:,"")|<iframe|@import|\bon\w+=",
                        RegexOptions.IgnoreCase
                    ))
                    "nothing active"

                for m in Regex.Matches(page, "(?:src|href)=\"([^\"]*)\"") do
                    Expect.isTrue
                        (Regex.IsMatch(m.Groups[1].Value, "^(data:image/png;base64,.*|data:,|#case-[A-Za-z0-9-]+)$"))
                        "embedded, or a place of the page"

                Expect.isFalse (Regex.IsMatch(page, "[\u202e\u001b]")) "printable"
            testCase "a browser opens the page: its table stands there and nothing ran"
            <| fun () ->
                let browser =
                    [ "/usr/bin/chromium"; "/usr/bin/chromium-browser"; "/usr/bin/google-chrome" ]
                    |> List.tryFind File.Exists

                match browser with
                | None -> skiptest "skipped: no Chromium"
                | Some browser ->
                    let folder = Directory.CreateTempSubdirectory "liverseg-report"
                    let page = Path.Combine(folder.FullName, "index.html")
                    File.WriteAllText(page, html ())

                    let start =
                        Diagnostics.ProcessStartInfo(
                            browser,
                            RedirectStandardOutput = true,
                            RedirectStandardError = true
                        )

                    for argument in
                        [
                            "--headless"
                            "--no-sandbox"
                            "--disable-gpu"
                            "--user-data-dir=" + folder.FullName
                            "--dump-dom"
                            "file://" + page
                        ] do
                        start.ArgumentList.Add argument

                    use chromium = Diagnostics.Process.Start start
                    let errors = chromium.StandardError.ReadToEndAsync()
                    let dom = chromium.StandardOutput.ReadToEnd()
                    chromium.WaitForExit()
                    errors.Wait()
                    folder.Delete true
                    Expect.stringContains dom "<button>Dice<small>" "the table"

                    Expect.isFalse
                        (errors.Result.Contains "Content Security Policy")
                        "nothing that the policy had to stop"
            testCase "the page and all files are the same on every run, dates and paths nowhere"
            <| fun () ->
                let folder () =
                    let path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName())
                    Report.Write(path, "t", "s", reportCases, [||], [||])

                    let files =
                        Directory.GetFiles path
                        |> Array.sort
                        |> Array.map (fun f ->
                            Path.GetFileName f,
                            Convert.ToHexString(Security.Cryptography.SHA256.HashData(File.ReadAllBytes f)))

                    Directory.Delete(path, true)
                    files

                let first = folder ()
                Expect.equal (folder ()) first "same"

                for name in
                    [
                        "index.html"
                        "results.csv"
                        "results.json"
                        "results.md"
                        "a-planes.png"
                        "a-worst.png"
                        "a-distances.png"
                    ] do
                    Expect.contains (first |> Array.map fst) name name
            testCase "the worst case comes first, in the table and below it, failed ones before all"
            <| fun () ->
                let page =
                    Report.Html("t", "s", [| for c in cases -> ReportCase.Of(c, []) |], [||], [||])

                let expected =
                    cases
                    |> List.sortBy (fun c -> if c.Scored then c.Evaluation.Score.Total else -1.)
                    |> List.map _.Name

                let order pattern =
                    [ for m in Regex.Matches(page, pattern) -> m.Groups[1].Value ]

                Expect.equal (order "<a href=\"#case-([^\"]*)\">") expected "rows"
                Expect.equal (order "<h2 id=\"case-([^\"]*)\">") expected "sections"
                Expect.stringContains page "<th scope=\"row\">sd</th>" "several cases have a spread"
            testCase "one case has neither mean nor spread, and reads from above to below"
            <| fun () ->
                let page = Report.Html("t", "s", [| ReportCase.Of(cases[0], []) |], [||], [||])
                Expect.isFalse (Regex.IsMatch(page, ">(mean|sd|median|min|max)<")) "no statistics of one number"
                Expect.stringContains page "<th scope=\"row\">Dice</th>" "its numbers"
            testCase "a case's doubts stand above its numbers, and its viewer lies beside the page"
            <| fun () ->
                let scene = Viewer.scene "x" (Volume.Init(grid, fun x _ _ -> Hu(float32 x)))

                let both =
                    [|
                        for _ in 1..2 ->
                            ReportCase.Unjudged("../a", image, truth)
                            |> Report.withNotes [ "doubtful: <b>small</b>" ]
                            |> Report.withViewer scene
                    |]

                let path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName())
                Report.Write(path, "t", "s", both, [||], [||])
                let page = File.ReadAllText(Path.Combine(path, "index.html"))
                Expect.stringContains page "doubtful: &lt;b&gt;small&lt;/b&gt;" "the doubt"

                for name in [ "a-view.html"; "a-2-view.html" ] do
                    Expect.stringContains page $"href=\"{name}\"" "a link"
                    Expect.equal (File.ReadAllText(Path.Combine(path, name))) (Viewer.html scene) "the viewer"

                Directory.Delete(path, true)
            testCase "a report is not replaced unless asked for, and names lead out of no folder"
            <| fun () ->
                let path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName())

                let evil =
                    [
                        ReportCase.Of(
                            CaseResult.Failed("x", "y"),
                            [
                                Figure.Of("../../evil", "c", image.Draw truth)
                                Figure.Of("../../evil", "c", image.Draw truth)
                            ]
                        )
                    ]

                Report.Write(path, "t", "s", evil, [||], [||])
                let names = Directory.GetFiles path |> Array.map Path.GetFileName
                Expect.throws (fun () -> Report.Write(path, "t", "s", evil, [||], [||])) "exists"
                Report.Write(path, "t", "s", evil, [||], [||], true)
                Directory.Delete(path, true)
                Expect.containsAll names [ "evil.png"; "evil-2.png" ] "both pictures, inside"
        ]
