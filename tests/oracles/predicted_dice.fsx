// How well is a mask's Dice told beforehand? Scans as they are and spoilt on purpose, each by a network that has not seen the patient:
//   dotnet fsi tests/oracles/predicted_dice.fsx FOLDS.csv SAMPLES.csv [--write]
// FOLDS.csv has columns model,case,image,mask,patient. SAMPLES.csv grows by a line a mask, so that a run goes on where it was stopped. --write puts table and
// picture into docs/results/predicted-dice.md.
#load "../../scripts/load.fsx"
#load "spoilt.fsx"

open System
open System.IO
open LiverSeg.Functional

let arguments = fsi.CommandLineArgs |> Array.skip 1 |> Array.filter ((<>) "--write")
let folds, kept = arguments[0], arguments[1]
let docs = Path.Combine(__SOURCE_DIRECTORY__, "..", "..", "docs")

let rows =
    File.ReadAllLines folds |> Array.skip 1 |> Array.map (fun l -> l.Split ',')

let ways: (string * (Volume<Hu> -> Volume<Hu>)) list =
    [
        "as it is", id
        "noise of 150 HU", Spoilt.noise 150.
        "noise of 300 HU", Spoilt.noise 300.
        "60 HU less", Volume.map (fun h -> Hu(h.Value - 60f))
        "contrast 0.6 around 60 HU", Volume.map (fun h -> Hu((h.Value - 60f) * 0.6f + 60f))
        "a bright streak", Spoilt.streak
    ]

let done' = if File.Exists kept then File.ReadAllLines kept else [||]

for row in rows do
    let model, case, image, mask, patient = row[0], row[1], row[2], row[3], row[4]

    let missing =
        ways
        |> List.filter (fun (way, _) -> done' |> Array.forall (fun l -> not (l.StartsWith $"{case},{patient},{way},")))

    if not missing.IsEmpty then
        let ct, network = Volume.read image, Model.load model
        let truth = Lattice.ReadMask(mask, ct.Grid)

        for way, spoil in missing do
            let found = (spoil ct).Segment(network, PipelineOptions())
            let dice, q = (found.Mask |> Metrics.evaluate truth).Dice, found.Quality

            let line =
                FormattableString.Invariant
                    $"{case},{patient},{way},{dice:F4},{q.ExpectedDice:F4},{q.Agreement:F4},{q.HasLiver}"

            File.AppendAllText(kept, line + "\n")
            eprintfn "%s" line

/// Case, way, whether a liver was found, and the sample.
let samples =
    File.ReadAllLines kept
    |> Array.map (fun l -> l.Split ',')
    |> Array.map (fun c -> c[0], c[2], c[6] = "True", DiceSample(c[1], float c[4], float c[5], float c[3]))
    |> Array.filter (fun (_, _, found, _) -> found)

let all = samples |> Array.map (fun (_, _, _, s) -> s)
let fit = DicePrediction.Fit all

/// Each sample with what all other patients' samples say of it.
let told =
    let without =
        all
        |> Array.map _.Patient
        |> Array.distinct
        |> Array.map (fun p -> p, DicePrediction.Fit(all |> Array.filter (fun s -> s.Patient <> p)))
        |> Map

    samples
    |> Array.map (fun (case, way, _, s) -> case, way, s.Dice, without[s.Patient].Of(s.ExpectedDice, s.Agreement))

let correlation (pairs: (float * float)[]) =
    let mx, my = Array.averageBy fst pairs, Array.averageBy snd pairs
    let sum f = pairs |> Array.sumBy f

    sum (fun (x, y) -> (x - mx) * (y - my))
    / sqrt (sum (fun (x, _) -> (x - mx) ** 2.) * sum (fun (_, y) -> (y - my) ** 2.))

let ranks (values: float[]) =
    values
    |> Array.map (fun v ->
        float (values |> Array.filter (fun u -> u < v) |> Array.length)
        + float (values |> Array.filter ((=) v) |> Array.length) / 2.)

let pairs = told |> Array.map (fun (_, _, dice, d: DiceEstimate) -> d.Value, dice)

let share f =
    100. * (told |> Array.averageBy (fun t -> if f t then 1. else 0.))

let inside (_, _, dice, d: DiceEstimate) = d.Low <= dice && dice <= d.High
let patients = all |> Array.map _.Patient |> Array.distinct |> Array.length

let text =
    [
        $"{all.Length} masks of {patients} patients; each patient's told by a fit on the others. Correlation with the true Dice {correlation pairs:F2}, of ranks {correlation (Array.zip (ranks (Array.map fst pairs)) (ranks (Array.map snd pairs))):F2}; mean error {pairs |> Array.averageBy (fun (p, d) -> abs (p - d)):F3}; {share inside:F0} %% of the true ones lie within the interval that is meant for 90 %%."
            .Replace("%%", "%")
        ""
        $"All together give logit(Dice) = {fit.Intercept:F3} + {fit.OfExpectedDice:F3} · logit(expected Dice) + {fit.OfAgreement:F3} · logit(agreement), the interval from {fit.Below:F3} to +{fit.Above:F3} around it."
        ""
        "![Predicted and true Dice](../img/predicted-dice.svg)"
        ""
        "| scan as it is | true Dice | told, and the interval |"
        "|---|---:|---|"
        for case, way, dice, d in told do
            if way = "as it is" then
                $"| {case} | {dice:F3} | {d.Value:F3} ({d.Low:F3} to {d.High:F3}) |"
    ]
    |> String.concat "\n"

printfn "%s" text

if Array.contains "--write" fsi.CommandLineArgs then
    let dots =
        told
        |> Array.groupBy (fun (_, way, _, _) -> if way = "as it is" then "as it is" else "spoilt")
        |> Array.map (fun (name, group) ->
            PlotSeries.Dots(name, group |> Array.map (fun (_, _, dice, d) -> PlotPoint(d.Value, dice))))

    let line = PlotSeries.Line("as told", [ PlotPoint(0.4, 0.4); PlotPoint(1., 1.) ])

    let plot =
        Plots.Curves("Dice told beforehand", "predicted Dice", "true Dice", Array.append dots [| line |])

    File.WriteAllText(Path.Combine(docs, "img", "predicted-dice.svg"), plot.ToSvg())
    let page = Path.Combine(docs, "results", "predicted-dice.md")
    let old = File.ReadAllText page
    let mark = "<!-- predicted dice -->"
    let first = old.IndexOf mark + mark.Length
    let next = old.IndexOf("\n## ", first)
    File.WriteAllText(page, old[.. first - 1] + "\n\n" + text + "\n" + old[next..])
