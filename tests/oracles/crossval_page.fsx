// Puts the tables of `liverseg crossval` into its page:  dotnet fsi tests/oracles/crossval_page.fsx CV_FOLDER docs/results/crossval.md
open System
open System.IO

let folder, page =
    match fsi.CommandLineArgs with
    | [| _; folder; page |] -> folder, page
    | _ -> failwith "CV_FOLDER PAGE.md"

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
        |> Array.map (fun l -> l.Trim('|', ' ').Split '|' |> Array.map _.Trim())

    let keep =
        if name = "table1" then
            Array.indexed rows[0] |> Array.map fst
        else
            Array.indexed rows[0] |> Array.filter (snd >> shown.Contains) |> Array.map fst

    let rows =
        rows
        |> Array.filter (fun r -> name = "table1" || not (r[0].StartsWith "n " || r[0].Contains "CI"))

    let text =
        rows
        |> Array.map (fun r -> "| " + String.Join(" | ", keep |> Array.map (fun i -> r[i])) + " |")

    let notes =
        lines
        |> Array.filter (fun l -> l.Contains "scored," || l.Contains "was not run" || l.StartsWith "Rows")

    String.Join("\n", Array.concat [ text; [| "" |]; notes ])

let mutable text = File.ReadAllText page

for name in [ "compact"; "compact-crf"; "table1" ] do
    let marker = $"<!-- {name} -->"
    let first = text.IndexOf marker + marker.Length
    let last = text.IndexOf("\n## ", first)
    text <- text[.. first - 1] + "\n\n" + table name + "\n" + text[last..]

File.WriteAllText(page, text)
