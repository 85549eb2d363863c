// The five SLiver07 measures:  dotnet fsi evaluate.fsx [PREDICTION] [TRUTH]      (without arguments: two spheres)
#load "load.fsx"

open LiverSeg.Functional

let ball x =
    Volume.init (Grid.Of(Extent(60, 60, 40), Spacing(0.7, 0.7, 1.))) (fun i j k ->
        (float i - x) ** 2. * 0.49
        + (float j - 30.) ** 2. * 0.49
        + (float k - 20.) ** 2.
            <
            144.)

let prediction, truth =
    match List.ofArray fsi.CommandLineArgs[1..] with
    | [ p; t ] -> Volume.readMask p, Volume.readMask t
    | _ -> ball 29., ball 31.

let e = prediction |> Metrics.evaluate truth
printfn "VOE %.2f %%, RVD %A %%, ASD %O, RMSD %O, MSD %O" e.VoePercent e.RvdPercent e.AsdMm e.RmsdMm e.MsdMm
printfn "Dice %.4f, score %.2f" e.Dice e.Score.Total
