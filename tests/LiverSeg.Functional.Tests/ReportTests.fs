module LiverSeg.Functional.Tests.ReportTests

open System
open System.Buffers.Binary
open System.IO
open System.IO.Compression
open System.Text
open System.Text.Json
open System.Text.RegularExpressions
open Expecto
open FsCheck
open FsCheck.FSharp
open LiverSeg.Functional
open LiverSeg.Functional.Tests.Generators

let private grid = Grid.Of(Extent(24, 20, 16), Spacing(1., 1., 2.))

let private ball (x, y, z) r =
    Volume.Init(grid, fun i j k -> float ((i - x) * (i - x) + (j - y) * (j - y) + 4 * (k - z) * (k - z)) <= r * r)

let private truth = ball (11, 10, 8) 7.

let private image =
    Volume.Init(
        grid,
        fun x y z ->
            Intensity(
                if truth[x, y, z] then
                    0.6f
                else
                    0.2f + 0.01f * float32 (x % 5)
            )
    )

let private empty = Volume.Constant(grid, false)

let private evaluated name prediction =
    CaseResult.Of(name, Metrics.evaluate truth prediction)

let private cases =
    [
        evaluated "a" (ball (12, 10, 8) 7.)
        evaluated "b" (ball (11, 12, 8) 6.)
        evaluated "c" (ball (11, 10, 7) 8.)
        evaluated "missed" empty
        CaseResult.Failed("broken", "the file is truncated")
    ]

let private table = ResultTable.Of("ours", cases)
let private hostile = "=cmd()\u202e<script>alert(1)</script>\r\n|x|\u001b[31m"

/// Width, height and pixels of a PNG of our own kind, with every checksum tested.
let private decode (png: ReadOnlyMemory<byte>) =
    let bytes = png.ToArray()

    let crc (data: byte[]) =
        let mutable c = UInt32.MaxValue

        for b in data do
            c <- c ^^^ uint32 b

            for _ in 1..8 do
                c <-
                    if c &&& 1u <> 0u then
                        (c >>> 1) ^^^ 0xEDB88320u
                    else
                        c >>> 1

        c ^^^ UInt32.MaxValue

    let rec chunks at =
        if at >= bytes.Length then
            []
        else
            let length = BinaryPrimitives.ReadInt32BigEndian(ReadOnlySpan(bytes, at, 4))
            let body = bytes[at + 4 .. at + 7 + length]

            Expect.equal
                (BinaryPrimitives.ReadUInt32BigEndian(ReadOnlySpan(bytes, at + 8 + length, 4)))
                (crc body)
                "CRC"

            (Encoding.ASCII.GetString body[..3], body[4..]) :: chunks (at + 12 + length)

    let all = chunks 8
    Expect.equal (all |> List.map fst) [ "IHDR"; "IDAT"; "IEND" ] "only what is needed: no dates, no text"
    let header = snd all[0]
    let width = BinaryPrimitives.ReadInt32BigEndian(ReadOnlySpan(header, 0, 4))
    let height = BinaryPrimitives.ReadInt32BigEndian(ReadOnlySpan(header, 4, 4))
    use zlib = new ZLibStream(new MemoryStream(snd all[1]), CompressionMode.Decompress)
    use raw = new MemoryStream()
    zlib.CopyTo raw
    let raw = raw.ToArray()
    Expect.equal raw.Length (height * (width * 3 + 1)) "rows"
    let stride = width * 3
    let pixels = Array.zeroCreate<byte>(height * stride)

    for y in 0 .. height - 1 do
        for i in 0 .. stride - 1 do
            let above =
                if raw[y * (stride + 1)] = 2uy then
                    pixels[(y - 1) * stride + i]
                else
                    0uy

            pixels[y * stride + i] <- raw[y * (stride + 1) + 1 + i] + above

    width,
    height,
    (fun x y -> pixels[(y * width + x) * 3], pixels[(y * width + x) * 3 + 1], pixels[(y * width + x) * 3 + 2])

