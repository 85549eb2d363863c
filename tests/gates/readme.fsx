// Does what README.md tells a newcomer to do, word for word, in a folder elsewhere, with a phantom as the scan: its commands (but
// `dotnet test`, which is a check of its own) and its F#.   dotnet fsi tests/gates/readme.fsx      exit code 1: something did not work
#load "run.fsx"

open System
open System.IO
open System.Text.RegularExpressions

let root = Path.GetFullPath(Path.Combine(__SOURCE_DIRECTORY__, "../.."))
let readme = File.ReadAllText(Path.Combine(root, "README.md"))
let folder = Directory.CreateTempSubdirectory("liverseg-readme-").FullName

let run = Run.execIn folder

let blocks language =
    [
        for m in Regex.Matches(readme, $"^```{language}\n(.*?)^```", RegexOptions.Multiline ||| RegexOptions.Singleline) ->
            m.Groups[1].Value
    ]

/// The same words, seen from this folder.
let here (text: string) =
    text.Replace("src/", root + "/src/").Replace("scripts/", root + "/scripts/")

let script (text: string) =
    let path = Path.Combine(folder, "block.fsx")
    File.WriteAllText(path, text)
    run "dotnet" [ "fsi"; "--quiet"; path ]

try
    run
        "dotnet"
        [
            Path.Combine(root, "src/LiverSeg.Functional.Cli/bin/Release/net10.0/liverseg.dll")
            "phantom"
            "-o"
            folder
            "--spacing"
            "3"
        ]

    for name, target in
        [
            "phantom0000-ct", "ct"
            "phantom0000-ct", "case01"
            "phantom0000-liver", "case01-seg"
        ] do
        File.Copy(Path.Combine(folder, name + ".nii.gz"), Path.Combine(folder, target + ".nii.gz"))

    let commands =
        [
            for block in blocks "sh" do
                for line in block.Split('\n') do
                    if line <> "" && not (line.StartsWith "dotnet test") then
                        line
        ]

    for line in commands do
        printfn "-- %s" line
        run "bash" [ "-c"; here line ]

    if not (File.Exists(Path.Combine(folder, "liver.nii.gz"))) then
        failwith "no liver.nii.gz was made"

    let pipeline, network =
        match blocks "fsharp" with
        | [ pipeline; network ] -> pipeline, network
        | other -> failwithf "%d blocks of F#, 2 expected" other.Length

    printfn "-- the ten lines of F#"

    script (
        here pipeline
        + "\nprintfn \"%s\" (Report.line scores)\nif scores.Dice < 0.9 then exit 1\n"
    )

    printfn "-- the network as a value"

    script (
        here "#load \"scripts/load.fsx\"\nopen LiverSeg.Functional\n"
        + network
        + "\nif Layer.summary dsn <> Layer.summary Architectures.Paper then exit 1\n"
    )

    printfn $"{commands.Length} commands and 2 scripts ran"
finally
    Directory.Delete(folder, true)
