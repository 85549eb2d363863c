module LiverSeg.Functional.Tests.DeviceTrainingTests

open System
open System.IO
open System.Threading
open Expecto
open LiverSeg.Functional
open LiverSeg.Functional.Tests.Balls
open LiverSeg.Functional.Tests.Folders
open LiverSeg.Functional.Tests.Models
open LiverSeg.Functional.Tests.PlayedCuda

let private short = options.With(epochs = 3, stepsPerEpoch = 4, validateEvery = 1)
let private there = short.With(device = Device.cuda 0)

/// The run, and what was warned of.
let private learn (played: PlayedCuda) (o: TrainingOptions) folder stopAfter =
    let heard = ResizeArray<string>()
    use cancel = new CancellationTokenSource()

    let progress (e: EpochRecord) =
        if e.Epoch = stopAfter then
            cancel.Cancel()

    let checkpoints =
        folder
        |> Option.map (fun f -> CheckpointFolder(f, SaveEverySteps = 2))
        |> Option.toObj

    let trained =
        playing played (fun () ->
            try
                Some(
                    Training.Fit(
                        tinyModel 4L,
                        cases,
                        o,
                        cases[..0],
                        Action<EpochRecord> progress,
                        checkpoints,
                        Action<string> heard.Add,
                        cancel.Token
                    )
                )
            with :? OperationCanceledException ->
                None)

    trained, List.ofSeq heard

let private whole played o = learn played o None 0

/// Crops as they are placed: image, truth and known voxels of a step.
let private isCrop (shape: int64 list) = shape.Length = 4

[<Tests>]
let tests =
    testSequenced
    <| testList
        "Training on devices"
        [
            testCase "weights, crops and optimiser lie on the device; crops and starts are the CPU's numbers"
            <| fun () ->
                let onCpu = PlayedCuda [ 1L ]
                let expected, _ = whole onCpu short
                Expect.isEmpty onCpu.Shapes "the CPU asks no device"
                let played = roomy ()
                let trained, heard = whole played there
                Expect.equal (played.Shapes |> List.filter isCrop |> List.length) (3 * 3 * 4) "crops"
                Expect.isEmpty heard "nothing to warn of"
                // The played device computes as the CPU does, so that whatever differs was given to it.
                Expect.equal trained.Value.Model expected.Value.Model "model"

                let log (t: Trained) =
                    [ for e in t.History -> List.ofSeq e.Losses, e.GradientNorm, e.ValidationDice ]

                Expect.equal (log trained.Value) (log expected.Value) "history"
            testCase "where device memory does not suffice the CPU goes on from the last good state, with one warning"
            <| fun () ->
                let expected, _ = whole (none ()) short

                for first in [ 1; 6; 12 ] do
                    let mutable crops = 0

                    let isFull shape =
                        crops <- crops + (if isCrop shape then 1 else 0)
                        isCrop shape && crops > 3 * (first - 1)

                    let trained, heard = whole (PlayedCuda([ 1L ], isFull = isFull)) there
                    Expect.equal heard.Length 1 $"one warning, step {first}"

                    Expect.stringContains
                        heard.Head
                        "cuda:0: its memory does not suffice for crops of 16×16×16"
                        "what happened"

                    Expect.stringContains heard.Head $"the CPU goes on after step {(first - 1) / 4 * 4}" "what was done"
                    Expect.equal trained.Value.Model expected.Value.Model "no step is lost or done twice"
            testCase "a state of one device is resumed on another"
            <| fun () ->
                let expected, _ = whole (none ()) short

                for first, second in [ short, there; there, short; there, short.With(device = Device.cuda 1) ] do
                    withFolder (fun folder ->
                        let two () = PlayedCuda [ 8L <<< 30; 8L <<< 30 ]
                        let stopped, _ = learn (two ()) first (Some folder) 2
                        Expect.isNone stopped "stopped"
                        let played = two ()
                        let resumed, _ = learn played second (Some folder) 0
                        // A resumed run places its one epoch's crops only.
                        let crops = played.Shapes |> List.filter isCrop |> List.length
                        Expect.equal crops (if second.Device.IsCpu then 0 else 3 * 4) "crops"
                        Expect.equal resumed.Value.Model expected.Value.Model "model")
            testCase "what a checkpoint belongs to is written as before there were devices"
            <| fun () ->
                let run o =
                    withFolder (fun folder ->
                        learn (roomy ()) o (Some folder) 0 |> ignore
                        let file = Directory.GetFiles(folder, "*.checkpoint") |> Array.max
                        Safetensors.Read(File.ReadAllBytes file, file).Metadata["run"])

                let text = run short
                Expect.isFalse (text.Contains "Device" || text.Contains "cuda") text
                Expect.stringContains text "DirectConvolution = False }" "the last of the options"
                Expect.equal (run there) text "on a device"
            testCase "the provenance names a device other than the CPU"
            <| fun () ->
                withFolder (fun folder ->
                    let path name = Path.Combine(folder, name)
                    let p = Phantom.abdomen (PhantomOptions(Seed = 5L, Spacing = Spacing.Isotropic 8.))
                    p.Ct.Write(path "ct.nii.gz")
                    p.Liver.Write(path "liver.nii.gz")
                    let case = CaseFile("phantom", path "ct.nii.gz", path "liver.nii.gz", "phantom")

                    let recipe (device: Device) =
                        let o =
                            TrainingOptions.Smoke.With(
                                epochs = 1,
                                stepsPerEpoch = 1,
                                crop = Extent(8, 8, 8),
                                threads = 1,
                                device = device
                            )

                        let run = TrainingRun(tinyModel 1L, [ case ], Options = o)
                        let trained = playing (roomy ()) (fun () -> run.Execute())

                        trained.Model.Provenance
                        |> Seq.pick (fun e -> if e.Name = "recipe" then Some e.Value else None)

                    let cpu, cuda = recipe Device.Cpu, recipe (Device.cuda 0)
                    Expect.equal cuda (cpu + ", cuda:0") "recipe"
                    Expect.isFalse (cpu.Contains "cpu") "as before there were devices")
        ]
