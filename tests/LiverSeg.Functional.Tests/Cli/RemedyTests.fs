/// What errors and help tell people to type exists.
module LiverSeg.Functional.Tests.RemedyTests

open System
open System.IO
open System.Reflection.Metadata
open System.Reflection.Metadata.Ecma335
open System.Reflection.PortableExecutable
open System.Text.RegularExpressions
open Expecto
open LiverSeg.Functional
open LiverSeg.Functional.Tests.Cli

let private found (pattern: string) (text: string) =
    [ for m in Regex.Matches(text, pattern) -> m.Groups[1].Value ]

/// The options that a page of help lists, each at the beginning of its line.
let private listed (page: string) =
    page
    |> found @"(?m)^ {4}(-{1,2}[a-z][\w-]*(?:, -{1,2}[a-z][\w-]*)*)"
    |> List.collect (fun names -> names.Split(',', StringSplitOptions.TrimEntries) |> List.ofArray)

let private pages = System.Collections.Generic.Dictionary<string, string>()

let private pageOf verb =
    if not (pages.ContainsKey verb) then
        pages[verb] <- exits 0 [ verb; "--help" ]

    pages[verb]

/// Verbs with their options, and the options of all.
let private known =
    lazy
        (let page = exits 0 [ "--help" ]

         let verbs =
             page |> found @"(?m)^ {4}([a-z][a-z-]+)(?= |$)" |> List.filter ((<>) "liverseg")

         let shared = "--help" :: listed page
         shared, Map [ for verb in verbs -> verb, set (shared @ listed (pageOf verb)) ])

/// The verbs and options in a text that do not exist: any --option, options behind a verb, and the verb of a command in backticks.
let private wrong (text: string) =
    let shared, verbs = known.Value
    let all = verbs |> Map.fold (fun set _ own -> Set.union set own) (set shared)

    [
        for option in text |> found @"(?<![\w-])(--[a-z][a-z0-9-]*)" do
            if not (all.Contains option) then
                option

        for m in Regex.Matches(text, @"(?<![\w/-])([a-z][a-z-]+) (-{1,2}[a-z][^;`)]*)") do
            match verbs.TryFind m.Groups[1].Value with
            | Some own ->
                for option in m.Groups[2].Value |> found @"(?<![\w-])(-{1,2}[a-z][a-z0-9-]*)" do
                    if not (own.Contains option) then
                        m.Groups[1].Value + " " + option
            | None -> ()

        for command in text |> found @"`liverseg ([a-z-]+)" do
            if not (verbs.ContainsKey command) then
                command
    ]

/// Every string that a compiled program can say.
let private strings (path: string) =
    use file = File.OpenRead path
    use reader = new PEReader(file)
    let metadata = reader.GetMetadataReader()

    let rec from (handle: UserStringHandle) =
        [
            if not handle.IsNil then
                metadata.GetUserString handle
                yield! from (metadata.GetNextHandle handle)
        ]

    from (metadata.GetNextHandle(MetadataTokens.UserStringHandle 0))

/// gdcmconv's.
let private others = set [ "--raw" ]

[<Tests>]
let tests =
    testSequenced
    <| testList
        "Remedies"
        [
            testCase "verbs and options that messages name exist"
            <| fun () ->
                let folder = AppContext.BaseDirectory
                let mutable looked = 0

                let bad =
                    [
                        for name in
                            [
                                "LiverSeg.Functional.dll"
                                "LiverSeg.Functional.Reports.dll"
                                "LiverSeg.Functional.FSharp.dll"
                                "liverseg.dll"
                            ] do
                            for text in strings (Path.Combine(folder, name)) do
                                if text.Contains " -" || text.StartsWith "-" || text.Contains "`liverseg" then
                                    looked <- looked + 1

                                    for word in wrong text do
                                        if not (others.Contains word) then
                                            $"{name}: '{word}' in: {text}"
                    ]

                Expect.isEmpty bad (String.Join("\n", bad))
                Expect.isGreaterThan looked 50 "strings were found"

            testCase "verbs and options that help names exist"
            <| fun () ->
                let _, verbs = known.Value
                Expect.isGreaterThanOrEqual verbs.Count 19 "verbs"

                for verb in verbs.Keys do
                    let bad = wrong (pageOf verb)
                    Expect.isEmpty bad (String.Join("; ", verb :: bad))

            testCase "a remedy that does not exist is found"
            <| fun () ->
                for text, expected in
                    [
                        "resample one with --resampel first", [ "--resampel" ]
                        "bring it there by `liverseg regrid -i A`", [ "regrid" ]
                        "refine -i CT -p MAP --like X -o MASK; then --label", [ "refine --like" ]
                        "by `liverseg resample -i A --like B -o C --mask`", []
                        "choose one with --label NAME", []
                    ] do
                    Expect.equal (wrong text) expected text
        ]
