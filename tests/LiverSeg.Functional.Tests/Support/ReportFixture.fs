/// Cases of one small scan, and their table.
module LiverSeg.Functional.Tests.ReportFixture

open LiverSeg.Functional

let grid = Grid.Of(Extent(24, 20, 16), Spacing(1., 1., 2.))

let ball (x, y, z) r =
    Volume.Init(grid, fun i j k -> float ((i - x) * (i - x) + (j - y) * (j - y) + 4 * (k - z) * (k - z)) <= r * r)

let truth = ball (11, 10, 8) 7.

let image =
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

let empty = Volume.Constant(grid, false)

let evaluated name prediction =
    CaseResult.Of(name, Metrics.evaluate truth prediction)

let cases =
    [
        evaluated "a" (ball (12, 10, 8) 7.)
        evaluated "b" (ball (11, 12, 8) 6.)
        evaluated "c" (ball (11, 10, 7) 8.)
        evaluated "missed" empty
        CaseResult.Failed("broken", "the file is truncated")
    ]

let table = ResultTable.Of("ours", cases)

let hostile = "=cmd()\u202e<script>alert(1)</script>\r\n|x|\u001b[31m"

let value (m: string) (c: CaseResult) = c.Value(Metric.Named m)
