module LiverSeg.Functional.Cli.Program

open System
open System.Globalization
open Argu
open LiverSeg.Functional.Cli.Arguments
open LiverSeg.Functional.Cli.Shell

/// 0 ok, 1 internal, 2 usage, 3 bad file, 4 unsupported, 5 input/output, 6 diverged, 7 memory, 8 integrity, 130/143 signals.
let run (argv: string[]) =
    let parser =
        ArgumentParser.Create<Args>(programName = "liverseg", errorHandler = ExceptionExiter())

    try
        let results = parser.ParseCommandLine(argv, raiseOnUsage = true)

        setTalk
            {
                Quiet = results.Contains Quiet
                Verbose = results.Contains Verbose
            }

        guard (fun () ->
            match results.GetSubCommand() with
            | Segment args -> Segmenting.segment args
            | Evaluate args -> Judging.evaluate args
            | Stats args -> Judging.stats args
            | Preview args -> Judging.preview args
            | Score args -> Judging.score args
            | Info args -> Reading.info args
            | Convert args -> Reading.convert args
            | Refine args -> Refining.refine args
            | Tune_Crf args -> Refining.tune args
            | Cases args -> Learning.cases args
            | Train args -> Making.train args
            | Crossval args -> CrossValidating.crossval args
            | Study args -> Studying.study args
            | Plot args -> Learning.plot args
            | Export_Onnx args -> Exporting.exportOnnx args
            | Phantom args -> Making.phantom args
            | Demo args -> Making.demo args
            | Doctor -> Making.doctor ()
            | Quiet
            | Verbose -> raise (Usage "a verb is needed; --help names them"))
    with :? ArguParseException as e ->
        match e.ErrorCode with
        | ErrorCode.HelpText ->
            Console.Out.WriteLine e.Message
            0
        | _ ->
            Console.Error.WriteLine("liverseg: usage: " + e.Message)
            2

[<EntryPoint>]
let main argv =
    CultureInfo.DefaultThreadCurrentCulture <- CultureInfo.InvariantCulture
    CultureInfo.CurrentCulture <- CultureInfo.InvariantCulture
    run argv
