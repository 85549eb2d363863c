// Makes result tables and figures from scratch under artifacts/tables, with a manifest, and says what differs from the committed ones:
//   dotnet fsi tests/gates/tables.fsx [CASES.csv or FOLDER] [--write]
// Phantoms always (docs/results/phantoms.md); with cases, real scans too (docs/results/held-out.md). --write renews the committed ones.
#load "../../scripts/manifest.fsx"

open System
open System.IO
open System.Runtime.InteropServices
open System.Text.RegularExpressions
open LiverSeg.Functional

/// One thread: sums in one order, so the same bytes on every run of one kind of processor.
let threads = 1
let root = Path.GetFullPath(Path.Combine(__SOURCE_DIRECTORY__, "..", ".."))
let made = Path.Combine(root, "artifacts", "tables")
let docs = Path.Combine(root, "docs")
let arguments = List.tail (List.ofArray fsi.CommandLineArgs)
let write = List.contains "--write" arguments

type Case =
    {
        Name: string
        Inputs: (string * string) list
        Read: unit -> Volume<Hu> * Volume<bool>
    }

let phantoms =
    [
        for seed in 1000L .. 1005L do
            let phantom = lazy (Phantom.ofSeed seed)

            {
                Name = $"phantom {seed}"
                Inputs =
                    [
                        $"phantom {seed}: scan", Manifest.sha (MemoryMarshal.AsBytes phantom.Value.Ct.Voxels)
                        $"phantom {seed}: liver", Manifest.sha (MemoryMarshal.AsBytes phantom.Value.Liver.Voxels)
                    ]
                Read = fun () -> phantom.Value.Ct, phantom.Value.Liver
            }
    ]

let real =
    match arguments |> List.filter (fun a -> a <> "--write") with
    | [] -> []
    | path :: _ ->
        let cases =
            if Directory.Exists path then
                List.ofSeq (DatasetFolder.find path).Cases
            else
                CaseList.read path

        [
            for case in cases ->
                {
                    Name = case.Id
                    Inputs = Manifest.ofCases [ case ]
                    Read = fun () -> Volume.read case.Image, Volume.readMask case.Mask
                }
        ]

let put (name: string) (bytes: ReadOnlyMemory<byte>) =
    OutputFile.replaceBytes (Path.Combine(made, name)) bytes

let putText (name: string) (text: string) =
    OutputFile.replaceText (Path.Combine(made, name)) text

/// The scan's masks without and with the CRF against the truth; the second to be drawn.
let judge case =
    let ct, truth = case.Read()
    let model = Pretrained.Liver
    let image = ct |> Hounsfield.windowed model.Window
    let scores = image |> Model.predictWith (PredictOptions(Threads = threads)) model

    let clean useCrf =
        let setting = if useCrf then CrfSetting.Shipped else CrfSetting.None

        scores
        |> Pipeline.clean (PipelineOptions(Refinement = setting.WithThreads threads)) image

    let plain, crf = clean false, clean true

    let result mask =
        mask |> Metrics.evaluate truth |> CaseResult.ofEvaluation case.Name

    result plain, result crf, FigureSubject(case.Name, image, crf, truth)

/// The first columns of a table: the five measures, points and Dice; without the rows that small tables have no use for.
let narrow (table: ResultTable) =
    (ResultTable.toMarkdown table).Split('\n')
    |> Array.filter (fun line -> line.StartsWith '|' && not (Regex.IsMatch(line, @"^\| (n |mean, 95)")))
    |> Array.map (fun line -> String.Join("|", line.Split('|')[..8]) + "|")
    |> String.concat "\n"

