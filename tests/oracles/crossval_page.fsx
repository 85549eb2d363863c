// Puts the tables of `liverseg crossval` into its page, after the marks <!-- NAME --> of their files:
//   dotnet fsi tests/oracles/crossval_page.fsx CV_FOLDER docs/results/crossval.md [PREFIX]      marks are then <!-- PREFIXNAME -->
open System
open System.IO

let folder, page, prefix =
    match fsi.CommandLineArgs with
    | [| _; folder; page |] -> folder, page, ""
    | [| _; folder; page; prefix |] -> folder, page, prefix
    | _ -> failwith "CV_FOLDER PAGE.md [PREFIX]"

// The measures that matter; the file has them all.
let shown =
    set
        [
            "case"
            "VOE, %"
            "RVD, %"
            "ASD, mm"
            "RMSD, mm"
            "MSD, mm"
            "Score"
            "Dice"
            "HD95, mm"
        ]

let table (name: string) =
    let lines = File.ReadAllLines(Path.Combine(folder, name + ".md"))

    let rows =
        lines
        |> Array.filter (fun l -> l.StartsWith '|')
        |> Array.map (fun l -> l.Trim().Split('|')[1..] |> Array.map _.Trim())
        |> Array.map (fun cells -> cells[.. cells.Length - 2])

    let wholly =
        List.exists (fun (part: string) -> name.EndsWith part) [ "table1"; "doubt"; "steps"; "paired" ]

    let keep =
        if wholly then
            Array.indexed rows[0] |> Array.map fst
        else
            Array.indexed rows[0] |> Array.filter (snd >> shown.Contains) |> Array.map fst

    let rows =
        rows
        |> Array.filter (fun r -> wholly || not (r[0].StartsWith "n " || r[0].Contains "CI"))

    let text =
        rows
        |> Array.map (fun r -> "| " + String.Join(" | ", keep |> Array.map (fun i -> r[i])) + " |")

    let notes =
        lines
        |> Array.filter (fun l -> l.Contains "scored," || l.Contains "was not run" || l.StartsWith "Rows")

    String.Join("\n", Array.concat [ text; [| "" |]; notes ])

let mutable text = File.ReadAllText page

let marked =
    [
        for file in Directory.GetFiles(folder, "*.md") |> Array.sort do
            let name = string (Path.GetFileNameWithoutExtension file)
            let marker = $"<!-- {prefix}{name} -->"

            if text.Contains marker then
                name, marker
    ]

for name, marker in marked do
    let first = text.IndexOf marker + marker.Length
    let last = text.IndexOf("\n## ", first)
    text <- text[.. first - 1] + "\n\n" + table name + "\n" + text[last..]

File.WriteAllText(page, text)
printfn "%d tables" marked.Length
