module LiverSeg.Functional.Tests.DeviceArgumentTests

open System
open System.IO
open Expecto
open LiverSeg.Functional
open LiverSeg.Functional.Tests.Cli
open LiverSeg.Functional.Tests.Folders
open LiverSeg.Functional.Tests.PlayedCuda

/// A scan with its mask, and a list of it.
let private withScan (work: (string -> string) -> 'T) =
    withFolder (fun folder ->
        let path name = Path.Combine(folder, name)
        let p = Phantom.abdomen (PhantomOptions(Seed = 21L, Spacing = Spacing.Isotropic 9.))
        p.Ct.Write(path "ct.nii.gz")
        p.Liver.Write(path "liver.nii.gz")
        File.WriteAllText(path "cases.csv", "case,image,mask\na,ct.nii.gz,liver.nii.gz\n")
        work path)

let private segment (path: string -> string) name (more: string list) =
    [ "segment"; "-i"; path "ct.nii.gz"; "-o"; path name; "--no-crf" ]
    @ quickly.Value
    @ more

/// What was said beside progress, which comes and goes with the machine's speed.
let private said (err: string) =
    err.Split('\n', StringSplitOptions.RemoveEmptyEntries)
    |> Array.filter (fun line -> line.StartsWith "note:" || line.StartsWith "warning:")
    |> String.concat "\n"

[<Tests>]
let tests =
    testSequenced
    <| testList
        "--device"
        [
            testCase "every verb that computes a network refuses a device that is not there, before it works"
            <| fun () ->
                withScan (fun path ->
                    let cases = [ "--cases"; path "cases.csv" ]

                    let commands =
                        [
                            segment path "m.nii.gz" []
                            [ "watch"; path "in"; "-o"; path "out"; "--once" ]
                            [ "train"; "-o"; path "m.safetensors" ] @ cases
                            [ "crossval"; "-o"; path "cv" ] @ cases
                            [ "study"; "-o"; path "study"; "--validation"; path "cases.csv" ] @ cases
                            [ "tune-crf"; "-o"; path "crf.json" ] @ cases
                            [
                                "plot"
                                "-o"
                                path "f.png"
                                "--features"
                                quickly.Value[1]
                                "--image"
                                path "ct.nii.gz"
                            ]
                            [ "demo"; "-o"; path "demo" ]
                        ]

                    Directory.CreateDirectory(path "in") |> ignore
                    let before = Directory.GetFileSystemEntries(path "") |> set

                    for command in commands do
                        let code, _, err =
                            playing (none ()) (fun () -> cli (command @ [ "--device"; "cuda:1" ]))

                        Expect.equal code 4 $"{command.Head}: {err}"
                        let line = err.TrimEnd()
                        Expect.isFalse (line.Contains '\n') $"{command.Head}: one line: {err}"

                        Expect.stringStarts
                            line
                            "liverseg: unsupported-device: device cuda:1: found no libtorch for CUDA"
                            command.Head

                        Expect.stringContains line "expected libtorch for CUDA" command.Head
                        Expect.stringContains line "-p:TorchBackend=cuda-linux" command.Head
                        let code, _, err = cli (command @ [ "--device"; "gpu" ])
                        Expect.equal code 2 $"{command.Head}: {err}"
                        Expect.stringContains err "--device gpu: auto, cpu, cuda or cuda:N" command.Head

                    Expect.equal (Directory.GetFileSystemEntries(path "") |> set) before "nothing was written")
            testCase "without a libtorch for CUDA, auto is the CPU without a word, and the same bytes"
            <| fun () ->
                withScan (fun path ->
                    let made name more =
                        let played = none ()
                        let code, _, err = playing played (fun () -> cli (segment path name more))
                        Expect.equal (code, said err) (0, "") name
                        Expect.isEmpty played.Shapes "no device is asked"
                        File.ReadAllBytes(path name)

                    let plain = made "a.nii.gz" []
                    Expect.equal (made "b.nii.gz" [ "--device"; "auto" ]) plain "auto"
                    Expect.equal (made "c.nii.gz" [ "--device"; "cpu" ]) plain "cpu"
                    let _, _, err = playing (none ()) (fun () -> cli (segment path "d.nii.gz" [ "-v" ]))
                    Expect.stringContains err "device cpu: no libtorch for CUDA" "-v says why")
            testCase "auto takes a device with room and says so; one without leaves it to the CPU and says why"
            <| fun () ->
                withScan (fun path ->
                    let made played name more =
                        let code, _, err = playing played (fun () -> cli (segment path name more))
                        Expect.equal code 0 err
                        played.Shapes.Length, said err

                    let placed, err = made (roomy ()) "a.nii.gz" []
                    Expect.isGreaterThan placed 0 "on the device"
                    Expect.stringStarts err "note: device cuda:0 (a played device" "a note"
                    let placed, err = made (PlayedCuda [ 1L <<< 20 ]) "b.nii.gz" []
                    Expect.equal placed 0 "not there"
                    Expect.stringStarts err "note: device cpu: about " "why"
                    let placed, err = made (PlayedCuda([], missing = "no CUDA driver")) "c.nii.gz" []
                    Expect.equal placed 0 "no device"
                    Expect.stringStarts err "note: device cpu: no CUDA driver" "why"
                    Expect.equal (made (roomy ()) "d.nii.gz" [ "-q" ] |> snd) "" "-q"
                    // The bound is one of the process, and what CUDA takes of that is not known.
                    Expect.equal (made (roomy ()) "e.nii.gz" [ "--max-memory"; "8G" ]) (0, "") "with a bound")
            testCase "a device whose memory does not suffice is warned of, and the mask is the CPU's"
            <| fun () ->
                withScan (fun path ->
                    let isFull (shape: int64 list) = shape.Length = 5 && shape[2] > 3L
                    let cuda = [ "--device"; "cuda" ]

                    let code, _, err =
                        playing (PlayedCuda([ 1L ], isFull = isFull)) (fun () -> cli (segment path "a.nii.gz" cuda))

                    Expect.equal code 0 err
                    Expect.stringContains err "ct.nii.gz: cuda:0: its memory does not suffice" "a warning"
                    Expect.equal (err.Split("warning:").Length) 2 $"one: {err}"
                    cli (segment path "b.nii.gz" [ "--device"; "cpu" ]) |> ignore
                    Expect.equal (File.ReadAllBytes(path "a.nii.gz")) (File.ReadAllBytes(path "b.nii.gz")) "the mask")
            testCase "train learns on the device that is named, and tells of one that is full"
            <| fun () ->
                withScan (fun path ->
                    let train name more =
                        [
                            "train"
                            "--cases"
                            path "cases.csv"
                            "-o"
                            path name
                            "--preset"
                            "smoke"
                            "--steps"
                            "1"
                            "--epochs"
                            "1"
                            "--threads"
                            "1"
                        ]
                        @ more

                    let played = roomy ()

                    let code, _, err =
                        playing played (fun () -> cli (train "a.safetensors" [ "--device"; "cuda:0" ]))

                    Expect.equal code 0 err
                    Expect.isNonEmpty played.Shapes "on the device"
                    let isFull (shape: int64 list) = shape.Length = 4

                    let code, _, err =
                        playing (PlayedCuda([ 1L ], isFull = isFull)) (fun () ->
                            cli (train "b.safetensors" [ "--device"; "cuda" ]))

                    Expect.equal code 0 err
                    Expect.stringContains err "warning: cuda:0: its memory does not suffice" "a warning")
            testCase "doctor lists the devices that answer with their memory and version, or says why none does"
            <| fun () ->
                let doctor played =
                    playing played (fun () -> cli [ "doctor" ] |> fun (_, out, _) -> out)

                Expect.stringContains
                    (doctor (PlayedCuda [ 4L <<< 30; 8L <<< 30 ]))
                    "cpu; cuda:0 (a played device, 4096 of 8192 MiB free, CUDA 12.8); cuda:1 ("
                    "devices"

                Expect.stringContains (doctor (none ())) "not used: no libtorch for CUDA" "why"
        ]
