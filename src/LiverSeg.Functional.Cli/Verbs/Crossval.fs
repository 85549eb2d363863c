/// crossval: a folder a network and patient, each made alone, all merged into tables.
module LiverSeg.Functional.Cli.Verbs.Crossval

open System
open System.IO
open Argu
open LiverSeg.Functional
open LiverSeg.Functional.Cli
open LiverSeg.Functional.Cli.Terminal

[<RequireQualifiedAccess>]
type Args =
    | [<Mandatory; Help("CSV with columns case,image,mask[,patient].")>] Cases of CSV: string
    | [<Mandatory;
        AltCommandLine("-o");
        Help("folder: one below it a network and patient; what is there already is not made again.")>] Output of
        DIR: string
    | [<Help("cases that every fold learns from, as phantoms.")>] Always of CSV: string
    | [<Help("as for train, separated by commas (default: compact).")>] Networks of string
    | [<Help("make one fold only, by number from 0 or by patient.")>] Fold of string
    | [<Help("make no fold, only the tables of those that are there.")>] Merge
    | [<Help("JSON of CRF options for the rows with CRF.")>] Crf of FILE: string
    | [<Help(Help.asTrain)>] Preset of string
    | [<Help(Help.asTrain)>] Epochs of int
    | [<Help(Help.asTrain)>] Steps of int
    | [<Help(Help.asTrain)>] Rate of float
    | [<Help(Help.asTrain)>] Precision of string
    | [<Help(Help.asTrain)>] Spacing of MM: float
    | [<Help("output folder of an earlier crossval of the same patients: each fold goes on from its model there.")>] Start of
        DIR: string
    | [<Help("as for train; all folds may share it.")>] Cache of DIR: string
    | [<Help(Help.asTrain)>] Seed of int64
    | [<Help(Help.asTrain)>] Threads of int

    interface IArgParserTemplate with
        member this.Usage = Help.text this

/// A list that can be read from any folder.
let private writeCases (path: string) (rows: CaseFile seq) =
    rows
    |> Seq.map (fun c ->
        CaseFile(c.Id, Path.GetFullPath c.Image, Path.GetFullPath c.Mask, c.Patient, Scores = c.Scores))
    |> CaseList.replace path

let private folderOf output network (fold: PatientFold) =
    Path.Combine(output, network, Inputs.harmless fold.Patient)

let private modelIn folder =
    Path.Combine(folder, "model.safetensors")

/// What a fold goes on from: its model in an earlier crossval's folder, which must not have seen who is held out now.
let private startOf (folder: string) network (fold: PatientFold) =
    let earlier = folderOf folder network fold

    let refuse text =
        raise (Usage $"--start {folder}: {network}, {fold.Patient}: {text}")

    let model, seen, held =
        modelIn earlier, Path.Combine(earlier, "train.csv"), Path.Combine(earlier, "heldout.csv")

    for needed in [ model; seen; held ] do
        if not (File.Exists needed) then
            refuse $"no {needed}; make that fold first"

    let same (a: CaseFile) (b: CaseFile) =
        a.Id = b.Id || Path.GetFullPath a.Image = Path.GetFullPath b.Image

    let learned, kept = CaseList.read seen, CaseList.read held

    for c in fold.HeldOut do
        if learned |> List.exists (fun other -> same c other || c.Patient = other.Patient) then
            refuse $"that model has learned from {c.Id} or another case of {c.Patient}"

        // What it went on from itself was looked at for its own held-out cases only.
        if not (kept |> List.exists (same c)) then
            refuse $"{c.Id} was not held out there; {held} does not name it"

    model

