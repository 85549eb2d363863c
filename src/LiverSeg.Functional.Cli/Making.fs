/// phantom, train, demo, doctor.
module LiverSeg.Functional.Cli.Making

open System
open System.Diagnostics
open System.IO
open System.Runtime.InteropServices
open System.Threading
open Argu
open LiverSeg.Functional
open LiverSeg.Functional.Cli.Arguments
open LiverSeg.Functional.Cli.Shell

let phantom (args: ParseResults<PhantomArgs>) =
    let folder = args.GetResult PhantomArgs.Output
    let overwrite = args.Contains PhantomArgs.Overwrite
    let first = args.GetResult(PhantomArgs.Seed, 0L)

    let spacing =
        args.TryGetResult PhantomArgs.Spacing
        |> Option.map Spacing.Isotropic
        |> Option.defaultValue (PhantomOptions().Spacing)

    let rows =
        [
            for seed in first .. first + int64 (args.GetResult(PhantomArgs.Cases, 1)) - 1L do
                let name = invariant $"phantom{seed:D4}"
                let p = Phantom.abdomen (PhantomOptions(Seed = seed, Spacing = spacing))
                p.Ct.Write(Path.Combine(folder, name + "-ct.nii.gz"), overwrite)
                p.Liver.Write(Path.Combine(folder, name + "-liver.nii.gz"), overwrite)
                say (invariant $"{name}: {p.Ct.Extent}, {p.Phase}, liver {p.Liver.VolumeMl():F0} ml")
                CaseFile(name, name + "-ct.nii.gz", name + "-liver.nii.gz", name)
        ]

    rows |> CaseList.write overwrite (Path.Combine(folder, "cases.csv"))

    0

let networkOf name =
    match name with
    | "compact" -> Architectures.compact [ 16; 32; 64; 96 ]
    | "dsn" -> Architectures.Paper
    | "cnn" -> Architectures.Cnn
    | "dsn-norm" -> Architectures.Normalized
    | other -> raise (Usage $"--network {other}: compact, dsn, cnn or dsn-norm")

/// The preset with what the command line says otherwise.
let private adjust (preset: TrainingOptions) (args: ParseResults<TrainArgs>) =
    let recipe = TrainingRecipe.Of preset

    let precision =
        match args.TryGetResult TrainArgs.Precision with
        | None -> recipe.Precision
        | Some "float32" -> Precision.Float32
        | Some "mixed" -> Precision.Mixed
        | Some other -> raise (Usage $"--precision {other}: mixed or float32")

    { recipe with
        Epochs = args.GetResult(TrainArgs.Epochs, recipe.Epochs)
        StepsPerEpoch = args.GetResult(TrainArgs.Steps, recipe.StepsPerEpoch)
        Seed = args.GetResult(TrainArgs.Seed, recipe.Seed)
        Threads = args.GetResult(TrainArgs.Threads, recipe.Threads)
        Rate =
            args.TryGetResult TrainArgs.Rate
            |> Option.map recipe.Rate.From
            |> Option.defaultValue recipe.Rate
        Precision = precision
    }
        .Options

/// The cases of a list as a model wants them; `cache` is the folder where prepared ones are kept.
let load (cache: string option) (model: Model) (csv: string) =
    let cache = cache |> Option.map (fun folder -> CaseCache(folder, warn))

    let cases =
        [|
            for c in CaseList.read csv do
                note $"preparing {c.Id}"

                match cache with
                | Some cache -> CaseCache.prepare cache model c
                | None ->
                    TrainingCase.Prepare(c.Id, VolumeFile.Read(c.Image, warn), VolumeFile.ReadMask(c.Mask, warn), model)
        |]

    for cache in Option.toList cache do
        note $"{cache.Found} of {cases.Length} cases were found prepared in {cache.Folder}"

    cases

let historyLine (e: EpochRecord) =
    TrainingHistory.Line(e, Process.GetCurrentProcess().PeakWorkingSet64 / 1048576L)

