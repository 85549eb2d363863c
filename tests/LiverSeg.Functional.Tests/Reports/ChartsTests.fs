module LiverSeg.Functional.Tests.ChartsTests

open System
open System.Text.RegularExpressions
open Expecto
open LiverSeg.Functional
open LiverSeg.Functional.Tests.ReportFixture
open LiverSeg.Functional.Tests.PngReader

[<Tests>]
let pictures =
    testList
        "Report.pictures"
        [
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

                let lines =
                    svg.Descendants()
                    |> Seq.filter (fun e ->
                        e.Name.LocalName = "path"
                        && string (e.Attribute "stroke") |> _.Contains("#1F64B4"))

                Expect.isNonEmpty lines "the curve"
                Expect.equal (svg.Root.Elements() |> Seq.head |> _.Value) "loss <of> all" "the title"

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
            testCase "vector graphics are the same again, though Skia counts on, and two on a page do not mix"
            <| fun () ->
                let named (title: string) =
                    Plots
                        .Curves(title, "x", "y", [ PlotSeries.Line("a", [ PlotPoint(1., 1.); PlotPoint(2., 3.) ]) ])
                        .ToSvg()

                let ids (svg: string) =
                    Regex.Matches(svg, "id=\"([^\"]*)\"") |> Seq.map _.Groups[1].Value |> set

                Expect.equal (named "one") (named "one") "same bytes"
                Expect.isNonEmpty (ids (named "one")) "clips"
                Expect.isEmpty (Set.intersect (ids (named "one")) (ids (named "two"))) "names of their own"
                Expect.isFalse (Regex.IsMatch(named "one", "<script|href|<style|<image|font-face")) "nothing outside"
            testCase "names of lines that lie together do not overprint"
            <| fun () ->
                let rules =
                    [
                        Rule(0., "mean")
                        Rule(0.01, "upper")
                        Rule(-0.01, "lower")
                        Rule(100., "far")
                    ]

                let svg = Xml.Linq.XDocument.Parse(Plot(Rules = rules).ToSvg())

                let heights =
                    [
                        for e in svg.Descendants() do
                            if e.Name.LocalName = "text" && Regex.IsMatch(e.Value, "mean|upper|lower|far") then
                                let place =
                                    Regex.Match(string (e.Attribute "transform"), @"translate\(([-\d.]+) ([-\d.]+)\)")

                                float place.Groups[2].Value
                    ]
                    |> List.sort

                Expect.equal heights.Length 4 "named"

                for a, b in List.pairwise heights do
                    Expect.isGreaterThan (b - a) 11. "a line of letters apart"
            testCase "letters are there without any font of the machine: the assembly brings its own"
            <| fun () ->
                use stream = typeof<Figure>.Assembly.GetManifestResourceStream "DejaVuSans.ttf"
                Expect.isGreaterThan stream.Length 700000L "the font"

                let width text =
                    let w, _, _ = decode (Plot(Title = text).ToPng()) in w

                Expect.equal (width "a") 560 "drawn"

                let dark text =
                    count (0uy, 0uy, 0uy) (Plot(Title = text).ToPng())

                Expect.isGreaterThan (dark "Volumes of the liver, Größe µ ≤ 3") (dark "" + 100) "ink"
        ]
