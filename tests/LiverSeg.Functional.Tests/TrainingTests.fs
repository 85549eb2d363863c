module LiverSeg.Functional.Tests.TrainingTests

open System
open System.IO
open Expecto
open TorchSharp
open LiverSeg.Functional
open LiverSeg.Functional.Tests.ModelTests
open LiverSeg.Functional.Tests.Cli

/// A bright ball in noise: what any network must learn at once.
let private ball seed =
    let r = Random(seed: int)
    let e = Extent(20, 18, 16)
    let c = 7. + r.NextDouble() * 4.

    let inside x y z =
        (float x - c) ** 2. + (float y - 9.) ** 2. + (float z - 8.) ** 2. < 25.

    let grid = Grid.Of(e, Spacing.Isotropic 3.)

    TrainingCase(
        $"ball{seed}",
        Volume.Init(
            grid,
            fun x y z -> Intensity((if inside x y z then 0.8f else 0.3f) + float32 (r.NextDouble()) * 0.2f)
        ),
        Volume.Init(grid, fun x y z -> inside x y z)
    )

let private cases = [| ball 1; ball 2; ball 3 |]

let private options =
    TrainingOptions(
        Epochs = 6,
        StepsPerEpoch = 10,
        Crop = Extent(16, 16, 16),
        Optimizer = OptimizerKind.Adam,
        Rate = Schedule.Constant 0.02,
        DiceWeight = 1.,
        EtaElsewhere = 0.3,
        Augmentation = Augmentation.Practical,
        Threads = 1,
        Seed = 7L
    )

let private withFolder action =
    let folder =
        Path.Combine(Path.GetTempPath(), "liverseg-test-" + Guid.NewGuid().ToString "N")

    try
        action folder
    finally
        if Directory.Exists folder then
            Directory.Delete(folder, true)

let private etaOf name (options: TrainingOptions) = options.Eta[name]

/// Main loss and total of one forward pass with the given η.
let private objective (options: TrainingOptions) eta =
    use scope = torch.NewDisposeScope()
    let model = tinyModel 1L
    let crop = Sampler.Draw(cases, options, 0L)

    let out =
        TorchForward.Forward(tiny, Torch.Tensors(model.Weights, torch.CPU), tensorOf crop.Image crop.Extent)

    let o =
        Supervision.Of(out, tensorOf crop.Truth crop.Extent, tensorOf crop.Known crop.Extent, options, eta)

    float (o.Total.item<float32>()),
    o.Parts
    |> Seq.map (fun struct (n, l) -> n, float (l.item<float32>()))
    |> List.ofSeq