/// Puts an epoch's line at its place: what a run that is resumed does again replaces what stood there.
let keepLine (history: ResizeArray<string>) (e: EpochRecord) =
    if history.Count >= e.Epoch then
        history.RemoveRange(e.Epoch - 1, history.Count - e.Epoch + 1)

    history.Add(historyLine e)

let private provenance (args: ParseResults<TrainArgs>) preset network (options: TrainingOptions) start =
    let origin =
        match start with
        | Some(model: Model) -> $", from the weights {model.Weights.Hash[..15]}.."
        | None -> ""

    [|
        ProvenanceEntry("use", "research only; no clinical use")
        ProvenanceEntry(
            "cases",
            CaseList.read (args.GetResult TrainArgs.Cases)
            |> List.map _.Id
            |> String.concat " "
        )
        ProvenanceEntry(
            "recipe",
            invariant
                $"preset {preset}, network {network}, {options.Epochs} epochs of {options.StepsPerEpoch} steps, crop {options.Crop}, seed {options.Seed}, {options.Rate}, {options.Precision}{origin}"
        )
        for text in args.GetResults TrainArgs.Fact do
            match text.IndexOf '=' with
            | i when i > 0 -> Fact(text[.. i - 1], text[i + 1 ..])
            | _ -> raise (Usage $"--fact {text}: NAME=VALUE")
    |]

let train (args: ParseResults<TrainArgs>) =
    let presetName = args.GetResult(TrainArgs.Preset, "practical")

    let preset =
        match presetName with
        | "paper" -> TrainingOptions.Paper
        | "practical" -> TrainingOptions.Practical
        | "smoke" -> TrainingOptions.Smoke
        | other -> raise (Usage $"--preset {other}: paper, practical or smoke")

    let faithful = presetName = "paper"

    let networkName =
        args.GetResult(TrainArgs.Network, (if faithful then "dsn" else "compact"))

    let network = networkOf networkName
    let options = adjust preset args
    let output = args.GetResult TrainArgs.Output

    if File.Exists output && not (args.Contains TrainArgs.Overwrite) then
        raise (Usage $"{output} exists; add --overwrite or choose another output")

    let fresh =
        if faithful then
            Weights.gaussian options.Seed 0.01 network
        else
            Weights.he options.Seed network

    let start = args.TryGetResult TrainArgs.Start |> Option.map Model.load

    let model =
        match start with
        | Some model -> model
        | None ->
            match args.GetResult(TrainArgs.Spacing, (if faithful then 0. else 3.)) with
            | 0. -> Model(network, fresh)
            | mm -> Model(network, fresh, Spacing = Spacing.Isotropic mm, Tile = Extent(160, 160, 128))

    let cache = args.TryGetResult TrainArgs.Cache
    let cases = load cache model (args.GetResult TrainArgs.Cases)

    let validation =
        args.TryGetResult TrainArgs.Validation
        |> Option.map (load cache model)
        |> Option.defaultValue [||]

    let checkpoints =
        CheckpointFolder(
            args.GetResult(TrainArgs.Checkpoint, output + ".checkpoints"),
            args.Contains TrainArgs.Resume,
            SaveEverySteps = args.GetResult(TrainArgs.Save_Every, 0)
        )

    use cancel = new CancellationTokenSource()
    let mutable signal = 0

    let stop code (context: PosixSignalContext) =
        // The first signal saves and stops, the second one ends at once.
        context.Cancel <- (signal = 0)
        signal <- code
        cancel.Cancel()

    use _interrupt =
        PosixSignalRegistration.Create(PosixSignal.SIGINT, Action<PosixSignalContext>(stop 130))

    use _terminate =
        PosixSignalRegistration.Create(PosixSignal.SIGTERM, Action<PosixSignalContext>(stop 143))

    let history = ResizeArray()

    // What an interrupted run had written stays in the history.
    match args.TryGetResult TrainArgs.History with
    | Some path when args.Contains TrainArgs.Resume && File.Exists path -> history.AddRange(File.ReadAllLines path)
    | _ -> ()

    let heard (e: EpochRecord) =
        keepLine history e
        let loss = e.Losses["main"]

        let dice =
            if e.ValidationDice.HasValue then
                invariant $", validation Dice {e.ValidationDice.Value:F4}"
            else
                ""

        say (invariant $"epoch {e.Epoch} of {options.Epochs}: loss {loss:F4}, rate {e.Rate:E2}{dice}, {e.Seconds:F0} s")

        args.TryGetResult TrainArgs.History
        |> Option.iter (fun path -> writeText true path (String.Join("\n", history) + "\n"))

    try
        let trained =
            Training.Fit(model, cases, options, validation, Action<EpochRecord>(heard), checkpoints, cancel.Token)

        trained.Model
            .WithProvenance(provenance args presetName networkName options start)
            .Save(output, overwrite = true)

        say $"{output}: weights {trained.Model.Weights.Hash}"
        0
    with :? OperationCanceledException as e ->
        Console.Error.WriteLine("liverseg: stopped: " + e.Message + "; run again with --resume")
        signal

