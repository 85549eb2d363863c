/// A whole training as a value: what `train` does without a command line.
module LiverSeg.Functional.Tests.TrainingRunTests

open System
open System.IO
open System.Threading
open Expecto
open LiverSeg.Functional
open LiverSeg.Functional.Tests.Cli
open LiverSeg.Functional.Tests.Folders
open LiverSeg.Functional.Tests.Models

let private cases path =
    exits 0 [ "phantom"; "-o"; path "in"; "--cases"; "2"; "--spacing"; "8" ]
    |> ignore

    CaseList.read (path "in/cases.csv")

let private preset (epochs: int) =
    let smoke = TrainingPreset.named "smoke"

    smoke
        .With(options = smoke.Options.With(epochs = epochs, stepsPerEpoch = 1, threads = 1))
        .AtSpacing(Spacing.Isotropic 8.)

/// What the work prints on either stream.
let private printed (work: unit -> unit) =
    let out, err = Console.Out, Console.Error
    use heard = new StringWriter()
    Console.SetOut heard
    Console.SetError heard

    try
        work ()
        heard.ToString()
    finally
        Console.SetOut out
        Console.SetError err

[<Tests>]
let tests =
    testSequenced
    <| testList
        "TrainingRun"
        [
            testCase "a run writes what train writes, to the last byte, and prints nothing"
            <| fun () ->
                inFolder (fun path ->
                    let run =
                        TrainingRun(
                            preset 1,
                            cases path,
                            Output = path "library.safetensors",
                            Cache = path "cache",
                            Provenance = [| ProvenanceEntry("site", "ours") |]
                        )

                    // As a C# program calls it.
                    Expect.equal (printed (fun () -> run.Execute() |> ignore)) "" "no word"

                    [
                        [ "train"; "--cases"; path "in/cases.csv"; "-o"; path "program.safetensors" ]
                        [ "--preset"; "smoke"; "--epochs"; "1"; "--steps"; "1" ]
                        [ "--spacing"; "8"; "--threads"; "1"; "--fact"; "site=ours" ]
                    ]
                    |> List.concat
                    |> exits 0
                    |> ignore

                    Expect.equal
                        (File.ReadAllBytes(path "library.safetensors"))
                        (File.ReadAllBytes(path "program.safetensors"))
                        "bytes"

                    Expect.equal (Directory.GetFiles(path "cache").Length) 2 "prepared cases are kept")
            testCase "a run that was stopped and resumed ends as the whole one, each epoch once in its history"
            <| fun () ->
                inFolder (fun path ->
                    let files = cases path

                    let run name =
                        TrainingRun(
                            preset 3,
                            files,
                            Output = path $"{name}.safetensors",
                            HistoryFile = path $"{name}.jsonl",
                            Checkpoints = CheckpointFolder(path $"{name}.checkpoints")
                        )

                    let whole = run "whole" |> TrainingRun.execute ignore
                    use cancel = new CancellationTokenSource()

                    let stopAfterFirst (e: EpochRecord) =
                        if e.Epoch = 1 then
                            cancel.Cancel()

                    Expect.throwsT<OperationCanceledException>
                        (fun () ->
                            run "stopped"
                            |> TrainingRun.executeWith ignore ignore cancel.Token stopAfterFirst
                            |> ignore)
                        "stopped"

                    Expect.isFalse (File.Exists(path "stopped.safetensors")) "no model of half a run"
                    // An epoch that was written but not saved is done again.
                    File.AppendAllText(path "stopped.jsonl", File.ReadAllLines(path "whole.jsonl")[1] + "\n")
                    let resumed = run "stopped" |> TrainingRun.execute ignore
                    Expect.equal resumed.Model.Weights.Hash whole.Model.Weights.Hash "weights"

                    Expect.equal
                        (TrainingHistory.read (path "stopped.jsonl") |> List.map _.Epoch)
                        [ 1; 2; 3 ]
                        "each epoch once"

                    Expect.equal
                        (File.ReadAllBytes(path "stopped.safetensors"))
                        (File.ReadAllBytes(path "whole.safetensors"))
                        "bytes")
            testCase "a model file in the way is found before any case is read"
            <| fun () ->
                inFolder (fun path ->
                    File.WriteAllText(path "model.safetensors", "mine")

                    let run =
                        TrainingRun(
                            preset 1,
                            [ CaseFile("a", path "none.nii", path "none.nii", "a") ],
                            Output = path "model.safetensors"
                        )

                    Expect.throwsC (fun () -> run.Execute() |> ignore) (fun e ->
                        Expect.equal (e :?> FileErrorException).Error.Code "output-exists" "why")

                    Expect.equal (File.ReadAllText(path "model.safetensors")) "mine" "untouched")
            testCase "a run from a model says so; without words for the recipe none are made up"
            <| fun () ->
                inFolder (fun path ->
                    let start = (preset 1).Untrained()

                    let trained =
                        TrainingRun(start, cases path, Options = (preset 1).Options, Continued = true)
                        |> TrainingRun.execute ignore

                    let recipe = trained.Model.Provenance |> Seq.find (fun p -> p.Name = "recipe")
                    Expect.stringStarts recipe.Value "1 epochs of 1 steps" "no preset, no network"
                    Expect.stringEnds recipe.Value $", from the weights {start.Weights.Hash[..15]}.." "its start")
            testCase "a recipe that is not its preset's says in what"
            <| fun () ->
                inFolder (fun path ->
                    let cases = cases path

                    let recipe change =
                        let options: TrainingOptions = change (preset 1).Options

                        let trained =
                            TrainingRun((preset 1).Untrained(), cases, Options = options, Preset = "smoke")
                            |> TrainingRun.execute ignore

                        (trained.Model.Provenance |> Seq.find (fun p -> p.Name = "recipe")).Value

                    let usual = recipe id

                    Expect.isTrue (usual.EndsWith("Float32", System.StringComparison.Ordinal)) usual

                    let wide =
                        recipe (fun o ->
                            let a = o.Augmentation

                            o.With(
                                liverWeight = 2.,
                                augmentation =
                                    Augmentation(
                                        RotationDegrees = a.RotationDegrees,
                                        TiltDegrees = a.TiltDegrees,
                                        Scale = a.Scale,
                                        ElasticVoxels = a.ElasticVoxels,
                                        Contrast = 0.625,
                                        Brightness = a.Brightness,
                                        Noise = a.Noise,
                                        GuideElasticVoxels = a.GuideElasticVoxels,
                                        GuideLoss = a.GuideLoss
                                    )
                            ))

                    Expect.equal wide (usual + ", liver weight 2, contrast 0.625") "no more and no less")
            testCase "a model knows how sure it is of what it learned from, a scan named twice counts once"
            <| fun () ->
                inFolder (fun path ->
                    let files = cases path

                    let run (start: Model) =
                        TrainingRun(start, files @ [ files[1]; files[1] ], Options = (preset 1).Options)

                    let start = coarse.Value.AtSpacing(Spacing.Isotropic 8.)
                    let trained = (run start |> TrainingRun.execute ignore).Model

                    let prepared =
                        [
                            for file in files do
                                let ct = Volume.read file.Image
                                Training.prepare trained file.Id ct (Volume.readMask file.Mask)
                        ]

                    Expect.isSome (Option.ofNullable trained.UsualCertainty) "it finds livers"

                    Expect.equal
                        (Option.ofNullable trained.UsualCertainty)
                        (trained |> LearnedScans.certainty prepared)
                        "the middle of both"

                    let again =
                        start
                        |> Model.withUsual (Some 0.9) None
                        |> Training.fit ((preset 1).Options) ignore prepared

                    Expect.isFalse again.Model.UsualCertainty.HasValue "what was usual before is not kept")
            testCase "what is usual of one scan is the certainty that the pipeline tells of it"
            <| fun () ->
                let model, phantom = coarseCascade.Value, unseen.Value

                Expect.equal
                    (model
                     |> LearnedScans.certainty [ Training.prepare model "unseen" phantom.Ct phantom.Liver ])
                    (Some (phantom.Ct.Segment(model, PipelineOptions())).Quality.Certainty)
                    "certainty"

                let empty = Volume.Init(phantom.Ct.Grid, fun _ _ _ -> false)

                Expect.equal
                    (model
                     |> LearnedScans.certainty [ Training.prepare model "empty" phantom.Ct empty ])
                    None
                    "a scan without a liver says nothing"
            testCase "presets have names, and a wrong one lists them"
            <| fun () ->
                for name in TrainingPreset.Names do
                    Expect.equal (TrainingPreset.named name).Name name "its own"

                Expect.equal (TrainingPreset.named "paper").Options TrainingOptions.Paper "options"

                Expect.throwsC (fun () -> TrainingPreset.named "quick" |> ignore) (fun e ->
                    Expect.stringContains e.Message "paper, practical, smoke" "the list")
        ]
