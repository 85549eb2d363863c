// Compares speed and values of the measures with scipy's, and writes docs/results/metrics.md.
// usage: dotnet fsi --optimize+ tests/oracles/metrics.fsx [folder with a liver.nii.gz] (needs python3 with scipy and nibabel)
#load "../../scripts/load.fsx"

open System
open System.Diagnostics
open System.IO
open System.Text.Json
open LiverSeg.Functional

let data =
    fsi.CommandLineArgs
    |> Array.tryItem 1
    |> Option.defaultValue "../shared/data/ct/ircad01"

let folder = Directory.CreateTempSubdirectory("metrics").FullName
let under name = Path.Combine(folder, name)

/// What a fair network makes of a liver: moved by a voxel, wavy, with a ball far off.
let perturb (truth: Volume<bool>) =
    let e, b, v = truth.Extent, truth.BoundingBox(), truth.Voxels.ToArray()

    let wave x y =
        int (round (1.3 * sin (float x / 7.) + 1.1 * cos (float y / 11.)))

    let far x y z =
        pown (x - b.X - 9) 2
        + pown (y - b.Y - b.Extent.Y + 9) 2
        + pown (3 * (z - b.Z - 6)) 2
        <= 64

    Volume.Init(
        truth.Grid,
        fun x y z ->
            let i = x - 1 + wave y z
            (i >= 0 && i < e.X && v[(z * e.Y + y) * e.X + i]) || far x y z
    )

/// A lobed body about as large as a liver, in an image of so many slices.
let synthetic slices =
    let part x centre half =
        let d = (float x - centre) / half in d * d

    Volume.Init(
        Grid.Of(Extent(512, 512, slices), Spacing(0.75, 0.75, 200. / float slices)),
        fun x y z ->
            part x 200. 130.
            + part y 230. 110.
            + part z (float slices / 2.) (float slices * 0.37)
            <= 1.
               + 0.06 * sin (float x / 17.) * sin (float y / 13.)
               + 0.04 * sin (float z / 9.)
    )

let python whole prediction truth =
    let info =
        ProcessStartInfo(
            "python3",
            [
                "tests/oracles/metrics.py"
                prediction
                truth
                (if whole then "--whole" else "--cropped")
            ],
            RedirectStandardOutput = true
        )

    use run = Process.Start info
    JsonDocument.Parse(run.StandardOutput.ReadToEnd()).RootElement

let rivals =
    [
        "official", MetricsOptions()
        "python", MetricsOptions(Border = Border.Faces, Outside = Outside.Background)
    ]

let compare name whole (truth: Volume<bool>) =
    let prediction = perturb truth
    truth.Write(under "truth.nii.gz", true)
    prediction.Write(under "prediction.nii.gz", true)
    let theirs = python whole (under "prediction.nii.gz") (under "truth.nii.gz")

    let seconds (key: string) (way: string) =
        theirs.GetProperty(way).GetProperty(key).GetDouble()

    [
        for way, options in rivals do
            let run () =
                let w = Stopwatch.StartNew() in
                prediction.Evaluate(truth, options) |> ignore
                w.Elapsed.TotalSeconds

            for _ in 1..15 do
                run () |> ignore

            let times = [ for _ in 1..15 -> run () ] |> List.sort
            let before = GC.GetTotalAllocatedBytes true
            let e = prediction.Evaluate(truth, options)
            let mib = float (GC.GetTotalAllocatedBytes true - before) / 1048576.

            let directed =
                prediction.Compare(truth, options).Surfaces.Percentile(95., PercentileDefinition.MaxDirected)

            let ours =
                [
                    "voe_percent", e.VoePercent
                    "rvd_percent", e.RvdPercent.Value
                    "dice", e.Dice
                    "asd_mm", e.AsdMm.Value.Value
                    "rmsd_mm", e.RmsdMm.Value.Value
                    "msd_mm", e.MsdMm.Value.Value
                    "hd95_mm", e.Hd95Mm.Value.Value
                    "hd95_max_directed_mm", directed.Value.Value
                    "nsd", e.Nsd
                ]

            let apart =
                ours
                |> List.map (fun (key, v) ->
                    abs (v - theirs.GetProperty(way).GetProperty("values").GetProperty(key).GetDouble()))
                |> List.max

            let best, median = seconds "seconds" way, seconds "median" way

            let uncropped =
                if whole then
                    (seconds "seconds" "whole" / times[0]).ToString "F0"
                else
                    "–"

            printfn $"{name} {way}: {times[0] * 1000.:F1} ms, scipy {best:F2} s, apart {apart:E1}"
            $"| {name} | {way} | {times[0] * 1000.:F0} | {times[7] * 1000.:F0} | {best * 1000.:F0} | {median * 1000.:F0} | {best / times[0]:F0} | {median / times[7]:F0} | {uncropped} | {mib:F0} | {apart:E1} |"
    ]

let real =
    if Directory.Exists data then
        compare "CT, 512×512×129" true (VolumeFile.ReadMask(Path.Combine(data, "liver.nii.gz")))
    else
        []

let rows =
    real
    @ compare "synthetic, 512×512×200" false (synthetic 200)
    @ compare "synthetic, 512×512×400" false (synthetic 400)

Directory.Delete(folder, true)

let table =
    "| masks | definitions | ours best, ms | median | scipy cropped best, ms | median | ratio of bests | of medians | scipy whole / ours | allocated, MiB | largest difference |\n|---|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n"
    + String.Join("\n", rows)

let page = File.ReadAllText "docs/results/metrics.md"
let marks = "<!-- measured -->"

let head, tail =
    page[.. page.IndexOf marks + marks.Length], page[page.LastIndexOf marks ..]

File.WriteAllText(
    "docs/results/metrics.md",
    head
    + table
    + $"\n\n{Environment.ProcessorCount} processors, .NET {Environment.Version}.\n"
    + tail
)