/// `head` is the page's title and place in the site's menu.
let page (name: string) (head: string * int) (title: string) (lead: string) (cases: Case list) =
    // What a handful of cases cannot carry is left out.
    let enough = cases.Length > 5
    let drawn = ResizeArray<FigureSubject>()

    let results =
        [
            for case in cases do
                let plain, crf, subject = judge case

                subject.Result
                |> Preview.drawBoth subject.Image subject.Truth
                |> put $"""cases/{case.Name.Replace(' ', '-')}.png"""

                // A column each of the paper's figure 3, which has four.
                if enough && drawn.Count < 4 then
                    drawn.Add subject

                plain, crf
        ]

    let plain = results |> List.map fst |> ResultTable.ofCases "compact DSN"

    let crf = results |> List.map snd |> ResultTable.ofCases "compact DSN+CRF"

    putText $"cases/{name}.csv" (ResultTable.toCsv plain)
    putText $"cases/{name}-crf.csv" (ResultTable.toCsv crf)

    if enough then
        put $"img/{name}-dice.png" (Plots.boxPlot (Metric.Named "dice") [ plain; crf ] |> Plots.toPng)
        put $"img/{name}-figure3.png" (PaperFigures.figure3 drawn)

    let difference key =
        let measure = Metric.Named key
        let test = ResultTable.compare measure crf plain
        sprintf "%s: %d cases differ, Wilcoxon's signed ranks p = %.3f." measure.Title test.Pairs test.P

    [
        "---"
        $"title: {fst head}"
        "category: Results"
        "categoryindex: 4"
        $"index: {snd head}"
        "---"
        $"# {title}"
        ""
        lead
        "Made by `dotnet fsi tests/gates/tables.fsx`, which leaves pictures, all digits, and hashes of all inputs and outputs in `artifacts/tables`."
        ""
        "## Without the CRF"
        ""
        narrow plain
        ""
        "## With the CRF"
        ""
        narrow crf
        ""
        if enough then
            difference "dice" + " " + difference "asd_mm"
            ""
            $"![Dice without and with the CRF](../img/{name}-dice.png)"
            ""
            "The first four as Fig. 3 of the paper lays them out: a column each, transverse, sagittal and coronal; truth green, result (with the CRF) red."
            "`dotnet fsi scripts/figure3.fsx CASES` draws it of other cases."
            ""
            $"![Figure 3](../img/{name}-figure3.png)"
            ""
        (PaperTable.table1 [ plain; crf ] |> PaperTable.toMarkdown).TrimEnd()
        ""
    ]
    |> String.concat "\n"
    |> putText $"results/{name}.md"

if Directory.Exists made then
    Directory.Delete(made, true)

page
    "phantoms"
    ("Phantoms", 4)
    "The shipped model on phantoms"
    "Six synthetic abdomens (seeds 1000 .. 1005, 1.5×1.5×3 mm) that the model did not learn from: what anybody can make again without data."
    phantoms

// The README's picture is one of them.
File.Copy(Path.Combine(made, "cases", "phantom-1000.png"), Path.Combine(made, "img", "liver.png"))

if not real.IsEmpty then
    page
        "held-out"
        ("Held-out scans", 2)
        "The shipped model on scans of patients"
        (let names = String.Join(", ", real |> List.map _.Name)
         $"Scans: {names}. They are not part of this repository; what they are says [first liver](first-liver.md).")
        real

let files pattern =
    Directory.GetFiles(made, pattern, SearchOption.AllDirectories)
    |> Array.map (fun f -> Path.GetRelativePath(made, f).Replace('\\', '/'))
    |> Array.sortWith (fun a b -> String.CompareOrdinal(a, b))

files "*"
|> Manifest.write
    made
    [
        "threads", string threads
        "seed of intervals", string (ResultTable.ofCases "" []).Seed
    ]
    (Manifest.model :: List.collect _.Inputs (phantoms @ real))

/// The same words; numbers may differ in the last digits, as they do on other processors.
let alike (a: string) (b: string) =
    let number = Regex @"-?\d+\.\d+"

    let values text =
        [ for m in number.Matches text -> float m.Value ]

    number.Replace(a, "#") = number.Replace(b, "#")
    && List.forall2 (fun x y -> abs (x - y) <= 0.02 + 0.005 * abs x) (values a) (values b)

/// Lines of one that the other has not.
let differences (committed: string[]) (made: string[]) =
    for line in Array.except made committed do
        printfn "  - %s" line

    for line in Array.except committed made do
        printfn "  + %s" line

let verdicts =
    [
        // cases/ stays here: pictures of patients belong to nobody's repository.
        for file in
            files "*"
            |> Array.filter (fun f -> f.StartsWith "results/" || f.StartsWith "img/") do
            let ours, theirs = Path.Combine(made, file), Path.Combine(docs, file)

            if write then
                File.Copy(ours, theirs, true)

            let verdict =
                if not (File.Exists theirs) then
                    "MISSING"
                elif (File.ReadAllBytes ours).AsSpan().SequenceEqual(File.ReadAllBytes theirs) then
                    "same bytes"
                elif file.EndsWith ".png" then
                    "other pixels"
                elif alike (File.ReadAllText ours) (File.ReadAllText theirs) then
                    "same but for the last digits"
                else
                    "CHANGED"

            printfn "%-30s %s" file verdict

            if verdict <> "same bytes" && file.EndsWith ".md" && File.Exists theirs then
                differences (File.ReadAllLines theirs) (File.ReadAllLines ours)

            verdict
    ]

exit (
    if verdicts |> List.exists (fun v -> v = "CHANGED" || v = "MISSING") then
        1
    else
        0
)
