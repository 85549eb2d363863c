module LiverSeg.Functional.Tests.ChartsTests

open System
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
