// Do the tests notice? Breaks one line of metrics, CRF or geometry at a time in a copy of the repository and runs the lists that should
// fail:  dotnet fsi tests/gates/mutants.fsx [WORD ..]      (only mutants whose file or change holds a word; without: all, into the page)
open System
open System.Diagnostics
open System.IO

type Mutant =
    {
        File: string
        Was: string
        Becomes: string
        Lists: string list
    }

let mutants =
    [
        let change lists file was becomes =
            {
                File = file
                Was = was
                Becomes = becomes
                Lists = lists
            }

        let metrics = change [ "Metrics" ]
        let crf = change [ "Crf" ]
        let grid = change [ "Grid"; "Volume"; "Mask"; "Preprocess" ]
        let overlap = metrics "Volumes/MaskOverlap.cs"
        yield overlap "2.0 * Both / (Prediction + Truth)" "2.0 * Both / (Prediction + Truth + 1)"
        yield overlap "100.0 * (Prediction - Truth) / Truth" "100.0 * (Truth - Prediction) / Truth"
        yield overlap "(double)Both / Prediction" "(double)Both / Truth"
        let distances = metrics "Evaluation/SurfaceDistances.cs"
        yield distances "(Sum(_there, d => d) + Sum(_back, d => d)) / Count" "Sum(_there, d => d) / _there.Count"
        yield distances "Sum(_back, d => d * d)) / Count" "Sum(_back, d => d * d)) / (Count + 1)"
        yield distances "Math.Max(Largest(_there), Largest(_back))" "Math.Min(Largest(_there), Largest(_back))"
        yield distances "Sum(_there, d => d <= limit" "Sum(_there, d => d < limit"
        let quantiles = metrics "Evaluation/Quantiles.cs"
        yield quantiles "value + (place - low) * (next - value)" "value"
        yield quantiles ">= percent / 100 * total" "> percent / 100 * total"
        let score = metrics "Evaluation/ChallengeScore.cs"
        yield score "Points(rmsd?.Value, 1.8)" "Points(rmsd?.Value, 1.9)"
        yield score "25 * Math.Abs(e)" "25 * e"
        yield metrics "Evaluation/NearestBorder.cs" "columns[Math.Min(left, right)]" "columns[left]"
        let far = metrics "Evaluation/DistanceTransform.cs"
        yield far "left = bit + (i - 1) * 64 + 1 +" "left = bit + (i - 1) * 64 +"
        yield far "Math.Min(best[i], envelope.Height(part)" "Math.Min(best[i], 1 + envelope.Height(part)"
        yield metrics "Volumes/BoundingBox.cs" "if (b.IsEmpty) return a;" "if (b.IsEmpty) return b;"
        yield metrics "Evaluation/BitLayout.cs" "if (Box.X + Nx == Image.X)" "if (Box.X + Nx == Image.X + 1)"

        yield crf "Crf/CrfEnergy.cs" "fromInside[i]) / 2.0" "fromInside[i]) / 1.0"
        yield crf "Crf/Crf.cs" "most <= options.Tolerance ||" "most <= 0.4f ||"
        let planes = crf "Crf/CrfPlanes.cs"
        yield planes "y >= x ? 1 : 0" "y >= x ? 0 : 1"
        yield planes "theta / Spacing.Y" "theta / Spacing.X"
        let field = crf "Crf/MeanField.cs"
        yield field "2 * new Vector<float>(message[i..])" "new Vector<float>(message[i..])"
        yield field "unary[i] + 2 * message[i]" "unary[i] + message[i]"
        yield field "MathF.Log(q[i] / (1 - q[i]))" "MathF.Log(q[i])"
        yield field "for (var t = 0; t < iterations; t++)" "for (var t = 0; t <= iterations; t++)"
        yield field "if (exchange) Exchange(q);\n        Logits" "Logits"
        yield crf "Crf/PlaneFocus.cs" "TakeBack(q, aside);" ""
        yield crf "Crf/PlaneField.cs" "_sweep.Begin(q, 0.5f," "_sweep.Begin(q, 0,"
        yield crf "Crf/PlaneSweep.cs" "(q[i] - _offset) * before[i]" "q[i] * before[i]"
        yield crf "Crf/Bilateral/DensityAxis.cs" "Math.Min(i - last, reach + 2)" "Math.Min(i - last, 1)"
        yield crf "Crf/Bilateral/GridAxis.cs" "sigma * sigma - 1 / 3.0" "sigma * sigma"
        let smooth = crf "Crf/Smoothness.cs"
        yield smooth "CrfNormalization.Before => (1 / sum, 1)" "CrfNormalization.Before => (1, 1 / sum)"
        yield smooth "(2 * theta * theta)" "(theta * theta)"

        let place = grid "Volumes/Grid.cs"
        yield place "Origin.Y + a * Direction.X.P" "Origin.Y + a * Direction.X.L"
        yield place "d.Dot(zx) / det" "d.Dot(zx)"
        yield place "ToWorld(region.X, region.Y, region.Z)" "ToWorld(region.X, region.Y, 0)"

        yield
            change
                [ "Lattice" ]
                "Volumes/Grid.cs"
                "Misfit(other).Voxels <= ToleranceVoxels"
                "Misfit(other).Voxels <= 10 * ToleranceVoxels"

        yield grid "Volumes/Extent.cs" "(uint)y < (uint)Y" "(uint)y <= (uint)Y"
        yield grid "Volumes/Region.cs" "Math.Min(within.Y, Y + Extent.Y + margin.Y)" "Math.Min(within.Y, Y + Extent.Y)"
        yield grid "Volumes/Mask.cs" "source[i].Value > threshold" "source[i].Value >= threshold"
        yield grid "Volumes/Mask.cs" "start == 0 || end == e.X" "start == 0"
        yield grid "Volumes/ConnectedComponents.cs" "s.Start < r.End + reach" "s.Start <= r.End + reach"
        let orient = grid "Preprocess/Orient.cs"
        yield orient "own[axes[i]].Dot(w) < 0" "own[axes[i]].Dot(w) > 0"
        yield orient "own[best[1]].P < 0" "own[best[1]].P > 0"
        yield orient "lengths[axes[i]] - 1" "lengths[axes[i]]"
        let sample = grid "Preprocess/Resample.cs"
        yield sample "(m - 1) / 2.0 * wanted / own" "(m - 1) / 2.0 * own / wanted"
        yield sample "(int)Math.Round(at.Y)" "(int)Math.Floor(at.Y)"
        yield grid "Preprocess/TentFilter.cs" "var reach = Math.Max(1, step);" "var reach = 1.0;"

        let lattice = change [ "Lattice"; "Lattice headers" ]
        yield lattice "Volumes/Grid.cs" "ToleranceVoxels = 0.05" "ToleranceVoxels = 0.07"
        yield lattice "Preprocess/Lattice.cs" "X = place.Region.X - union.X" "X = place.Region.X"
        yield lattice "Preprocess/Lattice.cs" "-region.X, -region.Y" "-region.X, region.Y"

        yield
            change [ "Detached names" ] "Files/DetachedData.cs" "Within(Resolved(folder), real)" "Within(folder, path)"

        yield change [ "CaseCheck" ] "Datasets/CheckedCase.cs" "if (empty == cases.Count)" "if (empty > cases.Count)"

        yield
            change
                [ "Files" ]
                "Files/Formats/NiftiGeometry.cs"
                "h.Pixdim(0) < 0 ? -1.0 : 1.0"
                "h.Pixdim(0) < 0 ? 1.0 : 1.0"

        yield change [ "Files" ] "Files/Formats/NiftiGeometry.cs" "-m[7] + 0.0, m[11]" "-m[7] + 0.0, -m[11]"
    ]

