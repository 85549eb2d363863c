/// Many cases, one after the other: a bad one stops no other, a finished one is not done again, and a table says what became of each.
module LiverSeg.Functional.Cli.Batch

open System
open System.IO
open LiverSeg.Functional
open LiverSeg.Functional.Cli.Terminal

/// What became of a case.
type Outcome =
    {
        Case: string
        Input: string
        Output: string
        /// done | kept | failed
        Status: string
        /// 0, or the exit code that the case would have given alone.
        Code: int
        Reason: string
        VolumeMl: float option
        /// What speaks against the mask; empty where nothing does.
        Doubt: string
    }

/// The table of a batch: a row per case.
let private csv (outcomes: Outcome seq) =
    let row (o: Outcome) =
        [
            Csv.SafeCell o.Case
            o.Status
            string o.Code
            o.VolumeMl |> Option.map (fun v -> invariant $"{v}") |> Option.defaultValue ""
            Csv.SafeCell o.Output
            Csv.SafeCell o.Reason
            Csv.SafeCell o.Doubt
        ]
        |> String.concat ","

    [
        "case,status,code,volume_ml,output,reason,doubt"
        yield! Seq.map row outcomes
    ]
    |> List.map (fun line -> line + "\n")
    |> String.concat ""

let private outcomeOf redo (case: string) (input: string) (output: string) (work: unit -> float * string) =
    let outcome =
        {
            Case = case
            Input = string (Path.GetFileName(Path.TrimEndingDirectorySeparator input))
            Output = string (Path.GetFileName output)
            Status = "kept"
            Code = 0
            Reason = ""
            VolumeMl = None
            Doubt = ""
        }

    // A folder of captures is there whole or not at all, as a file is.
    let isThere =
        File.Exists output
        || (output.EndsWith("-sc", StringComparison.Ordinal) && Directory.Exists output)

    if isThere && not redo then
        out $"{outcome.Output}: kept from before"
        outcome
    else
        try
            let volume, doubt = work ()
            let mark = if doubt = "" then "" else "; "
            out (invariant $"{outcome.Output}: liver {volume:F1} ml{mark}{doubt}")

            { outcome with
                Status = "done"
                VolumeMl = Some volume
                Doubt = doubt
            }
        with e when not (e :? OperationCanceledException) ->
            let code, line = explain e
            Progress.finish ()
            error line

            { outcome with
                Status = "failed"
                Code = code
                Reason = oneLine line
            }

/// Runs all cases: their names, inputs and outputs, whose presence makes a case done. `work` does one and gives the liver's volume and what speaks against it.
/// The exit code is the largest among the failed cases' own, 0 without any.
let run (summary: string) (cases: (string * string * string) list) redo (work: string -> float * string) =
    let outcomes = ResizeArray()

    for i, (case, input, output) in List.indexed cases do
        Progress.within $"{i + 1} of {cases.Length}: {oneLine case}"
        outcomes.Add(outcomeOf redo case input output (fun () -> work case))
        writeText true summary (csv outcomes)

    Progress.within ""

    let count status =
        outcomes |> Seq.filter (fun o -> o.Status = status) |> Seq.length

    let doubtful =
        outcomes
        |> Seq.filter (fun o -> o.Doubt <> "")
        // The more speaks against a mask the sooner it is looked at.
        |> Seq.sortByDescending (fun o -> o.Doubt |> Seq.filter ((=) ';') |> Seq.length)
        |> List.ofSeq

    if not doubtful.IsEmpty then
        out $"look at these {doubtful.Length} first:"

        for o in doubtful do
            out $"  {o.Output}: {o.Doubt}"

    out (invariant $"""{count "done"} done, {count "kept"} kept from before, {count "failed"} failed; see {summary}""")
    List.ofSeq outcomes, (outcomes |> Seq.fold (fun code o -> max code o.Code) 0)
