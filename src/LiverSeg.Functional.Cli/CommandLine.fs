/// What people write, made into what Argu reads, and what Argu says, made into one line with a hint.
module LiverSeg.Functional.Cli.CommandLine

open System
open System.Text.RegularExpressions
open Argu

/// Insertions, deletions, replacements and exchanges of neighbours that lead from one word to the other.
let private distance (a: string) (b: string) =
    let d = Array2D.init (a.Length + 1) (b.Length + 1) (fun i j -> if i = 0 then j elif j = 0 then i else 0)

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

let private names (parser: ArgumentParser) =
    parser.GetArgumentCases() |> List.map (fun case -> case.CommandLineNames.Value)

let private isOption (word: string) = word.StartsWith '-'

/// Names of verbs; names of the options that a command line's verb has, and of those that take a value.
type Words(parser: ArgumentParser, argv: string[]) =
    let verbs = names parser |> List.concat |> List.filter (isOption >> not)
    let verb = argv |> Array.tryFind (isOption >> not)

    let cases =
        parser.GetSubCommandParsers()
        |> List.tryFind (fun sub ->
            match sub.ParentInfo, verb with
            | Some info, Some verb -> List.contains verb info.CommandLineNames.Value
            | _ -> false)
        |> Option.map _.GetArgumentCases()
        |> Option.defaultValue []

    let options (cases: ArgumentCaseInfo list) =
        cases |> List.collect (fun c -> c.CommandLineNames.Value)

    member _.Verb = verb
    member _.Verbs = verbs
    member _.Options = [ yield! options cases; yield! names parser |> List.concat |> List.filter isOption; "--help" ]

    member _.Valued =
        cases
        |> List.filter (fun c -> c.UnionCaseInfo.GetFields().Length > 0)
        |> options

/// `--option=value` becomes two words where the option is a known one that takes a value; `-h` becomes --help.
let split (parser: ArgumentParser) (argv: string[]) =
    let valued = lazy Words(parser, argv).Valued

    [|
        for i, word in Array.indexed argv do
            match word.IndexOf '=' with
            // What stands behind an option is its value, whatever it looks like.
            | at when
                at > 2
                && word.StartsWith("--", StringComparison.Ordinal)
                && List.contains word[.. at - 1] valued.Value
                && not (i > 0 && List.contains argv[i - 1] valued.Value)
                ->
                word[.. at - 1]
                word[at + 1 ..]
            | _ -> if word = "-h" then "--help" else word
    |]

/// A verb that does not exist, before anything else is looked at.
let wrongVerb (parser: ArgumentParser) (argv: string[]) =
    match Array.tryFind (isOption >> not) argv with
    | Some verb when not (names parser |> List.exists (List.contains verb)) ->
        Some $"unknown verb '{verb}'{hint (Words(parser, argv).Verbs) verb}"
    | _ -> None

/// The reason of Argu's complaint in one line, without the page of help behind it.
let reason (parser: ArgumentParser) (argv: string[]) (message: string) =
    let first = (message.Split '\n')[0]
    let text = Regex.Replace(first.Trim(), "^ERROR: ", "").TrimEnd '.'
    let words = Words(parser, argv)

    let unknown =
        argv
        |> Array.tryFind (fun word -> isOption word && text.Contains $"'{word}'" && not (List.contains word words.Options))

    match unknown, words.Verb with
    | Some word, verb ->
        let where = verb |> Option.map (fun v -> $" of {v}") |> Option.defaultValue ""
        $"unknown option '{word}'{where}{hint words.Options (Array.head (word.Split '='))}"
    | None, Some verb -> $"{text}; liverseg {verb} --help names its options"
    | None, None -> text