/// The fold's model is what `train` makes of the fold's cases: the same flags, the same bytes.
let private train (args: ParseResults<Args>) network (folder: string) start =
    let path name = Path.Combine(folder, name)

    let pass flag value =
        value |> Option.map (fun v -> [ flag; v ]) |> Option.defaultValue []

    let argv =
        [
            [ "--cases"; path "train.csv"; "-o"; modelIn folder ]
            [
                "--checkpoint"
                path "checkpoints"
                "--resume"
                "--history"
                path "history.jsonl"
            ]
            [ "--network"; network ]
            pass "--preset" (args.TryGetResult Args.Preset)
            pass "--epochs" (args.TryGetResult Args.Epochs |> Option.map string)
            pass "--steps" (args.TryGetResult Args.Steps |> Option.map string)
            pass "--start" start
            pass "--cache" (args.TryGetResult Args.Cache)
            pass "--rate" (args.TryGetResult Args.Rate |> Option.map (fun rate -> invariant $"{rate}"))
            pass "--precision" (args.TryGetResult Args.Precision)
            pass "--seed" (args.TryGetResult Args.Seed |> Option.map string)
            pass "--threads" (args.TryGetResult Args.Threads |> Option.map string)
            pass "--spacing" (args.TryGetResult Args.Spacing |> Option.map (fun mm -> invariant $"{mm}"))
        ]
        |> List.concat
        |> Array.ofList

    ArgumentParser.Create<Train.Args>(programName = "liverseg train", errorHandler = ExceptionExiter()).Parse argv
    |> Train.run

let private files folder (c: CaseFile) =
    let path kind =
        Path.Combine(folder, $"{Inputs.harmless c.Id}-{kind}.nii.gz")

    {|
        scores = path "scores"
        plain = path "plain"
        crf = path "crf"
    |}

/// Score map and masks of a held-out case, those that are not there yet; nothing is made that no missing file needs.
let private judge (args: ParseResults<Args>) (folder: string) (c: CaseFile) =
    let file = files folder c
    let threads = args.GetResult(Args.Threads, 0)
    let model = lazy Model.load (modelIn folder)

    let image =
        lazy (VolumeFile.Read(c.Image, warn) |> Hounsfield.windowed model.Value.Window)

    let scores =
        lazy
            (if File.Exists file.scores then
                 VolumeFile.ReadProbability(file.scores, warn)
             else
                 image.Value.Predict(model.Value, PredictOptions(Threads = threads)))

    let writeMask (setting: unit -> CrfSetting option) path =
        let mask =
            scores.Value
            |> Pipeline.clean (ModelArguments.pipeline (setting ()) threads false) image.Value

        mask.Write(path, true)

    let missing =
        [
            file.scores, (fun path -> scores.Value.Write(path, true))
            file.plain, writeMask (fun () -> None)
            file.crf, writeMask (fun () -> Some(ModelArguments.refinement (args.TryGetResult Args.Crf)))
        ]
        |> List.filter (fun (path, _) -> not (File.Exists path))

    for path, write in missing do
        write path

    if not missing.IsEmpty then
        out $"{c.Id}: predicted"

let private titles =
    Map
        [
            "cnn", "3D-CNN"
            "dsn", "3D-DSN"
            "dsn-norm", "3D-DSN normalised"
            "compact", "compact DSN"
        ]

