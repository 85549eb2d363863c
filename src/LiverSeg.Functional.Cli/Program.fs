module LiverSeg.Functional.Cli.Program

open System
open System.Globalization
open System.Reflection
open Argu
open LiverSeg.Functional
open LiverSeg.Functional.Cli.Terminal
open LiverSeg.Functional.Cli.Verbs

type Args =
    | [<CliPrefix(CliPrefix.None); Help("CT in, liver mask out.")>] Segment of ParseResults<SegmentScan.Args>
    | [<CliPrefix(CliPrefix.None); Help("the CRF alone, on any program's score map.")>] Refine of
        ParseResults<Refine.Args>
    | [<CliPrefix(CliPrefix.None); Help("look for CRF options on cases of yours.")>] Tune_Crf of
        ParseResults<TuneCrf.Args>
    | [<CliPrefix(CliPrefix.None); Help("how far scores are from probabilities, and what brings them nearer.")>] Calibrate of
        ParseResults<Calibrate.Args>
    | [<CliPrefix(CliPrefix.None); Help("find and check labelled scans in a data set's folder.")>] Cases of
        ParseResults<Cases.Args>
    | [<CliPrefix(CliPrefix.None); Help("learn a model from cases.")>] Train of ParseResults<Train.Args>
    | [<CliPrefix(CliPrefix.None); Help("leave one patient out: folds, each resumable and alone, and their tables.")>] Crossval of
        ParseResults<Crossval.Args>
    | [<CliPrefix(CliPrefix.None); Help("how networks learn with and without deep supervision.")>] Study of
        ParseResults<Study.Args>
    | [<CliPrefix(CliPrefix.None); Help("learning curves, kernels or features as a page or a picture.")>] Plot of
        ParseResults<Plot.Args>
    | [<CliPrefix(CliPrefix.None); Help("SLiver07 metrics of a mask against a reference.")>] Evaluate of
        ParseResults<Evaluate.Args>
    | [<CliPrefix(CliPrefix.None); Help("volume, HU statistics, extent, components, cut-off flags.")>] Stats of
        ParseResults<Stats.Args>
    | [<CliPrefix(CliPrefix.None); Help("three planes with contours as PNG.")>] Preview of ParseResults<Preview.Args>
    | [<CliPrefix(CliPrefix.None); Help("a scan and its masks in the browser, or as one page.")>] View of
        ParseResults<View.Args>
    | [<CliPrefix(CliPrefix.None); Help("SLiver07 points of five errors.")>] Score of ParseResults<Score.Args>
    | [<CliPrefix(CliPrefix.None); Help("what is in a file, from its header alone.")>] Info of ParseResults<Info.Args>
    | [<CliPrefix(CliPrefix.None); Help("one format to another; voxels and geometry exact.")>] Convert of
        ParseResults<Convert.Args>
    | [<CliPrefix(CliPrefix.None); Help("a scan or a mask onto another's grid.")>] Resample of
        ParseResults<Resample.Args>
    | [<CliPrefix(CliPrefix.None);
        CustomCommandLine("dicomweb");
        Help("find, get or put: scans from an archive, segmentations back to it.")>] Dicom_Web of
        ParseResults<DicomWeb.Args>
    | [<CliPrefix(CliPrefix.None); Help("segment each new series of a folder or archive once.")>] Watch of
        ParseResults<Watch.Args>
    | [<CliPrefix(CliPrefix.None);
        CustomCommandLine("export-onnx");
        Help("a model as ONNX, for programs without libtorch.")>] Export_Onnx of ParseResults<ExportOnnx.Args>
    | [<CliPrefix(CliPrefix.None); Help("synthetic abdomens with exact liver masks.")>] Phantom of
        ParseResults<Phantom.Args>
    | [<CliPrefix(CliPrefix.None); SubCommand; Help("what was found on this machine and what to do about it.")>] Doctor
    | [<CliPrefix(CliPrefix.None); Help("no data needed: phantom, segmentation, report.")>] Demo of
        ParseResults<Demo.Args>
    | [<Inherit; AltCommandLine("-q"); Help("no progress, no warnings.")>] Quiet
    | [<Inherit; AltCommandLine("-v"); Help("say more.")>] Verbose
    | [<Help("the program's version and the weights it comes with.")>] Version

    interface IArgParserTemplate with
        member this.Usage = Help.text this

let private version () =
    let number = string (Assembly.GetExecutingAssembly().GetName().Version)
    out $"liverseg {number[.. number.LastIndexOf '.' - 1]}, weights {Pretrained.Liver.Hash[..15]}"
    0

let private verb (results: ParseResults<Args>) =
    match results.TryGetSubCommand() with
    | Some(Segment args) -> Segment.run args
    | Some(Refine args) -> Refine.run args
    | Some(Tune_Crf args) -> TuneCrf.run args
    | Some(Calibrate args) -> Calibrate.run args
    | Some(Cases args) -> Cases.run args
    | Some(Train args) -> Train.run args
    | Some(Crossval args) -> Crossval.run args
    | Some(Study args) -> Study.run args
    | Some(Plot args) -> Plot.run args
    | Some(Evaluate args) -> Evaluate.run args
    | Some(Stats args) -> Stats.run args
    | Some(Preview args) -> Preview.run args
    | Some(View args) -> View.run args
    | Some(Score args) -> Score.run args
    | Some(Info args) -> Info.run args
    | Some(Convert args) -> Convert.run args
    | Some(Resample args) -> Resample.run args
    | Some(Dicom_Web args) -> DicomWeb.run args
    | Some(Watch args) -> Watch.run args
    | Some(Export_Onnx args) -> ExportOnnx.run args
    | Some(Phantom args) -> Phantom.run args
    | Some Doctor -> Doctor.run ()
    | Some(Demo args) -> Demo.run args
    | _ when results.Contains Version -> version ()
    | _ -> raise (Usage "a verb is needed; --help names them")

/// 0 ok, 1 internal, 2 usage, 3 bad file, 4 unsupported, 5 input/output, 6 diverged, 7 memory, 8 integrity, 9 doubtful (--strict), 130/143 signals.
let run (argv: string[]) =
    let parser =
        ArgumentParser.Create<Args>(programName = "liverseg", errorHandler = ExceptionExiter())

    let words = CommandLine.split parser argv

    guard (fun () ->
        for complaint in [ CommandLine.wrongWord; CommandLine.wrongNumber; CommandLine.clash ] do
            complaint parser words |> Option.iter (Usage >> raise)

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
            // Without any word the page is an answer, but nothing was asked for: a script has lost its arguments.
            if argv.Length = 0 then 2 else 0)

[<EntryPoint>]
let main argv =
    CultureInfo.DefaultThreadCurrentCulture <- CultureInfo.InvariantCulture
    CultureInfo.CurrentCulture <- CultureInfo.InvariantCulture
    run argv