let demo (args: ParseResults<DemoArgs>) =
    let folder = args.GetResult(DemoArgs.Output, "liverseg-demo")

    let overwrite =
        args.Contains DemoArgs.Overwrite || not (args.Contains DemoArgs.Output)

    let seed = args.GetResult(DemoArgs.Seed, 1000L)
    let clock = Stopwatch.StartNew()
    let p = Phantom.ofSeed seed
    let path name = Path.Combine(folder, name)
    say (invariant $"phantom of seed {seed}: {p.Ct.Grid}, liver {p.Liver.VolumeMl():F0} ml")
    p.Ct.Write(path "phantom-ct.nii.gz", overwrite)

    let found =
        p.Ct
        |> Pipeline.segment
            (Segmenting.pipeline (Some(Segmenting.settingOf None)) (args.GetResult(DemoArgs.Threads, 0)) false)
            Pretrained.Liver

    progressEnd ()
    found.Write(path "phantom-liver.nii.gz", overwrite)
    let e = found |> Metrics.evaluate p.Liver
    Judging.printEvaluation e
    writeText overwrite (path "measures.json") (e.ToJson())
    let image = p.Ct |> Hounsfield.windowed Window.Liver
    let case = ReportCase.Of("phantom", image, found, p.Liver, MetricsOptions())
    Report.Write(folder, "A phantom's liver", "liverseg", [| case |], [||], [||], overwrite)

    say (
        invariant
            $"written to {folder}: index.html (open it in a browser), phantom-ct.nii.gz, phantom-liver.nii.gz, measures.json; {clock.Elapsed.TotalSeconds:F1} s"
    )

    say "next: liverseg segment -i YOUR-CT.nii.gz -o liver.nii.gz   (research use only)"
    0

let doctor () =
    let status =
        try
            Ok(Runtime.Load())
        with :? TorchUnavailableException as e ->
            Error e.Message

    let memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 1048576L

    facts
        [
            "program", string (typeof<Grid>.Assembly.GetName().Version)
            "runtime", RuntimeInformation.FrameworkDescription
            "system", RuntimeInformation.OSDescription + ", " + RuntimeInformation.RuntimeIdentifier
            "processors", string Environment.ProcessorCount
            "memory", $"{memory} MiB"
            match status with
            | Ok s ->
                "native library", s.Action
                "loaded from", s.Library
                "libtorch", s.TorchFolder
                "devices", "cpu"
            | Error e -> "native library", "not loaded: " + e
            "weights", Pretrained.Liver.Weights.Hash
            "weights dsn", Pretrained.Dsn.Weights.Hash
        ]

    match status with
    | Ok _ ->
        say "verdict: all is well"
        0
    | Error _ ->
        say "verdict: networks cannot run; the line 'native library' names the remedy"
        1
