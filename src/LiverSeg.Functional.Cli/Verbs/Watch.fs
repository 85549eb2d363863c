/// watch: segments each new series of a folder or archive once.
module LiverSeg.Functional.Cli.Verbs.Watch

open System
open System.Collections.Generic
open System.IO
open System.Threading
open Argu
open LiverSeg.Functional
open LiverSeg.Functional.Cli
open LiverSeg.Functional.Cli.Terminal

[<RequireQualifiedAccess>]
type Args =
    | [<MainCommand;
        Help("folder that studies arrive in, a folder or zip each, or a DICOMweb service (https://HOST/dicom-web).")>] Source of
        SOURCE: string
    | [<Mandatory; AltCommandLine("-o"); Help("folder for the results, or https://HOST/dicom-web/studies.")>] Output of
        OUTPUT: string
    | [<Help("file of what was done (default: liverseg-watch.json in the output folder, or where the program runs).")>] State of
        FILE: string
    | [<Help("seconds between looks (default: 10).")>] Interval of float
    | [<Help("seconds without a change after which a series counts as complete (default: 60).")>] Settle of float
    | [<Help("end when all that is there has been worked on.")>] Once
    | [<Help("of a service: a DICOM keyword or tag and its value beside Modality=CT; may be given many times.")>] Filter of
        KEYWORD_VALUE: string
    | [<Help("nii.gz | nii | mha | nrrd | dcm | sc, as for segment (default: dcm).")>] Format of ENDING: string
    | [<AltCommandLine("-m"); Help(Help.model)>] Model of FILE: string
    | [<Help("as for segment.")>] Fast
    | [<Help("as for segment.")>] Omit_Empty_Frames
    | [<Help("as for segment; results are then named by hashes.")>] Anonymous
    | [<Help(Help.threads)>] Threads of int
    | [<Help(Help.device)>] Device of string

    interface IArgParserTemplate with
        member this.Usage = Help.text this

let private segmentParser =
    lazy (ArgumentParser.Create<SegmentScan.Args>(programName = "liverseg segment", errorHandler = ExceptionExiter()))

let private forwarded (args: ParseResults<Args>) =
    [
        for path in args.GetResults Args.Model do
            "--model"
            path
        for threads in args.GetResults Args.Threads do
            "--threads"
            string threads
        for device in args.GetResults Args.Device do
            "--device"
            device
        if args.Contains Args.Fast then
            "--fast"
        if args.Contains Args.Omit_Empty_Frames then
            "--omit-empty-frames"
        if args.Contains Args.Anonymous then
            "--anonymous"
    ]

let private formatOf (args: ParseResults<Args>) =
    args.GetResult(Args.Format, "dcm").TrimStart '.'

/// Why it failed, without the file's name.
let private reasonOf (e: exn) line =
    match e with
    | :? FileErrorException as e ->
        $"{e.Error.Code}: {e.Error.Field}: found {e.Error.Found}, expected {e.Error.Expected}"
    | _ -> line
    |> oneLine

/// Masks that were stored back, localizers, other machines' images: nothing went wrong.
let private isNoCt (e: FileErrorException) =
    e.Error.Kind = FileErrorKind.Unsupported && e.Error.Field = "Modality"

/// One series through segment: its exit code and what went wrong.
let private segment (args: ParseResults<Args>) (cancel: CancellationToken) output (candidate: WatchedPlaces.Candidate) =
    let format = formatOf args

    let target =
        if Remote.isAddress output then
            output
        elif format = "sc" then
            Path.Combine(output, candidate.Name + "-liver-sc")
        else
            Path.Combine(output, candidate.Name + "-liver." + format)

    let words =
        candidate.Input
        @ [ "-o"; target; "--overwrite" ]
        @ (if format = "sc" then [ "--format"; format ] else [])
        @ forwarded args

    let written =
        if Remote.isAddress output then
            output
        else
            string (Path.GetFileName target)

    let written, code, reason =
        try
            written, Segment.run (segmentParser.Value.ParseCommandLine(Array.ofList words)), ""
        with
        | :? FileErrorException as e when isNoCt e ->
            Progress.finish ()
            verbose (snd (explain e))
            "", 0, reasonOf e ""
        | e when not (e :? OperationCanceledException) ->
            let code, line = explain e
            Progress.finish ()
            error line
            written, code, reasonOf e line

    cancel.ThrowIfCancellationRequested()
    written, code, reason

