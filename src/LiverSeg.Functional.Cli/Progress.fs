/// How far long work is, on stderr: a line that rewrites itself on a terminal, plain lines now and then elsewhere, nothing with -q.
module LiverSeg.Functional.Cli.Progress

open System
open System.Diagnostics
open System.Threading
open Spectre.Console

/// What is being done. Without a total nothing is known of the rest.
type Step =
    {
        Stage: string
        /// What is counted, as "tile".
        Unit: string
        Done: int
        Total: int
        /// More to say, as a best value; may be empty.
        Detail: string
        Seconds: float
        /// How much was done when the stage was first heard of, so that what a resumed run finds done tells nothing of its speed.
        DoneBefore: int
        PeakMib: int64
    }

let private share (step: Step) =
    if step.Total > 0 then
        Some(float step.Done / float step.Total)
    else
        None

let private clock (seconds: float) =
    let s = int (ceil seconds)

    if s < 3600 then
        $"{s / 60}:{s % 60:D2}"
    else
        $"{s / 3600}:{s / 60 % 60:D2}:{s % 60:D2}"

/// Of what was done the rest is told: at the same speed.
let private left (step: Step) =
    match step.Done - step.DoneBefore with
    | made when made > 0 && step.Total > 0 -> Some(step.Seconds * float (step.Total - step.Done) / float made)
    | _ -> None

let private words (step: Step) =
    [
        if step.Total > 0 then
            $"{step.Unit} {step.Done} of {step.Total}"
        if step.Detail <> "" then
            step.Detail
        match left step with
        | Some seconds -> $"{clock seconds} left"
        | None -> $"{clock step.Seconds} so far"
        $"peak {step.PeakMib} MiB"
    ]

/// As one plain line.
let text (step: Step) =
    let percent =
        share step
        |> Option.map (fun part -> $" {int (100. * part)} %%")
        |> Option.defaultValue ""

    $"{step.Stage}:{percent} " + String.concat ", " (words step)

/// In Spectre's markup, on one line of this width at most. Names from outside are escaped, since they may hold brackets.
let markup width (step: Step) =
    let bar, size =
        match share step with
        | Some part when width < 50 -> $" {int (100. * part), 3} %%", 6
        | Some part ->
            let filled = int (20. * part)
            let full, rest = String('━', filled), String('─', 20 - filled)
            $" [green]{full}[/][grey35]{rest}[/] {int (100. * part), 3} %%", 27
        | None -> "", 0

    let room = max 4 (width - size - 1)

    let stage =
        if step.Stage.Length > room then
            step.Stage[.. room - 2] + "…"
        else
            step.Stage

    let rec fit (said: string list) =
        let line = said |> List.map (fun text -> "  " + text) |> String.concat ""

        if line.Length <= room - stage.Length then
            line
        else
            fit (List.take (said.Length - 1) said)

    $"[bold]{Markup.Escape stage}[/]{bar}[grey]{Markup.Escape(fit (words step))}[/]"

/// Work that ends sooner is not worth a line.
let private patience, private between = 2., 30.
let private gate = obj ()
let mutable private isQuiet = false
let mutable private console: IAnsiConsole option = None
let mutable private timer: Timer option = None
let mutable private step: Step option = None
let mutable private since = 0L
let mutable private began = 0L
let mutable private isShown = false
let mutable private context = ""
/// When a plain line was written last, and of what share.
let mutable private told = 0L, -1

let private isTerminal () =
    not Console.IsErrorRedirected
    && Environment.GetEnvironmentVariable "TERM" <> "dumb"

/// Before anything is done: whether to say anything.
let settings quiet =
    lock gate (fun () ->
        isQuiet <- quiet
        context <- ""
        step <- None
        console <- None)

let private current (step: Step) =
    use self = Process.GetCurrentProcess()

    { step with
        Seconds = Stopwatch.GetElapsedTime(since).TotalSeconds
        PeakMib = self.PeakWorkingSet64 >>> 20
    }

let private erase (console: IAnsiConsole) =
    console.Write(ControlCode "\r\u001b[2K")
    isShown <- false

/// Takes the line away, so that another can be written; the next news brings it back.
let clear () =
    lock gate (fun () ->
        if isShown then
            Option.iter erase console)

let private draw () =
    match step, console with
    | Some step, Some console when Stopwatch.GetElapsedTime(began).TotalSeconds >= patience ->
        erase console
        console.Write(Markup(markup console.Profile.Width (current step)))
        isShown <- true
    | _ -> ()

let private tell () =
    match step with
    | Some step when Stopwatch.GetElapsedTime(began).TotalSeconds >= patience ->
        let at, tenth = told
        let now = if step.Total > 0 then 10 * step.Done / step.Total else 0

        // Not more often than a reader of a log cares for.
        let silence =
            if at = 0L then
                between
            else
                Stopwatch.GetElapsedTime(at).TotalSeconds

        if silence >= between || (now <> tenth && silence >= patience) then
            told <- (Stopwatch.GetTimestamp(), now)
            Console.Error.WriteLine(text (current step))
    | _ -> ()

let private news (next: Step) =
    lock gate (fun () ->
        if not isQuiet then
            match step with
            | Some old when old.Stage = next.Stage && next.Done >= old.Done ->
                step <-
                    Some
                        { next with
                            DoneBefore = old.DoneBefore
                        }
            | old ->
                since <- Stopwatch.GetTimestamp()
                told <- (fst told, -1)

                if old.IsNone then
                    began <- since
                    told <- (0L, -1)

                step <- Some { next with DoneBefore = next.Done }

            if not (isTerminal ()) then
                tell ()
            elif timer.IsNone then
                let output = AnsiConsoleOutput Console.Error
                console <- Some(AnsiConsole.Create(AnsiConsoleSettings(Out = output)))
                let tick _ = lock gate draw
                timer <- Some(new Timer(tick, null, 250, 250)))

/// What the stages from now on belong to, as "3 of 10: case"; nothing where empty.
let within text =
    lock gate (fun () -> context <- if text = "" then "" else text + ", ")

let private plain stage =
    {
        Stage = context + stage
        Unit = ""
        Done = 0
        Total = 0
        Detail = ""
        Seconds = 0.
        DoneBefore = 0
        PeakMib = 0L
    }

/// So many parts of all are done.
let part stage unit doneParts total =
    news
        { plain stage with
            Unit = unit
            Done = doneParts
            Total = total
        }

/// The same, of work of which the last part took so many seconds: its speed is known from the first news on.
let took seconds stage unit doneParts total =
    lock gate (fun () ->
        let isNew =
            step |> Option.forall (fun old -> old.Stage <> context + stage) && doneParts > 0

        part stage unit doneParts total

        if isNew then
            since <- since - int64 (seconds * float Stopwatch.Frequency)
            step <- step |> Option.map (fun s -> { s with DoneBefore = doneParts - 1 }))

/// Something is done that cannot be counted.
let stage name detail =
    news { plain name with Detail = detail }

/// The work is over: the line goes away.
let finish () =
    clear ()

    lock gate (fun () ->
        timer |> Option.iter _.Dispose()
        timer <- None
        console <- None
        step <- None)
