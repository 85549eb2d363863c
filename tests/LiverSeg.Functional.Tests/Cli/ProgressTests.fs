/// What the program says of long work.
module LiverSeg.Functional.Tests.ProgressTests

open System
open Expecto
open Spectre.Console
open LiverSeg.Functional.Cli

let private step: Progress.Step =
    {
        Stage = "predict"
        Unit = "tile"
        Done = 6
        Total = 20
        Detail = ""
        Seconds = 10.
        DoneBefore = 1
        PeakMib = 812L
    }

/// As it stands on a terminal of this width, without colours.
let private drawn width step =
    use text = new IO.StringWriter()

    let console =
        AnsiConsole.Create(
            AnsiConsoleSettings(
                Ansi = AnsiSupport.No,
                ColorSystem = ColorSystemSupport.NoColors,
                Out = AnsiConsoleOutput text
            )
        )

    console.Profile.Width <- width
    console.Write(Markup(Progress.markup width step))
    text.ToString()

[<Tests>]
let tests =
    testList
        "Cli progress"
        [
            testCase "a plain line has stage, share, time left and peak memory"
            <| fun () ->
                Expect.equal (Progress.text step) "predict: 30 % tile 6 of 20, 0:28 left, peak 812 MiB" "counted"

                Expect.equal
                    (Progress.text
                        { step with
                            Total = 0
                            Detail = "12 settings"
                        })
                    "predict: 12 settings, 0:10 so far, peak 812 MiB"
                    "uncounted"

                // Nothing is done yet, or all of it was there before: no speed.
                Expect.stringContains (Progress.text { step with DoneBefore = 6 }) "0:10 so far" "no speed"
                Expect.stringContains (Progress.text { step with Seconds = 8000. }) "6:13:20 left" "hours"
            testCase "names with brackets are shown as they are, and no line is wider than the terminal"
            <| fun () ->
                let odd =
                    { step with
                        Stage = "[red]case [0]/ASD [mm]"
                    }

                Expect.stringContains (drawn 120 odd) "[red]case [0]/ASD [mm]" "escaped"

                for width in [ 30; 40; 60; 80; 200 ] do
                    for step in
                        [
                            step
                            odd
                            { odd with
                                Total = 0
                                Detail = String('x', 100)
                            }
                        ] do
                        let line = drawn width step
                        Expect.isFalse (line.Contains '\n') $"one line of {width}"
                        Expect.isLessThan line.Length width "narrower"
        ]
