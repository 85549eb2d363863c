module LiverSeg.Functional.Cli.Program

open System
open System.Globalization
open System.Reflection
open Argu
open LiverSeg.Functional
open LiverSeg.Functional.Cli.Terminal
open LiverSeg.Functional.Cli.Verbs

type Args =
    | [<CliPrefix(CliPrefix.None)>] Segment of ParseResults<Segment.Args>
    | [<CliPrefix(CliPrefix.None)>] Refine of ParseResults<Refine.Args>
    | [<CliPrefix(CliPrefix.None)>] Tune_Crf of ParseResults<TuneCrf.Args>
    | [<CliPrefix(CliPrefix.None)>] Cases of ParseResults<Cases.Args>
    | [<CliPrefix(CliPrefix.None)>] Train of ParseResults<Train.Args>
    | [<CliPrefix(CliPrefix.None)>] Crossval of ParseResults<Crossval.Args>
    | [<CliPrefix(CliPrefix.None)>] Study of ParseResults<Study.Args>
    | [<CliPrefix(CliPrefix.None)>] Plot of ParseResults<Plot.Args>
    | [<CliPrefix(CliPrefix.None)>] Evaluate of ParseResults<Evaluate.Args>
    | [<CliPrefix(CliPrefix.None)>] Stats of ParseResults<Stats.Args>
    | [<CliPrefix(CliPrefix.None)>] Preview of ParseResults<Preview.Args>
    | [<CliPrefix(CliPrefix.None)>] Score of ParseResults<Score.Args>
    | [<CliPrefix(CliPrefix.None)>] Info of ParseResults<Info.Args>
    | [<CliPrefix(CliPrefix.None)>] Convert of ParseResults<Convert.Args>
    | [<CliPrefix(CliPrefix.None); CustomCommandLine("export-onnx")>] Export_Onnx of ParseResults<ExportOnnx.Args>
    | [<CliPrefix(CliPrefix.None)>] Phantom of ParseResults<Phantom.Args>
    | [<CliPrefix(CliPrefix.None); SubCommand>] Doctor
    | [<CliPrefix(CliPrefix.None)>] Demo of ParseResults<Demo.Args>
    | [<Inherit; AltCommandLine("-q")>] Quiet
    | [<Inherit; AltCommandLine("-v")>] Verbose
    | Version

    interface IArgParserTemplate with
        member this.Usage =
            match this with
            | Segment _ -> "CT in, liver mask out."
            | Refine _ -> "the CRF alone, on any program's score map."
            | Tune_Crf _ -> "look for CRF options on cases of yours."
            | Cases _ -> "find and check labelled scans in a data set's folder."
            | Train _ -> "learn a model from cases."
            | Crossval _ -> "leave one patient out: folds, each resumable and alone, and their tables."
            | Study _ -> "how networks learn with and without deep supervision."
            | Plot _ -> "learning curves, kernels or features as a page or a picture."
            | Evaluate _ -> "SLiver07 metrics of a mask against a reference."
            | Stats _ -> "volume, HU statistics, extent, components, cut-off flags."
            | Preview _ -> "three planes with contours as PNG."
            | Score _ -> "SLiver07 points of five errors."
            | Info _ -> "what is in a file, from its header alone."
            | Convert _ -> "one format to another; voxels and geometry exact."
            | Export_Onnx _ -> "a model as ONNX, for programs without libtorch."
            | Phantom _ -> "synthetic abdomens with exact liver masks."
            | Doctor -> "what was found on this machine and what to do about it."
            | Demo _ -> "no data needed: phantom, segmentation, report."
            | Quiet -> "no progress, no warnings."
            | Verbose -> "say more."
            | Version -> "the program's version and the weights it comes with."

let private version () =
    let number = string (Assembly.GetExecutingAssembly().GetName().Version)
    out $"liverseg {number[.. number.LastIndexOf '.' - 1]}, weights {Pretrained.Liver.Weights.Hash[..15]}"
    0

let private verb (results: ParseResults<Args>) =
    match results.TryGetSubCommand() with
    | Some(Segment args) -> Segment.run args
    | Some(Refine args) -> Refine.run args
    | Some(Tune_Crf args) -> TuneCrf.run args
    | Some(Cases args) -> Cases.run args
    | Some(Train args) -> Train.run args
    | Some(Crossval args) -> Crossval.run args
    | Some(Study args) -> Study.run args
    | Some(Plot args) -> Plot.run args
    | Some(Evaluate args) -> Evaluate.run args
    | Some(Stats args) -> Stats.run args
    | Some(Preview args) -> Preview.run args
    | Some(Score args) -> Score.run args
    | Some(Info args) -> Info.run args
    | Some(Convert args) -> Convert.run args
    | Some(Export_Onnx args) -> ExportOnnx.run args
    | Some(Phantom args) -> Phantom.run args
    | Some Doctor -> Doctor.run ()
    | Some(Demo args) -> Demo.run args
    | _ when results.Contains Version -> version ()
    | _ -> raise (Usage "a verb is needed; --help names them")

/// 0 ok, 1 internal, 2 usage, 3 bad file, 4 unsupported, 5 input/output, 6 diverged, 7 memory, 8 integrity, 130/143 signals.
let run (argv: string[]) =
    let parser =
        ArgumentParser.Create<Args>(programName = "liverseg", errorHandler = ExceptionExiter())

    let words = CommandLine.split parser argv

    guard (fun () ->
        CommandLine.wrongWord parser words |> Option.iter (Usage >> raise)

        try
            let results = parser.ParseCommandLine(words, raiseOnUsage = true)

            settings
                {
                    Quiet = results.Contains Quiet
                    Verbose = results.Contains Verbose
                }

            verb results
        with :? ArguParseException as e ->
            if e.ErrorCode <> ErrorCode.HelpText then
                raise (Usage(CommandLine.reason parser words e.Message))

            out e.Message
            0)

[<EntryPoint>]
let main argv =
    CultureInfo.DefaultThreadCurrentCulture <- CultureInfo.InvariantCulture
    CultureInfo.CurrentCulture <- CultureInfo.InvariantCulture
    run argv
