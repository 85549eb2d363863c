/// What people write, made into what Argu reads, and what Argu says, made into one line with a hint.
module LiverSeg.Functional.Cli.CommandLine

open System
open System.IO
open System.Text.RegularExpressions
open Argu

/// Insertions, deletions, replacements and exchanges of neighbours that lead from one word to the other.
let private distance (a: string) (b: string) =
    let d =
        Array2D.init (a.Length + 1) (b.Length + 1) (fun i j ->
            if i = 0 then j
            elif j = 0 then i
            else 0)

    for i in 1 .. a.Length do
        for j in 1 .. b.Length do
            let cost = if a[i - 1] = b[j - 1] then 0 else 1
            d[i, j] <- min (min (d[i - 1, j] + 1) (d[i, j - 1] + 1)) (d[i - 1, j - 1] + cost)

            if i > 1 && j > 1 && a[i - 1] = b[j - 2] && a[i - 2] = b[j - 1] then
                d[i, j] <- min d[i, j] (d[i - 2, j - 2] + 1)

    d[a.Length, b.Length]

/// The known words nearest to a wrong one: two letters apart at most, or begun by it.
let private hint (known: string list) (wrong: string) =
    let bare (word: string) = word.TrimStart('-').ToLowerInvariant()
    let wrong = bare wrong

    let ranked =
        [
            for word in known do
                match distance wrong (bare word) with
                | n when n <= 2 && n < (bare word).Length -> n, word
                | _ when wrong.Length >= 2 && (bare word).StartsWith(wrong, StringComparison.Ordinal) -> 3, word
                | _ -> ()
        ]

    match ranked with
    | [] -> ""
    | _ ->
        let least = ranked |> List.map fst |> List.min

        let words =
            ranked
            |> List.filter (fun (n, _) -> n = least)
            |> List.map (fun (_, word) -> $"'{word}'")

        $"""; did you mean {String.Join(" or ", words)}?"""

let private isOption (word: string) = word.StartsWith '-'

let private names (cases: ArgumentCaseInfo list) =
    cases |> List.collect _.CommandLineNames.Value

/// What the words of a command line can be: verbs, and the options of its verb, all and those that take a value.
type private Known(parser: ArgumentParser, argv: string[]) =
    let verbs, shared =
        names (parser.GetArgumentCases()) |> List.partition (isOption >> not)

    let verb = argv |> Array.tryFind (isOption >> not)

    let own =
        parser.GetSubCommandParsers()
        |> List.tryFind (fun sub ->
            sub.ParentInfo
            |> Option.exists (fun info -> verb |> Option.exists (fun v -> List.contains v (names [ info ]))))
        |> Option.map _.GetArgumentCases()
        |> Option.defaultValue []

    member _.Verb = verb
    member _.Verbs = verbs
    member _.Options = names own @ shared @ [ "--help" ]

    member _.Valued =
        own |> List.filter (fun c -> c.UnionCaseInfo.GetFields().Length > 0) |> names

    /// Options with the value that stands behind them, and its type.
    member known.Values =
        [
            for i in 1 .. argv.Length - 1 do
                for c in own do
                    match c.UnionCaseInfo.GetFields() with
                    | [| field |] when known.IsValue i && List.contains argv[i - 1] (names [ c ]) ->
                        argv[i - 1], argv[i], field.PropertyType
                    | _ -> ()
        ]

    /// What stands behind an option that takes a value is that value, whatever it looks like.
    member known.IsValue i =
        i > 0 && List.contains argv[i - 1] known.Valued

    member known.Unknown(word: string) =
        let where = verb |> Option.map (fun v -> $" of {v}") |> Option.defaultValue ""
        $"unknown option '{word}'{where}{hint known.Options (Array.head (word.Split '='))}"

