/// doctor: what was found on this machine and what to do about it.
module LiverSeg.Functional.Cli.Verbs.Doctor

open System
open System.Runtime.InteropServices
open LiverSeg.Functional
open LiverSeg.Functional.Cli.Terminal

let run () =
    let status =
        try
            Ok(Runtime.Load())
        with :? TorchUnavailableException as e ->
            Error e.Message

    let memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 1048576L

    table
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
                "devices", String.Join("; ", "cpu" :: List.map string (Devices.list ()))
            | Error e -> "native library", "not loaded: " + e
            "CUDA",
            match Devices.whyNoCuda () with
            | "" -> "a device answers"
            | why -> "not used: " + why
            "JPEG 2000", OpenJpeg.Status
            "OpenSSL", OpenSsl.Status
            "weights", Pretrained.Liver.Hash
            "weights --fast", Pretrained.Liver.FirstStage.Hash
            "weights dsn", Pretrained.Dsn.Hash
        ]

    match status with
    | Ok _ ->
        out "verdict: all is well"
        0
    | Error _ ->
        if Predictor.NeedsLibtorch Pretrained.Liver then
            out "verdict: networks cannot run; the line 'native library' names the remedy"
        else
            out "verdict: segment works; training and --model dsn do not, the line 'native library' names the remedy"

        1
