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
        PredictedDice: float option
        /// What speaks against the mask; empty where nothing does.
        Doubt: string
    }

/// What a case's work found.
type Found =
    {
        Ml: float
        Dice: float option
        Against: string
        /// All of it in a line.
        Said: string
    }

/// The table of a batch: a row per case.
let private csv (outcomes: Outcome seq) =
    let number value =
        value |> Option.map (fun v -> invariant $"{v}") |> Option.defaultValue ""

    let row (o: Outcome) =
        [
            Csv.SafeCell o.Case
            o.Status
            string o.Code
            number o.VolumeMl
            Csv.SafeCell o.Output
            Csv.SafeCell o.Reason
            Csv.SafeCell o.Doubt
            number o.PredictedDice
        ]
        |> String.concat ","

    [
        "case,status,code,volume_ml,output,reason,doubt,predicted_dice"
        yield! Seq.map row outcomes
    ]
    |> List.map (fun line -> line + "\n")
    |> String.concat ""

let private outcomeOf redo (case: string) (input: string) (output: string) (work: unit -> Found) =
    let outcome =
        {
            Case = case
            Input = string (Path.GetFileName(Path.TrimEndingDirectorySeparator input))
            Output = string (Path.GetFileName output)
            Status = "kept"
            Code = 0
            Reason = ""
            VolumeMl = None
            PredictedDice = None
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
            let found = work ()
            out $"{outcome.Output}: {found.Said}"

            { outcome with
                Status = "done"
                VolumeMl = Some found.Ml
                PredictedDice = found.Dice
                Doubt = found.Against
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

/// Runs all cases: their names, inputs and outputs, whose presence makes a case done. `work` does one.
/// The exit code is the largest among the failed cases' own, 0 without any.
let run (summary: string) (cases: (string * string * string) list) redo (work: string -> Found) =
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
        // The less is expected of a mask, and the more speaks against it, the sooner it is looked at.
        |> Seq.sortBy (fun o ->
            o.PredictedDice |> Option.defaultValue 0., -(o.Doubt |> Seq.filter ((=) ';') |> Seq.length))
        |> List.ofSeq

    if not doubtful.IsEmpty then
        out $"look at these {doubtful.Length} first:"

        for o in doubtful do
            out $"  {o.Output}: {o.Doubt}"

    out (invariant $"""{count "done"} done, {count "kept"} kept from before, {count "failed"} failed; see {summary}""")
    List.ofSeq outcomes, (outcomes |> Seq.fold (fun code o -> max code o.Code) 0)
