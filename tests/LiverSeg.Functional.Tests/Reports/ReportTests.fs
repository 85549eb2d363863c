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
            testCase "the page forbids scripts and asks for nothing outside"
            <| fun () ->
                let page = html ()
                Expect.stringContains page "default-src 'none'; img-src data:; style-src 'unsafe-inline'" "policy"

                Expect.isFalse
                    (Regex.IsMatch(page, @"<script|javascript:|<link|<iframe|@import|\bon\w+=", RegexOptions.IgnoreCase))
                    "nothing active"

                for m in Regex.Matches(page, "(?:src|href)=\"([^\"]*)\"") do
                    Expect.stringStarts m.Groups[1].Value "data:image/png;base64," "embedded"

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
                    Expect.stringContains dom "<th>Dice</th>" "the table"
                    Expect.isFalse (dom.Contains "<script") "no script element"

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
