// The documentation as a site, artifacts/site: pages with what their code prints, the reference of both faces. Then every page is looked
// through: links and anchors lead somewhere inside the site, nothing is fetched from elsewhere, no snippet went without its output.
//   dotnet fsi tests/gates/site.fsx [--check]     --check: looks through the site that is there. Exit code 1: something is wrong, named by page
#load "run.fsx"
#load "target.fsx"

open System
open System.Collections.Generic
open System.IO
open System.Net
open System.Text.RegularExpressions

let root = Path.GetFullPath(Path.Combine(__SOURCE_DIRECTORY__, "../.."))
let site = Path.Combine(root, "artifacts", "site")
/// What the formatter puts before every path; replaced by the way up from each page, so that the site works in any folder and from a disk.
let mark = "/site-root/"

let build () =
    // What an earlier run noted about the projects, old settings among it.
    let notes = Path.Combine(root, ".fsdocs")

    if Directory.Exists notes then
        Directory.Delete(notes, true)

    let args =
        [
            yield!
                [
                    "fsdocs"
                    "build"
                    "--clean"
                    "--eval"
                    "--nodefaultcontent"
                    "--input"
                    "docs"
                    "--output"
                    site
                ]
            yield! [ "--properties"; "Configuration=Release"; "--parameters"; "root"; mark ]
        ]

    Run.execIn root "dotnet" args

let pages () =
    Directory.GetFiles(site, "*.html", SearchOption.AllDirectories) |> Array.sort

let name (page: string) =
    Path.GetRelativePath(site, page).Replace('\\', '/')

/// Paths from the page's own folder, and none of the formatter's buttons, whose pictures come from elsewhere.
let tidy (page: string) =
    let up = String.replicate ((name page).Split('/').Length - 1) "../"
    // The one link of a page to a file beside the docs.
    let text =
        File.ReadAllText(page).Replace(mark, up).Replace("../LICENSE\"", "LICENSE.txt\"")

    let text =
        Regex.Replace(text, @"<fsdocs-details-toggle>.*?</fsdocs-details-toggle>", "")

    let text =
        Regex.Replace(text, @"<(div|a) class=""fsdocs-source-link"".*?</\1>", "", RegexOptions.Singleline)

    // The formatter writes no page for a type within a type, but links to it.
    let text =
        Regex.Replace(
            text,
            @"<a href=""([^""#]*reference/[^""#]*\.html)"">([^<]*)</a>",
            fun m ->
                if File.Exists(Path.Combine(Path.GetDirectoryName page, m.Groups[1].Value)) then
                    m.Value
                else
                    m.Groups[2].Value
        )

    File.WriteAllText(page, text)

let attribute (key: string) (text: string) =
    [
        for m in Regex.Matches(text, "<[a-z][^<>]*?\\s" + key + "=\"([^\"]*)\"") ->
            WebUtility.HtmlDecode m.Groups[1].Value
    ]

let private places = Dictionary<string, Set<string>>()

/// The places of a page that links can name; read once, as most links lead to few pages.
let placesOf page =
    match places.TryGetValue page with
    | true, known -> known
    | _ ->
        let text = File.ReadAllText page
        places[page] <- set (attribute "id" text @ attribute "name" text)
        places[page]

let outputs = Regex(@"\(\*\*\* include-output \*\*\*\)")

let troubles (page: string) =
    let text = File.ReadAllText page

    [
        for m in Regex.Matches(text, @"\{\{(root|fsdocs-[\w-]*)\}\}") do
            $"nobody replaced {m.Value}"

        for key in [ "src"; "href" ] do
            for target in attribute key text do
                let remote = Regex.IsMatch(target, "^([a-z]+:)?//")

                if
                    remote
                    && (key = "src" || Regex.IsMatch(text, $"<link[^>]*{Regex.Escape target}"))
                then
                    $"fetched from elsewhere: {target}"
                elif not remote && not (Regex.IsMatch(target, "^(data|mailto):")) then
                    let path, place = Target.resolve page target

                    if not (File.Exists path) then
                        $"dead link: {target}"
                    elif place <> "" && not ((placesOf path).Contains place) then
                        $"no such place: {target}"

        let source = Path.Combine(root, "docs", Path.ChangeExtension(name page, ".fsx"))

        if File.Exists source then
            let wanted = outputs.Count(File.ReadAllText source)
            let shown = Regex.Count(text, @"<table class=""pre""><tr><td><pre><code>")

            if shown <> wanted then
                $"{shown} outputs of snippets, {wanted} asked for"
    ]

if not (Array.contains "--check" fsi.CommandLineArgs) then
    build ()

    // The same pages once more for programs that this site has not.
    for file in Directory.GetFiles(site, "*", SearchOption.AllDirectories) do
        if List.contains (Path.GetExtension file) [ ".md"; ".json"; ".txt" ] then
            File.Delete file

    File.Copy(Path.Combine(root, "LICENSE"), Path.Combine(site, "LICENSE.txt"))
    pages () |> Array.iter tidy

let found =
    [
        for page in pages () do
            for trouble in troubles page |> List.distinct -> $"{name page}: {trouble}"
    ]

for line in found do
    printfn $"{line}"

printfn $"{(pages ()).Length} pages, {found.Length} troubles"
exit (if found.IsEmpty then 0 else 1)