let private count colour png =
    let w, h, pixel = decode png

    Seq.sum (
        seq {
            for y in 0 .. h - 1 do
                for x in 0 .. w - 1 -> if pixel x y = colour then 1 else 0
        }
    )

let private red, private green = (255uy, 50uy, 50uy), (0uy, 215uy, 70uy)
let private value (m: string) (c: CaseResult) = c.Value(Metric.Named m)

[<Tests>]
let tables =
    testList
        "Report.tables"
        [
            testCase "a row a case in order, failed ones included, and both counts beside every mean"
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
            testCase "mean, sd, median by hand"
            <| fun () ->
                let s =
                    Summary.Of(ReadOnlySpan [| Nullable 1.; Nullable(); Nullable 4.; Nullable 10. |], 1L).Value

                Expect.equal (s.Scored, s.Failed, s.Mean, s.Median, s.Min, s.Max) (3, 1, 5., 4., 1., 10.) "of 1, 4, 10"
                Expect.floatClose Accuracy.high s.StandardDeviation (sqrt 21.) "(16 + 1 + 25) / 2"

                Expect.isFalse
                    (Summary.Of(ReadOnlySpan [| Nullable(); Nullable() |], 1L).HasValue)
                    "nothing scored: absent"
            law
                "the interval holds the mean and lies within the values; a seed repeats it"
                (fun (values: NormalFloat list) (seed: int64) ->
                    let v =
                        values
                        |> List.map (fun (NormalFloat f) -> Nullable(Math.Clamp(f, -1e6, 1e6)))
                        |> Array.ofList

                    let s = Summary.Of(ReadOnlySpan v, seed)

                    if v.Length = 0 then
                        not s.HasValue
                    else
                        let s1, slack =
                            s.Value, 1e-9 * (1. + abs s.Value.Mean + abs s.Value.Min + abs s.Value.Max)

                        s1.Low <= s1.Mean
                        && s1.Mean <= s1.High
                        && s1.Min <= s1.Low + slack
                        && s1.High <= s1.Max + slack
                        && s1.Min <= s1.Median
                        && s1.Median <= s1.Max
                        && s = Summary.Of(ReadOnlySpan v, seed))
            testCase "the interval of 100 values is about two standard errors wide"
            <| fun () ->
                let v = [| for i in 0..99 -> Nullable(float (i * 37 % 100)) |]
                let s = Summary.Of(ReadOnlySpan v, 7L).Value
                let expected = 1.96 * s.StandardDeviation / 10.
                Expect.isLessThan (abs (s.High - s.Mean - expected)) (0.1 * expected) "upper"
                Expect.isLessThan (abs (s.Mean - s.Low - expected)) (0.1 * expected) "lower"
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

[<Tests>]
let wilcoxon =
    testList
        "Report.wilcoxon"
        [
            testCase "nine pairs by the exact distribution"
            <| fun () ->
                let x = [ 1.83; 0.50; 1.62; 2.48; 1.68; 1.88; 1.55; 3.06; 1.30 ]
                let y = [ 0.878; 0.647; 0.598; 2.05; 1.06; 1.29; 1.06; 3.14; 1.29 ]
                let w = Wilcoxon.Of(List.map2 (-) x y)

                Expect.equal
                    (w.Pairs, w.Statistic, w.P, w.Exact)
                    (9, 5., 0.0390625, true)
                    "Hollander and Wolfe's depression data"
            testCase "59 pairs with ties by the normal approximation"
            <| fun () ->
                let w = Wilcoxon.Of [ for i in 0..59 -> float ((i * 37) % 101 - 42) / 10. ]
                Expect.equal (w.Pairs, w.Statistic, w.Exact) (59, 639., false) "a zero left out"
                Expect.isLessThan (abs (w.P - 0.06387076553)) 1e-9 "as scipy with correction"
            law "the exact p-value is that of all sign patterns, ties included" (fun (ds: int list) ->
                let ds =
                    ds
                    |> List.map (fun d -> float (d % 5))
                    |> List.filter ((<>) 0.)
                    |> List.truncate 9

                let ranked = ds |> List.map abs

                let rank v =
                    ranked |> List.averageBy (fun _ -> 0.) |> ignore

                    0.5
                    * float (
                        (ranked |> List.filter (fun r -> r < v) |> List.length)
                        + (ranked |> List.filter (fun r -> r <= v) |> List.length)
                        + 1
                    )

                let ranks = ranked |> List.map rank

                let least positive =
                    min positive (List.sum ranks - positive)

                let observed =
                    least (List.map2 (fun d r -> if d > 0. then r else 0.) ds ranks |> List.sum)

                let patterns =
                    [
                        for bits in 0 .. (1 <<< ds.Length) - 1 ->
                            least (
                                ranks
                                |> List.mapi (fun i r -> if bits >>> i &&& 1 = 1 then r else 0.)
                                |> List.sum
                            )
                    ]

                let p =
                    float (patterns |> List.filter (fun s -> s <= observed) |> List.length)
                    / float patterns.Length

                ds.IsEmpty || abs (Wilcoxon.Of(ds).P - p) < 1e-12)
            testCase "systems are paired by the case's name"
            <| fun () ->
                let other = ResultTable.Of("other", List.rev cases)
                Expect.equal (Wilcoxon.Compare(table, other, Metric.Named "dice")).Pairs 0 "no difference"
        ]

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
                        for y in 14 .. h - 1 do
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
            testCase "distances are blue inside, red outside"
            <| fun () ->
                let tint r =
                    let w, h, p = decode ((ball (11, 10, 8) r).DrawDistances(truth, 2.))
                    // the scale stands in the last quarter
                    Seq.sum (
                        seq {
                            for y in 14 .. h - 1 do
                                for x in 0 .. 3 * (w / 4) - 1 -> let r, _, b = p x y in int r - int b
                        }
                    )

                Expect.isGreaterThan (tint 9.) (tint 7.) "larger is redder"
                Expect.isLessThan (tint 5.) (tint 7.) "smaller is bluer"
                Expect.isGreaterThan (let w, _, _ = decode (empty.DrawDistances truth) in w) 0 "no surface: a message"
            testCase "kernels and features are pictures, a panel a feature and one for the slice itself"
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
            testCase "plots draw their curves in both formats, the same on every run"
            <| fun () ->
                let plot =
                    Plots.Curves(
                        "loss <of> all",
                        "epoch",
                        "loss",
                        [
                            PlotSeries.Line("train", [ for i in 1..9 -> PlotPoint(float i, 1. / float i) ])
                            PlotSeries.Line("bad", [ PlotPoint(nan, 1.); PlotPoint(2., infinity) ])
                        ]
                    )

                Expect.isGreaterThan (count (31uy, 100uy, 180uy) (plot.ToPng())) 100 "line"
                Expect.equal ((plot.ToPng()).ToArray()) ((plot.ToPng()).ToArray()) "same"
                let svg = Xml.Linq.XDocument.Parse(plot.ToSvg())

                Expect.equal
                    (svg.Descendants()
                     |> Seq.filter (fun e -> e.Name.LocalName = "line" && e.Attribute("stroke").Value = "#1f64b4")
                     |> Seq.length)
                    8
                    "segments"

                Expect.isFalse (plot.ToSvg().Contains "NaN") "no NaN"

                for p in
                    [
                        Plots.BlandAltman table
                        Plots.BoxPlot(Metric.Named "dice", [ table; ResultTable.Of("none", []) ])
                        Plot()
                        Plots.BlandAltman(ResultTable.Of("none", []))
                    ] do
                    Expect.isFalse (p.ToSvg().Contains "NaN") "no NaN"
                    decode (p.ToPng()) |> ignore
        ]

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
