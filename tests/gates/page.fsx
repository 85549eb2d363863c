// Scripts and manifests as a page shows them.
module Page

open System
open System.IO
open System.Text.RegularExpressions

let root = Path.GetFullPath(Path.Combine(__SOURCE_DIRECTORY__, "../.."))

let cluster = lazy File.ReadAllText(Path.Combine(root, "docs", "howto-cluster.md"))

/// The one block of a language that contains these words.
let block (language: string) (words: string) =
    let found =
        [
            for m in
                Regex.Matches(
                    cluster.Value,
                    $"^```{language}\n(.*?)^```",
                    RegexOptions.Multiline ||| RegexOptions.Singleline
                ) do
                if m.Groups[1].Value.Contains words then
                    m.Groups[1].Value
        ]

    match found with
    | [ one ] -> one
    | other -> failwith $"{other.Length} blocks of {language} with '{words}' in howto-cluster.md, 1 expected"

/// A text with other sizes: what is put in the place of what; a word that is not there is an error.
let sized (changes: (string * string) list) (text: string) =
    (text, changes)
    ||> List.fold (fun text (from, into) ->
        if not (text.Contains from) then
            failwith $"'{from}' is not in:\n{text}"

        text.Replace(from, into))

/// The program as `liverseg` on a path of its own, which comes first.
let install (program: string) (folder: string) =
    let bin = Directory.CreateDirectory(Path.Combine(folder, "bin")).FullName
    let script = Path.Combine(bin, "liverseg")
    File.WriteAllText(script, $"#!/bin/sh\nexec dotnet {program} \"$@\"\n")
    File.SetUnixFileMode(script, enum<UnixFileMode> 0o755)
    Environment.SetEnvironmentVariable("PATH", bin + ":" + Environment.GetEnvironmentVariable "PATH")

/// The program that a gate is given, or the built one.
let program () =
    match fsi.CommandLineArgs with
    | [| _; path |] -> Path.GetFullPath path
    | _ -> Path.Combine(root, "src/LiverSeg.Functional.Cli/bin/Release/net10.0/liverseg.dll")
