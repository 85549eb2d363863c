module LiverSeg.Functional.Tests.FuzzTests

open System
open System.Diagnostics
open System.IO
open System.Text
open Expecto
open LiverSeg.Functional
open LiverSeg.Functional.Tests.Folders
open LiverSeg.Functional.Tests.ScanFiles

/// What header fields are set to: edges of what they can hold and words that mislead parsers.
let private numbers =
    [
        0L
        1L
        -1L
        2L
        348L
        540L
        32767L
        -32768L
        65535L
        2147483647L
        -2147483648L
        4294967296L
        Int64.MaxValue
        Int64.MinValue
    ]

let private reals =
    [ 0.; -0.; 1.; -1.; nan; infinity; -infinity; 1e-320; 1e30; -1e308; 1e308 ]

let private words =
    [
        "nan"
        "inf"
        "-1"
        "0"
        "1e999"
        "99999999999999999999"
        "none"
        "%s%s%n"
        "../x"
        "("
        "LIST"
        "%09999d.raw 1 9 1"
        ""
        "\000"
        "True"
        "LOCAL"
        "gzip"
        "hex"
        "ascii"
        "bzip2"
        "\r\n"
    ]

/// One to four changes: bits, bytes, header numbers, words of a text header, cuts, doubled and swapped parts.
let private mutate (random: byref<CounterRandom>) (text: bool) (source: byte[]) =
    let mutable bytes = Array.copy source

    for _ in 0 .. random.NextInt 4 do
        if bytes.Length > 8 then
            let header = min bytes.Length 600

            let at =
                if random.NextInt 3 = 0 then
                    random.NextInt bytes.Length
                else
                    random.NextInt header

            let put (value: byte[]) at =
                if at + value.Length <= bytes.Length then
                    value.CopyTo(bytes, at)

            match random.NextInt(if text then 9 else 7) with
            | 0 -> bytes[at] <- bytes[at] ^^^ (1uy <<< random.NextInt 8)
            | 1 -> bytes[at] <- byte (random.NextInt 256)
            | 2 -> put (BitConverter.GetBytes(int16 numbers[random.NextInt numbers.Length])) (at &&& ~~~1)
            | 3 -> put (BitConverter.GetBytes(float32 reals[random.NextInt reals.Length])) (at &&& ~~~3)
            | 4 ->
                let wide = BitConverter.GetBytes(numbers[random.NextInt numbers.Length])

                put
                    (if random.NextInt 2 = 0 then
                         wide
                     else
                         BitConverter.GetBytes(reals[random.NextInt reals.Length]))
                    (at &&& ~~~3)
            | 5 -> bytes <- bytes[.. random.NextInt bytes.Length]
            | 6 ->
                let length = min (bytes.Length - at) (1 + random.NextInt 64)
                bytes <- Array.concat [ bytes[.. at - 1]; bytes[at .. at + length - 1]; bytes[at..] ]
            | _ ->
                // A word of the text header becomes another.
                let spaces =
                    [|
                        for i in 0 .. header - 1 do
                            if bytes[i] = 32uy || bytes[i] = 10uy then
                                i
                    |]

                if spaces.Length > 2 then
                    let i = random.NextInt(spaces.Length - 1)
                    let word = Encoding.Latin1.GetBytes words[random.NextInt words.Length]
                    bytes <- Array.concat [ bytes[.. spaces[i]]; word; bytes[spaces[i + 1] ..] ]

    bytes

