/// Folds made and merged by the library: plans refuse early, every mask takes the one path.
module LiverSeg.Functional.Tests.CrossValidationRunTests

open System
open System.IO
open System.Threading
open Expecto
open LiverSeg.Functional
open LiverSeg.Functional.Tests.Cli
open LiverSeg.Functional.Tests.Folders

let private cases path =
    exits 0 [ "phantom"; "-o"; path "in"; "--cases"; "2"; "--spacing"; "8" ]
    |> ignore

    CaseList.read (path "in/cases.csv")

let private preset =
    let smoke = TrainingPreset.Smoke

    smoke.With(options = smoke.Options.With(epochs = 1, stepsPerEpoch = 1, threads = 1)).AtSpacing(Spacing.Isotropic 8.)

/// τ above 0 and a threshold other than one half: all that a CRF file can say counts.
let private weighed =
    (CrfSetting.Of([ TapWeight("level2", 0.6) ], CrfOptions.Shipped)
     |> CrfSetting.withKeys [ "threshold", box 0.55 ])
        .WithThreads
        1

let private refuses what (work: unit -> unit) =
    Expect.throwsC work (fun e ->
        match e with
        | :? ArgumentException -> Expect.stringContains e.Message what "why"
        | other -> failtest $"{other.GetType().Name}: {other.Message}")