let root = Path.GetFullPath(Path.Combine(__SOURCE_DIRECTORY__, "..", ".."))
let copy = Path.Combine(Path.GetTempPath(), "liverseg-mutants")
let core = Path.Combine(copy, "src", "LiverSeg.Functional")
let tests = Path.Combine(copy, "tests", "LiverSeg.Functional.Tests")
let programs = Path.Combine(tests, "bin", "Release", "net10.0")

/// The exit code and what was printed; a program that hangs ends after ten minutes, as a failure.
let run (program: string) (args: string list) (folder: string) =
    let info =
        ProcessStartInfo(program, args, WorkingDirectory = folder, RedirectStandardOutput = true)

    info.RedirectStandardError <- true
    use work = Process.Start info

    let output, errors =
        work.StandardOutput.ReadToEndAsync(), work.StandardError.ReadToEndAsync()

    if not (work.WaitForExit(TimeSpan.FromMinutes 10.)) then
        work.Kill true
        work.WaitForExit()

    work.ExitCode, output.Result + errors.Result

let must (code, output: string) =
    if code <> 0 then
        failwith output

    output

let build (project: string) =
    run "dotnet" [ "build"; project; "-c"; "Release"; "-p:RunAnalyzers=false"; "-v"; "q" ] copy

let passes list =
    run
        (Path.Combine(programs, "LiverSeg.Functional.Tests"))
        [ "--no-spinner"; "--colours"; "0"; "--filter-test-list"; list ]
        copy
    |> fst
        =
        0

