// Every relative link and picture of README, docs and packages leads to a file, every anchor to a heading, and every shell block is shell.
//   dotnet fsi tests/gates/links.fsx      exit code 1: a dead one, with its file and text
#load "target.fsx"

open System
open System.Diagnostics
open System.IO
open System.Text.RegularExpressions

let root = Path.GetFullPath(Path.Combine(__SOURCE_DIRECTORY__, "../.."))

let pages =
    [
        yield Path.Combine(root, "README.md")
        yield Path.Combine(root, "src/package.md")

        for ending in [ "*.md"; "*.fsx" ] do
            yield! Directory.GetFiles(Path.Combine(root, "docs"), ending, SearchOption.AllDirectories)
    ]
    |> List.sort

/// Code is no prose: a slice like `a[i](x)` is no link.
let prose (text: string) =
    let text =
        Regex.Replace(text, @"^```.*?^```", "", RegexOptions.Multiline ||| RegexOptions.Singleline)

    Regex.Replace(text, @"`[^`\n]*`", "")

/// A heading as an anchor, the way that code hosts make it.
let anchor (heading: string) =
    Regex.Replace(heading.Trim().ToLowerInvariant(), @"[^\w\- ]", "").Replace(' ', '-')

let anchors path =
    [
        for m in Regex.Matches(File.ReadAllText path, @"^#+ (.*)$", RegexOptions.Multiline) -> anchor m.Groups[1].Value
    ]

let dead =
    [
        for page in pages do
            let text = prose (File.ReadAllText page)

            for m in Regex.Matches(text, @"\]\(([^)\s]+)\)") do
                let target = m.Groups[1].Value

                if not (Regex.IsMatch(target, "^[a-z]+:")) then
                    let path, place = Target.resolve page target

                    if not (File.Exists path || Directory.Exists path) then
                        $"{Path.GetRelativePath(root, page)}: {target}: no such file"
                    elif place <> "" && not (List.contains place (anchors path)) then
                        $"{Path.GetRelativePath(root, page)}: {target}: no such heading"
    ]

let isShell (block: string) =
    let info =
        ProcessStartInfo("bash", [ "-n" ], RedirectStandardInput = true, RedirectStandardError = true)

    use run = Process.Start info
    run.StandardInput.Write block
    run.StandardInput.Close()
    run.WaitForExit()
    run.ExitCode = 0

let broken =
    [
        for page in pages do
            for m in
                Regex.Matches(
                    File.ReadAllText page,
                    @"^```sh\n(.*?)^```",
                    RegexOptions.Multiline ||| RegexOptions.Singleline
                ) do
                if not (isShell m.Groups[1].Value) then
                    $"{Path.GetRelativePath(root, page)}: no shell: {m.Groups[1].Value.Split('\n')[0]}"
    ]

for line in dead @ broken do
    printfn $"{line}"

printfn $"{pages.Length} pages, {dead.Length} dead links, {broken.Length} broken shell blocks"
exit (if dead.IsEmpty && broken.IsEmpty then 0 else 1)
