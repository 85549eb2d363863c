/// score: SLiver07 points of five errors.
module LiverSeg.Functional.Cli.Verbs.Score

open System
open System.Globalization
open Argu
open LiverSeg.Functional
open LiverSeg.Functional.Cli
open LiverSeg.Functional.Cli.Terminal

[<RequireQualifiedAccess>]
type Args =
    | [<Help("voe,rvd,asd,rmsd,msd in %, %, mm, mm, mm; the score of a row of means is an upper bound.")>] Means of
        MEASURES: string
    | [<Help("CSV with columns case,prediction,truth[,label]: points of each case and their mean.")>] Cases of
        CSV: string
    | [<Help(Help.label)>] Label of NUMBER_OR_NAME: string

    interface IArgParserTemplate with
        member this.Usage = Help.text this

let private points (s: ChallengeScore) =
    [ s.Voe; s.Rvd; s.Asd; s.Rmsd; s.Msd; s.Total ]

let private ofMeans (text: string) =
    let parse (text: string) =
        match Double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture) with
        | true, v -> v
        | _ -> raise (Usage $"--means: '{text}' is no number")

    match text.Split ',' |> Array.map parse with
    | [| voe; rvd; asd; rmsd; msd |] ->
        ChallengeScore.Of(Nullable voe, Nullable rvd, Nullable(Mm asd), Nullable(Mm rmsd), Nullable(Mm msd))
        |> points
        |> List.zip [ "VOE"; "RVD"; "ASD"; "RMSD"; "MSD"; "total" ]
        |> List.map (fun (name, value) -> name, invariant $"{value:F3}")
        |> table

        0
    | other -> raise (Usage $"--means: {other.Length} numbers; five are needed: voe,rvd,asd,rmsd,msd")

let private ofCases label csv =
    let results =
        Inputs.predictionsOf label csv
        |> List.map (CaseResult.ofFiles (MetricsOptions()) warn)

    let scored =
        results |> List.filter _.Scored |> List.map (fun c -> points c.Evaluation.Score)

    let row name values =
        String.Join(" | ", "| " + name :: (values |> List.map (fun v -> invariant $"{v:F2}")))
        + " |"

    out "| case | VOE | RVD | ASD | RMSD | MSD | points |"
    out "|---|---:|---:|---:|---:|---:|---:|"

    for c in results do
        match c with
        | CaseResult.Scored evaluation -> out (row c.Name (points evaluation.Score))
        | CaseResult.Failed reason -> out $"| {c.Name} | failed: {reason} | | | | | |"

    if not scored.IsEmpty then
        scored |> List.transpose |> List.map List.average |> row "mean" |> out

    out ""
    out $"{scored.Length} scored, {results.Length - scored.Length} failed"
    if scored.Length < results.Length then 3 else 0

let run (args: ParseResults<Args>) =
    match args.TryGetResult Args.Means, args.TryGetResult Args.Cases with
    | Some means, None -> ofMeans means
    | None, Some csv -> ofCases (args.TryGetResult Args.Label) csv
    | _ -> raise (Usage "score needs --means or --cases, one of them")
