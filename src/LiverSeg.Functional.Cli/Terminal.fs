/// What verbs share: talking to the person, files of results, signals, exit codes.
module LiverSeg.Functional.Cli.Terminal

open System
open System.Runtime.InteropServices
open System.Text.Json
open System.Threading
open Microsoft.FSharp.Reflection
open LiverSeg.Functional

/// The command line's own complaint: exit code 2.
exception Usage of string

/// What --max-memory does not allow, and what can be done: exit code 7.
exception NotEnoughMemory of string

/// What an option means, beside it in its union.
[<AllowNullLiteral>]
type HelpAttribute(text: string) =
    inherit Attribute()
    member _.Text = text

/// Help of options that many verbs have, and how Argu hears of it.
module Help =
    [<Literal>]
    let overwrite = "replace files that exist."

    [<Literal>]
    let threads = "threads (default: a Slurm job's processors, else one per processor)."

    [<Literal>]
    let device =
        "auto | cpu | cuda | cuda:N (default: auto, the CPU unless the program holds CUDA's libtorch and a device has the memory)."

    [<Literal>]
    let label =
        "which label of the mask is the liver: its number, or its name in a .seg.nrrd, a DICOM segmentation or structure set, or nnU-Net's dataset.json."

    [<Literal>]
    let labels = "the same for every row of a list that names no label itself."

    [<Literal>]
    let series = "which series of a DICOM folder or zip."

    [<Literal>]
    let anyImage = "also DICOM images other than CT."

    [<Literal>]
    let fillGaps =
        "missing slices of an uneven DICOM series are interpolated between their neighbours; a warning says which."

    [<Literal>]
    let asTrain = "as for train."

    [<Literal>]
    let model =
        "model file, or liver or dsn, which come with the program (default: liver)."

    /// The text of a union's case.
    let text (option: 'T) =
        let case, _ = FSharpValue.GetUnionFields(option, typeof<'T>)

        case.GetCustomAttributes typeof<HelpAttribute>
        |> Seq.cast<HelpAttribute>
        |> Seq.map _.Text
        |> String.concat " "

/// How much is said on stderr. Results always go to stdout.
type Settings = { Quiet: bool; Verbose: bool }

let mutable private current = { Quiet = false; Verbose = false }

let settings value =
    current <- value
    Progress.settings value.Quiet

let out (text: string) =
    Progress.clear ()
    Console.Out.WriteLine text

let oneLine (text: string) =
    text.Replace("\r", " ").Replace('\n', ' ')

/// The line of an error.
let error (text: string) =
    Progress.clear ()
    Console.Error.WriteLine("liverseg: " + oneLine text)

let warn (text: string) =
    if not current.Quiet then
        Progress.clear ()
        Console.Error.WriteLine("warning: " + text)

/// What the program decided by itself.
let note (text: string) =
    if not current.Quiet then
        Progress.clear ()
        Console.Error.WriteLine("note: " + text)

let verbose (text: string) =
    if current.Verbose then
        Progress.clear ()
        Console.Error.WriteLine text

let invariant (text: FormattableString) = FormattableString.Invariant text

/// A table of `name value` lines.
let table (rows: (string * string) list) =
    let width = rows |> List.map (fst >> String.length) |> List.max
    rows |> List.iter (fun (name, value) -> out (name.PadRight(width + 2) + value))

/// Writes a result file whole or not at all.
let writeText overwrite (path: string) (text: string) =
    OutputFile.WriteText(path, text, overwrite)

let json (value: obj) =
    JsonSerializer.Serialize(value, JsonSerializerOptions(WriteIndented = true, NewLine = "\n"))
    + "\n"

let private exitCode (kind: FileErrorKind) =
    match kind with
    | FileErrorKind.BadFile -> 3
    | FileErrorKind.Unsupported -> 4
    | FileErrorKind.InputOutput -> 5
    | _ -> 8

/// Thrown here, or by one of several threads.
let private (|OutOfMemory|_|) (e: exn) =
    match e with
    | :? OutOfMemoryException -> true
    | :? AggregateException as e -> e.Flatten().InnerExceptions |> Seq.exists (fun i -> i :? OutOfMemoryException)
    | _ -> false

/// The exit code and the line for an exception; no stack trace.
let explain (e: exn) =
    match e with
    | Usage text -> 2, "usage: " + text
    // Many series are a question to the person, not a fault of the files.
    | :? FileErrorException as e when e.Error.Code = "ambiguous-series" ->
        2,
        $"{e.Error.Code}: {e.Error.File}: found {e.Error.Found}, expected {e.Error.Expected}; add --series NUMBER, or --all-series"
    | NotEnoughMemory text -> 7, "memory: " + text
    | :? MemoryBoundException as e -> 7, "memory: " + e.Message
    | :? FileErrorException as e -> exitCode e.Error.Kind, e.Error.ToString()
    | :? TrainingDivergedException as e -> 6, "diverged: " + e.Message
    | OutOfMemory -> 7, "memory: not enough for this volume; use fewer or smaller inputs, or a machine with more"
    | :? DeviceUnavailableException as e -> 4, "unsupported-device: " + e.Message
    | :? TorchUnavailableException as e -> 1, "native-library: " + e.Message
    | :? PlatformNotSupportedException as e -> 1, "native-library: " + e.Message
    | :? OperationCanceledException -> 130, "stopped: state is saved; run again with --resume"
    | :? ArgumentException as e -> 2, "argument: " + e.Message
    | e -> 1, $"internal: {e.GetType().Name}: {e.Message}"

let guard (work: unit -> int) =
    try
        try
            work ()
        with e ->
            let code, line = explain e
            Progress.finish ()
            error line
            code
    finally
        Progress.finish ()

/// Work that Ctrl-C (130) and SIGTERM (143) stop: the first signal asks it to stop, a second one ends the program at once.
/// `remains` tells the person what is left of the work.
let stoppable (remains: string) (work: CancellationToken -> int) =
    use cancel = new CancellationTokenSource()
    let signal = ref 0

    let on kind code =
        PosixSignalRegistration.Create(
            kind,
            fun context ->
                context.Cancel <- (signal.Value = 0)
                signal.Value <- code
                cancel.Cancel()
        )

    use _interrupt = on PosixSignal.SIGINT 130
    use _terminate = on PosixSignal.SIGTERM 143

    try
        work cancel.Token
    with :? OperationCanceledException when signal.Value <> 0 ->
        Progress.finish ()
        error ("stopped: " + remains)
        signal.Value
