// The documentation as a site, artifacts/site: pages with what their code prints, the reference of both faces. Then every page is looked
// through: links and anchors lead somewhere inside the site, nothing is fetched from elsewhere, no snippet went without its output.
// The code of each page is run by fsi, once, and must come through; the formatter only lays it out: its own --eval runs a page once for
// each format that it writes, and goes on after an exception as if nothing were.
//   dotnet fsi tests/gates/site.fsx [--check]     --check: looks through the site that is there. Exit code 1: something is wrong, named by page
#load "../../scripts/load.fsx"
#load "run.fsx"
#load "target.fsx"

open System
open System.Collections.Generic
open System.Diagnostics
open System.IO
open System.Net
open System.Text.RegularExpressions
open LiverSeg.Functional

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
                    "--nodefaultcontent"
                    "--input"
                    "docs"
                    "--output"
                    site
                ]
            // Those with a reference; otherwise it looks into every project that there is.
            "--projects"

            for name in
                [
                    "LiverSeg.Functional"
                    "LiverSeg.Functional.Reports"
                    "LiverSeg.Functional.FSharp"
                ] do
                let ending = if name.EndsWith "FSharp" then "fsproj" else "csproj"
                $"src/{name}/{name}.{ending}"

            // Without llms.txt: for it every page would be made, and its code checked, once more as Markdown.
            yield!
                [
                    "--properties"
                    "Configuration=Release"
                    "FsDocsGenerateLlmsTxt=false"
                    "--parameters"
                    "root"
                    mark
                ]
        ]

    Run.execIn root "dotnet" args

/// The viewer that docs/viewer.md shows, a page of its own kind: browser.fsx looks at what it does.
let phantom = "phantom-view.html"

let pages () =
    Directory.GetFiles(site, "*.html", SearchOption.AllDirectories)
    |> Array.filter (fun page -> Path.GetFileName page <> phantom)
    |> Array.sort

let name (page: string) =
    Path.GetRelativePath(site, page).Replace('\\', '/')

/// The page that a page of the site was made of, where that has code.
let sourceOf (page: string) =
    let source = Path.Combine(root, "docs", Path.ChangeExtension(name page, ".fsx"))
    if File.Exists source then Some source else None

/// Where a page asks for what the snippet before prints.
let asked = "(*** include-output ***)"

/// What the formatter puts there.
let owed = "Warning: Output, it-value and value references require --eval"

/// What the snippets print whose output a page asks for, in order. An exception or what does not compile is the page's error, and this one's.
let outputsOf (source: string) =
    let clock = Stopwatch.StartNew()
    let snippet, output = '\u001d', '\u001e'
    let put (mark: char) = $"stdout.Write '\\u{int mark:x4}'"
    let folder = Path.Combine(root, "artifacts", "pages")
    let marked = Path.Combine(folder, Path.GetFileName source)
    Directory.CreateDirectory folder |> ignore

    // Line by line the same, so that errors name the page's own lines.
    File.WriteAllLines(
        marked,
        [
            for i, line in Seq.indexed (File.ReadLines source) do
                if line.TrimEnd() = asked then
                    put output
                elif i > 0 && line.StartsWith "(**" && not (line.StartsWith "(***") then
                    put snippet + " " + line
                else
                    line.Replace("#load \"../", "#load \"" + root.Replace('\\', '/') + "/")
        ]
    )

    let info =
        ProcessStartInfo("dotnet", [ "fsi"; "--quiet"; marked ], WorkingDirectory = root, RedirectStandardOutput = true)

    info.EnvironmentVariables["DOTNET_NOLOGO"] <- "1"
    use run = Process.Start info
    let said = run.StandardOutput.ReadToEnd()
    run.WaitForExit()
    let page = Path.GetRelativePath(root, source)

    if run.ExitCode <> 0 then
        printfn "%s" (said.Replace(snippet, ' ').Replace(output, ' '))
        failwith $"{page}: its code fails, exit code {run.ExitCode}"

    printfn "-- %s: %.1f s" page clock.Elapsed.TotalSeconds

    [
        for before in said.Split(output) |> Array.rev |> Array.skip 1 |> Array.rev ->
            (before.Split(snippet) |> Array.last).Trim()
    ]

let escaped (text: string) =
    text.Replace("&", "&amp;").Replace("<", "&lt;").Replace(">", "&gt;")

/// What the code prints where it is owed, paths from the page's own folder, and none of the formatter's buttons, whose pictures come from elsewhere.
let tidy (outputs: IDictionary<string, string list>) (page: string) =
    let up = String.replicate ((name page).Split('/').Length - 1) "../"
    // The one link of a page to a file beside the docs.
    let text =
        File.ReadAllText(page).Replace(mark, up).Replace("../LICENSE\"", "LICENSE.txt\"")

    let text =
        match sourceOf page with
        | None -> text
        | Some source ->
            let parts = text.Split owed
            let shown = outputs[source]

            if parts.Length <> shown.Length + 1 then
                failwith $"{name page}: {parts.Length - 1} places for {shown.Length} outputs"

            String.concat
                ""
                [
                    parts[0]
                    for output, rest in Seq.zip shown (Seq.tail parts) do
                        $"<table class=\"pre\"><tr><td><pre><code>{escaped output}</code></pre></td></tr></table>"
                        rest
                ]

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

        match sourceOf page with
        | None -> ()
        | Some source ->
            let wanted = Regex.Count(File.ReadAllText source, Regex.Escape asked)
            let shown = Regex.Count(text, @"<table class=""pre""><tr><td><pre><code>[^<]")

            if shown <> wanted then
                $"{shown} outputs of snippets, {wanted} asked for"
    ]

if not (Array.contains "--check" fsi.CommandLineArgs) then
    let outputs =
        dict
            [
                for source in Directory.GetFiles(Path.Combine(root, "docs"), "*.fsx") |> Array.sort ->
                    source, outputsOf source
            ]

    build ()

    // The words of all pages for a search that this site has not.
    File.Delete(Path.Combine(site, "index.json"))

    File.Copy(Path.Combine(root, "LICENSE"), Path.Combine(site, "LICENSE.txt"))

    let p =
        Phantom.abdomen (PhantomOptions(Seed = 1000L, Spacing = Spacing.Isotropic 3.))

    Viewer.scene "A phantom" p.Ct
    |> Viewer.withMask "liver" p.Liver
    |> Viewer.write false true (Path.Combine(site, phantom))

    pages () |> Array.iter (tidy outputs)

let found =
    [
        for page in pages () do
            for trouble in troubles page |> List.distinct -> $"{name page}: {trouble}"
    ]

for line in found do
    printfn $"{line}"

printfn $"{(pages ()).Length} pages, {found.Length} troubles"
exit (if found.IsEmpty then 0 else 1)
