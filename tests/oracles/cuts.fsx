// Cuts valid files of a folder's index.json (verdict: accept) at every byte, or at 2,000 places, and reads what is left. Accepted is a cut only if all voxels and the grid are still those of the whole.
//   dotnet fsi tests/oracles/cuts.fsx FOLDER [SEEDS]
#load "../../scripts/load.fsx"

open System
open System.IO
open System.Text.Json
open LiverSeg.Functional

let args = fsi.CommandLineArgs |> Array.skip 1
let folder, most = args[0], (if args.Length > 1 then int args[1] else 1000)

let text (e: JsonElement) (name: string) =
    match e.TryGetProperty name with
    | true, v -> v.GetString()
    | _ -> ""

let seeds =
    [
        for e in JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "index.json"))).RootElement.EnumerateArray() do
            let path = Path.Combine(folder, text e "file")

            if text e "verdict" = "accept" && FileInfo(path).Length < (4L <<< 20) then
                match VolumeFile.TryRead path with
                | true, volume, _ -> text e "file", path, volume
                | _ -> ()
    ]

/// The seeds, kind by kind in turn, so that few of them hold all kinds.
let chosen =
    seeds
    |> List.groupBy (fun (name, _, _) -> Path.GetExtension name, Path.GetDirectoryName name)
    |> List.collect (fun (_, group) -> group |> List.indexed)
    |> List.sortBy fst
    |> List.truncate most
    |> List.map snd

let same (a: Volume<Hu>) (b: Volume<Hu>) =
    a.Grid = b.Grid && a.Voxels.SequenceEqual b.Voxels

let work = Directory.CreateTempSubdirectory "cuts-"
let mutable cuts, refused, whole, silent, foreign = 0, 0, 0, 0, 0

for name, path, volume in chosen do
    let bytes = File.ReadAllBytes path
    // Beside the companions that a header may name.
    let own =
        Directory.CreateDirectory(Path.Combine(work.FullName, Guid.NewGuid().ToString "N"))

    let ending = Path.GetFileName(name).ToLowerInvariant()

    if not (ending.EndsWith ".dcm") then
        for other in Directory.GetFiles(string (Path.GetDirectoryName path)) do
            if Path.GetFileNameWithoutExtension other = Path.GetFileNameWithoutExtension path then
                File.Copy(other, Path.Combine(own.FullName, Path.GetFileName other))

                File.SetUnixFileMode(
                    Path.Combine(own.FullName, Path.GetFileName other),
                    UnixFileMode.UserRead ||| UnixFileMode.UserWrite
                )

    let cut = Path.Combine(own.FullName, Path.GetFileName name)
    let step = max 1. (float bytes.Length / 2000.)
    let mutable k = 0.
    let mutable kept = 0
    let before = silent

    while k < float bytes.Length do
        let length = int k
        k <- k + step
        cuts <- cuts + 1
        File.WriteAllBytes(cut, bytes[.. length - 1])

        try
            match VolumeFile.TryRead cut with
            | false, _, _ -> refused <- refused + 1
            | true, v, _ when same v volume ->
                kept <- kept + 1
                whole <- whole + 1
            | _ -> silent <- silent + 1
        with e ->
            foreign <- foreign + 1
            printfn $"CRASHED   {name} cut to {length} of {bytes.Length}: {e.GetType().Name}"

    if silent > before then
        printfn $"SILENT    {name}: {silent - before} cuts accepted with other voxels"

    if kept > 0 then
        printfn $"{name}: {kept} cuts with all voxels and the grid unharmed"

work.Delete true

let kinds =
    chosen
    |> List.countBy (fun (n, _, _) -> (let x = Path.GetExtension n in if x = "" then "none" else x))

printfn $"{chosen.Length} seeds %A{kinds}"

printfn
    $"{cuts} cuts: {refused} refused, {whole} with nothing lost, {silent} accepted with less, {foreign} foreign exceptions"

exit (if silent + foreign = 0 then 0 else 1)
