/// What verbs share: talking to the person, files of results, exit codes.
module LiverSeg.Functional.Cli.Shell

open System
open System.Globalization
open System.IO
open System.Text.Json
open LiverSeg.Functional

/// The command line's own complaint: exit code 2.
exception Usage of string

/// What --max-memory does not allow: exit code 7.
exception MemoryBound of string

/// How much is said on stderr. Results always go to stdout.
type Talk = { Quiet: bool; Verbose: bool }

let mutable private talk = { Quiet = false; Verbose = false }
let setTalk value = talk <- value

let say (text: string) = Console.Out.WriteLine text

let warn (text: string) =
    if not talk.Quiet then
        Console.Error.WriteLine("warning: " + text)

let note (text: string) =
    if talk.Verbose then
        Console.Error.WriteLine text

/// A line that rewrites itself on a terminal; nothing elsewhere.
let progress (text: string) =
    if not talk.Quiet && not Console.IsErrorRedirected then
        Console.Error.Write("\r" + text.PadRight 60)

let progressEnd () =
    if not talk.Quiet && not Console.IsErrorRedirected then
        Console.Error.Write("\r" + String(' ', 60) + "\r")

let invariant (text: FormattableString) = FormattableString.Invariant text

/// A table of `name value` lines.
let facts (rows: (string * string) list) =
    let width = rows |> List.map (fst >> String.length) |> List.max
    rows |> List.iter (fun (name, value) -> say (name.PadRight(width + 2) + value))

/// Writes a result file whole or not at all.
let writeText overwrite (path: string) (text: string) =
    OutputFile.WriteText(path, text, overwrite)

let json (value: obj) =
    JsonSerializer.Serialize(value, JsonSerializerOptions(WriteIndented = true, NewLine = "\n"))
    + "\n"

let exitCode (kind: FileErrorKind) =
    match kind with
    | FileErrorKind.BadFile -> 3
    | FileErrorKind.Unsupported -> 4
    | FileErrorKind.InputOutput -> 5
    | _ -> 8

let oneLine (text: string) =
    text.Replace("\r", " ").Replace('\n', ' ')

/// Thrown here, or by one of several threads.
let private (|OutOfMemory|_|) (e: exn) =
    match e with
    | :? OutOfMemoryException -> true
    | :? AggregateException as e -> e.Flatten().InnerExceptions |> Seq.exists (fun i -> i :? OutOfMemoryException)
    | _ -> false

/// The exit code and the line for an exception; no stack trace.
let explain (e: exn) =
    match e with
    | :? Argu.ArguParseException as e -> 2, "usage: " + e.Message
    | Usage text -> 2, "usage: " + text
    // Many series are a question to the person, not a fault of the files.
    | :? FileErrorException as e when e.Error.Code = "ambiguous-series" ->
        2,
        $"{e.Error.Code}: {e.Error.File}: found {e.Error.Found}, expected {e.Error.Expected}; add --series NUMBER, or --all-series"
    | MemoryBound text -> 7, "memory: " + text
    | :? FileErrorException as e -> exitCode e.Error.Kind, e.Error.ToString()
    | :? TrainingDivergedException as e -> 6, "diverged: " + e.Message
    | OutOfMemory -> 7, "memory: not enough for this volume; use fewer or smaller inputs, or a machine with more"
    | :? TorchUnavailableException as e -> 1, "native-library: " + e.Message
    | :? OperationCanceledException -> 130, "stopped: state is saved; run again with --resume"
    | :? ArgumentException as e -> 2, "argument: " + e.Message
    | e -> 1, $"internal: {e.GetType().Name}: {e.Message}"

let guard (work: unit -> int) =
    try
        work ()
    with e ->
        let code, line = explain e
        Console.Error.WriteLine("liverseg: " + oneLine line)
        code