let source (mutant: Mutant) = Path.Combine(core, mutant.File)

let prepare () =
    if Directory.Exists copy then
        Directory.Delete(copy, true)

    for path in (must (run "git" [ "ls-files" ] root)).Split('\n', StringSplitOptions.RemoveEmptyEntries) do
        let target = Path.Combine(copy, path)
        Directory.CreateDirectory(Path.GetDirectoryName target) |> ignore
        File.Copy(Path.Combine(root, path), target)

    must (build tests) |> ignore

    for list in mutants |> List.collect _.Lists |> List.distinct do
        if not (passes list) then
            failwith $"the list {list} fails as it is"

/// What became of a mutant: killed by a list, or not even compiled, or survived.
let judge mutant =
    let text = File.ReadAllText(source mutant)

    if text.Split(mutant.Was).Length <> 2 then
        failwith $"{mutant.File} holds '{mutant.Was}' not just once"

    File.WriteAllText(source mutant, text.Replace(mutant.Was, mutant.Becomes))

    try
        match build core with
        | 0, _ ->
            let dll = "LiverSeg.Functional.dll"
            File.Copy(Path.Combine(core, "bin", "Release", "net10.0", dll), Path.Combine(programs, dll), true)

            match mutant.Lists |> List.tryFind (passes >> not) with
            | Some list -> $"killed by {list}"
            | None -> "**survived**"
        | _, output -> failwith output
    finally
        File.WriteAllText(source mutant, text)

let words = List.tail (List.ofArray fsi.CommandLineArgs)

let chosen =
    mutants
    |> List.filter (fun m ->
        words.IsEmpty
        || words |> List.exists (fun w -> m.File.Contains w || m.Was.Contains w))

prepare ()

let results =
    [
        for m in chosen do
            let verdict = judge m
            printfn "%-32s %s: %s -> %s" verdict m.File m.Was m.Becomes
            m, verdict
    ]

Directory.Delete(copy, true)
let survived = results |> List.filter (fun (_, v) -> v.Contains "survived")
printfn "%d of %d mutants killed" (results.Length - survived.Length) results.Length

if words.IsEmpty then
    let page = Path.Combine(root, "docs", "results", "quality.md")
    let marker = "<!-- mutants: written by tests/gates/mutants.fsx -->"

    let code (text: string) =
        "`" + text.Replace("|", "\\|").ReplaceLineEndings(" ") + "`"

    let table =
        [
            $"{results.Length - survived.Length} of {results.Length} killed."
            ""
            "| file | was | became | |"
            "|---|---|---|---|"
            yield!
                [
                    for m, verdict in results -> $"| {m.File} | {code m.Was} | {code m.Becomes} | {verdict} |"
                ]
            ""
        ]
        |> String.concat "\n"

    let text = File.ReadAllText page
    File.WriteAllText(page, text[.. text.IndexOf marker - 1] + marker + "\n\n" + table)

exit (if survived.IsEmpty then 0 else 1)