[<Tests>]
let tests =
    testSequenced
    <| testList
        "Training"
        [
            testCase "schedules of the paper: a tenth each 50 epochs, 5 % less each 10"
            <| fun () ->
                let rate e = TrainingOptions.Paper.Rate.At(e, 150)

                let eta e =
                    TrainingOptions.Paper.EtaSchedule.At(e, 150)

                Expect.floatClose Accuracy.high (rate 0.) 0.1 "rate 0"
                Expect.floatClose Accuracy.high (rate 49.9) 0.1 "rate 49"
                Expect.floatClose Accuracy.high (rate 50.) 0.01 "rate 50"
                Expect.floatClose Accuracy.high (rate 149.) 0.001 "rate 149"
                Expect.floatClose Accuracy.high (eta 9.) 1. "eta 9"
                Expect.floatClose Accuracy.high (eta 25.) (0.95 ** 2.) "eta 25"

                Expect.equal
                    (etaOf "after3" TrainingOptions.Paper, etaOf "after6" TrainingOptions.Paper)
                    (0.3, 0.4)
                    "eta"
            testCase "a schedule from another value starts there, and each keeps its course"
            <| fun () ->
                let from (schedule: Schedule) epoch = (schedule.From 0.3).At(epoch, 20)

                for schedule in
                    [
                        Schedule.Staircase(0.1, 0.5, 4) :> Schedule
                        Schedule.Poly(0.1, 0.9)
                        Schedule.Cosine(0.1, 0.)
                        Schedule.Constant 0.1
                    ] do
                    Expect.floatClose Accuracy.high (from schedule 0.) 0.3 $"{schedule}: first"

                    for epoch in [ 3.5; 7.; 19. ] do
                        Expect.floatClose
                            Accuracy.high
                            (from schedule epoch)
                            (3. * schedule.At(epoch, 20))
                            $"{schedule}: {epoch}"
            testCase "the loss is ≥ 0, linear in η, and plain without η"
            <| fun () ->
                TorchRuntime.Ensure() |> ignore
                let plain, parts0 = objective options 0.
                let half, parts = objective options 0.5
                let whole, _ = objective options 1.

                let part name =
                    parts |> List.find (fst >> (=) name) |> snd

                Expect.isGreaterThanOrEqual plain 0. "≥ 0"
                Expect.equal (List.map fst parts0) [ "main" ] "plain has one part"
                Expect.floatClose Accuracy.medium plain (part "main") "plain"
                Expect.floatClose Accuracy.medium (half - plain) (0.5 * 0.3 * part "half") "half"
                Expect.floatClose Accuracy.medium (whole - plain) (2. * (half - plain)) "linear"
            testCase "a scan is learned: the loss falls, and the input model is untouched"
            <| fun () ->
                let network = Architectures.Compact [| 4; 8 |]
                let model = Model(network, Weights.He(network, 1L))
                let before = model.Weights.Hash
                let trained = Training.Fit(model, cases, options)
                let loss (e: EpochRecord) = e.Losses["main"]
                Expect.isLessThan (loss trained.History[5]) (0.7 * loss trained.History[0]) "loss"
                Expect.equal model.Weights.Hash before "input"
                Expect.notEqual trained.Model.Weights.Hash before "output"
            testCase "same seed, same bytes; another seed, others"
            <| fun () ->
                let run seed =
                    Training
                        .Fit(
                            tinyModel 1L,
                            cases,
                            TrainingOptions(
                                Epochs = 1,
                                StepsPerEpoch = 3,
                                Crop = options.Crop,
                                Rate = Schedule.Constant 0.01,
                                Augmentation = Augmentation.Practical,
                                Threads = 1,
                                Seed = seed
                            )
                        )
                        .Model.Weights.Hash

                Expect.equal (run 3L) (run 3L) "same"
                Expect.notEqual (run 3L) (run 4L) "other"
            for kind in [ OptimizerKind.Sgd; OptimizerKind.Nesterov; OptimizerKind.Adam ] do
                testCase $"a resumed run ends as the uninterrupted one, bit for bit ({kind})"
                <| fun () ->
                    let run epochs folder =
                        let o =
                            TrainingOptions(
                                Epochs = epochs,
                                StepsPerEpoch = 2,
                                Crop = options.Crop,
                                Optimizer = kind,
                                Rate = Schedule.Staircase(0.01, 0.5, 2),
                                Augmentation = Augmentation.Practical,
                                Threads = 1
                            )

                        Training.Fit(tinyModel 1L, cases, o, checkpoints = CheckpointFolder folder)

                    withFolder (fun whole ->
                        withFolder (fun cut ->
                            let expected = run 4 whole
                            use cancel = new Threading.CancellationTokenSource()

                            let o =
                                TrainingOptions(
                                    Epochs = 4,
                                    StepsPerEpoch = 2,
                                    Crop = options.Crop,
                                    Optimizer = kind,
                                    Rate = Schedule.Staircase(0.01, 0.5, 2),
                                    Augmentation = Augmentation.Practical,
                                    Threads = 1
                                )

                            let stop (e: EpochRecord) =
                                if e.Epoch = 2 then
                                    cancel.Cancel()

                            Expect.throwsT<OperationCanceledException>
                                (fun () ->
                                    Training.Fit(
                                        tinyModel 1L,
                                        cases,
                                        o,
                                        progress = (fun e -> stop e),
                                        checkpoints = CheckpointFolder cut,
                                        cancel = cancel.Token
                                    )
                                    |> ignore)
                                "stopped"

                            let resumed = run 4 cut
                            Expect.equal resumed.Model.Weights.Hash expected.Model.Weights.Hash "weights"

                            Expect.equal
                                (resumed.History |> Seq.map (fun e -> e.Losses["main"]) |> List.ofSeq)
                                (expected.History |> Seq.map (fun e -> e.Losses["main"]) |> List.ofSeq)
                                "log"))
            testCase "a damaged newest state is passed over for the one before"
            <| fun () ->
                withFolder (fun folder ->
                    let o =
                        TrainingOptions(
                            Epochs = 3,
                            StepsPerEpoch = 1,
                            Crop = options.Crop,
                            Rate = Schedule.Constant 0.01,
                            Threads = 1
                        )

                    let whole =
                        Training.Fit(tinyModel 1L, cases, o, checkpoints = CheckpointFolder folder)

                    let newest = Directory.GetFiles folder |> Array.max
                    let bytes = File.ReadAllBytes newest
                    bytes[bytes.Length - 5] <- bytes[bytes.Length - 5] ^^^ 1uy
                    File.WriteAllBytes(newest, bytes)
                    let again = ResizeArray()

                    let resumed =
                        Training.Fit(
                            tinyModel 1L,
                            cases,
                            o,
                            progress = (fun e -> again.Add e),
                            checkpoints = CheckpointFolder folder
                        )

                    Expect.equal again.Count 1 "one epoch was done again"
                    Expect.equal resumed.Model.Weights.Hash whole.Model.Weights.Hash "weights")
            testCase "a state of a run that started from other weights is refused, not gone on from"
            <| fun () ->
                withFolder (fun folder ->
                    let fit seed epochs =
                        let o =
                            TrainingOptions(
                                Epochs = epochs,
                                StepsPerEpoch = 1,
                                Crop = options.Crop,
                                Rate = Schedule.Constant 0.01,
                                Threads = 1
                            )

                        Training.Fit(tinyModel seed, cases, o, checkpoints = CheckpointFolder folder)

                    let first = fit 1L 2
                    Expect.equal (fit 1L 2).Model.Weights.Hash first.Model.Weights.Hash "the same start: nothing to do"

                    Expect.throwsC (fun () -> fit 2L 2 |> ignore) (fun e ->
                        let error = (e :?> FileErrorException).Error
                        Expect.equal (error.Code, error.Field) ("other-run", "run") "what is wrong"
                        Expect.stringContains error.Found "start" "and why"))
            testCase "a loss that stays not finite at any rate ends the run"
            <| fun () ->
                let o =
                    TrainingOptions(
                        Epochs = 1,
                        StepsPerEpoch = 20,
                        Crop = options.Crop,
                        Rate = Schedule.Constant 1e30,
                        Threads = 1
                    )

                Expect.throwsT<TrainingDivergedException>
                    (fun () -> Training.Fit(tinyModel 1L, cases, o) |> ignore)
                    "diverged"
            testCase "stopped at any of ten steps and resumed, a run ends as the uninterrupted one, bit for bit"
            <| fun () ->
                let o =
                    TrainingOptions(
                        Epochs = 3,
                        StepsPerEpoch = 4,
                        Crop = options.Crop,
                        Optimizer = OptimizerKind.Adam,
                        Rate = Schedule.Cosine(0.01, 1e-4, 1.),
                        EtaElsewhere = 0.3,
                        Augmentation = Augmentation.Practical,
                        Threads = 1
                    )

                let run folder tamper (cancel: Threading.CancellationTokenSource) =
                    Training.Run(
                        tinyModel 1L,
                        cases,
                        o,
                        [||],
                        null,
                        CheckpointFolder folder,
                        Func<int64, TrainingCrop[], TrainingCrop[]> tamper,
                        cancel.Token
                    )

                let log (t: Trained) =
                    [
                        for e in t.History -> List.ofSeq e.Losses, e.Rate, e.EtaFactor, e.GradientNorm
                    ]

                use never = new Threading.CancellationTokenSource()
                let whole = withFolder (fun folder -> run folder (fun _ c -> c) never)

                for cut in 0L .. 9L do
                    withFolder (fun folder ->
                        use cancel = new Threading.CancellationTokenSource()

                        let stop step crops =
                            if step = cut then
                                cancel.Cancel()

                            crops

                        Expect.throwsT<OperationCanceledException>
                            (fun () -> run folder stop cancel |> ignore)
                            "stopped"

                        let mutable first = -1L

                        let note step (crops: TrainingCrop[]) =
                            if first < 0L then
                                first <- step

                            crops

                        let resumed = run folder note never
                        Expect.equal first (cut + 1L) "no step was done twice"
                        Expect.equal resumed.Model.Weights.Hash whole.Model.Weights.Hash $"weights after step {cut}"
                        Expect.equal (log resumed) (log whole) $"log after step {cut}")
            testCase "thirty steps with NaN or infinity: thirty left out, and the weights stay finite"
            <| fun () ->
                let bad = set [ for i in 0L .. 29L -> 1L + i * 2L ]

                let spoil (step: int64) (crops: TrainingCrop[]) =
                    if bad.Contains step then
                        for c in crops do
                            let part = if step % 4L = 1L then c.Image else c.Truth

                            part[int step] <-
                                (if step % 3L = 0L then
                                     Single.PositiveInfinity
                                 else
                                     Single.NaN)

                    crops

                let o =
                    TrainingOptions(
                        Epochs = 4,
                        StepsPerEpoch = 16,
                        Crop = options.Crop,
                        Rate = Schedule.Constant 0.01,
                        Augmentation = Augmentation.None,
                        Threads = 1
                    )

                let trained =
                    Training.Run(
                        tinyModel 1L,
                        cases,
                        o,
                        [||],
                        null,
                        null,
                        Func<int64, TrainingCrop[], TrainingCrop[]> spoil,
                        Threading.CancellationToken.None
                    )

                Expect.equal (trained.History |> Seq.sumBy _.Skipped) 30 "left out"

                for e in trained.History do
                    Expect.isTrue (Double.IsFinite e.Losses["main"] && Double.IsFinite e.GradientNorm) "log"

                for w in trained.Model.Weights do
                    Expect.isTrue (w.Value.Values.ToArray() |> Array.forall Single.IsFinite) w.Key
            testCase "three bad steps in a row take the run back to the epoch's beginning at half the rate"
            <| fun () ->
                let mutable harm = 3
                let seen = ResizeArray()

                let spoil (step: int64) (crops: TrainingCrop[]) =
                    seen.Add step

                    if step >= 5L && harm > 0 then
                        harm <- harm - 1
                        crops[0].Image[ 0 ] <- Single.NaN

                    crops

                let o =
                    TrainingOptions(
                        Epochs = 2,
                        StepsPerEpoch = 4,
                        Crop = options.Crop,
                        Rate = Schedule.Constant 0.01,
                        Augmentation = Augmentation.None,
                        Threads = 1
                    )

                let trained =
                    Training.Run(
                        tinyModel 1L,
                        cases,
                        o,
                        [||],
                        null,
                        null,
                        Func<int64, TrainingCrop[], TrainingCrop[]> spoil,
                        Threading.CancellationToken.None
                    )

                Expect.equal (List.ofSeq seen) [ 0L; 1L; 2L; 3L; 4L; 5L; 6L; 7L; 4L; 5L; 6L; 7L ] "steps"
                Expect.equal (trained.History |> Seq.map _.Rate |> List.ofSeq) [ 0.01; 0.005 ] "rate"
                Expect.equal (trained.History |> Seq.map _.Skipped |> List.ofSeq) [ 0; 3 ] "left out"
            testCase "states within an epoch are kept when asked for, and the newest of them is found"
            <| fun () ->
                withFolder (fun folder ->
                    let o =
                        TrainingOptions(
                            Epochs = 2,
                            StepsPerEpoch = 4,
                            Crop = options.Crop,
                            Rate = Schedule.Constant 0.01,
                            Threads = 1
                        )

                    let seen = ResizeArray()

                    let watch (step: int64) (crops: TrainingCrop[]) =
                        if step = 7L then
                            seen.AddRange(Directory.GetFiles folder |> Array.map Path.GetFileName |> Array.sort)

                        crops

                    Training.Run(
                        tinyModel 1L,
                        cases,
                        o,
                        [||],
                        null,
                        CheckpointFolder(folder, SaveEverySteps = 1),
                        Func<int64, TrainingCrop[], TrainingCrop[]> watch,
                        Threading.CancellationToken.None
                    )
                    |> ignore

                    Expect.equal
                        (List.ofSeq seen)
                        [
                            "epoch-000001_000001.checkpoint"
                            "epoch-000001_000002.checkpoint"
                            "epoch-000001_000003.checkpoint"
                        ]
                        "the last three")
            testCase "a history that was written is read back, each layer's gradient in it"
            <| fun () ->
                withFolder (fun folder ->
                    let trained =
                        Training.Fit(tinyModel 1L, cases, options.Adjust(2, 2, 1L, 1), validation = cases)

                    Directory.CreateDirectory folder |> ignore
                    let file = Path.Combine(folder, "history.jsonl")
                    File.WriteAllLines(file, trained.History |> Seq.map (fun e -> TrainingHistory.Line(e, 1L)))

                    let told (e: EpochRecord) =
                        e.Epoch, List.ofSeq e.Losses, List.ofSeq e.LayerNorms, e.Rate, e.GradientNorm, e.ValidationDice

                    let again = TrainingHistory.Read file

                    Expect.equal
                        (again |> Seq.map told |> List.ofSeq)
                        (trained.History |> Seq.map told |> List.ofSeq)
                        ""

                    Expect.isTrue (again[0].LayerNorms.Count > 1) "layers"

                    let run = LearningRun("run", again)
                    Expect.equal (LearningCurves.Loss [| run |]).Curves[0].Points.Count 2 "a point an epoch"

                    Expect.equal
                        (LearningCurves.LayerGradients run).Curves.Count
                        again[0].LayerNorms.Count
                        "a curve a layer"

                    File.AppendAllText(file, "{\"epoch\":")

                    Expect.throwsT<FileErrorException>
                        (fun () -> TrainingHistory.Read file |> ignore)
                        "a torn line is one clear error")
            testCase
                "a study learns CNN and DSN from one start, tells both in tables and pictures, and is not done twice"
            <| fun () ->
                inFolder (fun path ->
                    exits 0 [ "phantom"; "-o"; path "data"; "--spacing"; "12" ] |> ignore
                    let cases = path "data/cases.csv"

                    let study more =
                        [
                            "study"
                            "--cases"
                            cases
                            "--validation"
                            cases
                            "-o"
                            path "out"
                            "--seeds"
                            "1"
                            "--epochs"
                            "2"
                            "--steps"
                            "2"
                            "--crop"
                            "16"
                            "16"
                            "8"
                            "--spacing"
                            "12"
                            "--threads"
                            "1"
                        ]
                        @ more

                    let tables = exits 0 (study [ "--start"; "paper" ])
                    Expect.stringContains tables "| cnn | paper | 1 | never |" "a row a network"
                    Expect.stringContains tables "| dsn | paper | 1 | never |" "a row a network"

                    for name in [ "error-paper"; "loss-paper" ] do
                        Expect.isTrue (File.Exists(path $"out/{name}.png")) name

                    for network in [ "cnn"; "dsn" ] do
                        for kind in [ "gradients"; "kernels"; "features" ] do
                            Expect.isTrue
                                (File.Exists(path $"out/{kind}-{network}-paper-1.png"))
                                $"{kind} of {network}"

                    let gradient network layer =
                        (TrainingHistory.Read(path $"out/{network}-paper-1.jsonl")).[0].LayerNorms[layer]

                    // From N(0, 0.01²) the branch is what reaches the first layer.
                    Expect.isGreaterThan (gradient "dsn" "conv1") (100. * gradient "cnn" "conv1") "deep supervision"
                    let written = File.GetLastWriteTimeUtc(path "out/dsn-paper-1.jsonl")

                    Expect.equal
                        (exits 0 (study [ "--start"; "paper" ]))
                        (tables[tables.IndexOf '|' ..])
                        "the same tables"

                    Expect.equal (File.GetLastWriteTimeUtc(path "out/dsn-paper-1.jsonl")) written "not once more"
                    exits 2 (study [ "--start"; "zero" ]) |> ignore
                    exits 2 (study [ "--optimizer"; "newton" ]) |> ignore)
            testCase "epochs to an error count the first that reaches it"
            <| fun () ->
                let at epoch dice =
                    EpochRecord(epoch, Collections.Generic.Dictionary(), 0.1, 1., 0., Nullable dice, 1.)

                let run = LearningRun("run", [| at 1 0.2; at 2 0.7; at 3 0.5 |])
                Expect.equal (Option.ofNullable (run.EpochsTo 0.4)) (Some 2) "second"
                Expect.equal (Option.ofNullable (run.EpochsTo 0.2)) None "never"
            testCase "cases are found in the layouts that people have, and looked at"
            <| fun () ->
                let p = Phantom.abdomen (PhantomOptions(Seed = 1L, Spacing = Spacing.Isotropic 10.))

                let mirrored =
                    Volume.Init(p.Liver.Grid, fun x y z -> p.Liver[p.Liver.Extent.X - 1 - x, y, z])

                let empty = Volume.Constant(p.Liver.Grid, false)

                for layout, image, mask in
                    [
                        "SLiver07", "train/liver-orig001.mhd", "label/liver-seg001.mhd"
                        "LiTS", "volume-7.nii", "segmentation-7.nii"
                        "Decathlon or nnU-Net", "imagesTr/liver_3_0000.nii.gz", "labelsTr/liver_3.nii.gz"
                        "Decathlon or nnU-Net", "imagesTr/liver_3.nii.gz", "labelsTr/liver_3.nii.gz"
                        "ct and liver", "anna/ct.nii.gz", "anna/liver.nii.gz"
                        "ct and liver", "anna-ct.nii.gz", "anna-liver.nii.gz"
                    ] do
                    withFolder (fun folder ->
                        let at (name: string) =
                            let path = Path.Combine(folder, name)
                            Directory.CreateDirectory(Path.GetDirectoryName path) |> ignore
                            path

                        p.Ct.Write(at image)
                        p.Liver.Write(at mask)
                        let found = DatasetFolder.Find folder
                        Expect.equal (found.Layout, found.Cases.Count) (layout, 1) image
                        let case = found.Cases[0]

                        Expect.equal
                            (case.Image, case.Mask)
                            (Path.GetFullPath(at image), Path.GetFullPath(at mask))
                            image

                        let verdict = DatasetFolder.Check case
                        Expect.isEmpty verdict.Errors image

                        if layout = "LiTS" then
                            let check (other: Volume<bool>) =
                                other.Write(at mask, overwrite = true)
                                DatasetFolder.Check case

                            Expect.exists (check mirrored).Warnings (fun d -> d.Contains "exchanged") "mirrored"
                            Expect.exists (check empty).Errors (fun e -> e.Contains "empty") "empty"
                            Expect.exists (check (p.Liver.Slab(0, 3))).Errors (fun e -> e.Contains "grid") "other grid"
                            File.Delete(at mask)
                            Expect.isNonEmpty (DatasetFolder.Check case).Errors "missing")

                withFolder (fun folder ->
                    for name in [ "PATIENT_DICOM"; "MASKS_DICOM/liver" ] do
                        Directory.CreateDirectory(Path.Combine(folder, "3Dircadb1.1", name)) |> ignore

                    Expect.equal (DatasetFolder.Find folder).Layout "3D-IRCADb" "3D-IRCADb")

                withFolder (fun folder ->
                    for name in [ "DICOM_anon"; "Ground" ] do
                        Directory.CreateDirectory(Path.Combine(folder, "CT/7", name)) |> ignore

                    Expect.equal (DatasetFolder.Find folder).Cases[0].Id "chaos07" "CHAOS with masks as volumes"
                    File.WriteAllBytes(Path.Combine(folder, "CT/7/Ground/liver_GT_000.png"), [||])

                    let error =
                        try
                            DatasetFolder.Find folder |> ignore
                            failtest "pictures are no volume"
                        with :? FileErrorException as e ->
                            e.Error

                    Expect.equal error.Kind FileErrorKind.Unsupported "kind"
                    Expect.stringEnds error.File "Ground" "file"
                    Expect.stringContains error.Remedy "DICOM_anon" "remedy")

                withFolder (fun folder ->
                    Directory.CreateDirectory folder |> ignore

                    Expect.throwsT<FileErrorException> (fun () -> DatasetFolder.Find folder |> ignore) "nothing there")
            testCase "no tensor outlives a training"
            <| fun () ->
                let run () =
                    Training.Fit(
                        tinyModel 1L,
                        cases,
                        TrainingOptions(
                            Epochs = 1,
                            StepsPerEpoch = 2,
                            Crop = options.Crop,
                            Rate = Schedule.Constant 0.01,
                            Threads = 1
                        )
                    )
                    |> ignore

                run ()
                let before = torch.Tensor.TotalCount
                run ()
                Expect.equal torch.Tensor.TotalCount before "live tensors"
            testCase "quarter turns move voxels without interpolation, and no draw changes the number of intensities"
            <| fun () ->
                let o = TrainingOptions(Crop = Extent(8, 8, 8), Augmentation = Augmentation.Paper)

                let values =
                    cases
                    |> Seq.collect (fun c -> c.Image.Voxels.ToArray() |> Seq.map _.Value)
                    |> System.Collections.Generic.HashSet

                for step in 0L .. 9L do
                    let crop = Sampler.Draw(cases, o, step)
                    Expect.isTrue (crop.Image |> Array.forall values.Contains) "a source voxel"
                    Expect.isTrue (crop.Known |> Array.forall ((=) 1f)) "inside"
            testCase "what lies outside of the scan is unknown and empty"
            <| fun () ->
                let o = TrainingOptions(Crop = Extent(32, 32, 32), Augmentation = Augmentation.None)
                let crop = Sampler.Draw(cases, o, 0L)
                Expect.equal (Array.sum crop.Known) (float32 (20 * 18 * 16)) "known voxels"
                Expect.isTrue (Array.forall2 (fun k i -> k = 1f || i = 0f) crop.Known crop.Image) "empty outside"
        ]
