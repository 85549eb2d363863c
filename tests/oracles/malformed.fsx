// Reads and converts every file of a folder's index.json and compares with its verdict: reject, accept or either.
//   dotnet fsi tests/oracles/malformed.fsx FOLDER [part of a name]
#load "../../scripts/load.fsx"

open System
open System.Diagnostics
open System.IO
open System.Text.Json
open LiverSeg.Functional

let args = fsi.CommandLineArgs |> Array.skip 1
let folder, part = args[0], (if args.Length > 1 then args[1] else "")

let output =
    Path.Combine(Path.GetTempPath(), $"malformed-{Environment.ProcessId}.mha")

let mutable counts = Map.empty

let count verdict line =
    counts <- counts |> Map.change verdict (fun n -> Some(Option.defaultValue 0 n + 1))
    printfn $"{verdict, -12} {line}"

let text (e: JsonElement) (name: string) =
    match e.TryGetProperty name with
    | true, v -> v.GetString()
    | _ -> ""

let cpu () =
    Process.GetCurrentProcess().TotalProcessorTime

let mutable longest, peak = TimeSpan.Zero, 0L

for e in JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "index.json"))).RootElement.EnumerateArray() do
    let name, verdict, note = text e "file", text e "verdict", text e "note"
    let own = Path.Combine(folder, name)
    // The slices of a series stand for the series.
    let path =
        if name.Contains "synthetic/dicom/" && not (name.Contains "/single/") then
            Path.GetDirectoryName own
        else
            own
    // Companions without a header of their own are read through their header.
    if
        name.Contains part
        && not (
            name.EndsWith ".raw"
            || name.EndsWith ".zraw"
            || name.EndsWith ".safetensors"
            || name.EndsWith ".pt"
        )
    then
        let start = cpu ()

        let result =
            try
                match VolumeFile.TryRead path with
                | true, volume, _ ->
                    (VolumeFile.Open path).Info |> ignore
                    volume.Write(output, true)
                    Ok $"{volume.Grid}"
                | false, _, error -> Error error
                |> Choice1Of2
            with x ->
                Choice2Of2 x

        longest <- max longest (cpu () - start)
        peak <- max peak (Process.GetCurrentProcess().WorkingSet64)

        match result, verdict with
        | Choice2Of2 x, _ -> count "CRASHED" $"{name}: {x.GetType().Name} {x.Message}"
        | Choice1Of2(Ok grid), "reject" -> count "ACCEPTED" $"{name} ({note}): {grid}"
        | Choice1Of2(Error e), "accept" -> count "REJECTED" $"{name} ({note}): {e}"
        | Choice1Of2(Ok grid), v -> count ("accept/" + v) $"{name} ({note}): {grid}"
        | Choice1Of2(Error e), v -> count ("reject/" + v) $"{name} ({note}): {e}"

File.Delete output

for verdict in counts do
    printfn $"{verdict.Value, 4} {verdict.Key}"

printfn $"longest {longest.TotalSeconds:F2} s of processor time, peak working set {peak >>> 20} MiB"
