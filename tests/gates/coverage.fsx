// The covered lines of the core by room, from what `dotnet fsi build.fsx -t Coverage` left:  dotnet fsi tests/gates/coverage.fsx [--write]
open System.IO
open System.Xml.Linq

let root = Path.GetFullPath(Path.Combine(__SOURCE_DIRECTORY__, "..", ".."))
let attribute name (e: XElement) = e.Attribute(XName.Get name).Value

let lines =
    XDocument.Load(Path.Combine(root, "artifacts", "coverage", "coverage.cobertura.xml")).Descendants(XName.Get "class")
    |> Seq.collect (fun c ->
        c.Element(XName.Get "lines").Elements()
        |> Seq.map (fun l -> (attribute "filename" c, attribute "number" l), attribute "hits" l <> "0"))
    // A line may belong to several classes, as a lambda's does.
    |> Seq.groupBy fst
    |> Seq.map (fun ((file, _), hits) -> file, hits |> Seq.exists snd)
    |> List.ofSeq

let row name (lines: (string * bool) list) =
    let hit = lines |> List.filter snd |> List.length
    sprintf "| %s | %d | %d | %.1f %% |" name lines.Length hit (100. * float hit / float lines.Length)

let room (file: string) =
    match file.Split '/' with
    | [| alone |] -> alone
    | parts -> parts[0]

let table =
    [
        yield "| room | lines | covered | |"
        yield "|---|---:|---:|---:|"
        for name, part in lines |> List.groupBy (fst >> room) |> List.sortBy fst -> row name part
        yield row "all" lines
    ]
    |> String.concat "\n"

printfn "%s\n\nLeast covered:" table

for file, part in
    lines
    |> List.groupBy fst
    |> List.sortBy (fun (_, part) -> List.averageBy (fun (_, hit) -> if hit then 1. else 0.) part)
    |> List.truncate 10 do
    printfn "%s" (row file part)

if Array.contains "--write" fsi.CommandLineArgs then
    let page = Path.Combine(root, "docs", "results", "quality.md")
    let text = File.ReadAllText page
    let marker = "<!-- coverage: written by tests/gates/coverage.fsx -->"
    let first = text.IndexOf marker + marker.Length

    File.WriteAllText(
        page,
        text[.. first - 1]
        + "\n\n"
        + table
        + "\n"
        + text[text.IndexOf("\n## ", first) ..]
    )