let private check (args: ParseResults<Args>) (source: string) (output: string) (state: string) =
    let full (path: string) =
        Path.TrimEndingDirectorySeparator(Path.GetFullPath path) + "/"

    if not (Remote.isAddress source) then
        for option, path in [ "--output", output; "--state", state ] do
            if
                not (Remote.isAddress path)
                && (full path).StartsWith(full source, StringComparison.Ordinal)
            then
                raise (Usage $"{option} {path}: lies in the watched folder; choose another place")

        if not (args.GetResults Args.Filter).IsEmpty then
            raise (Usage "--filter: only for a DICOMweb service")

    for option, seconds in
        [
            "--interval", args.GetResult(Args.Interval, 10.)
            "--settle", args.GetResult(Args.Settle, 60.)
        ] do
        if not (seconds >= 0. && seconds <= 86400.) then
            raise (Usage(invariant $"{option} {seconds}: 0 to 86400 seconds"))

    let format = formatOf args

    if not (List.contains format Segment.formats) then
        raise (Usage $"""--format {format}: one of {String.Join(", ", Segment.formats)}""")

/// Works on all series of a place that are still open; whether any is to be tried again.
let private workOn args cancel output statePath (state: WatchState.State) (place: WatchedPlaces.Place) =
    let record key written code reason =
        state.Series[key] <- WatchState.after state key written code reason
        WatchState.write statePath state
        state.Series[key]

    let changed = state.Folders.ContainsKey place.Id

    let entries =
        try
            [
                for candidate in place.Series() do
                    if WatchState.isOpen state changed candidate.Key then
                        record candidate.Key <||| segment args cancel output candidate
            ]
        with :? FileErrorException as e ->
            // No series at all: a report, an image of another kind, a file that is damaged.
            let code, line = explain e
            let code = if isNoCt e then 0 else code
            if code = 0 then verbose line else error line
            [ record place.Id "" code (reasonOf e line) ]

    if entries |> List.exists (fun e -> e.Status = "again") then
        true, entries
    else
        state.Folders[place.Id] <- place.Looks
        WatchState.write statePath state
        false, entries

let run (args: ParseResults<Args>) =
    let source =
        match args.TryGetResult Args.Source with
        | Some source -> source
        | None -> raise (Usage "watch: a folder or the address of a service is needed")

    let output = args.GetResult Args.Output

    let statePath =
        match args.TryGetResult Args.State with
        | Some path -> path
        | None when Remote.isAddress output -> "liverseg-watch.json"
        | None -> Path.Combine(output, "liverseg-watch.json")

    check args source output statePath

    ModelArguments.staged (args.TryGetResult Args.Model) (args.Contains Args.Fast)
    |> ignore

    args.TryGetResult Args.Device |> DeviceArgument.named |> ignore

    let interval = TimeSpan.FromSeconds(args.GetResult(Args.Interval, 10.))
    let settle = TimeSpan.FromSeconds(args.GetResult(Args.Settle, 60.))
    let anonymous = args.Contains Args.Anonymous
    let filters = args.GetResults Args.Filter |> List.map DicomWeb.filterOf
    let state = WatchState.read statePath
    let since = Dictionary<string, string * int64>()
    let mutable worst = 0

    let look cancel =
        try
            if Remote.isAddress source then
                WatchedPlaces.inService anonymous filters cancel source
            else
                WatchedPlaces.inFolder anonymous source
        with
        // An archive that is away comes back, as does a folder on the network.
        | :? FileErrorException as e when not (args.Contains Args.Once) ->
            error (snd (explain e))
            []
        | :? IOException as e when not (args.Contains Args.Once) ->
            error ("watched folder: " + e.GetType().Name)
            []

    let isKnown (place: WatchedPlaces.Place) =
        match state.Folders.TryGetValue place.Id with
        | true, looks -> looks = place.Looks
        | _ -> false

    /// Whether nothing changed for long enough.
    let isComplete (place: WatchedPlaces.Place) =
        match since.TryGetValue place.Id with
        | true, (looks, at) when looks = place.Looks -> Environment.TickCount64 - at >= int64 settle.TotalMilliseconds
        | _ ->
            since[place.Id] <- (place.Looks, Environment.TickCount64)
            settle = TimeSpan.Zero

    stoppable "what was done is kept; the same command goes on" (fun cancel ->
        let mutable ends = false

        while not ends do
            let mutable waits = false

            for place in look cancel do
                cancel.ThrowIfCancellationRequested()

                if isKnown place then
                    ()
                elif isComplete place then
                    let again, entries = workOn args cancel output statePath state place
                    waits <- waits || again

                    for entry in entries do
                        worst <- max worst entry.Code
                else
                    waits <- true

            ends <- args.Contains Args.Once && not waits

            if not ends then
                cancel.WaitHandle.WaitOne interval |> ignore
                cancel.ThrowIfCancellationRequested()

        worst)
