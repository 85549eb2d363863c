// What is a mask doubted for? Scans with a liver, without one, parts of scans and scans that were spoilt on purpose, into docs/results/doubt.md:
//   dotnet fsi tests/oracles/doubt.fsx FOLDER [MODEL] [--write]     (FOLDER/CASE/ct.nii.gz, beside it liver.nii.gz where the liver is known)
#load "../../scripts/load.fsx"
#load "spoilt.fsx"

open System
open System.IO
open LiverSeg.Functional

let arguments = fsi.CommandLineArgs |> Array.skip 1 |> Array.filter ((<>) "--write")

let folder = arguments[0]

let model =
    if arguments.Length > 1 then
        Model.load arguments[1]
    else
        Pretrained.Liver

let options = PipelineOptions()

let scan name =
    Volume.read (Path.Combine(folder, name, "ct.nii.gz"))

let truthFile name =
    Path.Combine(folder, name, "liver.nii.gz")

/// A table's row, whether the mask is doubted, and the mask.
let judged (name: string) (ct: Volume<Hu>) (truth: Volume<bool> option) =
    let found = ct.Segment(model, options)

    let dice =
        truth
        |> Option.map (fun t -> (found.Mask |> Metrics.evaluate t).Dice.ToString "F3")
        |> Option.defaultValue ""

    let q = found.Quality
    let cut = q.Findings |> Seq.exists (fun f -> f.Reason = QualityReason.Cut)

    let doubts =
        q.Findings |> Seq.filter _.IsDoubt |> Seq.map _.Text |> String.concat "; "

    let row =
        $"""| {name} | {found.Mask.VolumeMl():F0} | {q.Certainty:F3} | {(if cut then "yes" else "")} | {dice} | {doubts} |"""

    eprintfn "%s" row
    row, q.IsDoubtful, found.Mask

let judge name ct truth =
    let row, doubted, _ = judged name ct truth
    row, doubted

let head =
    [
        "| scan | ml | certainty | cut | Dice | doubts |"
        "|---|---:|---:|---|---:|---|"
    ]

let names =
    Directory.GetDirectories folder
    |> Array.map Path.GetFileName
    |> Array.sortWith (fun a b -> String.CompareOrdinal(a, b))
    |> List.ofArray

let labelled, others = names |> List.partition (truthFile >> File.Exists)
let without, unknown = others |> List.partition (fun n -> n.StartsWith "neg")
let table rows = head @ List.map fst rows

let counted words rows =
    $"{rows |> List.filter snd |> List.length} of {List.length rows} {words} are doubted."

let known =
    [
        for name in labelled -> judge name (scan name) (Some(Volume.readMask (truthFile name)))
    ]

let unlabelled, chests =
    [
        for name in unknown ->
            let ct = scan name
            let row, doubted, mask = judged name ct None
            let box, step = mask.BoundingBox(), ct.Grid.Spacing.Z
            // What lies 30 mm above a liver that is not doubted is chest and neck, if the slices run upwards.
            let first = box.Z + box.Extent.Z + int (ceil (30. / step))
            let upwards = ct.Grid.Direction.Z.S > 0.9

            let chest =
                if upwards && not doubted && float (ct.Extent.Z - first) * step >= 80. then
                    [
                        judge $"{name}, above the liver" (ct |> Volume.slab first (ct.Extent.Z - first)) None
                    ]
                else
                    []

            (row, doubted), chest
    ]
    |> List.unzip
    |> fun (rows, chests) -> rows, List.concat chests

/// Whole scans without a liver, and what lies below and above it in others.
let parts =
    [
        for name in without do
            yield judge name (scan name) None

        for name in labelled do
            let ct, box = scan name, (Volume.readMask (truthFile name)).BoundingBox()

            for what, first, count in
                [
                    "below", 0, box.Z - 1
                    "above", box.Z + box.Extent.Z + 1, ct.Extent.Z - box.Z - box.Extent.Z - 1
                ] do
                if float count * ct.Grid.Spacing.Z >= 40. then
                    yield judge $"{name}, {what} the liver" (ct |> Volume.slab first count) None

        yield! chests
    ]

let spoilt =
    let ways: (string * (Volume<Hu> -> Volume<Hu>)) list =
        [
            "as it is", id
            "1024 added", Volume.map (fun h -> Hu(h.Value + 1024f))
            "as grey values 0..255", Volume.map (fun h -> Hu(Math.Clamp((h.Value + 160f) * 255f / 400f, 0f, 255f)))
            "mirrored", fun v -> Volume.Init(v.Grid, fun x y z -> v[v.Extent.X - 1 - x, y, z])
            "slices reversed", fun v -> Volume.Init(v.Grid, fun x y z -> v[x, y, v.Extent.Z - 1 - z])
            "noise of 100 HU", Spoilt.noise 100.
            "a bright streak", Spoilt.streak
        ]

    [
        for name in labelled |> List.filter (fun n -> List.contains n [ "ircad19"; "ts_example" ]) do
            for what, spoil in ways do
                judge $"{name}, {what}" (spoil (scan name)) None
    ]

let page =
    [
        yield "---\ntitle: Doubt\ncategory: Results\ncategoryindex: 4\nindex: 13\n---"
        yield "# What a mask is doubted for\n"
        yield
            "`Quality` beside a mask, `liverseg segment`'s last line, its JSON, the column `doubt` of a batch and `--strict` (exit code 9) say what speaks against it. Here the"
        yield
            $"weights `{model.Hash[..15]}..` on scans of patients, made by `dotnet fsi tests/oracles/doubt.fsx FOLDER`. The ranges are in `QualityOptions`: volume, extent and fill of 143 livers, the others set by looking at most of these scans; they are no test of it on others.\n"
        yield "## Scans with a known liver\n"
        yield counted "scans with a liver" known + "\n"
        yield! table known
        yield "\n## Scans with a liver of which no mask is known\n"
        yield! table unlabelled
        yield "\n## Without a liver\n"
        yield
            counted "scans and parts of scans without a liver" parts
            + " Parts of scans without a known liver begin 30 mm above what was found; those of lidc0001 and lidc0004, and both sts scans, were learned from.\n"
        yield! table parts
        yield "\n## Spoilt on purpose\n"
        yield
            counted "spoilt scans" (spoilt |> List.filter (fun (row, _) -> not (row.Contains "as it is")))
            + "\n"
        yield! table spoilt
        yield ""
    ]
    |> String.concat "\n"

if Array.contains "--write" fsi.CommandLineArgs then
    File.WriteAllText(Path.Combine(__SOURCE_DIRECTORY__, "..", "..", "docs", "results", "doubt.md"), page)
else
    printfn "%s" page
