// The program's verbs info and convert over every file of a folder's index.json, in this process, and over decompression bombs made here, each as a
// process of its own. Checks the verdicts, the exit codes, the one line of an error, processor time (5 s) and memory (64 MiB + 4 times the file; bombs: 256 MiB in all).
//   dotnet fsi tests/oracles/malformed_program.fsx [FOLDER]
#load "../../scripts/load.fsx"
#r "../../src/LiverSeg.Functional.Cli/bin/Release/net10.0/Argu.dll"
#r "../../src/LiverSeg.Functional.Cli/bin/Release/net10.0/liverseg.dll"

open System
open System.Diagnostics
open System.IO
open System.IO.Compression
open System.Text
open System.Text.Json
open LiverSeg.Functional.Cli

let args = fsi.CommandLineArgs |> Array.skip 1
let work = Directory.CreateTempSubdirectory("malformed-").FullName
let at name = Path.Combine(work, name)
let mutable failures = 0

let fail line =
    failures <- failures + 1
    printfn $"FAILED    {line}"

/// A line of /proc/self/status in bytes.
let status (name: string) =
    let line = File.ReadAllLines "/proc/self/status" |> Array.find _.StartsWith(name)

    Int64.Parse(line.Split([| ' '; '\t' |], StringSplitOptions.RemoveEmptyEntries)[1])
    * 1024L

let own = Process.GetCurrentProcess()

/// Exit code, what was printed, processor time and peak memory above what was there before.
let run (arguments: string list) =
    GC.Collect()
    File.WriteAllText("/proc/self/clear_refs", "5") // the peak starts anew
    let before = status "VmRSS"
    let out, err = Console.Out, Console.Error
    use text = new StringWriter()
    Console.SetOut text
    Console.SetError text
    own.Refresh()
    let start = own.TotalProcessorTime

    let code =
        try
            try
                Program.run (Array.ofList arguments)
            with e ->
                text.Write $"EXCEPTION {e.GetType().Name}"
                99
        finally
            Console.SetOut out
            Console.SetError err

    own.Refresh()
    code, text.ToString(), (own.TotalProcessorTime - start).TotalSeconds, max 0L (status "VmHWM" - before)

let property (e: JsonElement) (name: string) =
    match e.TryGetProperty name with
    | true, v -> v.GetString()
    | _ -> ""

let isOurs code (text: string) =
    code = 0
    || (List.contains code [ 2; 3; 4; 5 ]
        && not (text.Contains "   at ")
        && (text.Split '\n' |> Array.filter _.StartsWith("liverseg: ") |> Array.length) = 1)

if args.Length > 0 then
    let mutable files, worstTime, worstMemory = 0, (0., ""), (Int64.MinValue, "")
    let mutable reject, rejected, accept, accepted = 0, 0, 0, 0

    for e in JsonDocument.Parse(File.ReadAllText(Path.Combine(args[0], "index.json"))).RootElement.EnumerateArray() do
        let name, verdict = property e "file", property e "verdict"
        let path = Path.Combine(args[0], name)

        let path =
            // The slices of a series stand for the series.
            if name.Contains "synthetic/dicom/" && not (name.Contains "/single/") then
                string (Path.GetDirectoryName path)
            else
                path

        let companion =
            [ ".raw"; ".zraw"; ".safetensors"; ".pt"; ".xz" ] |> List.exists name.EndsWith

        if not companion then
            files <- files + 1

            let size =
                if Directory.Exists path then
                    Directory.GetFiles(path, "*", SearchOption.AllDirectories)
                    |> Array.sumBy (fun f -> FileInfo(f).Length)
                else
                    FileInfo(path).Length

            let results =
                [
                    for verb, rest in [ "info", []; "convert", [ "-o"; at "out.mha"; "--overwrite" ] ] do
                        let code, text, time, peak = run ([ verb; "-i"; path ] @ rest)
                        worstTime <- max worstTime (time, $"{verb} {name}")
                        worstMemory <- max worstMemory (peak - 4L * size, $"{verb} {name}")

                        if not (isOurs code text) then
                            fail $"{verb} {name}: exit code {code}: {text}"

                        if time > 5. then
                            fail $"{verb} {name}: {time:F1} s of processor time"

                        if peak > (64L <<< 20) + 4L * size then
                            fail $"{verb} {name}: {peak >>> 20} MiB more for {size} bytes"

                        code
                ]

            match verdict with
            | "reject" ->
                reject <- reject + 1

                if results[1] <> 0 then
                    rejected <- rejected + 1
                else
                    fail $"convert {name}: accepted"
            | "accept" ->
                accept <- accept + 1

                if results = [ 0; 0 ] then
                    accepted <- accepted + 1
                else
                    fail $"{name}: refused {results}"
            | _ -> ()

    printfn $"{files} files: reject {rejected} of {reject}, accept {accepted} of {accept}"

    printfn
        $"longest {fst worstTime:F2} s ({snd worstTime}); most memory beyond 4 times the file {fst worstMemory >>> 20} MiB ({snd worstMemory})"

