(**
---
title: 7 Evaluation
category: Stages
categoryindex: 2
index: 7
---
# 7 Evaluation: two masks in, numbers and pictures out

A mask is judged by a second one. Every number below can be checked by hand; run the page with `dotnet fsi docs/7-evaluation.fsx`.
*)
(*** condition: prepare ***)
#load "../scripts/load.fsx"

open System
open LiverSeg.Functional

let mutable checks = 0

let check name (expected: float) (actual: float) =
    if abs (actual - expected) > 1e-6 then
        failwith $"{name}: {actual}, by hand {expected}"

    checks <- checks + 1

(**
## Drawn masks

One slice of 1 mm voxels. `#` is in the mask.

```text
truth      prediction
........   ........
.###....   ..###...
.###....   ..###...
.###....   ..###...
........   ........
```
*)
let draw (rows: string list) =
    let grid = Grid.Of(Extent(rows[0].Length, rows.Length, 1), Spacing(1., 1., 1.))
    Volume.Init(grid, fun x y _ -> rows[y][x] = '#')

let truth = draw [ "........"; ".###...."; ".###...."; ".###...."; "........" ]
let prediction = draw [ "........"; "..###..."; "..###..."; "..###..."; "........" ]
let e = prediction |> Metrics.evaluate truth

(**
**Overlap.** 9 voxels each, 6 in common, 12 in at least one: Jaccard 6/12, Dice 2·6/18, VOE 100 (1 − 6/12) = 50 %, RVD 0 %.
*)
check "Jaccard" (6. / 12.) e.Jaccard
check "Dice" (12. / 18.) e.Dice
check "VOE" 50. e.VoePercent
check "RVD" 0. e.RvdPercent.Value

(**
**Borders.** The image has one slice and the outside counts as object (the SLiver07 rule), so nothing is border because of what lies above
or below. The middle voxel of each square has all its neighbours in the mask; the other 8 are border:

```text
.###....      .bbb....
.###....  ->  .b.b....
.###....      .bbb....
```

**Distances.** From each border voxel of the prediction to the truth's border. Its left column (x = 2) lies on the truth's columns: top and
bottom are border there (0), the middle one is the truth's inner voxel and lies 1 from the border. Its middle column (x = 3) lies on the truth's right
side: 0, 0. Its right column (x = 4) is 1 off, three times. So 0 0 0 0 1 1 1 1, and the same back by symmetry:

ASD = 8/16 = 0.5 mm, RMSD = √(8/16) mm, MSD = 1 mm.
*)
let length (mm: float<mm> option) = float mm.Value
check "ASD" 0.5 (length (Evaluation.asd e))
check "RMSD" (sqrt 0.5) (length (Evaluation.rmsd e))
check "MSD" 1. (length (Evaluation.msd e))

(**
**Points.** max(0, 100 − 25·error/reference) with the references 6.4 %, 4.7 %, 1 mm, 1.8 mm, 19 mm:
VOE 100 − 25·50/6.4 < 0 gives 0; RVD 100; ASD 87.5; RMSD 100 − 25·0.7071/1.8; MSD 100 − 25/19.
*)
check "points" ((0. + 100. + 87.5 + (100. - 25. * sqrt 0.5 / 1.8) + (100. - 25. / 19.)) / 5.) e.Score.Total

(**
## One measurement, many readings

Definitions of the same name differ between programs, by millimetres on real masks. Here the distances are measured once and the definition is named where
it is read. One point against two, 2 mm apart: 0 there; 0 and 2 back.
*)
let one = draw [ "#....." ]
let two = draw [ "#.#..." ]
let surfaces = (Metrics.compare (MetricsOptions()) two one).Surfaces

let percentile definition =
    surfaces |> SurfaceDistances.percentile definition 95. |> length

// pooled 0 0 2: place 0.95 · 2 = 1.9 between the last two, 0 + 0.9 · 2
check "pooled" 1.8 (percentile PercentileDefinition.Pooled)
// directed 0 | 0 2: place 0.95 between them
check "larger of directed" 1.9 (percentile PercentileDefinition.MaxDirected)
// 95 % of the area of two equal voxels needs both
check "by area" 2. (percentile PercentileDefinition.AreaWeighted)
// 2 of 3 border voxels lie within 1 mm
check "NSD" (2. / 3.) (SurfaceDistances.surfaceDice 1.<mm> surfaces).Value

(**
## Empty masks

What cannot be measured is absent, with a reason: never NaN, and never dropped from a mean without being counted.

| | both empty | truth empty | prediction empty |
|---|---|---|---|
| Dice, Jaccard, NSD | 1 | 0 | 0 |
| VOE | 0 % | 100 % | 100 % |
| RVD | 0 % | absent | −100 % |
| sensitivity | 1 | absent | 0 |
| precision | 1 | 0 | absent |
| ASD, RMSD, MSD, HD95 | 0 mm | absent (or the image's diagonal, if asked for) | the same |
| points | 100 | 0 | 0 |

A mask that fills the image has no border while the outside counts as object: equal masks are at distance 0, others have none.
*)
let empty = draw [ "........"; "........"; "........"; "........"; "........" ]
let missed = empty |> Metrics.evaluate truth
check "points of a miss" 0. missed.Score.Total

if Evaluation.asd missed <> None || missed.Notes.Count = 0 then
    failwith "a missed liver has no distance, and says why"

(**
## Tables, pictures, a report

Three phantoms; the "prediction" is the truth moved by a voxel. The report is one page that needs no network: the worst case first, a press on a column sorts.
*)
let moved (mask: Volume<bool>) =
    Volume.Init(mask.Grid, fun x y z -> x > 0 && mask[x - 1, y, z])

let cases =
    [
        for seed in 1L .. 3L do
            let phantom =
                Phantom.Abdomen(PhantomOptions(Seed = seed, Spacing = Spacing(3., 3., 5.)))

            Report.case $"phantom {seed}" (phantom.Ct.Window Window.Liver) phantom.Liver (moved phantom.Liver)
    ]

let table =
    cases |> List.map _.Result |> ResultTable.ofCases "truth moved by a voxel"

printfn "%s" (ResultTable.toMarkdown table)
printfn "%s" (PaperTable.table2 [ table ] |> PaperTable.toMarkdown)

let folder = IO.Directory.CreateTempSubdirectory("evaluation").FullName

Report.write
    (IO.Path.Combine(folder, "report"))
    "Three phantoms"
    "truth moved by a voxel"
    [ PaperTable.table2 [ table ] ]
    []
    cases

let files = IO.Directory.GetFiles(IO.Path.Combine(folder, "report")).Length
IO.Directory.Delete(folder, true)
printfn $"{checks} numbers agree with those worked by hand; the report has {files} files"
(*** include-output ***)