/// `--option=value` becomes two words where the option is a known one that takes a value; -h, help and help VERB become --help.
let split (parser: ArgumentParser) (argv: string[]) =
    let known = Known(parser, argv)

    match argv with
    | [||]
    | [| "help" |] -> [| "--help" |]
    | [| "help"; verb |] -> [| verb; "--help" |]
    | _ ->
        [|
            for i, word in Array.indexed argv do
                match word.IndexOf '=' with
                | at when at > 2 && List.contains word[.. at - 1] known.Valued && not (known.IsValue i) ->
                    word[.. at - 1]
                    word[at + 1 ..]
                | _ -> if word = "-h" then "--help" else word
        |]

/// A verb or a long option that does not exist: Argu would take some for a file's name.
let wrongWord (parser: ArgumentParser) (argv: string[]) =
    let known = Known(parser, argv)

    match known.Verb with
    | Some verb when not (List.contains verb known.Verbs) ->
        Some $"unknown verb '{verb}'{hint (known.Verbs @ known.Options) verb}"
    | _ ->
        argv
        |> Array.indexed
        |> Array.tryFind (fun (i, word) ->
            word.StartsWith("--", StringComparison.Ordinal)
            && not (List.contains word known.Options || known.IsValue i))
        |> Option.map (fun (_, word) -> known.Unknown word)

let private wanted (kind: Type) (text: string) =
    if
        kind = typeof<float>
        && not (Regex.IsMatch(text, @"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"))
    then
        Some "a number with a decimal point, as 1.5"
    elif
        (kind = typeof<int> || kind = typeof<int64>)
        && not (Regex.IsMatch(text, @"^[+-]?\d+$"))
    then
        Some "a whole number"
    else
        None

/// A number that .NET would read otherwise than it is written, as 1,5 (which would become 15), or NaN.
let wrongNumber (parser: ArgumentParser) (argv: string[]) =
    Known(parser, argv).Values
    |> List.tryPick (fun (option, value, kind) ->
        wanted kind value
        |> Option.map (fun wanted -> $"{option} {value}: {wanted} is needed"))

/// Options whose values are written, of any verb.
let private outputs =
    [
        "--output"
        "-o"
        "--json"
        "--stats"
        "--probability"
        "--report"
        "--view"
        "--history"
        "--figure"
        "--checkpoint"
        "--trials"
    ]

/// Options whose values are words, never places.
let private words =
    [
        "--device"
        "--fact"
        "--fold"
        "--format"
        "--goal"
        "--label"
        "--name"
        "--network"
        "--networks"
        "--normalization"
        "--optimizer"
        "--outside"
        "--part"
        "--precision"
        "--preset"
        "--search"
        "--series"
        "--title"
        "--units"
    ]

/// The place that a path stands for, links followed.
let private place (path: string) =
    let full = Path.TrimEndingDirectorySeparator(Path.GetFullPath path)

    match
        (if File.Exists full || Directory.Exists full then
             File.ResolveLinkTarget(full, true)
         else
             null)
    with
    | null -> full
    | target -> target.FullName

/// An output that is an input or another output: the one that is written last would destroy the other.
let clash (parser: ArgumentParser) (argv: string[]) =
    let places =
        [
            for option, value, kind in Known(parser, argv).Values do
                if kind = typeof<string> && value <> "" && not (List.contains option words) then
                    option, value, place value
        ]

    List.allPairs (List.indexed places) (List.indexed places)
    |> List.tryPick (fun ((i, (option, value, here)), (j, (other, _, there))) ->
        if i <> j && here = there && List.contains option outputs then
            let kind = if Directory.Exists here then "folder" else "file"
            Some $"{option} {value}: the output {kind} is what {other} names; choose another output"
        else
            None)

/// The reason of Argu's complaint in one line, without the page of help behind it.
let reason (parser: ArgumentParser) (argv: string[]) (message: string) =
    let text =
        Regex.Replace((Array.head (message.Split '\n')).Trim(), "^ERROR: ", "").TrimEnd '.'

    let known = Known(parser, argv)

    match
        argv
        |> Array.tryFind (fun word -> isOption word && text.EndsWith $"unrecognized argument: '{word}'"),
        known.Verb
    with
    | Some word, _ -> known.Unknown word
    | None, Some verb -> $"{text}; liverseg {verb} --help names its options"
    | None, None -> text