/// Seeds: each format as we write it, and the encodings that we only read.
let private seeds folder =
    let volume =
        Volume.Init(Grid.Of(Extent(4, 3, 2), Spacing(0.7, 0.8, 2.5)), fun x y z -> Hu(float32 (x + 10 * y - 100 * z)))

    [
        for ending in endings do
            let path = Path.Combine(folder, "seed" + ending)
            volume.Write path

            path,
            [ ".hdr"; ".mha"; ".mhd"; ".nrrd"; ".nhdr" ] |> List.contains ending
            && ending <> ".hdr"
        for encoding, voxels in [ "hex", "0001020304050607"; "ascii", "1 2 3 4 5 6 7 8" ] do
            let path = Path.Combine(folder, "seed-" + encoding + ".nrrd")

            File.WriteAllText(
                path,
                $"NRRD0004\ntype: uint8\ndimension: 3\nspacings: 1 1 2\nsizes: 2 2 2\nencoding: {encoding}\n\n{voxels}\n"
            )

            path, true
        for syntax in DicomFixture.syntaxes do
            let path = Path.Combine(folder, $"seed-{syntax}.dcm")
            File.WriteAllBytes(path, DicomFixture.slice syntax volume.Grid 0 (DicomFixture.pixels volume 0) [])
            path, false
        if OpenJpeg.IsAvailable then
            let grid =
                Grid.Of(Extent(Jpeg2000Fixture.columns, Jpeg2000Fixture.rows, 1), Spacing(0.7, 0.8, 2.5))

            for name, stream in [ "tiled", Jpeg2000Fixture.tiled; "layered", Jpeg2000Fixture.layered ] do
                let path = Path.Combine(folder, $"seed-{name}.dcm")
                let syntax = DicomFixture.Encoded("1.2.840.10008.1.2.4.90", [ stream ])
                File.WriteAllBytes(path, DicomFixture.slice syntax grid 0 [||] [])
                path, false
    ]

/// Runs mutated files for so many cases or milliseconds; every outcome must be a volume or one of our errors.
let fuzz (seed: int64) cases (most: TimeSpan) =
    withFolder (fun folder ->
        let seeds = seeds folder
        let clock = Stopwatch.StartNew()
        let mutable slowest = TimeSpan.Zero
        let mutable run = 0

        while run < cases && clock.Elapsed < most do
            let mutable random = CounterRandom(ReadOnlySpan [| seed; int64 run |])
            let path, text = seeds[random.NextInt seeds.Length]
            let whole = File.ReadAllBytes path
            let bytes = mutate &random text whole
            File.WriteAllBytes(path, bytes)
            let start = clock.Elapsed

            try
                try
                    let volume = VolumeFile.Read path

                    for v in volume.Voxels do
                        if not (Single.IsFinite v.Value) then
                            failwith "a voxel that is not finite"

                    if not (volume.Grid.GeometryEquals volume.Grid) then
                        failwith $"a grid that is nowhere: {volume.Grid}"
                with
                | :? FileErrorException -> ()
                | e -> failtest $"seed {seed}, case {run}, {Path.GetFileName path}: {e}"
            finally
                File.WriteAllBytes(path, whole)

            slowest <- max slowest (clock.Elapsed - start)
            run <- run + 1

        run, clock.Elapsed, slowest)

[<Tests>]
let tests =
    testList
        "Files.fuzz"
        [
            testCase "mutated files give a volume or one clear error, never another exception"
            <| fun () ->
                // LIVERSEG_FUZZ_SECONDS runs it for longer, LIVERSEG_FUZZ_SEED elsewhere.
                let variable name absent =
                    match Environment.GetEnvironmentVariable name with
                    | null
                    | "" -> absent
                    | v -> int64 v

                let seed, seconds =
                    variable "LIVERSEG_FUZZ_SEED" 20260101L, variable "LIVERSEG_FUZZ_SECONDS" 20L

                let run, time, slowest =
                    fuzz seed (if seconds > 60L then Int32.MaxValue else 20_000) (TimeSpan.FromSeconds(float seconds))

                printfn $"fuzz: {run} cases in {time.TotalSeconds:F1} s, slowest {slowest.TotalMilliseconds:F0} ms"
                Expect.isGreaterThan run 200 "cases"
                Expect.isLessThan slowest (TimeSpan.FromSeconds 5.) "the slowest case"
        ]
