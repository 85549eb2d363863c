// Reads every file that a folder's expected.json describes and compares geometry and voxels; then the groups that must be equal.
//   dotnet fsi tests/oracles/conformance.fsx FOLDER [part of a name]
#load "../../scripts/load.fsx"

open System
open System.IO
open System.Text.Json
open LiverSeg.Functional

let args = fsi.CommandLineArgs |> Array.skip 1
let folder, part = args[0], (if args.Length > 1 then args[1] else "")

/// JSON has no NaN, but its writers do.
let json name =
    let text = File.ReadAllText(Path.Combine(folder, name))

    JsonDocument
        .Parse(Text.RegularExpressions.Regex.Replace(text, @"(?<=[\s\[])(NaN|-?Infinity)(?=[\s,\]])", "null"))
        .RootElement

let get (e: JsonElement) (name: string) =
    match e.TryGetProperty name with
    | true, v -> Some v
    | _ -> None

let numbers (e: JsonElement) =
    [|
        for v in e.EnumerateArray() ->
            if v.ValueKind = JsonValueKind.Number then
                v.GetDouble()
            else
                nan
    |]

let text e name =
    get e name |> Option.map _.GetString() |> Option.defaultValue ""

let number e name absent =
    match Double.TryParse(text e name) with
    | true, v -> v
    | _ -> absent

let total (volume: Volume<Hu>) =
    let mutable sum = 0.

    for v in volume.Voxels do
        sum <- sum + float v.Value

    sum

let same (a: Volume<Hu>) (b: Volume<Hu>) =
    MemoryExtensions.SequenceEqual(a.Voxels, b.Voxels)

/// The voxels of any DICOM image are compared, not only those of CT series.
let tryRead dicom name =
    try
        let path = Path.Combine(folder, name)

        Ok(
            if dicom then
                VolumeFile.Open(path, DicomOptions(AnyImage = true)).Read()
            else
                VolumeFile.Read path
        )
    with :? FileErrorException as e ->
        Error e.Error

/// What differs; empty when all is as expected.
let compare (name: string) (e: JsonElement) (volume: Volume<Hu>) =
    let dicom = (get e "BitsAllocated").IsSome
    let values = get e "scaled" |> Option.orElse (get e "stored") |> Option.get
    let g = volume.Grid
    let slope, intercept = number e "RescaleSlope" 1., number e "RescaleIntercept" 0.
    let padding = number e "PixelPaddingValue" nan

    let hu v =
        if not dicom then v
        elif v = padding then -1024.
        else v * slope + intercept

    let near (a: float) (b: float) = abs (a - b) <= 1e-6 * max 1. (abs b)

    [
        let shape = get values "shape" |> Option.get |> numbers |> Array.map int

        let shape =
            if dicom then
                Array.rev shape
            else
                Array.filter (fun _ -> true) shape

        let full = Array.append shape [| 1; 1; 1 |] |> Array.truncate 3

        if (g.Extent.X, g.Extent.Y, g.Extent.Z) <> (full[0], full[1], full[2]) then
            yield $"shape %A{shape} {g.Extent}"
        else
            for sample in (get values "samples").Value.EnumerateArray() do
                let at = numbers sample[0] |> Array.map int
                let at = Array.append (if dicom then Array.rev at else at) [| 0; 0; 0 |]
                let found = float volume[at[0], at[1], at[2]].Value

                let z =
                    if sample[1].ValueKind = JsonValueKind.Number then
                        hu (sample[1].GetDouble())
                    else
                        -1024.

                if not (near found z) then
                    yield $"sample %A{at}: {found} for {z}"

            let sum = total volume

            let expected =
                match (get values "sum").Value with
                | n when n.ValueKind = JsonValueKind.Number -> n.GetDouble()
                | _ -> sum

            let missing =
                match get values "nonfinite" with
                | Some n -> n.GetDouble()
                | None -> 0.

            let expected = expected - 1024. * missing

            let exact =
                if dicom then
                    (if Double.IsNaN padding then
                         expected * slope + intercept * float g.Extent.Count
                     else
                         sum)
                else
                    expected

            if not (near sum exact) then
                yield $"sum {sum} for {exact}"

            match get e "affine" with
            | Some rows ->
                let rows = [| for r in rows.EnumerateArray() -> numbers r |]

                let p x y z =
                    let w = g.ToWorld(x, y, z) in [| -w.X; -w.Y; w.Z |]

                let o = p 0. 0. 0.
                let columns = [| p 1. 0. 0.; p 0. 1. 0.; p 0. 0. 1. |]

                for i in 0..2 do
                    for j in 0..2 do
                        let a = columns[j][i] - o[i]

                        if shape.Length > j && abs (a - rows[i][j]) > 1e-5 then
                            yield $"affine [{i},{j}] {a} for {rows[i][j]}"

                    if abs (o[i] - rows[i][3]) > 1e-5 then
                        yield $"affine [{i},3] {o[i]} for {rows[i][3]}"
            | None -> ()
    ]

let mutable counts = Map.empty

let count verdict line =
    counts <- counts |> Map.change verdict (fun n -> Some(Option.defaultValue 0 n + 1))
    printfn $"{verdict, -9} {line}"

for e in (json "expected.json").EnumerateObject() do
    if e.Name.Contains part then
        try
            match tryRead (get e.Value "BitsAllocated").IsSome e.Name with
            | Ok volume when (get e.Value "stored").IsNone ->
                count "read" $"{e.Name}: no voxels are expected, found {volume.Grid}"
            | Ok volume ->
                match compare e.Name e.Value volume with
                | [] -> count "equal" e.Name
                | wrong -> count "DIFFERENT" $"""{e.Name}: {String.concat "; " wrong}"""
            | Error(error: FileError) ->
                count
                    (if error.Kind = FileErrorKind.Unsupported then
                         "refused"
                     else
                         "REJECTED")
                    (string error)
        with x ->
            count "CRASHED" $"{e.Name}: {x.GetType().Name} {x.Message}"

for group in (json "equal_groups.json").EnumerateObject() do
    if part = "" then
        let names = [ for f in group.Value.EnumerateArray() -> f.GetString() ]

        let dicom =
            group.Name.StartsWith "CT"
            || group.Name.Contains "MR"
            || group.Name.Contains "mri"

        let read =
            names
            |> List.choose (
                tryRead dicom
                >> function
                    | Ok v -> Some v
                    | Error _ -> None
            )

        let equal = not read.IsEmpty && read |> List.forall (same read[0])
        count (if equal then "group" else "UNEQUAL") $"{group.Name}: {read.Length} of {names.Length} files read"

for verdict in counts do
    printfn $"{verdict.Value, 4} {verdict.Key}"