[<Tests>]
let tests =
    testSequenced
    <| testList
        "CrossValidation.run"
        [
            testCase "crossval's mask is segment's"
            <| fun () ->
                inFolder (fun path ->
                    File.WriteAllText(path "crf.json", CrfSetting.toJson weighed)

                    let options =
                        CrossValidationOptions(
                            Output = path "cv",
                            Preset = preset,
                            Only = [| "0" |],
                            Refinement = weighed
                        )

                    let plan = cases path |> CrossValidation.plan options []
                    let fold = plan.Chosen[0]
                    plan |> CrossValidation.runFold ignore "compact" fold

                    let file kind =
                        Path.Combine(plan.FolderOf("compact", fold), $"phantom0000-{kind}.nii.gz")

                    let segment output more =
                        exits
                            0
                            ([
                                "segment"
                                "-i"
                                path "in/phantom0000-ct.nii.gz"
                                "-m"
                                plan.ModelFileOf("compact", fold)
                                "--threads"
                                "1"
                                "-o"
                                path output
                             ]
                             @ more)
                        |> ignore

                        File.ReadAllBytes(path output)

                    let withTau = segment "crf.nii.gz" [ "--crf"; path "crf.json" ]
                    Expect.equal (File.ReadAllBytes(file "crf")) withTau "with the CRF file"
                    Expect.equal (File.ReadAllBytes(file "plain")) (segment "plain.nii.gz" [ "--no-crf" ]) "without"
                    // The comparison means something: the mask is not empty, and another one without τ.
                    Expect.isGreaterThan (VolumeFile.readMask (file "crf") |> Mask.count) 0L "some liver"

                    File.WriteAllText(
                        path "bare.json",
                        CrfSetting.toJson (
                            (CrfSetting.Of([], CrfOptions.Shipped))
                            |> CrfSetting.withKeys [ "threshold", box 0.55 ]
                        )
                    )

                    Expect.notEqual (segment "bare.nii.gz" [ "--crf"; path "bare.json" ]) withTau "tau counts"
                    // A mask that was made without τ is made again, and no other file.
                    let plain = File.GetLastWriteTimeUtc(file "plain")
                    File.Copy(file "plain", file "crf", true)
                    File.Delete(file "crf-scores")
                    plan |> CrossValidation.runFold ignore "compact" fold
                    Expect.equal (File.ReadAllBytes(file "crf")) withTau "made again"
                    Expect.equal (File.GetLastWriteTimeUtc(file "plain")) plain "not made again")
            testCase "folds run and merged are values and files, nothing is printed and nothing is made twice"
            <| fun () ->
                inFolder (fun path ->
                    let options = CrossValidationOptions(Output = path "cv", Preset = preset)
                    let plan = CrossValidation.Plan(Array.ofList (cases path), [||], options)
                    let out, heard = Console.Out, new StringWriter()
                    Console.SetOut heard

                    let first =
                        try
                            // As a C# program calls it.
                            CrossValidation.Run plan
                        finally
                            Console.SetOut out

                    Expect.equal (heard.ToString()) "" "no word"

                    Expect.equal
                        (first.Tables |> Seq.map _.System |> List.ofSeq)
                        [ "compact DSN"; "compact DSN+CRF" ]
                        "rows"

                    Expect.equal first.Failed 0 "all scored"
                    Expect.equal (File.ReadAllText(path "cv/compact.csv")) (first.Tables[0].ToCsv()) "a table"
                    Expect.equal (File.ReadAllText(path "cv/table1.json")) (first.Table1.ToJson()) "all tables"
                    let told = ResizeArray()
                    let again = plan |> CrossValidation.run told.Add
                    Expect.equal (again.Table1.ToCsv()) (first.Table1.ToCsv()) "the same"

                    for progress in told do
                        match progress with
                        | FoldPattern.Started -> ()
                        | other -> failtest $"made again: {other}")
            testCase "a plan refuses what cannot go well before anything is made"
            <| fun () ->
                inFolder (fun path ->
                    let row id patient =
                        CaseFile(id, path "a.nii", path "b.nii", patient)

                    let plan rows (options: CrossValidationOptions) =
                        fun () -> rows |> CrossValidation.plan options [] |> ignore

                    let two = [ row "a" "p"; row "b" "q" ]
                    let output = path "cv"

                    refuses
                        "folders would be called p_1"
                        (plan [ row "a" "p 1"; row "b" "p_1" ] (CrossValidationOptions(Output = output)))

                    refuses
                        "no network is called big"
                        (plan two (CrossValidationOptions(Output = output, Networks = [| "big" |])))

                    refuses "a number in 0..1" (plan two (CrossValidationOptions(Output = output, Only = [| "2" |])))

                    refuses
                        "that is the output folder"
                        (plan two (CrossValidationOptions(Output = output, Start = output)))

                    refuses
                        "make that fold first"
                        (plan two (CrossValidationOptions(Output = output, Start = path "first")))

                    refuses
                        "weighs the branch level2, but cnn has []"
                        (plan
                            two
                            (CrossValidationOptions(Output = output, Networks = [| "cnn" |], Refinement = weighed)))

                    Expect.isEmpty (Directory.GetFileSystemEntries(path ".")) "nothing made")
            testCase "a fold that is cancelled leaves no half file and goes on when it is run again"
            <| fun () ->
                inFolder (fun path ->
                    let options =
                        CrossValidationOptions(Output = path "cv", Preset = preset, Only = [| "phantom0001" |])

                    let plan = cases path |> CrossValidation.plan options []
                    use cancel = new CancellationTokenSource()

                    let stop progress =
                        match progress with
                        | FoldPattern.Trained _ -> cancel.Cancel()
                        | _ -> ()

                    Expect.throwsT<OperationCanceledException>
                        (fun () ->
                            plan
                            |> CrossValidation.runFoldWith ignore cancel.Token stop "compact" plan.Chosen[0])
                        "stopped"

                    Expect.isEmpty (Directory.GetFiles(path "cv", "*.tmp", SearchOption.AllDirectories)) "no half file"
                    Expect.isEmpty (Directory.GetFiles(path "cv", "*.nii.gz", SearchOption.AllDirectories)) "no mask"
                    Expect.isTrue (plan.IsTrained("compact", plan.Chosen[0])) "the model stays"
                    plan |> CrossValidation.runFold ignore "compact" plan.Chosen[0]

                    Expect.equal
                        (Directory.GetFiles(path "cv", "*.nii.gz", SearchOption.AllDirectories).Length)
                        3
                        "whole")
        ]