/// The tables of all folds that are there; a fold that is not counts as failed.
let private merge (args: ParseResults<Args>) (output: string) (folds: PatientFold list) networks =
    let table network kind pick =
        let judged (fold: PatientFold) (c: CaseFile) =
            let path: string = pick (files (folderOf output network fold) c)

            if File.Exists path then
                CaseResult.ofFiles (MetricsOptions()) warn (PredictionFile(c.Id, path, c.Mask))
            else
                CaseResult.Failed(c.Id, $"the fold of {fold.Patient} was not run")

        let name = titles |> Map.tryFind network |> Option.defaultValue network

        ResultTable.Of(
            name + kind,
            [
                for fold in folds do
                    for c in fold.HeldOut -> judged fold c
            ]
        )

    let tables =
        [
            for n in networks -> n, table n "" _.plain
            for n in networks -> n + "-crf", table n "+CRF" _.crf
        ]

    for name, t in tables do
        writeText true (Path.Combine(output, name + ".csv")) (t.ToCsv())
        writeText true (Path.Combine(output, name + ".md")) (t.ToMarkdown())

    let all = PaperTable.Table1(tables |> List.map snd)
    writeText true (Path.Combine(output, "table1.md")) (all.ToMarkdown())
    writeText true (Path.Combine(output, "table1.csv")) (all.ToCsv())
    writeText true (Path.Combine(output, "table1.json")) (all.ToJson())

    for n in networks do
        let rows =
            [
                for fold in folds do
                    for c in fold.HeldOut do
                        let scores = (files (folderOf output n fold) c).scores

                        if File.Exists scores then
                            CaseFile(c.Id, c.Image, c.Mask, c.Patient, Scores = Path.GetFullPath scores)
            ]

        rows |> writeCases (Path.Combine(output, n + "-scores-cases.csv"))

    for _, t in tables do
        out (t.ToMarkdown())

    out (all.ToMarkdown())

    if tables |> List.exists (fun (_, t) -> t.Failed > 0) then
        warn "some folds are missing; they count as failed"

let run (args: ParseResults<Args>) =
    let output = args.GetResult Args.Output

    let networks =
        args.GetResult(Args.Networks, "compact").Split(',', StringSplitOptions.TrimEntries)
        |> List.ofArray

    networks |> List.iter (Architectures.named >> ignore)
    // A bad file is found out before the long run.
    ModelArguments.refinement (args.TryGetResult Args.Crf) |> ignore

    let always =
        args.TryGetResult Args.Always
        |> Option.map CaseList.read
        |> Option.defaultValue []

    let folds =
        CaseList.read (args.GetResult Args.Cases) |> CrossValidation.folds always

    let distinct what names =
        names
        |> List.countBy Inputs.harmless
        |> List.iter (fun (name, n) ->
            if n > 1 then
                raise (Usage $"{n} {what} would be called {name}; rename them in the list"))

    folds |> List.map _.Patient |> distinct "patients' folders"

    for fold in folds do
        [ for c in fold.HeldOut -> c.Id ]
        |> distinct $"cases' files in the folder of {fold.Patient}"

    let chosen =
        match args.TryGetResult Args.Fold with
        | None -> if args.Contains Args.Merge then [] else folds
        | Some text ->
            match Int32.TryParse text with
            | true, k when k >= 0 && k < folds.Length -> [ folds[k] ]
            | _ ->
                match folds |> List.filter (fun f -> f.Patient = text) with
                | [] -> raise (Usage $"--fold {text}: a number in 0..{folds.Length - 1} or a patient's name")
                | fold -> fold

    let start network fold =
        args.TryGetResult Args.Start
        |> Option.map (fun folder -> startOf folder network fold)

    match args.TryGetResult Args.Start with
    | Some folder when Path.GetRelativePath(folder, output) = "." ->
        raise (Usage $"--start {folder}: that is the output folder")
    | _ -> ()

    let isDone network fold =
        File.Exists(modelIn (folderOf output network fold))

    // All starts are looked at before the first long run.
    for network in networks do
        for fold in chosen do
            if not (isDone network fold) then
                start network fold |> ignore

    let codes =
        [
            for network in networks do
                for fold in chosen do
                    let folder = folderOf output network fold
                    Directory.CreateDirectory folder |> ignore
                    out $"{network}, {fold.Patient} held out: {fold.Training.Count} cases to learn from"

                    let code =
                        if isDone network fold then
                            0
                        else
                            writeCases (Path.Combine(folder, "train.csv")) fold.Training
                            writeCases (Path.Combine(folder, "heldout.csv")) fold.HeldOut
                            train args network folder (start network fold)

                    if code = 0 then
                        fold.HeldOut |> Seq.iter (judge args folder)

                    code
        ]

    if not (args.Contains Args.Fold) && List.forall ((=) 0) codes then
        merge args output folds networks

    codes |> List.tryFind ((<>) 0) |> Option.defaultValue 0
