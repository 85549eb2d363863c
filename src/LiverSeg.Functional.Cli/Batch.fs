/// Many cases, one after the other: a bad one stops no other, a finished one is not done again, and a table says what became of each.
module LiverSeg.Functional.Cli.Batch

open System
open System.IO
open LiverSeg.Functional
open LiverSeg.Functional.Cli.Shell

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
    }

/// The table of a batch: a row a case.
let table (outcomes: Outcome seq) =
    let row (o: Outcome) =
        let volume =
            o.VolumeMl |> Option.map (fun v -> invariant $"{v}") |> Option.defaultValue ""

        [
            Csv.SafeCell o.Case
            o.Status
            string o.Code
            volume
            Csv.SafeCell o.Output
            Csv.SafeCell o.Reason
        ]
        |> String.concat ","

    "case,status,code,volume_ml,output,reason"
    :: (outcomes |> Seq.map row |> List.ofSeq)
    |> List.map (fun line -> line + "\n")
    |> String.concat ""

/// Runs all cases. `finished` tells the output that makes a case done; `work` does it and gives the liver's volume.
/// The exit code is the largest among the failed cases' own, 0 without any.
let run (summary: string) (cases: (string * string * string) list) redo (work: string -> string * float) =
    let outcomes = ResizeArray()

    for name, input, output in cases do
        let outcome =
            {
                Case = name
                Input = string (Path.GetFileName(Path.TrimEndingDirectorySeparator input))
                Output = string (Path.GetFileName output)
                Status = "kept"
                Code = 0
                Reason = ""
                VolumeMl = None
            }

        if File.Exists output && not redo then
            say $"{outcome.Output}: kept from before"
            outcomes.Add outcome
        else
            try
                let _, volume = work name
                say (invariant $"{outcome.Output}: liver {volume:F1} ml")

                outcomes.Add
                    { outcome with
                        Status = "done"
                        VolumeMl = Some volume
                    }
            with e ->
                let code, line = explain e
                Console.Error.WriteLine("liverseg: " + oneLine line)

                outcomes.Add
                    { outcome with
                        Status = "failed"
                        Code = code
                        Reason = oneLine line
                    }

        writeText true summary (table outcomes)

    let count status =
        outcomes |> Seq.filter (fun o -> o.Status = status) |> Seq.length

    say (invariant $"""{count "done"} done, {count "kept"} kept from before, {count "failed"} failed; see {summary}""")

    List.ofSeq outcomes,
    (if outcomes.Count = 0 then
         0
     else
         outcomes |> Seq.map _.Code |> Seq.max)
