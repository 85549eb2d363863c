// The paper's comparison, its two networks without normalisation with and without the CRF, on left-out patients in five folds:
//   dotnet fsi tests/oracles/paper_folds.fsx prepare DATA WORK          lists and phantoms (DATA/CASE/ct.nii.gz, liver.nii.gz)
//   tests/oracles/paper_folds.sh WORK cnn 0 1 2 3 4                     trains the 3D-CNN (one thread, hours), and with dsn the 3D-DSN
//   dotnet fsi tests/oracles/paper_folds.fsx judge DATA WORK            each scan by the networks that have not seen the patient, in the folds that are trained: WORK/paper
//   dotnet fsi tests/oracles/crossval_page.fsx WORK/paper docs/results/crossval.md
#load "../../scripts/load.fsx"
#load "patients.fsx"

open System
open System.IO
open LiverSeg.Functional

let command, data, work =
    match fsi.CommandLineArgs with
    | [| _; command; data; work |] -> command, Path.GetFullPath data, Path.GetFullPath work
    | _ -> failwith "prepare | judge, DATA, WORK"

let at (parts: string list) = Path.Combine(List.toArray parts)

let prepare () =
    let phantoms = Patients.phantoms (at [ work; "phantoms" ])

    for fold, _ in Patients.held do
        [
            for k, names in Patients.held do
                if k <> fold then
                    for name in names do
                        Patients.labelled data name
        ]
        @ phantoms
        |> Patients.list
        |> Patients.write (at [ work; $"paper{fold}.csv" ])

let model network fold =
    at [ work; $"paper-{network}{fold}.safetensors" ]

let judge () =
    let networks = [ "cnn"; "dsn" ]

    let trained, missing =
        Patients.held
        |> List.partition (fun (k, _) -> networks |> List.forall (fun network -> File.Exists(model network k)))

    for k, _ in missing do
        eprintfn "fold %d is not trained: left out" k

    let rows =
        [
            for network in networks do
                for k, names in trained do
                    let model = Model.load (model network k)

                    for name in names do
                        let image = Volume.read (Patients.ct data name) |> Hounsfield.windowed model.Window
                        let truth = Lattice.ReadMask(Patients.liver data name, image.Grid)
                        let scores = image |> Model.predict model

                        for system, setting in [ "", CrfSetting.None; "+CRF", CrfSetting.Shipped ] do
                            let mask = scores |> Pipeline.clean (PipelineOptions(Refinement = setting)) image

                            (network, system), mask |> Metrics.evaluate truth |> CaseResult.ofEvaluation name

                        eprintfn "%s %s" network name
        ]

    let table (network: string) system =
        [
            for key, row in rows do
                if key = (network, system) then
                    row
        ]
        |> ResultTable.ofCases $"3D-{network.ToUpperInvariant()}{system}"

    let tables =
        [
            for system in [ ""; "+CRF" ] do
                for network in [ "cnn"; "dsn" ] do
                    (network, system), table network system
        ]

    let put name text =
        OutputFile.replaceText (at [ work; "paper"; $"paper-{name}.md" ]) text

    for (network, system), table in tables do
        let end' = if system = "" then "" else "-crf"
        put $"{network}{end'}" (ResultTable.toMarkdown table)

    put "table1" (tables |> List.map snd |> PaperTable.table1 |> PaperTable.toMarkdown)

    let of' (key: string * string) =
        tables |> List.find (fst >> (=) key) |> snd

    let compared first second =
        [
            for key in [ "dice"; "voe_percent"; "asd_mm"; "msd_mm" ] do
                let metric = Metric.Named key
                let test = ResultTable.compare metric (of' first) (of' second)

                let pairs =
                    [
                        for a, b in Seq.zip (of' first).Cases (of' second).Cases do
                            (a.Value metric).Value, (b.Value metric).Value
                    ]

                let better =
                    pairs
                    |> List.filter (fun (a, b) -> if metric.HigherIsBetter then b > a else b < a)
                    |> List.length

                let mean (pick: float * float -> float) =
                    let value = pairs |> List.averageBy pick
                    value.ToString("F" + string metric.Decimals, Globalization.CultureInfo.InvariantCulture)

                $"| {(of' first).System} → {(of' second).System} | {metric.Heading} | {mean fst} | {mean snd} | {better} of {pairs.Length} | %.4f{test.P} |"
        ]

    [
        "| from → to | measure | mean before | mean after | scans made better | p |"
        "| --- | --- | ---: | ---: | ---: | ---: |"
        yield! compared ("cnn", "") ("dsn", "")
        yield! compared ("cnn", "+CRF") ("dsn", "+CRF")
        yield! compared ("cnn", "") ("cnn", "+CRF")
        yield! compared ("dsn", "") ("dsn", "+CRF")
    ]
    |> String.concat "\n"
    |> put "paired"

    printfn "%s" (tables |> List.map snd |> PaperTable.table1 |> PaperTable.toMarkdown)

match command with
| "prepare" -> prepare ()
| "judge" -> judge ()
| other -> failwith $"{other}: prepare or judge"
