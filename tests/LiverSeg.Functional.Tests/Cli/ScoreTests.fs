module LiverSeg.Functional.Tests.ScoreTests

open System
open System.IO
open Expecto
open LiverSeg.Functional
open LiverSeg.Functional.Tests.Folders
open LiverSeg.Functional.Tests.Cli

[<Tests>]
let tests =
    testSequenced
    <| testList
        "Cli score"
        [
            testCase "the program: points of cases are their evaluations' points"
            <| fun () ->
                inFolder (fun path ->
                    let grid = Grid.Of(Extent(30, 30, 30), Spacing.Isotropic 2.)

                    let ball x =
                        Volume.init grid (fun i j k ->
                            (i - x) * (i - x) + (j - 15) * (j - 15) + (k - 15) * (k - 15) < 80)

                    (ball 15).Write(path "t.nii.gz")
                    (ball 16).Write(path "p.nii.gz")

                    File.WriteAllText(
                        path "c.csv",
                        "case,prediction,truth\na,p.nii.gz,t.nii.gz\nb,t.nii.gz,t.nii.gz\nc,no.nii,t.nii.gz\n"
                    )

                    let code, out, _ = cli [ "score"; "--cases"; path "c.csv" ]
                    Expect.equal code 3 "one failed"
                    Expect.stringContains out "2 scored, 1 failed" "counted"
                    let total = (ball 16).Evaluate(ball 15).Score.Total
                    Expect.stringContains out (FormattableString.Invariant $"| {total:F2} |") "points of a"

                    Expect.stringContains
                        out
                        "| b | 100.00 | 100.00 | 100.00 | 100.00 | 100.00 | 100.00 |"
                        "points of b"

                    exits 2 [ "score" ] |> ignore)
        ]