/// Zeros that pack a thousandfold.
let zeros (stream: Stream) (mib: int) =
    let block = Array.zeroCreate<byte>(1 <<< 20)

    for _ in 1..mib do
        stream.Write block

    stream.Dispose()

let write name (content: Stream -> unit) =
    use file = File.Create(at name)
    content file
    at name

let gigabyte = 1024
let ascii (text: string) = Encoding.ASCII.GetBytes text

let nifti =
    let h = Array.zeroCreate<byte> 352
    let put (i: int) (b: byte[]) = b.CopyTo(h, i)
    put 0 (BitConverter.GetBytes 348)

    [ 3s; 1024s; 1024s; 512s ]
    |> List.iteri (fun i v -> put (40 + 2 * i) (BitConverter.GetBytes v))

    put 70 (BitConverter.GetBytes 4s)
    put 72 (BitConverter.GetBytes 16s)

    [ 1f; 1f; 1f; 1f ]
    |> List.iteri (fun i v -> put (76 + 4 * i) (BitConverter.GetBytes v))

    put 108 (BitConverter.GetBytes 352f)
    put 123 [| 2uy |]
    put 344 (ascii "n+1\000")
    h

let element (tag: uint32) (vr: string) (value: byte[]) =
    Array.concat
        [
            BitConverter.GetBytes(uint16 (tag >>> 16))
            BitConverter.GetBytes(uint16 tag)
            ascii vr
            BitConverter.GetBytes(uint16 value.Length)
            value
        ]

let bombs =
    [
        write "bomb.nii.gz" (fun f ->
            use z = new GZipStream(f, CompressionLevel.Optimal)
            z.Write nifti
            zeros z gigabyte)
        write "bomb.zip" (fun f ->
            use archive = new ZipArchive(f, ZipArchiveMode.Create)
            zeros (archive.CreateEntry("slice.dcm").Open()) gigabyte)
        write "bomb.nrrd" (fun f ->
            f.Write(
                ascii
                    "NRRD0004\ntype: int16\ndimension: 3\nspace: left-posterior-superior\nsizes: 1024 1024 512\nspace directions: (1,0,0) (0,1,0) (0,0,1)\nspace origin: (0,0,0)\nencoding: gzip\nendian: little\n\n"
            )

            zeros (new GZipStream(f, CompressionLevel.Optimal)) gigabyte)
        write "bomb.mha" (fun f ->
            use packed = new MemoryStream()
            zeros (new ZLibStream(packed, CompressionLevel.Optimal, true)) gigabyte

            f.Write(
                ascii
                    $"ObjectType = Image\nNDims = 3\nBinaryData = True\nBinaryDataByteOrderMSB = False\nCompressedData = True\nCompressedDataSize = {packed.Length}\nTransformMatrix = 1 0 0 0 1 0 0 0 1\nOffset = 0 0 0\nElementSpacing = 1 1 1\nDimSize = 1024 1024 512\nElementType = MET_SHORT\nElementDataFile = LOCAL\n"
            )

            f.Write(packed.ToArray()))
        write "bomb.dcm" (fun f ->
            f.Write(Array.zeroCreate<byte> 128)
            f.Write(ascii "DICM")
            let syntax = element 0x00020010u "UI" (ascii "1.2.840.10008.1.2.1.99")
            f.Write(element 0x00020000u "UL" (BitConverter.GetBytes syntax.Length))
            f.Write syntax
            zeros (new DeflateStream(f, CompressionLevel.Optimal)) gigabyte)
    ]

let program =
    Path.Combine(__SOURCE_DIRECTORY__, "../../src/LiverSeg.Functional.Cli/bin/Release/net10.0/liverseg.dll")

for bomb in bombs do
    for verb, rest in [ "info", []; "convert", [ "-o"; at "out.mha"; "--overwrite" ] ] do
        // time's own words: peak in KiB, processor seconds of user and system
        let arguments = [ "-f"; "%M %U %S"; "dotnet"; program; verb; "-i"; bomb ] @ rest

        let start =
            ProcessStartInfo("/usr/bin/time", arguments, RedirectStandardError = true, RedirectStandardOutput = true)

        use p = Process.Start start
        let _ = p.StandardOutput.ReadToEndAsync()
        let err = p.StandardError.ReadToEnd().Trim().Split '\n'
        p.WaitForExit()
        let last = (Array.last err).Split ' '
        let mib, seconds = int last[0] / 1024, float last[1] + float last[2]
        let refusal = err |> Array.tryFind _.StartsWith("liverseg: ")
        let name = Path.GetFileName bomb

        printfn
            $"{verb} {name} ({FileInfo(bomb).Length >>> 10} KiB for 1 GiB): exit code {p.ExitCode}, {mib} MiB, {seconds:F1} s"

        if mib > 256 || seconds > 5. then
            fail $"{verb} {name}: too much"

        if p.ExitCode = 0 && verb = "convert" || (p.ExitCode <> 0 && refusal.IsNone) then
            fail $"{verb} {name}: exit code {p.ExitCode}"

Directory.Delete(work, true)
printfn $"{failures} failed"
exit (if failures = 0 then 0 else 1)
